import { z } from 'zod';
import { orGone } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { defineWriteTool, type Evidence, type Undo, type Verdict } from '../../write-tool.ts';
import { absence, presence, readTrail, TRAIL_SCOPE, type Trail } from '../evidence/trail.ts';
import { no } from '../evidence/watching.ts';
import { id, instant, optional, toolInput } from '../input/parameters.ts';
import { type Risk, strictest } from '../words/risks.ts';
import { clock } from '../words/wording.ts';
import { type MemberAsked, memberBody, memberFactsFrom, userIdOf } from './members.ts';
import {
  type OverrideFacts,
  overrideFacts,
  overrideFrom,
  overrideLines,
  overridePath,
  type PagerDutyShiftOverride,
  peopleIn,
  shiftOverrideAnswer,
  watchedOverride,
  withOverride,
  withoutOverride,
} from './overrides.ts';
import { memberFacts, readPeople, readShiftSchedule, SCHEDULE_SCOPES } from './shifts.ts';
import {
  afterwards,
  checkSpan,
  coverageRisks,
  effectOf,
  onSchedule,
  partResult,
  phaseOf,
  sameInstant,
  scheduleTouches,
  spanRisks,
  timing,
  watchedWindow,
  windowAround,
} from './windows.ts';

const memberType = optional(z.enum(['user_member', 'empty_member']));

const fields = toolInput({
  schedule_id: id('shift-based schedule'),
  override_id: id('override'),
  start_time: optional(instant),
  end_time: optional(instant),
  overridden_member_type: memberType,
  overridden_member_user_id: optional(id('user')).describe('Only to check: whose place is taken cannot change.'),
  overriding_member_type: memberType,
  overriding_member_user_id: optional(id('user')).describe('Who takes the place.'),
});

type Fields = z.infer<typeof fields>;

/** A member from its two flat arguments; undefined when neither was given. */
function memberIn(type: Fields['overriding_member_type'], userId: string | undefined): MemberAsked | undefined {
  if (type === 'empty_member' || (type === undefined && userId === undefined)) return type && { type };
  return { type: 'user_member', ...(userId === undefined ? {} : { user_id: userId }) };
}

const overriding = (request: Fields) => memberIn(request.overriding_member_type, request.overriding_member_user_id);
const overridden = (request: Fields) => memberIn(request.overridden_member_type, request.overridden_member_user_id);

const fits = (type: Fields['overriding_member_type'], userId: string | undefined) =>
  type === undefined || (type === 'user_member') === (userId !== undefined);

const input = fields
  .refine(
    ({ overriding_member_type: type, overriding_member_user_id: userId }) => fits(type, userId),
    'A user_member needs overriding_member_user_id, and an empty_member has none.',
  )
  .refine(
    ({ overridden_member_type: type, overridden_member_user_id: userId }) => fits(type, userId),
    'A user_member needs overridden_member_user_id, and an empty_member has none.',
  )
  .refine(
    (request) => (request.start_time ?? request.end_time ?? overriding(request)) !== undefined,
    'Nothing to change.',
  );
type Input = z.infer<typeof input>;

const before = onSchedule.extend({
  override: overrideFacts,
  /** Who is to take the place; null when that does not change. */
  overriding: memberFacts.nullable(),
  /** False when PagerDuty does not know that person. */
  known: z.boolean(),
});
type Before = z.infer<typeof before>;

interface After {
  /** Null = the override or its schedule is gone. */
  override: PagerDutyShiftOverride | null;
  trail: Trail;
}

/** The override as it will be. */
const changed = (request: Input, facts: Before): OverrideFacts => ({
  ...facts.override,
  start: request.start_time ?? facts.override.start,
  end: request.end_time ?? facts.override.end,
  overriding: facts.overriding ?? facts.override.overriding,
});

/** Whether the override has every value that was asked for. */
function hasAll(request: Input, { start, end, userId }: { start: string; end: string; userId: string | null }) {
  const member = overriding(request);
  return (
    (request.start_time === undefined || sameInstant(start, request.start_time, 1_000)) &&
    (request.end_time === undefined || sameInstant(end, request.end_time, 1_000)) &&
    (member === undefined || userId === userIdOf(member))
  );
}

const isAsAsked = (request: Input, override: PagerDutyShiftOverride) =>
  hasAll(request, {
    start: override.start_time,
    end: override.end_time,
    userId: userIdOf(override.overriding_member),
  });

function admit(request: Input, facts: Before): Verdict {
  const { override, schedule, known, readAt } = facts;
  const then = changed(request, facts);
  if (!known) return no(`PagerDuty has no user with the id ${request.overriding_member_user_id}.`);
  const replaced = overridden(request);
  if (replaced && userIdOf(replaced) !== override.overridden.userId) {
    return no(
      `The override takes the place of ${override.overridden.name}, and PagerDuty cannot change that: delete it and create another.`,
    );
  }
  const phase = phaseOf(override, readAt);
  if (phase === 'is over') return no(`The override ended already, at ${clock(override.end, schedule.timeZone)}.`);
  if (phase === 'is running' && !sameInstant(then.start, override.start, 1_000)) {
    return no('The override has started, so its start cannot change any more.');
  }
  if (then.overriding.userId === override.overridden.userId) {
    return no(`${override.overridden.name} cannot take their own place.`);
  }
  if (hasAll(request, { ...override, userId: override.overriding.userId })) {
    return no('The override is like that already.');
  }
  return checkSpan(then, facts);
}

const after = (request: Input, facts: Before) =>
  afterwards(facts, (shifts) => {
    const without = withoutOverride(shifts, facts.override);
    return without && withOverride(without, changed(request, facts));
  });

function risks(request: Input, facts: Before): Risk[] {
  return [
    { level: 'high', reason: 'Changes who is paged in the window.' },
    ...spanRisks(changed(request, facts), facts.readAt),
    ...coverageRisks(facts, after(request, facts)),
  ];
}

function verify(request: Input, { override, trail }: After): Evidence {
  if (override === null) return { applied: null, because: 'The override is no longer there. A human must look.' };
  if (!isAsAsked(request, override))
    return absence(trail, 'The override does not have every value that was asked for.');
  const result = partResult(request.schedule_id, { override_id: override.id });
  return presence(trail, 'The override has every value that was asked for.', result);
}

function undo(request: Input, facts: Before): Undo {
  const { override, readAt } = facts;
  const { overriding: former } = override;
  const back: JsonObject = {
    ...(request.start_time === undefined ? {} : { start_time: override.start }),
    ...(request.end_time === undefined ? {} : { end_time: override.end }),
  };
  if (overriding(request)) {
    back.overriding_member_type = former.userId === null ? 'empty_member' : 'user_member';
    if (former.userId !== null) back.overriding_member_user_id = former.userId;
  }
  return {
    possible: true,
    tool: 'update_schedule_v3_override',
    input: { schedule_id: request.schedule_id, override_id: request.override_id, ...back },
    // Neither as it is nor as it will be: what has started cannot be put back before.
    complete: [override, changed(request, facts)].every((one) => phaseOf(one, readAt) === 'has not started'),
    note: 'Puts the former values back; whoever was paged meanwhile has been paged.',
  };
}

export const updateScheduleV3Override = defineWriteTool<Input, Before, After>({
  name: 'update_schedule_v3_override',
  title: 'Change an override of a shift',
  description: 'Move an override of a shift-based schedule, or give it to somebody else. Only what you give changes.',
  version: 1,
  toolset: 'schedules_v3',
  source: {
    operationId: 'updateOverride',
    method: 'PUT',
    path: '/v3/schedules/{id}/overrides/{override_id}',
    scope: null,
  },
  reads: [...SCHEDULE_SCOPES, TRAIL_SCOPE],
  annotations: { destructiveHint: true, idempotentHint: true },
  needsFrom: false,
  input,
  before,
  example: {
    schedule_id: 'PDWHSV3',
    override_id: '4VJXQ2TNKB6RMWC7HD3YFGPZA5',
    end_time: '2099-05-02T12:00:00Z',
    overriding_member_user_id: 'PULENA1',
  },

  async read(pagerduty, request) {
    const { schedule_id: scheduleId } = request;
    const path = overridePath(scheduleId, request.override_id);
    const { override: found } = await pagerduty.get(path, shiftOverrideAnswer);
    const { start_time: start, end_time: end } = found;
    const window = windowAround({ start, end }, { start: request.start_time ?? start, end: request.end_time ?? end });
    const member = overriding(request);
    const [schedule, people] = await Promise.all([
      readShiftSchedule(pagerduty, scheduleId, window),
      readPeople(pagerduty, [...peopleIn(found), member && userIdOf(member)]),
    ]);
    return {
      readAt: new Date().toISOString(),
      schedule,
      override: overrideFrom(found, people.found),
      overriding: member === undefined ? null : memberFactsFrom(member, people.found),
      known: member === undefined || !people.missing.includes(member.user_id ?? ''),
    };
  },
  watched: (_request, facts) => [...watchedOverride(facts.override, facts.readAt), ...watchedWindow(facts)],
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: (_request, facts) => scheduleTouches(facts),
  supersedes: (request) => {
    const what = { start: request.start_time, end: request.end_time, member: overriding(request) };
    const given = Object.entries(what).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    return `update_schedule_v3_override ${given.join('+')} ${request.override_id}`;
  },
  summarize: (request, facts) => {
    const { readAt, override, schedule, overriding: member } = facts;
    const { start_time: start, end_time: end } = request;
    const running = phaseOf(override, readAt) === 'is running';
    return {
      title: `Change the override of ${override.overridden.name} on "${schedule.name}"`,
      target: schedule.name,
      services: schedule.services.map(({ name }) => name),
      lines: overrideLines(override, { ...(member && { overriding: member }), start, end }, schedule.timeZone),
      effect: effectOf(facts, after(request, facts), timing(changed(request, facts), readAt, running)),
    };
  },
  call: (request) => {
    const member = overriding(request);
    return {
      method: 'PUT',
      path: overridePath(request.schedule_id, request.override_id),
      body: {
        override: {
          ...(request.start_time === undefined ? {} : { start_time: request.start_time }),
          ...(request.end_time === undefined ? {} : { end_time: request.end_time }),
          ...(member === undefined ? {} : { overriding_member: memberBody(member) }),
        },
      },
    };
  },
  alsoHolds: (request, _facts, now) => admit(request, now),
  interpret(request, body) {
    const { override } = shiftOverrideAnswer.parse(body);
    const own = override.id === request.override_id && isAsAsked(request, override);
    if (!own) throw new TypeError('The answer shows another override.');
    return { applied: true, result: partResult(request.schedule_id, { override_id: override.id }), secrets: [] };
  },
  async readBack(pagerduty, request, attempt) {
    const path = overridePath(request.schedule_id, request.override_id);
    const [found, trail] = await Promise.all([
      orGone(pagerduty.get(path, shiftOverrideAnswer)),
      readTrail(pagerduty, 'v3/schedules', request.schedule_id, attempt),
    ]);
    return { override: found?.override ?? null, trail };
  },
  verify,
  undo,
});
