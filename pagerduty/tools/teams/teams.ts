import { z } from 'zod';
import { orGone, PagerDutyError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import { reference } from '../../schemas.ts';
import { changeTable, equal, nameAndDescription } from '../evidence/changing.ts';
import { watchedPart } from '../evidence/watching.ts';
import { collect } from '../facts/pages.ts';
import { type Named, named, namedFrom } from '../facts/people.ts';
import { optional, text } from '../input/parameters.ts';
import { line, ref, shownName } from '../words/answers.ts';
import { listed, oneLine } from '../words/wording.ts';

export const team = reference.extend({
  name: z.string().nullish(),
  description: z.string().nullish(),
  default_role: z.string().nullish(),
  parent: reference.nullish(),
});
export type PagerDutyTeam = z.infer<typeof team>;
export const teamAnswer = z.object({ team });

export const membership = z.object({ user: reference, role: z.string().nullish() });

/** PagerDuty serves at most so many items of a list. */
export const EVERYTHING = 10_000;

/** A team as a human must see it, and as complete as undo needs it. */
export const teamFacts = z.object({
  id: z.string(),
  name: z.string(),
  /** Word for word, for undo; the shown name is `name`. */
  exactName: z.string(),
  description: z.string().nullable(),
  /** `manager` = public, `none` = private; null when PagerDuty did not say. */
  defaultRole: z.string().nullable(),
});
export type TeamFacts = z.infer<typeof teamFacts>;

export const memberFacts = named.extend({ role: z.string() });
export type MemberFacts = z.infer<typeof memberFacts>;

/** The fields of a team that can be asked for. */
export const teamInput = z.strictObject({
  name: text({ max: 100 }),
  description: optional(z.string().max(1_024)),
  default_role: optional(z.enum(['manager', 'none'])).describe('manager = public, none = private.'),
});

export const teamRole = z.enum(['observer', 'responder', 'manager']);

/** Address of a team, and of one person's membership. */
export const teamPath = (teamId: string) => `/teams/${encodeURIComponent(teamId)}`;
export const memberPath = (teamId: string, userId: string) => `${teamPath(teamId)}/users/${encodeURIComponent(userId)}`;

/** A team of PagerDuty's answer as it is kept. */
export const teamFactsFrom = (found: PagerDutyTeam): TeamFacts => ({
  ...namedFrom(found),
  exactName: found.name ?? found.summary ?? found.id,
  description: found.description ?? null,
  defaultRole: found.default_role ?? null,
});

/** @throws PagerDutyError when it cannot be read. */
export async function readTeam(pagerduty: ReadClient, teamId: string): Promise<TeamFacts> {
  return teamFactsFrom((await pagerduty.get(teamPath(teamId), teamAnswer)).team);
}

/** The team, or null when PagerDuty knows none of that id. */
export function readTeamIfAny(pagerduty: ReadClient, teamId: string): Promise<TeamFacts | null> {
  return orGone(readTeam(pagerduty, teamId));
}

/** Every member with the role in the team, by name. */
export async function readMembers(pagerduty: ReadClient, teamId: string): Promise<MemberFacts[]> {
  const source = { path: `${teamPath(teamId)}/members`, list: 'members', item: membership };
  const { items } = await collect(pagerduty, source, {}, { limit: EVERYTHING });
  return items
    .map(({ user, role }) => ({ ...namedFrom(user), role: oneLine(role ?? 'unknown', 40) }))
    .sort((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
}

type Owned = 'services' | 'escalation_policies' | 'schedules';

/** What of one kind belongs to a team, by name. */
export async function readOwned(pagerduty: ReadClient, kind: Owned, teamId: string): Promise<Named[]> {
  const source = { path: `/${kind}`, list: kind, item: reference.extend({ name: z.string().nullish() }) };
  const { items } = await collect(pagerduty, source, { team_ids: [teamId] }, { limit: EVERYTHING });
  return items.map(namedFrom).sort((a, b) => a.name.localeCompare(b.name));
}

/** Shift-based schedules of a team; null when PagerDuty does not let them be listed. */
export async function readShiftSchedules(pagerduty: ReadClient, teamId: string): Promise<Named[] | null> {
  const source = { path: '/v3/schedules', list: 'schedules', item: reference };
  try {
    const { items } = await collect(pagerduty, source, { team_ids: [teamId] }, { limit: EVERYTHING });
    return items.map(namedFrom).sort((a, b) => a.name.localeCompare(b.name));
  } catch (error) {
    // These addresses are newer than many keys and publish no scope; without them the card says that it is incomplete.
    if (error instanceof PagerDutyError && ['forbidden', 'not_found', 'invalid'].includes(error.kind)) return null;
    throw error;
  }
}

/** What an agent sees of a team. */
export function teamFields(found: PagerDutyTeam): JsonObject {
  return {
    id: found.id,
    name: shownName(found),
    description: line(found.description),
    default_role: found.default_role ?? null,
    parent: ref(found.parent),
  };
}

const VISIBILITY: Record<string, string> = { manager: 'public', none: 'private' };

/** `public` or `private`. */
export const visibilityWords = (defaultRole: string | null): string =>
  defaultRole === null ? 'not told' : (VISIBILITY[defaultRole] ?? oneLine(defaultRole));

/** Names in one phrase, counted from the ninth on; empty for none. */
export const names = (list: Named[]): string => listed(list.map(({ name }) => name));

const teamWords = ({ name }: TeamFacts) => `the team "${name}"`;

/** What can be changed of a team, which is everything that it is. */
export const teamChange = changeTable<z.infer<typeof teamInput>, TeamFacts>('team', {
  ...nameAndDescription('team', (facts: TeamFacts) => facts),
  default_role: {
    label: 'Visibility',
    now: ({ defaultRole }) => (defaultRole === 'manager' || defaultRole === 'none' ? defaultRole : null),
    said: visibilityWords,
    same: equal,
    watched: (facts) =>
      watchedPart(teamWords(facts), 'visibility', facts.defaultRole, `"${visibilityWords(facts.defaultRole)}"`),
  },
});
