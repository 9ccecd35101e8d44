import { z } from 'zod';
import { orGone } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import { teamAnswer } from '../../schemas.ts';
import { changeTable, equal, nameAndDescription, sameIds } from '../evidence/changing.ts';
import { watchedPart } from '../evidence/watching.ts';
import { type Named, namedFrom } from '../facts/people.ts';
import { jsonText, optional, referenceTo, text } from '../input/parameters.ts';
import { watchedZone } from '../schedules-v3/coverage.ts';
import { zone } from '../schedules-v3/plans.ts';
import type { ShiftScheduleFacts } from '../schedules-v3/shifts.ts';
import { listed } from '../words/wording.ts';

// Shift-based schedules as a whole: the fields that their own address takes.

const elsewhere = (because: string) =>
  optional(jsonText(z.array(z.unknown()).max(0, because))).describe('Not accepted here.');

/** Fields of a schedule; rotations and escalation policies have tools of their own, and PagerDuty refuses them here. */
export const scheduleShape = {
  name: text({ max: 255 }),
  time_zone: zone,
  description: optional(
    z
      .string()
      .max(1_024)
      .refine((value) => !/\p{Cs}/u.test(value), 'Contains half of a character.'),
  ),
  teams: optional(jsonText(z.array(referenceTo('team', 'team_reference')).max(20))),
  rotations: elsewhere(
    'Rotations are not accepted here: use create_schedule_v3_rotation, then create_schedule_v3_rotation_event.',
  ),
  escalation_policies: elsewhere(
    'Escalation policies are not accepted here: name the schedule in update_escalation_policy.',
  ),
};

export interface ScheduleFields {
  name?: string | undefined;
  time_zone?: string | undefined;
  description?: string | undefined;
  teams?: { id: string }[] | undefined;
}

/** The fields as PagerDuty takes them. */
export function scheduleBody({ teams, ...rest }: ScheduleFields): JsonObject {
  const fields: JsonObject = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  if (teams) fields.teams = teams.map(({ id }) => ({ id, type: 'team_reference' }));
  return fields;
}

interface Shown {
  name?: string | null | undefined;
  time_zone?: string | null | undefined;
  description?: string | null | undefined;
  teams?: { id: string }[] | null | undefined;
}

/** A schedule as its own address shows it, and names of teams that it does not have yet. */
interface ScheduleState {
  schedule: Pick<ShiftScheduleFacts, 'name' | 'exactName' | 'description' | 'timeZone' | 'teams'>;
  teams: Named[];
}

const { name, description } = nameAndDescription('schedule', ({ schedule }: ScheduleState) => schedule);
const namesOf = (list: Named[]) => listed(list.map((one) => one.name)) || 'none';

export const scheduleChange = changeTable<ScheduleFields, ScheduleState>('schedule', {
  name,
  time_zone: {
    label: 'Time zone',
    now: ({ schedule }) => schedule.timeZone,
    said: (zoneName) => zoneName ?? 'not set',
    same: equal,
    watched: ({ schedule }) => watchedZone(schedule),
  },
  description,
  teams: {
    label: 'Teams',
    now: ({ schedule }) => schedule.teams.map(({ id }) => ({ id })),
    said: (asked, { schedule, teams }) =>
      namesOf(
        (asked ?? []).map(({ id }) => [...schedule.teams, ...teams].find((one) => one.id === id) ?? { id, name: id }),
      ),
    same: sameIds,
    watched: ({ schedule }) =>
      watchedPart(
        `the schedule "${schedule.name}"`,
        'list of teams',
        schedule.teams.map(({ id }) => id).sort(),
        namesOf(schedule.teams),
        'teams',
      ),
  },
});

/** Asked fields whose value PagerDuty does not show, in words. */
export function differingFields(asked: ScheduleFields, shown: Shown): string[] {
  const exactName = shown.name ?? '';
  const schedule = {
    name: exactName,
    exactName,
    description: shown.description ?? null,
    timeZone: shown.time_zone ?? null,
    teams: (shown.teams ?? []).map(({ id }) => ({ id, name: id })),
  };
  return scheduleChange.differing(asked, { schedule, teams: [] }).map((field) => field.replace('_', ' '));
}

/**
 * Compares an answer with what was asked: what it always has, and the teams where it shows them.
 * @throws TypeError when it shows something else.
 */
export function checkAnswer(asked: ScheduleFields, shown: Shown): void {
  const { name, time_zone, teams } = asked;
  if (differingFields({ name, time_zone }, shown).length > 0) throw new TypeError('The answer shows another schedule.');
  const ignored = shown.teams === undefined ? [] : differingFields({ teams }, shown);
  if (ignored.length > 0) throw new TypeError('The answer shows other teams.');
}

/** Names of teams; those that PagerDuty does not know are listed apart. */
export async function readTeams(pagerduty: ReadClient, asked: { id: string }[]) {
  const missing: string[] = [];
  const found = await Promise.all(
    asked.map(async ({ id }): Promise<Named[]> => {
      const answer = await orGone(pagerduty.get(`/teams/${encodeURIComponent(id)}`, teamAnswer));
      if (answer !== null) return [namedFrom(answer.team)];
      missing.push(id);
      return [];
    }),
  );
  return { found: found.flat(), missing: missing.sort() };
}
