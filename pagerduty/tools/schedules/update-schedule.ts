import { z } from 'zod';
import { orGone } from '../../errors.ts';
import { defineWriteTool, type Evidence, type Verdict } from '../../write-tool.ts';
import { absence, presence, readTrail, type Trail } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { named } from '../facts/people.ts';
import { given, id, jsonText, optional, toolInput } from '../input/parameters.ts';
import { effectOn, onCallAt, reachWords, watchedPlan } from '../schedules-v3/coverage.ts';
import {
  fullShiftScheduleAnswer,
  readShiftSchedule,
  SCHEDULE_SCOPES,
  schedulePath,
  shiftScheduleFacts,
  windowFrom,
} from '../schedules-v3/shifts.ts';
import { scheduleTouches } from '../schedules-v3/spans/windows.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { listed } from '../words/wording.ts';
import { checkAnswer, differingFields, readTeams, scheduleBody, scheduleChange, scheduleShape } from './shiftbased.ts';

const change = z
  .strictObject({ ...scheduleShape, name: optional(scheduleShape.name), time_zone: optional(scheduleShape.time_zone) })
  .transform(({ name, time_zone, description, teams }) => given({ name, time_zone, description, teams }))
  .refine((fields) => Object.keys(fields).length > 0, 'Nothing to change.');

const input = toolInput({
  schedule_id: id('shift-based schedule'),
  schedule_data: jsonText(change).describe('The fields to change; the others stay as they are.'),
});
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  schedule: shiftScheduleFacts,
  /** Names of the asked teams. */
  teams: z.array(named),
  unknownTeams: z.array(z.string()),
});
type Before = z.infer<typeof before>;

interface After {
  /** Asked fields that PagerDuty does not show; null when the schedule is gone. */
  differs: string[] | null;
  trail: Trail;
}

function admit({ schedule_data: asked }: Input, facts: Before): Verdict {
  const { schedule, unknownTeams } = facts;
  if (unknownTeams.length > 0) return no(`PagerDuty knows no team with the id ${listed(unknownTeams)}.`);
  if (scheduleChange.differing(asked, facts).length > 0) return yes;
  return no(`The schedule "${schedule.name}" is like that already.`);
}

function risks({ schedule_data: asked }: Input): Risk[] {
  const found = textRisks(`${asked.name ?? ''}\n${asked.description ?? ''}`);
  if (asked.time_zone !== undefined) {
    found.push({ level: 'high', reason: 'A new time zone may move the shifts of a schedule that is in use.' });
  }
  if (asked.teams) found.push({ level: 'high', reason: 'The teams decide who may change the schedule.' });
  if (asked.name !== undefined) found.push({ level: 'high', reason: 'People know the schedule by its name.' });
  return found.length > 0 ? found : [{ level: 'low', reason: 'Only describes the schedule.' }];
}

function effect({ schedule_data: asked }: Input, { schedule, readAt }: Before) {
  const moved = asked.time_zone !== undefined && asked.time_zone !== schedule.timeZone;
  const events = schedule.rotations.flatMap((one) => one.events);
  if (moved && events.length > 0) {
    const { lines: computed } = effectOn(schedule, readAt, null);
    const zones = listed([...new Set(events.map(({ timeZone }) => timeZone ?? 'none'))]);
    return {
      known: false,
      lines: [
        ...computed,
        `The recurring shifts have a time zone of their own (${zones}), which this does not change.`,
      ],
    };
  }
  const current = schedule.shifts === null ? [] : [`On call now: ${onCallAt(schedule.shifts, readAt)}; that stays.`];
  const teams = asked.teams ? ['Who may see and change the schedule follows its teams.'] : [];
  return {
    known: true,
    lines: ['Nobody starts or stops being on call.', ...current, ...teams, reachWords(schedule)],
  };
}

function verify({ schedule_id: scheduleId }: Input, { differs, trail }: After): Evidence {
  if (differs === null) return { applied: null, because: 'The schedule is no longer there. A human must look.' };
  if (differs.length > 0) return absence(trail, `The schedule does not have the asked ${listed(differs)}.`);
  const because = 'The schedule has every value that was asked for.';
  return presence(trail, because, { schedule_id: scheduleId });
}

export const updateSchedule = defineWriteTool<Input, Before, After>({
  name: 'update_schedule',
  title: 'Change a shift-based schedule',
  description: 'Change name, description, time zone or teams of a shift-based schedule; only the fields you give.',
  version: 1,
  toolset: 'schedules',
  source: { operationId: 'updateScheduleV3', method: 'PUT', path: '/v3/schedules/{id}', scope: null },
  reads: [...SCHEDULE_SCOPES, 'teams.read', 'audit_records.read'],
  annotations: { destructiveHint: true, idempotentHint: true },
  needsFrom: false,
  input,
  before,
  example: { schedule_id: 'PDWHSV3', schedule_data: { name: 'Warehouse', description: 'Day and night.' } },

  async read(pagerduty, { schedule_id: scheduleId, schedule_data: { teams } }) {
    const readAt = new Date().toISOString();
    const [schedule, { found, missing }] = await Promise.all([
      readShiftSchedule(pagerduty, scheduleId, windowFrom(readAt)),
      readTeams(pagerduty, teams ?? []),
    ]);
    return { readAt, schedule, teams: found, unknownTeams: missing };
  },
  watched: (_request, facts) => [...scheduleChange.watched(facts), ...watchedPlan(facts.schedule)],
  admit,
  risk: (request) => strictest(risks(request)),
  touches: (_request, facts) => scheduleTouches(facts),
  supersedes: ({ schedule_id: scheduleId, schedule_data: asked }) =>
    scheduleChange.supersedes('update_schedule', asked, scheduleId),
  summarize(request, facts) {
    const { schedule } = facts;
    return {
      title: `Change the schedule "${schedule.name}"`,
      target: schedule.name,
      services: schedule.services.map(({ name }) => name),
      lines: scheduleChange.lines(request.schedule_data, facts),
      effect: effect(request, facts),
    };
  },
  call: ({ schedule_id: scheduleId, schedule_data: asked }) => ({
    method: 'PUT',
    path: schedulePath(scheduleId),
    body: { schedule: scheduleBody(asked) },
  }),
  alsoHolds: nothingElse,
  interpret({ schedule_id: scheduleId, schedule_data: asked }, body) {
    const { schedule } = fullShiftScheduleAnswer.parse(body);
    if (schedule.id !== scheduleId) throw new TypeError('The answer shows another schedule.');
    checkAnswer(asked, schedule);
    return { applied: true, result: { schedule_id: scheduleId }, secrets: [] };
  },
  async readBack(pagerduty, { schedule_id: scheduleId, schedule_data: asked }, attempt) {
    const [found, trail] = await Promise.all([
      orGone(pagerduty.get(schedulePath(scheduleId), fullShiftScheduleAnswer)),
      readTrail(pagerduty, 'v3/schedules', scheduleId, attempt),
    ]);
    return { differs: found && differingFields(asked, found.schedule), trail };
  },
  verify,
  undo: ({ schedule_id: scheduleId, schedule_data: asked }, facts) =>
    scheduleChange.undo(asked, facts, {
      tool: 'update_schedule',
      input: (former) => ({ schedule_id: scheduleId, schedule_data: former }),
      note: 'Puts the former values back.',
    }),
});
