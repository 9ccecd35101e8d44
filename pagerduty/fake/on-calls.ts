import { type OnCall, onCallsOf } from './oncall.ts';
import { policyReference, renderPolicy, renderUser, scheduleReference, userReference } from './references.ts';
import { inTimeZone } from './schedules/shifts.ts';
import { includes, list, moment, paged, passes } from './server/query.ts';
import { type Handle, invalid, type Route } from './server/route.ts';
import type { State } from './state.ts';

const NINETY_DAYS_MS = 90 * 86_400_000;

function renderOnCall(state: State, query: URLSearchParams, row: OnCall) {
  const zone = query.get('time_zone') ?? 'UTC';
  const user = state.users.find(({ id }) => id === row.userId);
  const policy = state.escalationPolicies.find(({ id }) => id === row.policyId);
  return {
    escalation_policy:
      includes(query, 'escalation_policies') && policy
        ? renderPolicy(state, policy)
        : policyReference(state, row.policyId),
    escalation_level: row.level,
    schedule: row.schedule === null ? null : scheduleReference(state, row.schedule.type, row.schedule.id),
    user: includes(query, 'users') && user ? renderUser(state, user) : userReference(state, row.userId),
    start: row.start === null ? null : inTimeZone(row.start, zone),
    end: row.end === null ? null : inTimeZone(row.end, zone),
  };
}

/** Keeps the first row of every policy, level and person. */
function earliestOnly(rows: OnCall[]): OnCall[] {
  const seen = new Set<string>();
  return [...rows]
    .sort((a, b) => (a.start ?? Number.NEGATIVE_INFINITY) - (b.start ?? Number.NEGATIVE_INFINITY))
    .filter(({ policyId, level, userId }) => {
      const key = `${policyId} ${level} ${userId}`;
      return !seen.has(key) && seen.add(key);
    });
}

const listOnCalls: Handle = (state, { query, now }) => {
  const from = moment(query, 'since') ?? now;
  const until = moment(query, 'until') ?? (from.getTime() > now.getTime() ? from : now);
  if (until.getTime() < from.getTime()) throw invalid('The until parameter must be after the since parameter.');
  if (until.getTime() - now.getTime() > NINETY_DAYS_MS) throw invalid('The range may reach at most 90 days ahead.');
  const scheduleIds = list(query, 'schedule_ids');
  const rows = state.escalationPolicies
    .filter(({ id }) => passes(list(query, 'escalation_policy_ids'), id))
    .flatMap((policy) => onCallsOf(state, policy, from.getTime(), until.getTime()))
    .filter(({ userId }) => passes(list(query, 'user_ids'), userId))
    .filter(({ schedule }) => passes(scheduleIds, schedule?.id ?? 'null'));
  const kept = query.get('earliest') === 'true' ? earliestOnly(rows) : rows;
  const { records, page } = paged({ query }, kept);
  return { status: 200, body: { oncalls: records.map((row) => renderOnCall(state, query, row)), ...page } };
};

export const onCallRoutes: Route[] = [{ method: 'GET', path: '/oncalls', scope: 'oncalls.read', handle: listOnCalls }];
