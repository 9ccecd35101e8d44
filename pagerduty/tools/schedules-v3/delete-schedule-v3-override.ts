import type { z } from 'zod';
import { orGone } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { defineWriteTool, type Undo, type Verdict } from '../../write-tool.ts';
import { readTrail, TRAIL_SCOPE } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { id, toolInput } from '../input/parameters.ts';
import { type Risk, strictest } from '../words/risks.ts';
import { clock } from '../words/wording.ts';
import { askedAgain } from './members.ts';
import {
  overrideFacts,
  overrideFrom,
  overridePath,
  peopleIn,
  placeWords,
  shiftOverrideAnswer,
  watchedOverride,
  withoutOverride,
} from './overrides.ts';
import { readPeople, readShiftSchedule, SCHEDULE_SCOPES } from './shifts.ts';
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

const input = toolInput({ schedule_id: id('shift-based schedule'), override_id: id('override') });
type Input = z.infer<typeof input>;

const before = onSchedule.extend({ override: overrideFacts });
type Before = z.infer<typeof before>;

const runs = ({ override, readAt }: Before) => phaseOf(override, readAt) === 'is running';

const watched = (facts: Before) => [...watchedOverride(facts.override, facts.readAt), ...watchedWindow(facts)];

const after = (facts: Before) => afterwards(facts, (shifts) => withoutOverride(shifts, facts.override));

function admit(_request: Input, { override, readAt, schedule }: Before): Verdict {
  if (phaseOf(override, readAt) !== 'is over') return yes;
  return no(`The override ended already, at ${clock(override.end, schedule.timeZone)}.`);
}

function risks(facts: Before): Risk[] {
  const { overridden } = facts.override;
  const back = `Puts ${overridden.name} back on call, who may not know.`;
  return [
    { level: 'high', reason: overridden.userId === null ? 'Leaves the place empty again.' : back },
    ...spanRisks(facts.override, facts.readAt),
    ...coverageRisks(facts, after(facts)),
  ];
}

function summarize(_request: Input, facts: Before) {
  const { override, schedule } = facts;
  const { overridden, overriding, start, end } = override;
  const zone = schedule.timeZone;
  const place = placeWords(override, schedule.rotations, null, zone);
  const timing = runs(facts) ? 'It is running: it stops having effect when this is sent.' : 'It has not started.';
  return {
    title: `Delete the override that puts ${overriding.name} on call instead of ${overridden.name} on "${schedule.name}"`,
    target: schedule.name,
    services: schedule.services.map(({ name }) => name),
    lines: [
      { label: `On call in ${place}`, now: overriding.name, after: overridden.name },
      { label: 'Time', now: `${clock(start, zone)} to ${clock(end, zone)}`, after: 'deleted' },
    ],
    effect: effectOf(facts, after(facts), timing),
  };
}

function undo({ schedule_id: scheduleId }: Input, facts: Before): Undo {
  const { override, readAt } = facts;
  const again: JsonObject = {
    ...(override.rotationId === null ? {} : { rotation_id: override.rotationId }),
    ...(override.customShiftId === null ? {} : { custom_shift_id: override.customShiftId }),
    start_time: runs(facts) ? readAt : override.start,
    end_time: override.end,
    overridden_member: askedAgain(override.overridden),
    overriding_member: askedAgain(override.overriding),
  };
  return {
    possible: true,
    tool: 'create_schedule_v3_overrides',
    input: { schedule_id: scheduleId, overrides: [again] },
    complete: !runs(facts),
    note: 'Creates the same override again, under a new id.',
  };
}

export const deleteScheduleV3Override = defineWriteTool<Input, Before, Left>({
  name: 'delete_schedule_v3_override',
  title: 'Delete an override of a shift',
  description: 'Delete an override of a shift-based schedule: whoever was overridden is on call again.',
  version: 1,
  toolset: 'schedules_v3',
  source: {
    operationId: 'deleteOverride',
    method: 'DELETE',
    path: '/v3/schedules/{id}/overrides/{override_id}',
    scope: null,
  },
  reads: [...SCHEDULE_SCOPES, TRAIL_SCOPE],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: { schedule_id: 'PDWHSV3', override_id: '4VJXQ2TNKB6RMWC7HD3YFGPZA5' },

  async read(pagerduty, { schedule_id: scheduleId, override_id: overrideId }) {
    const { override: found } = await pagerduty.get(overridePath(scheduleId, overrideId), shiftOverrideAnswer);
    const window = windowAround({ start: found.start_time, end: found.end_time });
    const [schedule, people] = await Promise.all([
      readShiftSchedule(pagerduty, scheduleId, window),
      readPeople(pagerduty, peopleIn(found)),
    ]);
    return { readAt: new Date().toISOString(), schedule, override: overrideFrom(found, people.found) };
  },
  watched: (_request, facts) => watched(facts),
  admit,
  risk: (_request, facts) => strictest(risks(facts)),
  touches: (_request, facts) => scheduleTouches(facts),
  supersedes: () => null,
  summarize,
  call: ({ schedule_id: scheduleId, override_id: overrideId }) => ({
    method: 'DELETE',
    path: overridePath(scheduleId, overrideId),
    body: null,
  }),
  alsoHolds: nothingElse,
  interpret(request, body) {
    if (body !== null) throw new TypeError('A deletion is answered without a body.');
    const { schedule_id: scheduleId, override_id: overrideId } = request;
    return { applied: true, result: partResult(scheduleId, { override_id: overrideId }), secrets: [] };
  },
  async readBack(pagerduty, { schedule_id: scheduleId, override_id: overrideId }, attempt) {
    const readAt = new Date().toISOString();
    const [found, trail] = await Promise.all([
      orGone(pagerduty.get(overridePath(scheduleId, overrideId), shiftOverrideAnswer)),
      readTrail(pagerduty, 'v3/schedules', scheduleId, attempt),
    ]);
    const left = found && { start: found.override.start_time, end: found.override.end_time };
    return { left, readAt, trail };
  },
  verify: (_request, after, attempt) => goneOrEnded(after, attempt, 'override'),
  undo,
});
