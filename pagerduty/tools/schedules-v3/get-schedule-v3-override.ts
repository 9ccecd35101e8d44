import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { id, toolInput } from '../input/parameters.ts';
import { overrideFields, overridePath, peopleIn, shiftOverrideAnswer } from './overrides.ts';
import { readPeople } from './shifts.ts';
import { spanWords } from './windows.ts';

const input = toolInput({ schedule_id: id('shift-based schedule'), override_id: id('override') });

export const getScheduleV3Override = defineReadTool<z.infer<typeof input>>({
  name: 'get_schedule_v3_override',
  title: 'Read an override of a shift',
  description: 'Read one override of a shift-based schedule: when it is, whose place is taken and by whom.',
  toolset: 'schedules_v3',
  source: { operationId: 'getOverride', path: '/v3/schedules/{id}/overrides/{override_id}', scope: null },
  reads: ['users.read'],
  input,
  example: { schedule_id: 'PDWHSV3', override_id: '4VJXQ2TNKB6RMWC7HD3YFGPZA5' },
  async run(pagerduty, { schedule_id: scheduleId, override_id: overrideId }) {
    const { override } = await pagerduty.get(overridePath(scheduleId, overrideId), shiftOverrideAnswer);
    const { found } = await readPeople(pagerduty, peopleIn(override));
    const when = spanWords({ start: override.start_time, end: override.end_time }, null);
    return { answer: { override: overrideFields(override, found) }, text: `The override is ${when}.` };
  },
});
