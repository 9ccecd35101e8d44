import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, id, limit, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { eventFields, namesIn } from './fields.ts';
import { rotationId } from './plans.ts';
import { rotationPath, shiftEvent } from './shifts.ts';

const input = toolInput({ schedule_id: id('shift-based schedule'), rotation_id: rotationId, limit });

export const listScheduleV3RotationEvents = defineReadTool<z.infer<typeof input>>({
  name: 'list_schedule_v3_rotation_events',
  title: 'List recurring shifts of a rotation',
  description: 'List the recurring shifts of a rotation: who takes them, when, how often and since when.',
  toolset: 'schedules_v3',
  source: { operationId: 'listEvents', path: '/v3/schedules/{id}/rotations/{rotation_id}/events', scope: null },
  reads: ['users.read'],
  input,
  example: { schedule_id: 'PDWHSV3', rotation_id: '5K7QDXV3M2RBJ6TNWYHC4FGPAE' },
  async run(pagerduty, { schedule_id: scheduleId, rotation_id: rotation, limit: wanted = DEFAULT_LIMIT }) {
    const source = { path: `${rotationPath(scheduleId, rotation)}/events`, list: 'events', item: shiftEvent };
    const found = await collect(pagerduty, source, {}, { limit: wanted });
    const people = await namesIn(pagerduty, found.items);
    const events = found.items.map((one) => eventFields(one, people));
    return { answer: { events, more: found.more }, text: listSentence(found, 'recurring shift') };
  },
});
