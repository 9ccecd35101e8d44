import { z } from 'zod';
import { orGone } from '../../errors.ts';
import { hidden } from '../../published.ts';
import type { ReadClient } from '../../read-client.ts';
import { type Answer, defineWriteTool, type Evidence, type Verdict } from '../../write-tool.ts';
import { absence, presence, readTrail, TRAIL_SCOPE, type Trail } from '../evidence/trail.ts';
import { no, yes } from '../evidence/watching.ts';
import { id, instant, jsonText, optional, toolInput } from '../input/parameters.ts';
import { type Risk, strictest } from '../words/risks.ts';
import { clock, duration } from '../words/wording.ts';
import { customShiftAnswer, customShiftFacts, customShiftFrom, customShiftPath } from './custom.ts';
import { memberAsked, memberBody, memberFactsFrom, userIdOf } from './members.ts';
import {
  dutyOf,
  overridesPath,
  type PagerDutyShiftOverride,
  type Place,
  placeWords,
  shiftOverridesAnswer,
  withOverride,
} from './overrides.ts';
import { memberFacts, type OnCallShift, readPeople, readShiftSchedule, SCHEDULE_SCOPES } from './shifts.ts';
import {
  afterwards,
  checkSpan,
  coverageRisks,
  effectOf,
  onSchedule,
  partResult,
  sameInstant,
  scheduleTouches,
  spanRisks,
  timing,
  watchedWindow,
  windowAround,
} from './windows.ts';

const overrideAsked = z
  .strictObject({
    type: hidden(optional(z.literal('override_shift'))),
    rotation_id: optional(id('rotation')),
    custom_shift_id: optional(id('custom shift')),
    start_time: instant,
    end_time: instant,
    overridden_member: jsonText(memberAsked).describe('Whose place is taken.'),
    overriding_member: jsonText(memberAsked).describe('Who takes it.'),
  })
  .refine(
    ({ start_time: start, end_time: end }) => Date.parse(start) < Date.parse(end),
    'The override must end after it starts.',
  )
  .refine(
    ({ rotation_id: rotation, custom_shift_id: shift }) => (rotation === undefined) !== (shift === undefined),
    'Give rotation_id or custom_shift_id, and not both: an override takes a place in one of them.',
  );

const input = toolInput({
  schedule_id: id('shift-based schedule'),
  overrides: jsonText(
    z
      .array(overrideAsked)
      .min(1)
      .max(
        1,
        'One override per request: PagerDuty may accept some of a list and refuse others, and each needs its own yes.',
      ),
  ).describe('Exactly one override, with either rotation_id or custom_shift_id.'),
});
type Input = z.infer<typeof input>;

const before = onSchedule.extend({
  overridden: memberFacts,
  overriding: memberFacts,
  /** Ids of people whom PagerDuty does not know. */
  missing: z.array(z.string()),
  /** The custom shift it lies on; null when it lies on a rotation, or when there is no such shift. */
  shift: customShiftFacts.nullable(),
  /** Ids of overrides that are exactly like it. */
  twins: z.array(z.string()),
});
type Before = z.infer<typeof before>;

interface After {
  /** Null = the schedule is gone. */
  overrides: PagerDutyShiftOverride[] | null;
  trail: Trail;
}

function wanted({ overrides: [only] }: Input) {
  if (only === undefined) throw new TypeError('The input has no override.');
  return { ...only, start: only.start_time, end: only.end_time };
}
type Wanted = ReturnType<typeof wanted>;

function placeOf(asked: Wanted, { overridden }: Pick<Before, 'overridden'>): Place {
  return { rotationId: asked.rotation_id ?? null, customShiftId: asked.custom_shift_id ?? null, overridden };
}

const samePlace = (override: PagerDutyShiftOverride, asked: Wanted) =>
  (override.rotation_id ?? null) === (asked.rotation_id ?? null) &&
  (override.custom_shift_id ?? null) === (asked.custom_shift_id ?? null) &&
  userIdOf(override.overridden_member) === userIdOf(asked.overridden_member) &&
  userIdOf(override.overriding_member) === userIdOf(asked.overriding_member) &&
  sameInstant(override.end_time, asked.end, 1_000);

const isTwin = (override: PagerDutyShiftOverride, asked: Wanted) =>
  samePlace(override, asked) && sameInstant(override.start_time, asked.start, 1_000);

const rangeOf = ({ start, end }: Wanted) => ({ since: start, until: end, overflow: true });

async function readShift(pagerduty: ReadClient, scheduleId: string, shiftId: string | undefined) {
  if (shiftId === undefined) return null;
  return orGone(pagerduty.get(customShiftPath(scheduleId, shiftId), customShiftAnswer));
}

async function read(pagerduty: ReadClient, request: Input): Promise<Before> {
  const asked = wanted(request);
  const { schedule_id: scheduleId } = request;
  const [schedule, existing, shift, people] = await Promise.all([
    readShiftSchedule(pagerduty, scheduleId, windowAround(asked)),
    pagerduty.get(overridesPath(scheduleId), shiftOverridesAnswer, rangeOf(asked)),
    readShift(pagerduty, scheduleId, asked.custom_shift_id),
    readPeople(pagerduty, [userIdOf(asked.overridden_member), userIdOf(asked.overriding_member)]),
  ]);
  return {
    readAt: new Date().toISOString(),
    schedule,
    overridden: memberFactsFrom(asked.overridden_member, people.found),
    overriding: memberFactsFrom(asked.overriding_member, people.found),
    missing: people.missing,
    shift: shift && customShiftFrom(shift.custom_shift, people.found),
    twins: existing.overrides.filter((one) => isTwin(one, asked)).map((one) => one.id),
  };
}

const after = (asked: Wanted, facts: Before) =>
  afterwards(facts, (shifts) =>
    withOverride(shifts, { ...placeOf(asked, facts), ...asked, id: null, overriding: facts.overriding }),
  );

const where = (asked: Wanted, { schedule, shift, overridden }: Before) =>
  placeWords(placeOf(asked, { overridden }), schedule.rotations, shift, schedule.timeZone);

function admit(request: Input, facts: Before): Verdict {
  const asked = wanted(request);
  const { schedule, overridden, overriding, missing, shift } = facts;
  const { rotation_id: rotationId, custom_shift_id: shiftId } = asked;
  if (missing[0] !== undefined) return no(`PagerDuty has no user with the id ${missing[0]}.`);
  if (rotationId !== undefined && !schedule.rotations.some((one) => one.id === rotationId)) {
    return no(`"${schedule.name}" has no rotation with the id ${rotationId}.`);
  }
  if (shiftId !== undefined && shift === null) {
    return no(`"${schedule.name}" has no custom shift with the id ${shiftId}.`);
  }
  const span = checkSpan(asked, facts);
  if (!span.holds) return span;
  if (overridden.userId === overriding.userId) return no(`${overridden.name} cannot take their own place.`);
  if (facts.twins.length > 0) return no(`"${schedule.name}" already has exactly this override.`);
  const place = placeOf(asked, facts);
  if (overridden.userId === null || schedule.shifts === null || dutyOf(schedule.shifts, place).length > 0) return yes;
  return no(`${overridden.name} is not on call through ${where(asked, facts)} in that window.`);
}

function risks(request: Input, facts: Before): Risk[] {
  const asked = wanted(request);
  return [
    { level: 'high', reason: 'Changes who is paged in the window.' },
    ...spanRisks(asked, facts.readAt),
    ...coverageRisks(facts, after(asked, facts)),
  ];
}

/** How much of the window the override takes effect in, when that is not all of it. */
function shareWords(asked: Wanted, facts: Before): string[] {
  const duties: OnCallShift[] = dutyOf(facts.schedule.shifts ?? [], placeOf(asked, facts));
  const covered = duties.reduce((sum, one) => sum + Date.parse(one.end) - Date.parse(one.start), 0);
  const length = Date.parse(asked.end) - Date.parse(asked.start);
  if (covered === 0 || covered >= length) return [];
  return [
    `Takes effect in ${duration(covered)} of the ${duration(length)}: ${facts.overridden.name} has no more there.`,
  ];
}

function summarize(request: Input, facts: Before) {
  const asked = wanted(request);
  const { schedule, overridden, overriding } = facts;
  const zone = schedule.timeZone;
  const length = duration(Date.parse(asked.end) - Date.parse(asked.start));
  const effect = effectOf(facts, after(asked, facts), timing(asked, facts.readAt));
  return {
    title:
      overriding.userId === null
        ? `Take ${overridden.name} off call on "${schedule.name}" for ${length}`
        : `Put ${overriding.name} on call instead of ${overridden.name} on "${schedule.name}" for ${length}`,
    target: schedule.name,
    services: schedule.services.map(({ name }) => name),
    lines: [
      { label: `On call in ${where(asked, facts)}`, now: overridden.name, after: overriding.name },
      { label: 'From', now: null, after: clock(asked.start, zone) },
      { label: 'Until', now: null, after: clock(asked.end, zone) },
    ],
    effect: { known: effect.known, lines: [...effect.lines, ...shareWords(asked, facts)] },
  };
}

/** @throws Error when the answer is not this one override. */
function interpret(request: Input, body: unknown): Answer {
  const [made, ...others] = shiftOverridesAnswer.parse(body).overrides;
  // A start in the past may have become the time of the call.
  if (!made || others.length > 0 || !samePlace(made, wanted(request))) {
    throw new TypeError('The answer shows another override.');
  }
  return { applied: true, result: partResult(request.schedule_id, { override_id: made.id }), secrets: [] };
}

function verify(request: Input, { overrides, trail }: After): Evidence {
  if (overrides === null) return { applied: null, because: 'The schedule is no longer there. A human must look.' };
  const asked = wanted(request);
  const twins = overrides.filter((one) => isTwin(one, asked));
  const [made] = twins;
  if (made && twins.length === 1) {
    const result = partResult(request.schedule_id, { override_id: made.id });
    return presence(trail, 'The schedule has an override with this window, place and person.', result);
  }
  if (made) return { applied: null, because: 'The schedule has several such overrides. A human must look.' };
  return overrides.some((one) => samePlace(one, asked))
    ? { applied: null, because: 'The schedule has such an override with the same end, but another start.' }
    : absence(trail, 'The schedule has no such override.');
}

export const createScheduleV3Overrides = defineWriteTool<Input, Before, After>({
  name: 'create_schedule_v3_overrides',
  title: 'Override a shift',
  description:
    'Put somebody on call on a shift-based schedule in the place of another member, for a while. One override per request.',
  version: 1,
  toolset: 'schedules_v3',
  source: { operationId: 'createOverrides', method: 'POST', path: '/v3/schedules/{id}/overrides', scope: null },
  reads: [...SCHEDULE_SCOPES, TRAIL_SCOPE],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: {
    schedule_id: 'PDWHSV3',
    overrides: [
      {
        rotation_id: '5K7QDXV3M2RBJ6TNWYHC4FGPAE',
        start_time: '2099-01-05T18:00:00Z',
        end_time: '2099-01-06T06:00:00Z',
        overridden_member: { type: 'user_member', user_id: 'PUAISHA' },
        overriding_member: { type: 'user_member', user_id: 'PULENA1' },
      },
    ],
  },

  read,
  watched: (_request, facts) => watchedWindow(facts),
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: (_request, facts) => scheduleTouches(facts),
  supersedes: () => null,
  summarize,
  call: (request) => {
    const asked = wanted(request);
    const override = {
      type: 'override_shift',
      ...(asked.rotation_id === undefined ? {} : { rotation_id: asked.rotation_id }),
      ...(asked.custom_shift_id === undefined ? {} : { custom_shift_id: asked.custom_shift_id }),
      start_time: asked.start,
      end_time: asked.end,
      overridden_member: memberBody(asked.overridden_member),
      overriding_member: memberBody(asked.overriding_member),
    };
    return { method: 'POST', path: overridesPath(request.schedule_id), body: { overrides: [override] } };
  },
  alsoHolds: (request, _facts, now) => admit(request, now),
  interpret,
  async readBack(pagerduty, request, attempt) {
    const path = overridesPath(request.schedule_id);
    const [found, trail] = await Promise.all([
      orGone(pagerduty.get(path, shiftOverridesAnswer, rangeOf(wanted(request)))),
      readTrail(pagerduty, 'v3/schedules', request.schedule_id, attempt),
    ]);
    return { overrides: found?.overrides ?? null, trail };
  },
  verify,
  undo: (request, facts, result) => ({
    possible: true,
    tool: 'delete_schedule_v3_override',
    input: result === null ? null : { schedule_id: request.schedule_id, override_id: result.override_id ?? null },
    complete: Date.parse(wanted(request).start) > Date.parse(facts.readAt),
    note: 'Deletes the override; whoever was paged meanwhile has been paged.',
  }),
});
