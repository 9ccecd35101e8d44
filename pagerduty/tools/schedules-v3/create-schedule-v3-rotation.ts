import { z } from 'zod';
import { orGone } from '../../errors.ts';
import { defineWriteTool, type Evidence } from '../../write-tool.ts';
import { absence, readTrail, type Trail } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { id, toolInput } from '../input/parameters.ts';
import { counted } from '../words/wording.ts';
import { onCallAt, reachWords, watchedSchedule } from './coverage.ts';
import { sizeWords } from './rotations.ts';
import {
  fullShiftScheduleAnswer,
  type PagerDutyRotation,
  readShiftSchedule,
  rotation,
  SCHEDULE_SCOPES,
  schedulePath,
  windowFrom,
} from './shifts.ts';
import { type OnSchedule, onSchedule, partResult, scheduleTouches } from './spans/windows.ts';

/** PagerDuty's own limit. */
const MOST_ROTATIONS = 10;

const input = toolInput({ schedule_id: id('shift-based schedule') });
type Input = z.infer<typeof input>;

interface After {
  rotations: PagerDutyRotation[] | null;
  trail: Trail;
}

const answer = z.object({ rotation });

function verify(_request: Input, { rotations, trail }: After): Evidence {
  if (rotations === null) return { applied: null, because: 'The schedule is no longer there. A human must look.' };
  const empty = rotations.filter(({ events }) => (events ?? []).length === 0).length;
  const seen = `The schedule has ${counted(empty, 'rotation')} without shifts; a rotation does not show who made it.`;
  return absence(trail, seen);
}

export const createScheduleV3Rotation = defineWriteTool<Input, OnSchedule, After>({
  name: 'create_schedule_v3_rotation',
  title: 'Add a rotation to a schedule',
  description: 'Add an empty rotation to a shift-based schedule; its recurring shifts are added one by one afterwards.',
  version: 1,
  toolset: 'schedules_v3',
  source: { operationId: 'createRotation', method: 'POST', path: '/v3/schedules/{id}/rotations', scope: null },
  reads: [...SCHEDULE_SCOPES, 'audit_records.read'],
  annotations: { destructiveHint: false, idempotentHint: false },
  needsFrom: false,
  input,
  before: onSchedule,
  example: { schedule_id: 'PDTRNV3' },

  async read(pagerduty, { schedule_id: scheduleId }) {
    const readAt = new Date().toISOString();
    return { readAt, schedule: await readShiftSchedule(pagerduty, scheduleId, windowFrom(readAt)) };
  },
  watched: (_request, { schedule }) => watchedSchedule(schedule),
  admit(_request, { schedule: { name, rotations } }) {
    if (rotations.length < MOST_ROTATIONS) return yes;
    return no(`"${name}" has ${rotations.length} rotations already; PagerDuty allows ${MOST_ROTATIONS}.`);
  },
  risk: () => ({ level: 'low', reasons: ['Adds an empty rotation, which puts nobody on call.'] }),
  touches: (_request, facts) => scheduleTouches(facts),
  supersedes: () => null,
  summarize(_request, { readAt, schedule }) {
    const current = schedule.shifts === null ? [] : [`On call now: ${onCallAt(schedule.shifts, readAt)}; that stays.`];
    return {
      title: `Add a rotation to the schedule "${schedule.name}"`,
      target: schedule.name,
      services: schedule.services.map(({ name }) => name),
      lines: [{ label: 'Rotations', now: sizeWords(schedule), after: 'one more, without shifts' }],
      effect: {
        known: true,
        lines: ['Nobody starts or stops being on call until it has shifts.', ...current, reachWords(schedule)],
      },
    };
  },
  call: ({ schedule_id: scheduleId }) => ({ method: 'POST', path: `${schedulePath(scheduleId)}/rotations`, body: {} }),
  alsoHolds: nothingElse,
  interpret({ schedule_id: scheduleId }, body) {
    const made = answer.parse(body).rotation;
    if ((made.events ?? []).length > 0) throw new TypeError('The answer shows a rotation that is not new.');
    return { applied: true, result: partResult(scheduleId, { rotation_id: made.id }), secrets: [] };
  },
  async readBack(pagerduty, { schedule_id: scheduleId }, attempt) {
    const [found, trail] = await Promise.all([
      orGone(pagerduty.get(schedulePath(scheduleId), fullShiftScheduleAnswer)),
      readTrail(pagerduty, 'v3/schedules', scheduleId, attempt),
    ]);
    return { rotations: found && (found.schedule.rotations ?? []), trail };
  },
  verify,
  undo: ({ schedule_id: scheduleId }, _facts, result) => ({
    possible: true,
    tool: 'delete_schedule_v3_rotation',
    input: result && { schedule_id: scheduleId, rotation_id: result.rotation_id ?? null },
    complete: true,
    note: 'Deletes the rotation again, with the shifts that it has by then.',
  }),
});
