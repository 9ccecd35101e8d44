import { z } from 'zod';
import { orGone } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import {
  type AttemptFacts,
  defineWriteTool,
  type Evidence,
  type RiskLevel,
  type Undo,
  type Verdict,
} from '../../write-tool.ts';
import { absence, presence, readTrail, type Trail } from '../evidence/trail.ts';
import { no } from '../evidence/watching.ts';
import { id, jsonText, optional, toolInput } from '../input/parameters.ts';
import { strictest } from '../words/risks.ts';
import { listed } from '../words/wording.ts';
import { cutOut, effectOn, opensGap, sameCoverage } from './coverage.ts';
import {
  askedLike,
  changedFields,
  differing,
  type EventChange,
  effectiveUntil,
  eventBody,
  eventId,
  eventShape,
  NEVER,
  planAfter,
  rotationId,
} from './plans.ts';
import { type Plan, shiftsOf, turnWords } from './recurrence.ts';
import {
  checkPlan,
  eventIn,
  eventOf,
  goneSummary,
  inForce,
  noSuchEvent,
  type OnPlan,
  onPlan,
  phaseAt,
  planLines,
  readOnPlan,
  rotationOf,
  watchedPlace,
  withoutEvent,
} from './rotations.ts';
import { eventPath, type OnCallShift, type PagerDutyShiftEvent, SCHEDULE_SCOPES, shiftEventAnswer } from './shifts.ts';
import { coverageRisks, partResult, scheduleTouches } from './spans/windows.ts';

const DAY_MS = 86_400_000;

const until = z
  .string()
  .refine((value) => value === NEVER || effectiveUntil.safeParse(value).success, 'Must be an ISO 8601 time, or never.');

const change = z
  .strictObject({
    name: optional(eventShape.name),
    start_time: optional(eventShape.start_time),
    end_time: optional(eventShape.end_time),
    effective_since: optional(eventShape.effective_since),
    effective_until: optional(until).describe('Makes no shifts from then on; "never" takes the end away.'),
    recurrence: optional(eventShape.recurrence),
    assignment_strategy: optional(eventShape.assignment_strategy),
  })
  .refine((fields) => Object.values(fields).some((value) => value !== undefined), 'Nothing to change.');

const input = toolInput({
  schedule_id: id('shift-based schedule'),
  rotation_id: rotationId,
  event_id: eventId,
  event_data: jsonText(change).describe('What is to change; only effective_until once it is in force.'),
});
type Input = z.infer<typeof input>;

interface After {
  event: PagerDutyShiftEvent | null;
  trail: Trail;
}

/** The shift after the change, as it is asked for. */
const asAsked = (request: Input, facts: OnPlan): Plan =>
  planAfter(eventIn(facts, request), request.event_data, facts.people);

/** The same as PagerDuty will take it. */
function after(request: Input, facts: OnPlan): Plan {
  const plan = asAsked(request, facts);
  const moved = changedFields(request.event_data, eventIn(facts, request)).includes('effective_since');
  return moved ? inForce(plan, facts.readAt) : plan;
}

/** Who is on call after the change; null when its rule cannot be followed before PagerDuty has computed it. */
function shiftsAfter(request: Input, facts: OnPlan): OnCallShift[] | null {
  const { shifts, window } = facts.schedule;
  const now = eventIn(facts, request);
  const plan = after(request, facts);
  if (shifts === null) return null;
  if (phaseAt(now, facts.readAt) !== 'running') {
    const added = shiftsOf(plan, request.rotation_id, window);
    return added && [...withoutEvent(shifts, request.rotation_id, now), ...added];
  }
  const rest = withoutEvent(shifts, request.rotation_id, now);
  const own = shifts.filter((one) => !rest.includes(one));
  const end = plan.effectiveUntil ?? window.until;
  const kept = own.flatMap((one) => cutOut(one, end, new Date(8.64e15).toISOString()));
  if (now.effectiveUntil === null || Date.parse(now.effectiveUntil) >= Date.parse(end)) return [...rest, ...kept];
  const added = shiftsOf({ ...plan, effectiveSince: now.effectiveUntil }, request.rotation_id, window);
  return added && [...rest, ...kept, ...added];
}

/** A day before the first thing that changes, so that the card shows what it is now and what it becomes. */
function firstChange(request: Input, event: PagerDutyShiftEvent | null, readAt: string): string {
  if (event === null) return readAt;
  const { effective_since: since, effective_until: end } = request.event_data;
  const running = Date.parse(event.effective_since) <= Date.parse(readAt);
  const moments = running ? [event.effective_until, end === NEVER ? null : end] : [event.effective_since, since];
  const known = moments.flatMap((one) => (one ? [Date.parse(one)] : []));
  return known.length === 0 ? readAt : new Date(Math.min(...known) - (running ? DAY_MS : 0)).toISOString();
}

function admit(request: Input, facts: OnPlan): Verdict {
  const { schedule, readAt } = facts;
  const now = eventOf(facts, request);
  if (!now) return noSuchEvent(facts, request);
  const fields = changedFields(request.event_data, now);
  if (fields.length === 0) return no(`The recurring shift "${now.name}" is like that already.`);
  const phase = phaseAt(now, readAt);
  if (phase === 'past') return no(`The recurring shift "${now.name}" is over; PagerDuty does not change it any more.`);
  const others = fields.filter((field) => field !== 'effective_until');
  if (phase === 'running' && others.length > 0) {
    const said = `"${now.name}" is in force, so PagerDuty lets only effective_until change, not ${listed(others)}`;
    return no(`${said}. End it and add another recurring shift instead.`);
  }
  const siblings = rotationOf(schedule, request.rotation_id)?.events ?? [];
  return checkPlan(
    after(request, facts),
    facts,
    siblings.filter((one) => one.id !== now.id),
  );
}

function risk(request: Input, facts: OnPlan): { level: RiskLevel; reasons: string[] } {
  const now = eventOf(facts, request);
  if (!now) return { level: 'high', reasons: ['Changes who is on call, again and again.'] };
  const fields = changedFields(request.event_data, now);
  if (fields.every((field) => field === 'name'))
    return { level: 'high', reasons: ['Only renames the recurring shift.'] };
  const shifts = shiftsAfter(request, facts);
  // Its end brought forward is as good as a deletion where nothing else covers.
  const gap = opensGap(facts.schedule, shifts) === true;
  const unknown = { level: 'high' as const, reason: 'Its rule cannot be followed, so the times are not known.' };
  return strictest([
    { level: 'high', reason: 'Changes who is on call, again and again.' },
    ...(shifts === null ? [unknown] : []),
    ...(gap ? [{ level: 'critical' as const, reason: 'Drops coverage that nothing else gives.' }] : []),
    ...coverageRisks(facts, shifts),
  ]);
}

function verify(request: Input, { event, trail }: After, attempt: AttemptFacts): Evidence {
  const { schedule_id: schedule, rotation_id: rotation, event_id: wanted, event_data: asked } = request;
  if (event === null) return { applied: null, because: 'The recurring shift is no longer there. A human must look.' };
  const missing = differing(asked, event, attempt);
  if (missing.length === 0) {
    const result = partResult(schedule, { rotation_id: rotation, event_id: wanted });
    return presence(trail, 'The recurring shift has every value that was asked for.', result);
  }
  return absence(trail, `The recurring shift does not have the asked ${listed(missing)}.`);
}

function undo(request: Input, facts: OnPlan): Undo {
  const now = eventIn(facts, request);
  const former: JsonObject = { effective_until: NEVER, ...askedLike(now) };
  const fields = changedFields(request.event_data, now);
  const back = Object.fromEntries(Object.entries(former).filter(([field]) => fields.some((one) => one === field)));
  const future = phaseAt(now, facts.readAt) === 'future';
  // Once it is in force, PagerDuty takes nothing but another end.
  const stays = future && phaseAt(asAsked(request, facts), facts.readAt) === 'future';
  return {
    possible: true,
    tool: 'update_schedule_v3_rotation_event',
    input: {
      schedule_id: request.schedule_id,
      rotation_id: request.rotation_id,
      event_id: request.event_id,
      event_data: back,
    },
    complete: stays,
    note: future
      ? 'Puts the former values back, as long as it is not in force; then only its end can change.'
      : 'Puts the former end back, as long as it has not ended.',
  };
}

export const updateScheduleV3RotationEvent = defineWriteTool<Input, OnPlan, After>({
  name: 'update_schedule_v3_rotation_event',
  title: 'Change a recurring shift',
  description:
    'Change a recurring shift of a rotation. Before it is in force everything can change, then only effective_until.',
  version: 1,
  toolset: 'schedules_v3',
  source: {
    operationId: 'updateEvent',
    method: 'PUT',
    path: '/v3/schedules/{id}/rotations/{rotation_id}/events/{event_id}',
    scope: null,
  },
  reads: [...SCHEDULE_SCOPES, 'audit_records.read'],
  annotations: { destructiveHint: true, idempotentHint: true },
  needsFrom: false,
  input,
  before: onPlan,
  example: {
    schedule_id: 'PDTRNV3',
    rotation_id: '6HJ3WXQ7VTK2NBRMC5DYFGPZA4',
    event_id: '2QKX7VWNTB4RMJC6HD5YFGPZA7',
    event_data: {
      assignment_strategy: {
        type: 'rotating_member_assignment_strategy',
        shifts_per_member: 1,
        members: [
          { type: 'user_member', user_id: 'PUTOMAS' },
          { type: 'user_member', user_id: 'PUKENJI' },
        ],
      },
    },
  },

  read: (pagerduty, request) =>
    readOnPlan(pagerduty, request.schedule_id, request.event_data, async (readAt) => {
      const path = eventPath(request.schedule_id, request.rotation_id, request.event_id);
      const found = await orGone(pagerduty.get(path, shiftEventAnswer));
      return firstChange(request, found?.event ?? null, readAt);
    }),
  watched: watchedPlace,
  admit,
  risk,
  touches: (_request, facts) => scheduleTouches(facts),
  supersedes: ({ event_id: wanted, event_data: asked }) =>
    `update_schedule_v3_rotation_event ${Object.keys(asked).sort().join('+')} ${wanted}`,
  summarize(request, facts) {
    const { schedule, readAt } = facts;
    const now = eventOf(facts, request);
    if (!now) return goneSummary('Change', facts, request);
    const { known, lines } = effectOn(schedule, readAt, shiftsAfter(request, facts));
    const turns = phaseAt(now, readAt) === 'future' ? turnWords(after(request, facts)) : [];
    return {
      title: `Change the recurring shift "${now.name}" of the schedule "${schedule.name}"`,
      target: schedule.name,
      services: schedule.services.map(({ name }) => name),
      lines: planLines(now, asAsked(request, facts), readAt, changedFields(request.event_data, now)),
      effect: { known, lines: [...lines, ...turns] },
    };
  },
  call: (request, _binding, facts) => ({
    method: 'PUT',
    path: eventPath(request.schedule_id, request.rotation_id, request.event_id),
    // What is like that already is left out: once it is in force, PagerDuty refuses every field but one.
    body: { event: eventBody(request.event_data, changedFields(request.event_data, eventIn(facts, request))) },
  }),
  alsoHolds: (_request, facts, now) => sameCoverage(facts.schedule, now.schedule),
  interpret({ schedule_id: scheduleId, rotation_id: rotation, event_id: wanted, event_data: asked }, body) {
    const changed = shiftEventAnswer.parse(body).event;
    const rest: EventChange = { ...asked, effective_since: undefined };
    if (changed.id !== wanted || differing(rest, changed).length > 0) {
      throw new TypeError('The answer shows another recurring shift.');
    }
    return { applied: true, result: partResult(scheduleId, { rotation_id: rotation, event_id: wanted }), secrets: [] };
  },
  async readBack(pagerduty, { schedule_id: scheduleId, rotation_id: rotation, event_id: wanted }, attempt) {
    const [found, trail] = await Promise.all([
      orGone(pagerduty.get(eventPath(scheduleId, rotation, wanted), shiftEventAnswer)),
      readTrail(pagerduty, 'v3/schedules', scheduleId, attempt),
    ]);
    return { event: found?.event ?? null, trail };
  },
  verify,
  undo,
});
