import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, id, limit, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { namesIn, rotationFields } from './fields.ts';
import { rotation, schedulePath } from './shifts.ts';

const input = toolInput({ schedule_id: id('shift-based schedule'), limit });

export const listScheduleV3Rotations = defineReadTool<z.infer<typeof input>>({
  name: 'list_schedule_v3_rotations',
  title: 'List rotations of a schedule',
  description: 'List the rotations of a shift-based schedule with their recurring shifts and who takes them.',
  toolset: 'schedules_v3',
  source: { operationId: 'listRotations', path: '/v3/schedules/{id}/rotations', scope: null },
  reads: ['users.read'],
  input,
  example: { schedule_id: 'PDWHSV3' },
  async run(pagerduty, { schedule_id: scheduleId, limit: wanted = DEFAULT_LIMIT }) {
    const source = { path: `${schedulePath(scheduleId)}/rotations`, list: 'rotations', item: rotation };
    const found = await collect(pagerduty, source, {}, { limit: wanted });
    const people = await namesIn(
      pagerduty,
      found.items.flatMap(({ events }) => events ?? []),
    );
    const rotations = found.items.map((one) => rotationFields(one, people));
    return { answer: { rotations, more: found.more }, text: listSentence(found, 'rotation') };
  },
});
