import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { id, toolInput } from '../input/parameters.ts';
import { shareable } from '../words/secrets.ts';
import { eventFields, namesIn } from './fields.ts';
import { eventId, rotationId } from './plans.ts';
import { planWords } from './recurrence.ts';
import { eventFrom, eventPath, shiftEventAnswer } from './shifts.ts';

const input = toolInput({ schedule_id: id('shift-based schedule'), rotation_id: rotationId, event_id: eventId });

export const getScheduleV3RotationEvent = defineReadTool<z.infer<typeof input>>({
  name: 'get_schedule_v3_rotation_event',
  title: 'Read a recurring shift',
  description: 'Read one recurring shift of a rotation: who takes it, when, how often and since when.',
  toolset: 'schedules_v3',
  source: {
    operationId: 'getEvent',
    path: '/v3/schedules/{id}/rotations/{rotation_id}/events/{event_id}',
    scope: null,
  },
  reads: ['users.read'],
  input,
  example: {
    schedule_id: 'PDWHSV3',
    rotation_id: '5K7QDXV3M2RBJ6TNWYHC4FGPAE',
    event_id: 'ZN4HC7VTQ2KXW6MJRB5DYFGP3A',
  },
  async run(pagerduty, { schedule_id: scheduleId, rotation_id: rotation, event_id: wanted }) {
    const { event } = await pagerduty.get(eventPath(scheduleId, rotation, wanted), shiftEventAnswer);
    const people = await namesIn(pagerduty, [event]);
    const facts = eventFrom(event, people);
    return { answer: { event: eventFields(event, people) }, text: `"${shareable(facts.name)}": ${planWords(facts)}.` };
  },
});
