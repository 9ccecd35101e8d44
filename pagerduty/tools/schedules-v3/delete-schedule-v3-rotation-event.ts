import type { z } from 'zod';
import { orGone } from '../../errors.ts';
import { type AttemptFacts, defineWriteTool, type Evidence, type Verdict } from '../../write-tool.ts';
import { absence, readTrail, TRAIL_SCOPE, type Trail } from '../evidence/trail.ts';
import { no, yes } from '../evidence/watching.ts';
import { id, toolInput } from '../input/parameters.ts';
import { type Risk, strictest } from '../words/risks.ts';
import { effectOn, sameCoverage } from './coverage.ts';
import { askedLike, eventId, rotationId } from './plans.ts';
import { planWords, repeatWords } from './recurrence.ts';
import {
  eventIn,
  eventOf,
  goneSummary,
  noSuchEvent,
  type OnPlan,
  onPlan,
  phaseAt,
  readOnPlan,
  watchedPlace,
  withoutEvent,
} from './rotations.ts';
import { eventPath, type PagerDutyShiftEvent, SCHEDULE_SCOPES, shiftEventAnswer } from './shifts.ts';
import { coverageRisks, isAhead, mayBeOurs, partResult, scheduleTouches } from './spans/windows.ts';

const input = toolInput({ schedule_id: id('shift-based schedule'), rotation_id: rotationId, event_id: eventId });
type Input = z.infer<typeof input>;

interface After {
  event: PagerDutyShiftEvent | null;
  readAt: string;
  trail: Trail;
}

function shiftsLeft(request: Input, facts: OnPlan) {
  const { shifts } = facts.schedule;
  return shifts && withoutEvent(shifts, request.rotation_id, eventIn(facts, request));
}

function admit(request: Input, facts: OnPlan): Verdict {
  const event = eventOf(facts, request);
  if (!event) return noSuchEvent(facts, request);
  if (phaseAt(event, facts.readAt) !== 'past') return yes;
  return no(`The recurring shift "${event.name}" is over; PagerDuty does not delete it any more.`);
}

function risks(request: Input, facts: OnPlan): Risk[] {
  const event = eventOf(facts, request);
  const running = event !== undefined && phaseAt(event, facts.readAt) === 'running';
  const reason = running ? 'Cuts the current shift and drops all future ones.' : 'Drops all its shifts.';
  return [{ level: 'critical', reason }, ...(event ? coverageRisks(facts, shiftsLeft(request, facts)) : [])];
}

function verify(request: Input, { event, readAt, trail }: After, attempt: AttemptFacts): Evidence {
  const { schedule_id: schedule, rotation_id: rotation, event_id: wanted } = request;
  const result = partResult(schedule, { rotation_id: rotation, event_id: wanted });
  if (event === null) return { applied: true, because: 'The recurring shift is no longer there.', result };
  const { effective_until: end } = event;
  if (!end || isAhead(end, readAt)) {
    return { applied: false, because: 'The recurring shift is still there, and has not been cut short.' };
  }
  if (trail === 'changed' && mayBeOurs(end, attempt)) {
    const because =
      'The recurring shift ended when the call may have been on its way, and the audit trail shows a change then.';
    return { applied: true, because, result };
  }
  return absence(trail, 'The recurring shift is still there and has ended.');
}

export const deleteScheduleV3RotationEvent = defineWriteTool<Input, OnPlan, After>({
  name: 'delete_schedule_v3_rotation_event',
  title: 'Delete a recurring shift',
  description: 'Delete a recurring shift of a rotation: one that is in force ends now, later ones vanish.',
  version: 1,
  toolset: 'schedules_v3',
  source: {
    operationId: 'deleteEvent',
    method: 'DELETE',
    path: '/v3/schedules/{id}/rotations/{rotation_id}/events/{event_id}',
    scope: null,
  },
  reads: [...SCHEDULE_SCOPES, TRAIL_SCOPE],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before: onPlan,
  example: {
    schedule_id: 'PDWHSV3',
    rotation_id: '5K7QDXV3M2RBJ6TNWYHC4FGPAE',
    event_id: 'ZN4HC7VTQ2KXW6MJRB5DYFGP3A',
  },

  read: (pagerduty, { schedule_id: scheduleId, rotation_id: rotation, event_id: wanted }) =>
    readOnPlan(pagerduty, scheduleId, {}, async (readAt) => {
      const found = await orGone(pagerduty.get(eventPath(scheduleId, rotation, wanted), shiftEventAnswer));
      return found === null ? readAt : new Date(found.event.effective_since).toISOString();
    }),
  watched: watchedPlace,
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: (_request, facts) => scheduleTouches(facts),
  supersedes: () => null,
  summarize(request, facts) {
    const { schedule, readAt } = facts;
    const event = eventOf(facts, request);
    if (!event) return goneSummary('Delete', facts, request);
    const running = phaseAt(event, readAt) === 'running';
    const { known, lines } = effectOn(schedule, readAt, shiftsLeft(request, facts));
    const ends = running ? 'A shift that runs now ends at once; all later ones' : 'All its shifts';
    return {
      title: `Delete the recurring shift "${event.name}" of the schedule "${schedule.name}"`,
      target: schedule.name,
      services: schedule.services.map(({ name }) => name),
      lines: [
        { label: 'Recurring shift', now: planWords(event), after: running ? 'ends now' : 'deleted' },
        { label: 'Repeats', now: repeatWords(event), after: 'not any more' },
      ],
      effect: { known, lines: [...lines, `${ends} are gone for good.`] },
    };
  },
  call: ({ schedule_id: scheduleId, rotation_id: rotation, event_id: wanted }) => ({
    method: 'DELETE',
    path: eventPath(scheduleId, rotation, wanted),
    body: null,
  }),
  alsoHolds: (_request, facts, now) => sameCoverage(facts.schedule, now.schedule),
  interpret({ schedule_id: scheduleId, rotation_id: rotation, event_id: wanted }, body) {
    if (body !== null) throw new TypeError('A deletion has an answer without a body.');
    return { applied: true, result: partResult(scheduleId, { rotation_id: rotation, event_id: wanted }), secrets: [] };
  },
  async readBack(pagerduty, { schedule_id: scheduleId, rotation_id: rotation, event_id: wanted }, attempt) {
    const readAt = new Date().toISOString();
    const [found, trail] = await Promise.all([
      orGone(pagerduty.get(eventPath(scheduleId, rotation, wanted), shiftEventAnswer)),
      readTrail(pagerduty, 'v3/schedules', scheduleId, attempt),
    ]);
    return { event: found?.event ?? null, readAt, trail };
  },
  verify,
  undo: (request, facts) => ({
    possible: true,
    tool: 'create_schedule_v3_rotation_event',
    input: {
      schedule_id: request.schedule_id,
      rotation_id: request.rotation_id,
      event_data: askedLike(eventIn(facts, request)),
    },
    complete: false,
    note: 'Adds it again under another id, in force from then on; until then nobody is on call through it.',
  }),
});
