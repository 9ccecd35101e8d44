import { z } from 'zod';
import { orGone } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { hidden } from '../../published.ts';
import { defineWriteTool, type Evidence, type Undo, type Verdict } from '../../write-tool.ts';
import { absence, presence, readTrail, TRAIL_SCOPE, type Trail } from '../evidence/trail.ts';
import { no } from '../evidence/watching.ts';
import { id, instant, jsonText, optional, toolInput } from '../input/parameters.ts';
import { type Risk, strictest } from '../words/risks.ts';
import { clock } from '../words/wording.ts';
import {
  type CustomShiftFacts,
  customShiftAnswer,
  customShiftFacts,
  customShiftFrom,
  customShiftPath,
  isOverridden,
  type PagerDutyCustomShift,
  shiftLines,
  shiftWords,
  takenBy,
  watchedShift,
  withShift,
} from './custom.ts';
import { askedAgain, assignmentsAsked, assignmentsBody, memberFactsFrom, onlyMember, userIdOf } from './members.ts';
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

const shiftData = z
  .strictObject({
    type: hidden(optional(z.literal('custom_shift'))),
    start_time: optional(instant),
    end_time: optional(instant),
    assignments: optional(assignmentsAsked).describe('Who takes it: exactly one.'),
  })
  .refine(
    ({ start_time: start, end_time: end, assignments }) => (start ?? end ?? assignments) !== undefined,
    'Nothing to change.',
  );

const input = toolInput({
  schedule_id: id('shift-based schedule'),
  custom_shift_id: id('custom shift'),
  shift_data: jsonText(shiftData).describe('Only what is to change; once the shift has started only end_time.'),
});
type Input = z.infer<typeof input>;

const before = onSchedule.extend({
  shift: customShiftFacts,
  /** Who is to take it; null when that does not change. */
  member: memberFacts.nullable(),
  /** False when PagerDuty does not know the person. */
  known: z.boolean(),
});
type Before = z.infer<typeof before>;

interface After {
  /** Null = the shift or its schedule is gone. */
  shift: PagerDutyCustomShift | null;
  trail: Trail;
}

const asked = ({ shift_data: { assignments } }: Input) => assignments && onlyMember(assignments);

/** The shift as it will be. */
const changed = ({ shift_data: data }: Input, { shift, member }: Before): CustomShiftFacts => ({
  ...shift,
  start: data.start_time ?? shift.start,
  end: data.end_time ?? shift.end,
  member: member ?? shift.member,
});

/** For each field that was asked for, whether the shift has it. */
function has(request: Input, { start, end, userId }: { start: string; end: string; userId: string | null }): boolean[] {
  const { start_time: newStart, end_time: newEnd } = request.shift_data;
  const member = asked(request);
  return [
    ...(newStart === undefined ? [] : [sameInstant(start, newStart, 1_000)]),
    ...(newEnd === undefined ? [] : [sameInstant(end, newEnd, 1_000)]),
    ...(member === undefined ? [] : [userId === userIdOf(member)]),
  ];
}

const hasAll = (request: Input, shift: PagerDutyCustomShift) =>
  has(request, { start: shift.start_time, end: shift.end_time, userId: takenBy(shift) }).every(Boolean);

function admit(request: Input, facts: Before): Verdict {
  const { shift, schedule, known } = facts;
  const { start_time: start, end_time: end, assignments } = request.shift_data;
  if (!known) return no(`PagerDuty has no user with the id ${asked(request)?.user_id}.`);
  const phase = phaseOf(shift, facts.readAt);
  if (phase === 'is over') return no(`The custom shift ended already, at ${clock(shift.end, schedule.timeZone)}.`);
  if (phase === 'is running' && (end === undefined || start !== undefined || assignments !== undefined)) {
    return no('The custom shift has started, so only its end can change: give end_time and nothing else.');
  }
  if (has(request, { ...shift, userId: shift.member.userId }).every(Boolean)) {
    return no('The custom shift is like that already.');
  }
  return checkSpan(changed(request, facts), facts);
}

/** What becomes of overrides on a shift that changes is not described. */
const after = (request: Input, facts: Before) =>
  isOverridden(facts.schedule.shifts, facts.shift.id)
    ? null
    : afterwards(facts, (shifts) => withShift(shifts, changed(request, facts)));

function risks(request: Input, facts: Before): Risk[] {
  const then = changed(request, facts);
  return [
    { level: 'high', reason: 'Changes who is paged in the window.' },
    ...spanRisks(then, facts.readAt),
    ...coverageRisks(facts, after(request, facts)),
  ];
}

function verify(request: Input, { shift, trail }: After): Evidence {
  if (shift === null) return { applied: null, because: 'The custom shift is no longer there. A human must look.' };
  if (!hasAll(request, shift)) return absence(trail, 'The custom shift does not have every value that was asked for.');
  const result = partResult(request.schedule_id, { custom_shift_id: shift.id });
  return presence(trail, 'The custom shift has every value that was asked for.', result);
}

function undo(request: Input, facts: Before): Undo {
  const { shift, readAt } = facts;
  const former: JsonObject = {
    start_time: shift.start,
    end_time: shift.end,
    assignments: [{ member: askedAgain(shift.member) }],
  };
  const back = Object.fromEntries(Object.entries(former).filter(([field]) => field in request.shift_data));
  const { schedule_id: scheduleId, custom_shift_id: shiftId } = request;
  return {
    possible: true,
    tool: 'update_schedule_v3_custom_shift',
    input: { schedule_id: scheduleId, custom_shift_id: shiftId, shift_data: back },
    // Neither as it is nor as it will be: what has started cannot be put back before.
    complete: [shift, changed(request, facts)].every((one) => phaseOf(one, readAt) === 'has not started'),
    note: 'Puts the former values back, as long as the shift has not started; after that only its end.',
  };
}

export const updateScheduleV3CustomShift = defineWriteTool<Input, Before, After>({
  name: 'update_schedule_v3_custom_shift',
  title: 'Change a custom shift',
  description: 'Move a one-off shift of a shift-based schedule, or give it to somebody else.',
  version: 1,
  toolset: 'schedules_v3',
  source: {
    operationId: 'updateCustomShift',
    method: 'PUT',
    path: '/v3/schedules/{id}/custom_shifts/{custom_shift_id}',
    scope: null,
  },
  reads: [...SCHEDULE_SCOPES, TRAIL_SCOPE],
  annotations: { destructiveHint: true, idempotentHint: true },
  needsFrom: false,
  input,
  before,
  example: {
    schedule_id: 'PDWHSV3',
    custom_shift_id: '7RMKQ5XNVB2TCW6HJ4DYFGPZA3',
    shift_data: {
      end_time: '2099-03-14T22:00:00Z',
      assignments: [{ member: { type: 'user_member', user_id: 'PULENA1' } }],
    },
  },

  async read(pagerduty, request) {
    const { schedule_id: scheduleId, custom_shift_id: shiftId, shift_data: data } = request;
    const { custom_shift: found } = await pagerduty.get(customShiftPath(scheduleId, shiftId), customShiftAnswer);
    const { start_time: start, end_time: end } = found;
    const window = windowAround({ start, end }, { start: data.start_time ?? start, end: data.end_time ?? end });
    const member = asked(request);
    const [schedule, people] = await Promise.all([
      readShiftSchedule(pagerduty, scheduleId, window),
      readPeople(pagerduty, [takenBy(found), member && userIdOf(member)]),
    ]);
    return {
      readAt: new Date().toISOString(),
      schedule,
      shift: customShiftFrom(found, people.found),
      member: member === undefined ? null : memberFactsFrom(member, people.found),
      known: member === undefined || !people.missing.includes(member.user_id ?? ''),
    };
  },
  watched: (_request, facts) => [...watchedShift(facts.shift, facts.readAt), ...watchedWindow(facts)],
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: (_request, facts) => scheduleTouches(facts),
  supersedes: ({ custom_shift_id: shiftId, shift_data: data }) =>
    `update_schedule_v3_custom_shift ${Object.keys(data).sort().join('+')} ${shiftId}`,
  summarize: (request, facts) => {
    const { readAt, shift, schedule, member } = facts;
    const { start_time: start, end_time: end } = request.shift_data;
    const running = phaseOf(shift, readAt) === 'is running';
    return {
      title: `Change ${shiftWords(shift)} on "${schedule.name}"`,
      target: schedule.name,
      services: schedule.services.map(({ name }) => name),
      lines: shiftLines(shift, { ...(member && { member }), start, end }, schedule.timeZone),
      effect: effectOf(facts, after(request, facts), timing(changed(request, facts), readAt, running)),
    };
  },
  call: ({ schedule_id: scheduleId, custom_shift_id: shiftId, shift_data: data }) => ({
    method: 'PUT',
    path: customShiftPath(scheduleId, shiftId),
    body: {
      custom_shift: {
        ...(data.start_time === undefined ? {} : { start_time: data.start_time }),
        ...(data.end_time === undefined ? {} : { end_time: data.end_time }),
        ...(data.assignments === undefined ? {} : { assignments: assignmentsBody(data.assignments) }),
      },
    },
  }),
  alsoHolds: (request, _facts, now) => admit(request, now),
  interpret(request, body) {
    const { custom_shift: shift } = customShiftAnswer.parse(body);
    const own = shift.id === request.custom_shift_id && hasAll(request, shift);
    if (!own) throw new TypeError('The answer shows another custom shift.');
    return { applied: true, result: partResult(request.schedule_id, { custom_shift_id: shift.id }), secrets: [] };
  },
  async readBack(pagerduty, request, attempt) {
    const path = customShiftPath(request.schedule_id, request.custom_shift_id);
    const [found, trail] = await Promise.all([
      orGone(pagerduty.get(path, customShiftAnswer)),
      readTrail(pagerduty, 'v3/schedules', request.schedule_id, attempt),
    ]);
    return { shift: found?.custom_shift ?? null, trail };
  },
  verify,
  undo,
});
