import { z } from 'zod';
import type { Query, ReadClient } from '../../read-client.ts';
import { escalationPolicy, incident, reference, schedule } from '../../schemas.ts';
import { collect } from '../facts/pages.ts';
import { type Named, named, namedFrom, nameOf, type OnCallPerson, onCallPerson, readOnCall } from '../facts/people.ts';
import type { Risk } from '../words/risks.ts';
import { counted } from '../words/wording.ts';
import { EVERYTHING, readShiftSchedules } from './teams.ts';

// How a team, or a person in it, stands in what pages people.

/** Of so many shift-based schedules it is looked up who is on them. */
const MAX_LOOKUPS = 50;

/** Open incidents of a team, or those of them that are assigned to a person, as `#4821 Title`. */
export async function readOpenIncidents(
  pagerduty: ReadClient,
  of: Query & { team_ids: string[]; user_ids?: string[] },
): Promise<Named[]> {
  const source = { path: '/incidents', list: 'incidents', item: incident };
  // Without a range PagerDuty looks back one month only.
  const query = { ...of, statuses: ['triggered', 'acknowledged'], date_range: 'all' };
  const { items } = await collect(pagerduty, source, query, { limit: EVERYTHING });
  return items.map((one) => ({
    id: one.id,
    name: `#${one.incident_number ?? one.id} ${nameOf({ ...one, name: one.title ?? null })}`,
  }));
}

const withUsers = z.object({ schedule: reference.extend({ users: z.array(reference).nullish() }) });

/** Schedules of the team that the person is on; `known` is false when not all could be looked at. */
export async function readOwnSchedules(
  pagerduty: ReadClient,
  teamId: string,
  userId: string,
): Promise<{ schedules: Named[]; known: boolean }> {
  const source = { path: '/schedules', list: 'schedules', item: schedule };
  const [layered, shiftBased] = await Promise.all([
    collect(pagerduty, source, { team_ids: [teamId] }, { limit: EVERYTHING }),
    readShiftSchedules(pagerduty, teamId),
  ]);
  const looked = await Promise.all(
    (shiftBased ?? [])
      .slice(0, MAX_LOOKUPS)
      .map((one) => pagerduty.get(`/v3/schedules/${encodeURIComponent(one.id)}`, withUsers)),
  );
  const all = [...layered.items, ...looked.map((answer) => answer.schedule)];
  const own = all.filter(({ users }) => users?.some((one) => one.id === userId));
  return {
    schedules: [...new Map(own.map((one) => [one.id, namedFrom(one)])).values()],
    known: shiftBased !== null && shiftBased.length <= MAX_LOOKUPS,
  };
}

/**
 * Escalation policies of the team that name the person, with the levels (1-based), and where the person is on call now
 * through any policy of the team; `onCall` is null when PagerDuty cannot tell.
 */
export async function readOwnPolicies(
  pagerduty: ReadClient,
  teamId: string,
  userId: string,
): Promise<{ policies: (Named & { levels: number[] })[]; onCall: OnCallPerson[] | null }> {
  const source = { path: '/escalation_policies', list: 'escalation_policies', item: escalationPolicy };
  const { items } = await collect(pagerduty, source, { team_ids: [teamId] }, { limit: EVERYTHING });
  const onCall = await readOnCall(pagerduty, { escalationPolicyIds: items.map((one) => one.id) });
  const policies = items.flatMap((policy) => {
    const levels = (policy.escalation_rules ?? []).flatMap(({ targets }, index) =>
      targets.some((one) => one.id === userId) ? [index + 1] : [],
    );
    return levels.length === 0 ? [] : [{ ...namedFrom(policy), levels }];
  });
  return { policies, onCall: onCall?.filter((one) => one.userId === userId) ?? null };
}

/** What makes it dangerous to take rights in a team away from a person. */
export const standingFacts = z.object({
  /** On call now through the team's policies; null when PagerDuty could not tell. */
  onCall: z.array(onCallPerson).nullable(),
  /** Open incidents of the team that are assigned to the person. */
  assigned: z.array(named),
});
export type StandingFacts = z.infer<typeof standingFacts>;

/** @throws PagerDutyError when the policies or incidents of the team cannot be read. */
export async function readStanding(pagerduty: ReadClient, teamId: string, userId: string): Promise<StandingFacts> {
  const [{ onCall }, assigned] = await Promise.all([
    readOwnPolicies(pagerduty, teamId, userId),
    readOpenIncidents(pagerduty, { team_ids: [teamId], user_ids: [userId] }),
  ]);
  return { onCall, assigned };
}

/** Critical while the person is needed for the team; none otherwise. */
export function standingRisks({ name }: Named, { onCall, assigned }: StandingFacts): Risk[] {
  const found: Risk[] = [];
  if (onCall !== null && onCall.length > 0) {
    found.push({ level: 'critical', reason: `${name} is on call for the team now.` });
  }
  if (assigned.length > 0) {
    const open = counted(assigned.length, 'open incident');
    found.push({ level: 'critical', reason: `${name} is assigned to ${open} of the team.` });
  }
  return found;
}

/** Whether the person is on call; `left` says which rights the person then still has. */
export function onCallWords({ name }: Named, { onCall }: StandingFacts, left: string): string {
  if (onCall === null) return `Whether ${name} is on call for the team now is not known.`;
  if (onCall.length === 0) return `${name} is not on call for the team now.`;
  return `${name} is on call for the team now and still will be, with only ${left}.`;
}
