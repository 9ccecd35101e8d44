import type { z } from 'zod';
import { orGone } from '../../errors.ts';
import { defineWriteTool, type Undo, type Verdict } from '../../write-tool.ts';
import { readTrail, TRAIL_SCOPE } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { id, toolInput } from '../input/parameters.ts';
import { type Risk, strictest } from '../words/risks.ts';
import { clock } from '../words/wording.ts';
import {
  customShiftAnswer,
  customShiftFacts,
  customShiftFrom,
  customShiftPath,
  isOverridden,
  shiftWords,
  takenBy,
  watchedShift,
  withoutShift,
} from './custom.ts';
import { askedAgain } from './members.ts';
import { EMPTY, readPeople, readShiftSchedule, SCHEDULE_SCOPES } from './shifts.ts';
import {
  afterwards,
  coverageRisks,
  effectOf,
  goneOrEnded,
  type Left,
  onSchedule,
  partResult,
  phaseOf,
  scheduleTouches,
  spanRisks,
  watchedWindow,
  windowAround,
} from './windows.ts';

const input = toolInput({ schedule_id: id('shift-based schedule'), custom_shift_id: id('custom shift') });
type Input = z.infer<typeof input>;

const before = onSchedule.extend({ shift: customShiftFacts });
type Before = z.infer<typeof before>;

const runs = ({ shift, readAt }: Before) => phaseOf(shift, readAt) === 'is running';

const watched = (facts: Before) => [...watchedShift(facts.shift, facts.readAt), ...watchedWindow(facts)];

const after = (facts: Before) => afterwards(facts, (shifts) => withoutShift(shifts, facts.shift.id));

function admit(_request: Input, { shift, readAt, schedule }: Before): Verdict {
  if (phaseOf(shift, readAt) !== 'is over') return yes;
  return no(`The custom shift ended already, at ${clock(shift.end, schedule.timeZone)}; PagerDuty keeps it.`);
}

function risks(facts: Before): Risk[] {
  return [
    { level: 'high', reason: 'Takes coverage out of the schedule.' },
    ...spanRisks(facts.shift, facts.readAt),
    ...coverageRisks(facts, after(facts)),
  ];
}

function summarize(_request: Input, facts: Before) {
  const { shift, schedule } = facts;
  const now = runs(facts);
  const [from, until] = [clock(shift.start, schedule.timeZone), clock(shift.end, schedule.timeZone)];
  const span = {
    label: 'Time',
    now: `${from} to ${until}`,
    after: now ? `${from} to the moment it is sent` : 'deleted',
  };
  const kept = 'It is running: it ends when this is sent, and what was stays on record.';
  return {
    title: `Delete ${shiftWords(shift)} on "${schedule.name}"`,
    target: schedule.name,
    services: schedule.services.map(({ name }) => name),
    lines: [{ label: 'On call through it', now: shift.member.name, after: EMPTY }, span],
    effect: effectOf(facts, after(facts), now ? kept : 'It has not started: it disappears altogether.'),
  };
}

/** Created again for what is left of it; what was cut off stays where it is. */
function undo({ schedule_id: scheduleId }: Input, facts: Before): Undo {
  const { shift, readAt, schedule } = facts;
  const again = {
    start_time: runs(facts) ? readAt : shift.start,
    end_time: shift.end,
    assignments: [{ member: askedAgain(shift.member) }],
  };
  return {
    possible: true,
    tool: 'create_schedule_v3_custom_shifts',
    input: { schedule_id: scheduleId, custom_shifts: [again] },
    complete: !runs(facts) && !isOverridden(schedule.shifts, shift.id),
    note: 'Creates the shift again, under a new id and without the overrides on it.',
  };
}

export const deleteScheduleV3CustomShift = defineWriteTool<Input, Before, Left>({
  name: 'delete_schedule_v3_custom_shift',
  title: 'Delete a custom shift',
  description: 'Delete a one-off shift of a shift-based schedule; one that has started ends now instead.',
  version: 1,
  toolset: 'schedules_v3',
  source: {
    operationId: 'deleteCustomShift',
    method: 'DELETE',
    path: '/v3/schedules/{id}/custom_shifts/{custom_shift_id}',
    scope: null,
  },
  reads: [...SCHEDULE_SCOPES, TRAIL_SCOPE],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: { schedule_id: 'PDWHSV3', custom_shift_id: '7RMKQ5XNVB2TCW6HJ4DYFGPZA3' },

  async read(pagerduty, { schedule_id: scheduleId, custom_shift_id: shiftId }) {
    const { custom_shift: found } = await pagerduty.get(customShiftPath(scheduleId, shiftId), customShiftAnswer);
    const window = windowAround({ start: found.start_time, end: found.end_time });
    const [schedule, people] = await Promise.all([
      readShiftSchedule(pagerduty, scheduleId, window),
      readPeople(pagerduty, [takenBy(found)]),
    ]);
    return { readAt: new Date().toISOString(), schedule, shift: customShiftFrom(found, people.found) };
  },
  watched: (_request, facts) => watched(facts),
  admit,
  risk: (_request, facts) => strictest(risks(facts)),
  touches: (_request, facts) => scheduleTouches(facts),
  supersedes: () => null,
  summarize,
  call: ({ schedule_id: scheduleId, custom_shift_id: shiftId }) => ({
    method: 'DELETE',
    path: customShiftPath(scheduleId, shiftId),
    body: null,
  }),
  alsoHolds: nothingElse,
  interpret(request, body) {
    if (body !== null) throw new TypeError('A deletion is answered without a body.');
    const { schedule_id: scheduleId, custom_shift_id: shiftId } = request;
    return { applied: true, result: partResult(scheduleId, { custom_shift_id: shiftId }), secrets: [] };
  },
  async readBack(pagerduty, { schedule_id: scheduleId, custom_shift_id: shiftId }, attempt) {
    const readAt = new Date().toISOString();
    const [found, trail] = await Promise.all([
      orGone(pagerduty.get(customShiftPath(scheduleId, shiftId), customShiftAnswer)),
      readTrail(pagerduty, 'v3/schedules', scheduleId, attempt),
    ]);
    const left = found && { start: found.custom_shift.start_time, end: found.custom_shift.end_time };
    return { left, readAt, trail };
  },
  verify: (_request, after, attempt) => goneOrEnded(after, attempt, 'custom shift'),
  undo,
});
