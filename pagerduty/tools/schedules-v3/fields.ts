import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import type { Named } from '../facts/people.ts';
import { line } from '../words/answers.ts';
import { memberFrom, type PagerDutyRotation, type PagerDutyShiftEvent, readPeople } from './shifts.ts';

// What agents get to see of rotations: an allow-list.

/** Names of everybody who takes a shift; PagerDuty shows ids only. */
export async function namesIn(pagerduty: ReadClient, events: PagerDutyShiftEvent[]): Promise<Named[]> {
  const members = events.flatMap((one) => one.assignment_strategy.members);
  return (
    await readPeople(
      pagerduty,
      members.map((one) => one.user_id),
    )
  ).found;
}

export function eventFields(event: PagerDutyShiftEvent, people: Named[]): JsonObject {
  const { type, shifts_per_member: each, members } = event.assignment_strategy;
  return {
    id: event.id,
    name: line(event.name),
    start_time: { date_time: event.start_time.date_time, time_zone: event.start_time.time_zone ?? null },
    end_time: { date_time: event.end_time.date_time, time_zone: event.end_time.time_zone ?? null },
    effective_since: event.effective_since,
    effective_until: event.effective_until ?? null,
    recurrence: event.recurrence.map((rule) => line(rule)),
    assignment_strategy: {
      type,
      shifts_per_member: each ?? null,
      members: members.map((one) => {
        const { userId, name } = memberFrom(one, people);
        return { type: one.type, user_id: userId, name };
      }),
    },
  };
}

export const rotationFields = ({ id, events }: PagerDutyRotation, people: Named[]): JsonObject => ({
  id,
  events: (events ?? []).map((one) => eventFields(one, people)),
});
