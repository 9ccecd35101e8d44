import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { id, toolInput } from '../input/parameters.ts';
import { counted } from '../words/wording.ts';
import { namesIn, rotationFields } from './fields.ts';
import { rotationId } from './plans.ts';
import { rotationAnswer, rotationPath } from './shifts.ts';

const input = toolInput({ schedule_id: id('shift-based schedule'), rotation_id: rotationId });

export const getScheduleV3Rotation = defineReadTool<z.infer<typeof input>>({
  name: 'get_schedule_v3_rotation',
  title: 'Read a rotation',
  description: 'Read one rotation of a shift-based schedule with its recurring shifts and who takes them.',
  toolset: 'schedules_v3',
  source: { operationId: 'getRotation', path: '/v3/schedules/{id}/rotations/{rotation_id}', scope: null },
  reads: ['users.read'],
  input,
  example: { schedule_id: 'PDWHSV3', rotation_id: '5K7QDXV3M2RBJ6TNWYHC4FGPAE' },
  async run(pagerduty, { schedule_id: scheduleId, rotation_id: wanted }) {
    const { rotation } = await pagerduty.get(rotationPath(scheduleId, wanted), rotationAnswer);
    const events = rotation.events ?? [];
    const people = await namesIn(pagerduty, events);
    const size = events.length === 0 ? 'no recurring shifts' : counted(events.length, 'recurring shift');
    return { answer: { rotation: rotationFields(rotation, people) }, text: `The rotation has ${size}.` };
  },
});
