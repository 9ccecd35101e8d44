import { z } from 'zod';
import { orGone } from '../../errors.ts';
import { hidden } from '../../published.ts';
import { type Answer, defineWriteTool, type Evidence, type Verdict } from '../../write-tool.ts';
import { absence, presence, readTrail, TRAIL_SCOPE, type Trail } from '../evidence/trail.ts';
import { no, yes } from '../evidence/watching.ts';
import { id, instant, jsonText, optional, toolInput } from '../input/parameters.ts';
import { type Risk, strictest } from '../words/risks.ts';
import { duration } from '../words/wording.ts';
import {
  customShiftsAnswer,
  customShiftsPath,
  type PagerDutyCustomShift,
  shiftLines,
  takenBy,
  withShift,
} from './custom.ts';
import { assignmentsAsked, assignmentsBody, memberFactsFrom, onlyMember, userIdOf } from './members.ts';
import { memberFacts, readPeople, readShiftSchedule, SCHEDULE_SCOPES } from './shifts.ts';
import {
  afterwards,
  checkSpan,
  coverageRisks,
  effectOf,
  namesIn,
  onSchedule,
  partResult,
  sameInstant,
  scheduleTouches,
  spanRisks,
  timing,
  watchedWindow,
  windowAround,
} from './windows.ts';

const shiftAsked = z
  .strictObject({
    type: hidden(optional(z.literal('custom_shift'))),
    start_time: instant,
    end_time: instant,
    assignments: assignmentsAsked.describe('Who takes it: exactly one.'),
  })
  .refine(
    ({ start_time: start, end_time: end }) => Date.parse(start) < Date.parse(end),
    'The shift must end after it starts.',
  );

const input = toolInput({
  schedule_id: id('shift-based schedule'),
  custom_shifts: jsonText(
    z
      .array(shiftAsked)
      .min(1)
      .max(
        1,
        'One custom shift per request: PagerDuty may accept some of a list and refuse others, and each needs its own yes.',
      ),
  ).describe('Exactly one shift.'),
});
type Input = z.infer<typeof input>;

const before = onSchedule.extend({
  member: memberFacts,
  /** False when PagerDuty does not know the person. */
  known: z.boolean(),
  /** Ids of custom shifts that are exactly like it. */
  twins: z.array(z.string()),
});
type Before = z.infer<typeof before>;

interface After {
  /** Null = the schedule is gone. */
  shifts: PagerDutyCustomShift[] | null;
  trail: Trail;
}

function wanted({ custom_shifts: [only] }: Input) {
  if (only === undefined) throw new TypeError('The input has no shift.');
  return { start: only.start_time, end: only.end_time, member: onlyMember(only.assignments) };
}

const isTwin = (shift: PagerDutyCustomShift, { start, end, member }: ReturnType<typeof wanted>) =>
  takenBy(shift) === userIdOf(member) &&
  sameInstant(shift.start_time, start, 1_000) &&
  sameInstant(shift.end_time, end, 1_000);

const rangeOf = ({ start, end }: { start: string; end: string }) => ({ since: start, until: end, overflow: true });

const after = (facts: Before, { start, end }: { start: string; end: string }) =>
  afterwards(facts, (shifts) => withShift(shifts, { id: null, start, end, member: facts.member }));

function admit(request: Input, facts: Before): Verdict {
  const asked = wanted(request);
  if (!facts.known) return no(`PagerDuty has no user with the id ${asked.member.user_id}.`);
  const span = checkSpan(asked, facts);
  if (!span.holds) return span;
  if (facts.twins.length === 0) return yes;
  return no(`"${facts.schedule.name}" already has exactly this custom shift of ${facts.member.name}.`);
}

function risks(request: Input, facts: Before): Risk[] {
  const asked = wanted(request);
  const reason = 'Puts a person on call beside the rotations.';
  return [
    { level: 'medium', reason: facts.member.userId === null ? 'Adds an empty shift.' : reason },
    ...spanRisks(asked, facts.readAt),
    ...coverageRisks(facts, after(facts, asked)),
  ];
}

function summarize(request: Input, facts: Before) {
  const asked = wanted(request);
  const { schedule, member } = facts;
  const length = duration(Date.parse(asked.end) - Date.parse(asked.start));
  const then = after(facts, asked);
  const people = {
    label: 'On call in the window',
    now: schedule.shifts && namesIn(schedule.shifts),
    after: then ? namesIn(then) : member.name,
  };
  return {
    title:
      member.userId === null
        ? `Add an empty custom shift of ${length} to "${schedule.name}"`
        : `Put ${member.name} on call on "${schedule.name}" for ${length}`,
    target: schedule.name,
    services: schedule.services.map(({ name }) => name),
    lines: [people, ...shiftLines(null, { start: asked.start, end: asked.end }, schedule.timeZone)],
    effect: effectOf(facts, then, timing(asked, facts.readAt)),
  };
}

/** @throws Error when the answer is not this one shift. */
function interpret(request: Input, body: unknown): Answer {
  const asked = wanted(request);
  const [made, ...others] = customShiftsAnswer.parse(body).custom_shifts;
  // A start in the past may have become the time of the call.
  const asAsked =
    made &&
    others.length === 0 &&
    takenBy(made) === userIdOf(asked.member) &&
    sameInstant(made.end_time, asked.end, 1_000);
  if (!asAsked) throw new TypeError('The answer shows another custom shift.');
  return { applied: true, result: partResult(request.schedule_id, { custom_shift_id: made.id }), secrets: [] };
}

function verify(request: Input, { shifts, trail }: After): Evidence {
  if (shifts === null) return { applied: null, because: 'The schedule is no longer there. A human must look.' };
  const asked = wanted(request);
  const twins = shifts.filter((one) => isTwin(one, asked));
  const [made] = twins;
  if (made && twins.length === 1) {
    const result = partResult(request.schedule_id, { custom_shift_id: made.id });
    return presence(trail, 'The schedule has a custom shift with this start, end and person.', result);
  }
  if (made) return { applied: null, because: 'The schedule has several such custom shifts. A human must look.' };
  const near = shifts.some(
    (one) => takenBy(one) === userIdOf(asked.member) && sameInstant(one.end_time, asked.end, 1_000),
  );
  return near
    ? { applied: null, because: 'The schedule has a custom shift of this person with the same end, but another start.' }
    : absence(trail, 'The schedule has no such custom shift.');
}

export const createScheduleV3CustomShifts = defineWriteTool<Input, Before, After>({
  name: 'create_schedule_v3_custom_shifts',
  title: 'Add a custom shift',
  description: 'Put somebody on call on a shift-based schedule once, beside its rotations. One shift per request.',
  version: 1,
  toolset: 'schedules_v3',
  source: {
    operationId: 'createCustomShifts',
    method: 'POST',
    path: '/v3/schedules/{id}/custom_shifts',
    scope: null,
  },
  reads: [...SCHEDULE_SCOPES, TRAIL_SCOPE],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: {
    schedule_id: 'PDWHSV3',
    custom_shifts: [
      {
        start_time: '2099-01-05T18:00:00Z',
        end_time: '2099-01-06T06:00:00Z',
        assignments: [{ member: { type: 'user_member', user_id: 'PULENA1' } }],
      },
    ],
  },

  async read(pagerduty, request) {
    const asked = wanted(request);
    const { schedule_id: scheduleId } = request;
    const [schedule, existing, people] = await Promise.all([
      readShiftSchedule(pagerduty, scheduleId, windowAround(asked)),
      pagerduty.get(customShiftsPath(scheduleId), customShiftsAnswer, rangeOf(asked)),
      readPeople(pagerduty, [userIdOf(asked.member)]),
    ]);
    return {
      readAt: new Date().toISOString(),
      schedule,
      member: memberFactsFrom(asked.member, people.found),
      known: people.missing.length === 0,
      twins: existing.custom_shifts.filter((one) => isTwin(one, asked)).map((one) => one.id),
    };
  },
  watched: (_request, facts) => watchedWindow(facts),
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: (_request, facts) => scheduleTouches(facts),
  supersedes: () => null,
  summarize,
  call: (request) => {
    const { start, end, member } = wanted(request);
    const shift = {
      type: 'custom_shift',
      start_time: start,
      end_time: end,
      assignments: assignmentsBody(member),
    };
    return { method: 'POST', path: customShiftsPath(request.schedule_id), body: { custom_shifts: [shift] } };
  },
  alsoHolds: (request, _facts, now) => admit(request, now),
  interpret,
  async readBack(pagerduty, request, attempt) {
    const path = customShiftsPath(request.schedule_id);
    const [shifts, trail] = await Promise.all([
      orGone(pagerduty.get(path, customShiftsAnswer, rangeOf(wanted(request)))),
      readTrail(pagerduty, 'v3/schedules', request.schedule_id, attempt),
    ]);
    return { shifts: shifts?.custom_shifts ?? null, trail };
  },
  verify,
  undo: (request, facts, result) => ({
    possible: true,
    tool: 'delete_schedule_v3_custom_shift',
    input:
      result === null ? null : { schedule_id: request.schedule_id, custom_shift_id: result.custom_shift_id ?? null },
    complete: Date.parse(wanted(request).start) > Date.parse(facts.readAt),
    note: 'Deletes the shift; once it has started it ends at that moment instead.',
  }),
});
