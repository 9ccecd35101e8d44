import type { z } from 'zod';
import { orGone } from '../../errors.ts';
import { type AttemptFacts, defineWriteTool, type Evidence } from '../../write-tool.ts';
import { CLOCK_SKEW_MS } from '../evidence/clocks.ts';
import { absence, readTrail, type Trail } from '../evidence/trail.ts';
import { no, yes } from '../evidence/watching.ts';
import { id, toolInput } from '../input/parameters.ts';
import { strictest } from '../words/risks.ts';
import { counted } from '../words/wording.ts';
import { effectOn, sameCoverage, watchedSchedule } from './coverage.ts';
import { rotationId } from './plans.ts';
import { planWords } from './recurrence.ts';
import { rotationOf, sizeWords } from './rotations.ts';
import {
  type PagerDutyRotation,
  readShiftSchedule,
  rotationAnswer,
  rotationPath,
  SCHEDULE_SCOPES,
  windowFrom,
} from './shifts.ts';
import { coverageRisks, isAhead, type OnSchedule, onSchedule, partResult, scheduleTouches } from './spans/windows.ts';

const input = toolInput({ schedule_id: id('shift-based schedule'), rotation_id: rotationId });
type Input = z.infer<typeof input>;

interface After {
  rotation: PagerDutyRotation | null;
  readAt: string;
  trail: Trail;
}

/** Everything that does not come out of the rotation; overrides of its shifts vanish with it. */
const shiftsLeft = ({ rotation_id: wanted }: Input, { schedule: { shifts } }: OnSchedule) =>
  shifts?.filter((one) => one.rotationId !== wanted) ?? null;

function verify(
  { schedule_id: scheduleId, rotation_id: wanted }: Input,
  { rotation, readAt, trail }: After,
  attempt: AttemptFacts,
): Evidence {
  const result = partResult(scheduleId, { rotation_id: wanted });
  if (rotation === null) return { applied: true, because: 'The rotation is no longer there.', result };
  const ends = (rotation.events ?? []).map((one) => one.effective_until);
  const ended = ends.filter((end) => typeof end === 'string' && !isAhead(end, readAt));
  const cut = ended.some(
    (end) => typeof end === 'string' && Date.parse(end) >= attempt.claimedAt.getTime() - CLOCK_SKEW_MS,
  );
  if (cut) return absence(trail, 'The rotation is still there, but a shift of it has ended since.');
  // What was in force might be kept, cut short, so only a rotation with something ahead of it is proof.
  if (ends.length === 0 || ended.length < ends.length) {
    return { applied: false, because: 'The rotation is still there, and has not been cut short.' };
  }
  return absence(trail, 'The rotation is still there, but all its shifts have ended.');
}

export const deleteScheduleV3Rotation = defineWriteTool<Input, OnSchedule, After>({
  name: 'delete_schedule_v3_rotation',
  title: 'Delete a rotation',
  description: 'Delete a rotation of a shift-based schedule: its current shift is cut now, its future ones vanish.',
  version: 1,
  toolset: 'schedules_v3',
  source: {
    operationId: 'deleteRotation',
    method: 'DELETE',
    path: '/v3/schedules/{id}/rotations/{rotation_id}',
    scope: null,
  },
  reads: [...SCHEDULE_SCOPES, 'audit_records.read'],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before: onSchedule,
  example: { schedule_id: 'PDWHSV3', rotation_id: '5K7QDXV3M2RBJ6TNWYHC4FGPAE' },

  async read(pagerduty, { schedule_id: scheduleId }) {
    const readAt = new Date().toISOString();
    return { readAt, schedule: await readShiftSchedule(pagerduty, scheduleId, windowFrom(readAt)) };
  },
  watched: (_request, { schedule }) => watchedSchedule(schedule),
  admit({ rotation_id: wanted }, { schedule }) {
    if (rotationOf(schedule, wanted)) return yes;
    return no(`The schedule "${schedule.name}" has no rotation with the id ${wanted}.`);
  },
  risk(request, facts) {
    const events = rotationOf(facts.schedule, request.rotation_id)?.events ?? [];
    if (events.length === 0)
      return { level: 'medium', reasons: ['The rotation is empty now: nobody is on call through it.'] };
    const reason = 'Cuts the current shift and drops all future ones.';
    return strictest([{ level: 'critical', reason }, ...coverageRisks(facts, shiftsLeft(request, facts))]);
  },
  touches: (_request, facts) => scheduleTouches(facts),
  supersedes: () => null,
  summarize(request, facts) {
    const { readAt, schedule } = facts;
    const events = rotationOf(schedule, request.rotation_id)?.events ?? [];
    const { known, lines } = effectOn(schedule, readAt, shiftsLeft(request, facts));
    const size = events.length === 0 ? 'no shifts' : counted(events.length, 'recurring shift');
    return {
      title: `Delete a rotation with ${size} from the schedule "${schedule.name}"`,
      target: schedule.name,
      services: schedule.services.map(({ name }) => name),
      lines: [
        { label: 'Schedule', now: sizeWords(schedule), after: `without the rotation ${request.rotation_id}` },
        ...events.map((one) => ({ label: `Recurring shift "${one.name}"`, now: planWords(one), after: 'deleted' })),
      ],
      effect: { known, lines: [...lines, 'A shift that runs now ends at once; all later ones are gone for good.'] },
    };
  },
  call: ({ schedule_id: scheduleId, rotation_id: wanted }) => ({
    method: 'DELETE',
    path: rotationPath(scheduleId, wanted),
    body: null,
  }),
  alsoHolds: (_request, { schedule }, now) => sameCoverage(schedule, now.schedule),
  interpret({ schedule_id: scheduleId, rotation_id: wanted }, body) {
    if (body !== null) throw new TypeError('A deletion has an answer without a body.');
    return { applied: true, result: partResult(scheduleId, { rotation_id: wanted }), secrets: [] };
  },
  async readBack(pagerduty, { schedule_id: scheduleId, rotation_id: wanted }, attempt) {
    const readAt = new Date().toISOString();
    const [found, trail] = await Promise.all([
      orGone(pagerduty.get(rotationPath(scheduleId, wanted), rotationAnswer)),
      readTrail(pagerduty, 'v3/schedules', scheduleId, attempt),
    ]);
    return { rotation: found?.rotation ?? null, readAt, trail };
  },
  verify,
  undo: ({ schedule_id: scheduleId }) => ({
    possible: true,
    tool: 'create_schedule_v3_rotation',
    input: { schedule_id: scheduleId },
    complete: false,
    note: 'Adds an empty rotation only; every recurring shift has to be added to it again, from then on.',
  }),
});
