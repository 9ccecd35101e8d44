import { z } from 'zod';
import { orGone } from '../../errors.ts';
import { type AttemptFacts, defineWriteTool, type Evidence, type Verdict } from '../../write-tool.ts';
import { absence, presence, readTrail, type Trail } from '../evidence/trail.ts';
import { no, nothingElse } from '../evidence/watching.ts';
import { id, jsonText, optional, toolInput } from '../input/parameters.ts';
import { type Risk, strictest } from '../words/risks.ts';
import { oneLine } from '../words/wording.ts';
import { effectOn, watchedSchedule } from './coverage.ts';
import { differing, effectiveUntil, eventBody, eventShape, rotationId } from './plans.ts';
import { shiftsOf, turnWords } from './recurrence.ts';
import { checkPlan, inForce, newPlan, type OnPlan, onPlan, planLines, readOnPlan, rotationOf } from './rotations.ts';
import { type PagerDutyShiftEvent, rotationAnswer, rotationPath, SCHEDULE_SCOPES, shiftEventAnswer } from './shifts.ts';
import { coverageRisks, partResult, scheduleTouches } from './spans/windows.ts';

/** PagerDuty's own limit. */
const MOST_EVENTS = 5;

const input = toolInput({
  schedule_id: id('shift-based schedule'),
  rotation_id: rotationId,
  event_data: jsonText(z.strictObject({ ...eventShape, effective_until: optional(effectiveUntil) })).describe(
    'The recurring shift.',
  ),
});
type Input = z.infer<typeof input>;

interface After {
  /** Null when the rotation is gone. */
  events: PagerDutyShiftEvent[] | null;
  trail: Trail;
}

/** Who is on call once it is there; null when its rule cannot be followed before PagerDuty has computed it. */
function shiftsAfter(request: Input, facts: OnPlan) {
  const { shifts, window } = facts.schedule;
  const added = shiftsOf(inForce(newPlan(request.event_data, facts), facts.readAt), request.rotation_id, window);
  return shifts && added && [...shifts, ...added];
}

function admit(request: Input, facts: OnPlan): Verdict {
  const { schedule } = facts;
  const rotation = rotationOf(schedule, request.rotation_id);
  if (!rotation) return no(`The schedule "${schedule.name}" has no rotation with the id ${request.rotation_id}.`);
  if (rotation.events.length >= MOST_EVENTS) {
    return no(`The rotation has ${rotation.events.length} recurring shifts already; PagerDuty allows ${MOST_EVENTS}.`);
  }
  return checkPlan(inForce(newPlan(request.event_data, facts), facts.readAt), facts, rotation.events);
}

function risks(request: Input, facts: OnPlan): Risk[] {
  const found: Risk[] = [{ level: 'high', reason: 'Puts people on call again and again.' }];
  const after = shiftsAfter(request, facts);
  if (after === null) found.push({ level: 'high', reason: 'Its rule cannot be followed, so the times are not known.' });
  return [...found, ...coverageRisks(facts, after)];
}

function verify(request: Input, { events, trail }: After, attempt: AttemptFacts): Evidence {
  if (events === null) return { applied: null, because: 'The rotation is no longer there. A human must look.' };
  const { event_data: asked, rotation_id: rotation, schedule_id: schedule } = request;
  const open = { ...asked, effective_until: asked.effective_until ?? 'never' };
  const differences = events.map((one) => ({ one, fields: differing(open, one, attempt) }));
  const same = differences.filter(({ fields }) => fields.length === 0);
  const [only] = same;
  if (only && same.length === 1) {
    const result = partResult(schedule, { rotation_id: rotation, event_id: only.one.id });
    return presence(trail, 'The rotation has exactly this recurring shift.', result);
  }
  if (same.length > 1) return { applied: null, because: 'The rotation has it more than once. A human must look.' };
  const moved = differences.some(({ fields }) => fields.every((field) => field === 'effective_since'));
  if (moved) {
    const because = 'The rotation has this recurring shift, in force from another time on. A human must look.';
    return { applied: null, because };
  }
  return absence(trail, 'The rotation does not have this recurring shift.');
}

export const createScheduleV3RotationEvent = defineWriteTool<Input, OnPlan, After>({
  name: 'create_schedule_v3_rotation_event',
  title: 'Add a recurring shift',
  description: 'Add a recurring shift (who, when, how often) to a rotation of a shift-based schedule.',
  version: 1,
  toolset: 'schedules_v3',
  source: {
    operationId: 'createEvent',
    method: 'POST',
    path: '/v3/schedules/{id}/rotations/{rotation_id}/events',
    scope: null,
  },
  reads: [...SCHEDULE_SCOPES, 'audit_records.read'],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before: onPlan,
  example: {
    schedule_id: 'PDTRNV3',
    rotation_id: '3BWX7QVNTK2RMJC6HD4YFGPZA6',
    event_data: {
      name: 'Weekdays',
      start_time: { date_time: '2026-01-05T09:00:00+01:00', time_zone: 'Europe/Berlin' },
      end_time: { date_time: '2026-01-05T17:00:00+01:00', time_zone: 'Europe/Berlin' },
      effective_since: '2026-01-05T00:00:00Z',
      recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR'],
      assignment_strategy: {
        type: 'rotating_member_assignment_strategy',
        shifts_per_member: 5,
        members: [
          { type: 'user_member', user_id: 'PULENA1' },
          { type: 'user_member', user_id: 'PUTOMAS' },
        ],
      },
    },
  },

  read: (pagerduty, { schedule_id: scheduleId, event_data: asked }) =>
    readOnPlan(pagerduty, scheduleId, asked, () => new Date(asked.effective_since).toISOString()),
  watched: (_request, { schedule }) => watchedSchedule(schedule),
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: (_request, facts) => scheduleTouches(facts),
  supersedes: () => null,
  summarize(request, facts) {
    const { schedule, readAt } = facts;
    const plan = newPlan(request.event_data, facts);
    const { known, lines } = effectOn(schedule, readAt, shiftsAfter(request, facts));
    return {
      title: `Add the recurring shift "${oneLine(request.event_data.name)}" to the schedule "${schedule.name}"`,
      target: schedule.name,
      services: schedule.services.map(({ name }) => name),
      lines: planLines(null, plan, readAt),
      effect: { known, lines: [...lines, ...turnWords(inForce(plan, readAt))] },
    };
  },
  call({ schedule_id: scheduleId, rotation_id: rotation, event_data: asked }) {
    return {
      method: 'POST',
      path: `${rotationPath(scheduleId, rotation)}/events`,
      body: { event: eventBody(asked) },
    };
  },
  alsoHolds: nothingElse,
  interpret({ schedule_id: scheduleId, rotation_id: rotation, event_data: asked }, body) {
    const made = shiftEventAnswer.parse(body).event;
    const { effective_since: _moved, ...rest } = asked;
    if (differing(rest, made).length > 0) throw new TypeError('The answer shows another recurring shift.');
    const result = partResult(scheduleId, { rotation_id: rotation, event_id: made.id });
    return { applied: true, result, secrets: [] };
  },
  async readBack(pagerduty, { schedule_id: scheduleId, rotation_id: rotation }, attempt) {
    const [found, trail] = await Promise.all([
      orGone(pagerduty.get(rotationPath(scheduleId, rotation), rotationAnswer)),
      readTrail(pagerduty, 'v3/schedules', scheduleId, attempt),
    ]);
    return { events: found && (found.rotation.events ?? []), trail };
  },
  verify,
  undo: ({ schedule_id: scheduleId, rotation_id: rotation, event_data: asked }, { readAt }, result) => ({
    possible: true,
    tool: 'delete_schedule_v3_rotation_event',
    input: result && { schedule_id: scheduleId, rotation_id: rotation, event_id: result.event_id ?? null },
    complete: Date.parse(asked.effective_since) > Date.parse(readAt),
    note: 'Takes it away before it is in force; later it only ends it, and whoever was paged has been paged.',
  }),
});
