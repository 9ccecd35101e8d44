import { z } from 'zod';
import type { Query, ReadClient } from '../../read-client.ts';
import { escalationPolicy, incident, reference, schedule } from '../../schemas.ts';
import { collect } from '../pages.ts';
import { type Named, namedFrom, nameOf, type OnCallPerson, readOnCall } from '../people.ts';
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
