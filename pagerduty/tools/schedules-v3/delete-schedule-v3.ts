import type { z } from 'zod';
import { orGone } from '../../errors.ts';
import { defineWriteTool } from '../../write-tool.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { id, toolInput } from '../input/parameters.ts';
import { listed } from '../words/wording.ts';
import { effectOn, watchedSchedule } from './coverage.ts';
import { planWords } from './recurrence.ts';
import { sizeWords } from './rotations.ts';
import { fullShiftScheduleAnswer, readShiftSchedule, SCHEDULE_SCOPES, schedulePath, windowFrom } from './shifts.ts';
import { type OnSchedule, onSchedule, scheduleTouches } from './spans/windows.ts';

const input = toolInput({ schedule_id: id('shift-based schedule') });
type Input = z.infer<typeof input>;

interface After {
  there: boolean;
}

export const deleteScheduleV3 = defineWriteTool<Input, OnSchedule, After>({
  name: 'delete_schedule_v3',
  title: 'Delete a shift-based schedule',
  description: 'Delete a shift-based schedule with all its rotations, shifts and overrides. It cannot be undone.',
  version: 1,
  toolset: 'schedules_v3',
  source: { operationId: 'deleteScheduleV3', method: 'DELETE', path: '/v3/schedules/{id}', scope: null },
  reads: [...SCHEDULE_SCOPES],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before: onSchedule,
  example: { schedule_id: 'PDTRNV3' },

  async read(pagerduty, { schedule_id: scheduleId }) {
    const readAt = new Date().toISOString();
    return { readAt, schedule: await readShiftSchedule(pagerduty, scheduleId, windowFrom(readAt)) };
  },
  watched: (_request, { schedule }) => watchedSchedule(schedule),
  admit(_request, { schedule: { name, policies } }) {
    if (policies.length === 0) return yes;
    const users = listed(policies.map((one) => `"${one.name}"`));
    const uses = policies.length === 1 ? 'escalation policy uses' : 'escalation policies use';
    return no(`PagerDuty does not delete "${name}" while the ${uses} it: ${users}. Take it out there first.`);
  },
  risk: () => ({ level: 'critical', reasons: ['Deletes an on-call schedule for good, its history included.'] }),
  touches: (_request, facts) => scheduleTouches(facts),
  supersedes: () => null,
  summarize(_request, { readAt, schedule }) {
    const { known, lines } = effectOn(schedule, readAt, schedule.shifts && []);
    return {
      title: `Delete the schedule "${schedule.name}"`,
      target: schedule.name,
      services: schedule.services.map(({ name }) => name),
      lines: [
        { label: 'Schedule', now: sizeWords(schedule), after: 'deleted' },
        ...schedule.rotations
          .flatMap(({ events }) => events)
          .map((one) => ({ label: `Recurring shift "${one.name}"`, now: planWords(one), after: 'deleted' })),
      ],
      effect: {
        known,
        lines: [...lines, 'All its shifts, one-off shifts and overrides are gone for good; a new one has another id.'],
      },
    };
  },
  call: ({ schedule_id: scheduleId }) => ({ method: 'DELETE', path: schedulePath(scheduleId), body: null }),
  alsoHolds: nothingElse,
  interpret({ schedule_id: scheduleId }, body) {
    if (body !== null) throw new TypeError('A deletion has an answer without a body.');
    return { applied: true, result: { schedule_id: scheduleId }, secrets: [] };
  },
  async readBack(pagerduty, { schedule_id: scheduleId }) {
    return { there: (await orGone(pagerduty.get(schedulePath(scheduleId), fullShiftScheduleAnswer))) !== null };
  },
  verify({ schedule_id: scheduleId }, { there }) {
    return there
      ? { applied: false, because: 'The schedule is still there.' }
      : { applied: true, because: 'The schedule is no longer there.', result: { schedule_id: scheduleId } };
  },
  undo: () => ({
    possible: false,
    because: 'A deleted schedule does not come back; it can only be built again, under another id.',
  }),
});
