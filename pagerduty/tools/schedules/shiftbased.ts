import { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import { teamAnswer } from '../../schemas.ts';
import { type Named, namedFrom } from '../facts/people.ts';
import { jsonText, optional, referenceTo, text } from '../input/parameters.ts';
import { zone } from '../schedules-v3/plans.ts';

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

const idsOf = (list: { id: string }[]) =>
  list
    .map(({ id }) => id)
    .sort()
    .join();

/** Asked fields whose value PagerDuty does not show. */
export function differingFields(asked: ScheduleFields, shown: Shown): string[] {
  const found: string[] = [];
  if (asked.name !== undefined && asked.name.trim() !== shown.name?.trim()) found.push('name');
  if (asked.time_zone !== undefined && asked.time_zone !== shown.time_zone) found.push('time zone');
  if (asked.description !== undefined && asked.description !== (shown.description ?? '')) found.push('description');
  if (asked.teams && idsOf(asked.teams) !== idsOf(shown.teams ?? [])) found.push('teams');
  return found;
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
      try {
        return [namedFrom((await pagerduty.get(`/teams/${encodeURIComponent(id)}`, teamAnswer)).team)];
      } catch (error) {
        if (!(error instanceof PagerDutyError) || error.kind !== 'not_found') throw error;
        missing.push(id);
        return [];
      }
    }),
  );
  return { found: found.flat(), missing: missing.sort() };
}
