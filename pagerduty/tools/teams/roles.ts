import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import { userAnswer } from '../../schemas.ts';
import type { AttemptFacts } from '../../write-tool.ts';
import { readTrail, type Trail } from '../evidence/trail.ts';
import { named, namedFrom } from '../facts/people.ts';
import { oneLine } from '../words/wording.ts';
import { readMembers, readTeamIfAny } from './teams.ts';

/** A person as far as a membership needs it. */
export const personFacts = named.extend({ baseRole: z.string().nullable() });
export type PersonFacts = z.infer<typeof personFacts>;

// PagerDuty's API names of base roles differ from those on its pages. @see support.pagerduty.com, User roles
const BASE_ROLES: Record<string, string> = {
  owner: 'Account Owner',
  admin: 'Global Admin',
  user: 'Manager',
  limited_user: 'Responder',
  observer: 'Observer',
  restricted_access: 'Restricted Access',
  read_only_user: 'Full Stakeholder',
  read_only_limited_user: 'Limited Stakeholder',
};

/** The base role by the name that PagerDuty's pages give it. */
export const baseRoleWords = ({ baseRole }: PersonFacts): string =>
  baseRole === null ? 'not told' : (BASE_ROLES[baseRole] ?? oneLine(baseRole));

/** @throws PagerDutyError when the person cannot be read. */
export async function readPerson(pagerduty: ReadClient, userId: string): Promise<PersonFacts> {
  const { user } = await pagerduty.get(`/users/${encodeURIComponent(userId)}`, userAnswer);
  return { ...namedFrom(user), baseRole: user.role ?? null };
}

/** One person's membership as it is read back. */
export interface MembershipNow {
  /** Name of the team; null when it is gone. */
  team: string | null;
  /** Null = no member. */
  role: string | null;
  trail: Trail;
}

/** @throws PagerDutyError when the members cannot be read; a team that is gone is an answer, not an error. */
export async function readMembership(
  pagerduty: ReadClient,
  where: { teamId: string; userId: string },
  attempt: AttemptFacts,
): Promise<MembershipNow> {
  const [team, trail] = await Promise.all([
    readTeamIfAny(pagerduty, where.teamId),
    readTrail(pagerduty, 'teams', where.teamId, attempt),
  ]);
  if (team === null) return { team: null, role: null, trail };
  const members = await readMembers(pagerduty, where.teamId);
  return { team: team.name, role: members.find(({ id }) => id === where.userId)?.role ?? null, trail };
}
