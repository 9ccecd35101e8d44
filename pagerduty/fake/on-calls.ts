import { type EscalationPolicy, type Policies, renderPolicy, type Target } from './escalation-policies.ts';
import { policyReference, scheduleReference, userReference } from './references.ts';
import { finalShifts, type Shift } from './schedules/shifts.ts';
import type { Schedules } from './schedules/state.ts';
import { includes, list, moment, paged, passes } from './server/query.ts';
import { type Handle, invalid, type Route } from './server/route.ts';
import type { Services } from './services.ts';
import { shiftScheduleShifts } from './shift-schedules/duties.ts';
import type { ShiftSchedules } from './shift-schedules/state.ts';
import { inTimeZone } from './time-zones.ts';
import { type Memberships, renderUser, type Users } from './users.ts';

/** What says who is on call: policies name schedules, schedules name people. */
export type Duties = Schedules & ShiftSchedules;

type Seen = Duties & Policies & Users & Memberships & Services;

/** One row of GET /oncalls; start and end are null for a person who is named directly. */
interface OnCall {
  policyId: string;
  level: number;
  userId: string;
  schedule: { type: 'schedule_reference' | 'schedule_v3_reference'; id: string } | null;
  start: number | null;
  end: number | null;
}

function targetShifts(state: Duties, target: Target, from: number, to: number): Shift[] {
  // A moment is a window of one millisecond, so that "now" overlaps the shift that begins now.
  const until = Math.max(to, from + 1);
  const layers = state.schedules.find(({ id }) => id === target.id);
  if (layers !== undefined) return finalShifts(layers, from, until);
  const shifts = state.shiftSchedules.find(({ id }) => id === target.id);
  return shifts === undefined ? [] : shiftScheduleShifts(shifts, from, until);
}

/** Everybody on call for a policy in the window, level by level. */
export function onCallsOf(state: Duties, policy: EscalationPolicy, from: number, to: number): OnCall[] {
  return policy.rules.flatMap((rule, index) =>
    rule.targets.flatMap((target): OnCall[] => {
      const row = { policyId: policy.id, level: index + 1 };
      if (target.type === 'user_reference') {
        return [{ ...row, userId: target.id, schedule: null, start: null, end: null }];
      }
      const schedule = { type: target.type, id: target.id };
      return targetShifts(state, target, from, to).map(({ userId, start, end }) => ({
        ...row,
        userId,
        schedule,
        start,
        end,
      }));
    }),
  );
}

/** Ids of the people a level pages at this moment, each once. */
export function pagedAt(state: Duties, policy: EscalationPolicy, level: number, now: Date): string[] {
  const rows = onCallsOf(state, policy, now.getTime(), now.getTime()).filter((row) => row.level === level);
  return [...new Set(rows.map(({ userId }) => userId))];
}

const NINETY_DAYS_MS = 90 * 86_400_000;

function renderOnCall(state: Seen, query: URLSearchParams, row: OnCall) {
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

const listOnCalls: Handle<Seen> = (state, { query, now }) => {
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

export const onCallRoutes: Route<Seen>[] = [
  { method: 'GET', path: '/oncalls', scope: 'oncalls.read', handle: listOnCalls },
];
