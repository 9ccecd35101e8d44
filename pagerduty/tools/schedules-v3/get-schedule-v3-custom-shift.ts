import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { id, toolInput } from '../input/parameters.ts';
import { customShiftAnswer, customShiftFields, customShiftPath, takenBy } from './custom.ts';
import { readPeople } from './shifts.ts';
import { spanWords } from './windows.ts';

const input = toolInput({ schedule_id: id('shift-based schedule'), custom_shift_id: id('custom shift') });

export const getScheduleV3CustomShift = defineReadTool<z.infer<typeof input>>({
  name: 'get_schedule_v3_custom_shift',
  title: 'Read a custom shift',
  description: 'Read one one-off shift of a shift-based schedule: when it is and who takes it.',
  toolset: 'schedules_v3',
  source: {
    operationId: 'getCustomShift',
    path: '/v3/schedules/{id}/custom_shifts/{custom_shift_id}',
    scope: null,
  },
  reads: ['users.read'],
  input,
  example: { schedule_id: 'PDWHSV3', custom_shift_id: '7RMKQ5XNVB2TCW6HJ4DYFGPZA3' },
  async run(pagerduty, { schedule_id: scheduleId, custom_shift_id: shiftId }) {
    const { custom_shift: shift } = await pagerduty.get(customShiftPath(scheduleId, shiftId), customShiftAnswer);
    const { found } = await readPeople(pagerduty, [takenBy(shift)]);
    const when = spanWords({ start: shift.start_time, end: shift.end_time }, null);
    return { answer: { custom_shift: customShiftFields(shift, found) }, text: `The custom shift is ${when}.` };
  },
});
