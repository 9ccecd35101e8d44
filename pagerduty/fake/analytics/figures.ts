import type { Policies } from '../escalation-policies.ts';
import type { Incident, Incidents, LogEntry } from '../incidents/state.ts';
import { type Duties, onCallsOf } from '../on-calls.ts';
import type { Priorities } from '../priorities.ts';
import { passes } from '../server/query.ts';
import type { Services } from '../services.ts';
import { inTimeZone } from '../time-zones.ts';
import type { Users } from '../users.ts';

/** What is counted. */
export type Counted = Incidents & Services & Policies & Duties & Priorities & Users;

/** Milliseconds; `until` is not part of it. */
export interface Range {
  from: number;
  until: number;
}

export interface IncidentFilter {
  range: Range;
  urgency: 'high' | 'low' | null;
  teamIds: string[] | null;
  serviceIds: string[] | null;
}

type Figures = Record<string, number | null>;

/** The incidents that were created in the range and pass the other filters. */
export function incidentsIn(state: Counted, { range, urgency, teamIds, serviceIds }: IncidentFilter): Incident[] {
  return state.incidents.filter((incident) => {
    const created = Date.parse(incident.createdAt);
    const service = state.services.find(({ id }) => id === incident.serviceId);
    return (
      created >= range.from &&
      created < range.until &&
      (urgency === null || incident.urgency === urgency) &&
      passes(serviceIds, incident.serviceId) &&
      passes(teamIds, ...(service?.teamIds ?? []))
    );
  });
}

const seconds = (from: string, until: string | Date) =>
  Math.max(0, Math.round((new Date(until).getTime() - Date.parse(from)) / 1000));

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const mean = (values: number[]) => (values.length === 0 ? null : Math.round(sum(values) / values.length));

/** The smallest value that at least this share of all values does not exceed. */
function percentile(values: number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}

const spread = (name: string, values: number[]): Figures =>
  Object.fromEntries([50, 75, 90, 95].map((percent) => [`p${percent}_${name}`, percentile(values, percent / 100)]));

const entriesOf = (state: Counted, { id }: Incident, type: string): LogEntry[] =>
  state.logEntries.filter((entry) => entry.incidentId === id && entry.type === `${type}_log_entry`);

/** Who acknowledged or joined, with the time of the first time. */
function engagements(state: Counted, incident: Incident): Map<string, string> {
  const found = new Map<string, string>();
  const acknowledged = entriesOf(state, incident, 'acknowledge').map(({ agent, createdAt }) => [agent.id, createdAt]);
  const joined = incident.responders.filter((one) => one.state === 'joined').map((one) => [one.userId, one.updatedAt]);
  for (const [userId = '', at = ''] of [...acknowledged, ...joined].sort()) {
    if (!found.has(userId)) found.set(userId, at);
  }
  return found;
}

interface Page {
  userId: string;
  at: string;
}

const PAGING = ['assign', 'escalate', 'delegate'];

/** Everybody who was paged, once for every assignment. */
const pages = (state: Counted, incident: Incident): Page[] =>
  PAGING.flatMap((type) => entriesOf(state, incident, type)).flatMap(({ assigneeIds, createdAt }) =>
    assigneeIds.map((userId) => ({ userId, at: createdAt })),
  );

/** Assignments that a person made after the first one. */
const reassignments = (state: Counted, incident: Incident): LogEntry[] =>
  entriesOf(state, incident, 'assign')
    .slice(1)
    .filter(({ agent }) => agent.type === 'user_reference');

/** Interruptions of high urgency by the hour they fell on in the person's own time zone. */
function interruptions(state: Counted, paged: Page[]): Figures {
  const found = { business: 0, off: 0, sleep: 0 };
  for (const { userId, at } of paged) {
    const local = inTimeZone(at, state.users.find(({ id }) => id === userId)?.timeZone ?? 'UTC');
    const hour = Number(local.slice(11, 13));
    const weekend = [0, 6].includes(new Date(`${local.slice(0, 10)}T00:00:00Z`).getUTCDay());
    if (hour >= 22 || hour < 8) found.sleep += 1;
    else if (weekend || hour >= 18) found.off += 1;
    else found.business += 1;
  }
  return {
    total_interruptions: paged.length,
    total_business_hour_interruptions: found.business,
    total_off_hour_interruptions: found.off,
    total_sleep_hour_interruptions: found.sleep,
  };
}

const pagedLoudly = (state: Counted, incidents: Incident[]) =>
  incidents.filter(({ urgency }) => urgency === 'high').flatMap((incident) => pages(state, incident));

/** Share of the range in which no incident of the highest priority was open. */
function upTime(state: Counted, incidents: Incident[], { from, until }: Range, now: Date): number {
  const major = incidents.filter(({ priorityId }) => priorityId !== null && priorityId === state.priorities[0]?.id);
  const down = major.map(({ createdAt, resolvedAt }) => seconds(createdAt, resolvedAt ?? now));
  const whole = Math.max(1, (until - from) / 1000);
  return Math.max(0, Math.round(10_000 * (1 - sum(down) / whole)) / 100);
}

/** One row about a set of incidents. Means and percentiles are null where nothing could be measured. */
export function figuresOfIncidents(state: Counted, incidents: Incident[], range: Range, now: Date): Figures {
  const engaged = incidents.map((incident) => engagements(state, incident));
  const engagedSeconds = incidents.map((incident, index) =>
    sum([...(engaged[index]?.values() ?? [])].map((at) => seconds(at, incident.resolvedAt ?? now))),
  );
  const firstAck = incidents.flatMap((incident) => {
    const [first] = entriesOf(state, incident, 'acknowledge')
      .map(({ createdAt }) => createdAt)
      .sort();
    return first === undefined ? [] : [seconds(incident.createdAt, first)];
  });
  const resolve = incidents.flatMap(({ createdAt, resolvedAt }) =>
    resolvedAt === null ? [] : [seconds(createdAt, resolvedAt)],
  );
  const several = incidents.flatMap((incident, index) => {
    const times = [...(engaged[index]?.values() ?? [])].sort();
    const [first, last] = [times[0], times.at(-1)];
    if (times.length < 2 || first === undefined || last === undefined) return [];
    return [{ engage: seconds(first, last), mobilize: seconds(incident.createdAt, last) }];
  });
  const escalations = incidents.flatMap((incident) => entriesOf(state, incident, 'escalate'));
  const byHand = escalations.filter(({ agent }) => agent.type === 'user_reference').length;
  return {
    total_incident_count: incidents.length,
    total_incidents_acknowledged: firstAck.length,
    total_incidents_auto_resolved: incidents.filter(
      ({ status, lastStatusChangeBy }) => status === 'resolved' && lastStatusChangeBy.type === 'service_reference',
    ).length,
    total_incidents_manual_escalated: byHand,
    total_incidents_timeout_escalated: escalations.length - byHand,
    total_escalation_count: escalations.length,
    total_incidents_reassigned: sum(incidents.map((incident) => reassignments(state, incident).length)),
    total_notifications: sum(incidents.map((incident) => pages(state, incident).length * 2)),
    ...interruptions(state, pagedLoudly(state, incidents)),
    mean_assignment_count: mean(incidents.map((incident) => pages(state, incident).length)),
    mean_engaged_seconds: mean(engagedSeconds),
    mean_engaged_user_count: mean(engaged.map(({ size }) => size)),
    mean_seconds_to_engage: mean(several.map(({ engage }) => engage)),
    mean_seconds_to_first_ack: mean(firstAck),
    mean_seconds_to_mobilize: mean(several.map(({ mobilize }) => mobilize)),
    mean_seconds_to_resolve: mean(resolve),
    mean_user_defined_engaged_seconds: mean(engagedSeconds),
    ...spread('seconds_to_first_ack', firstAck),
    ...spread('seconds_to_resolve', resolve),
    total_engaged_seconds: sum(engagedSeconds),
    total_user_defined_engaged_seconds: sum(engagedSeconds),
    total_snoozed_seconds: 0,
    up_time_pct: upTime(state, incidents, range, now),
  };
}

/** Everybody who was paged for these incidents, or engaged in them. */
export function responderIdsOf(state: Counted, incidents: Incident[]): string[] {
  const found = incidents.flatMap((incident) => [
    ...pages(state, incident).map(({ userId }) => userId),
    ...engagements(state, incident).keys(),
  ]);
  const known = new Set(found);
  return state.users.map(({ id }) => id).filter((id) => known.has(id));
}

interface Load {
  incidents: Incident[];
  range: Range;
  /** Null = whatever the team. */
  teamId: string | null;
  now: Date;
}

/** Seconds on call so far, which end now however far the range reaches; stretches that overlap count once. */
function onCallSeconds(state: Counted, userId: string, load: Load, level: (one: number) => boolean): number {
  const { from, until } = load.range;
  const end = Math.min(until, load.now.getTime());
  if (end <= from) return 0;
  const shifts = state.escalationPolicies
    .filter(({ teamIds }) => load.teamId === null || teamIds.includes(load.teamId))
    .flatMap((policy) => onCallsOf(state, policy, from, end))
    .filter((row) => row.userId === userId && level(row.level))
    .map((row): [number, number] => [Math.max(row.start ?? from, from), Math.min(row.end ?? end, end)])
    .sort(([a], [b]) => a - b);
  let covered = from;
  let total = 0;
  for (const [start, stop] of shifts) {
    total += Math.max(0, stop - Math.max(start, covered));
    covered = Math.max(covered, stop);
  }
  return Math.round(total / 1000);
}

/** One row about what these incidents asked of these people. */
export function figuresOfResponders(state: Counted, userIds: string[], load: Load): Figures {
  const concerns = (incident: Incident) => responderIdsOf(state, [incident]).some((id) => userIds.includes(id));
  const own = load.incidents.filter(concerns);
  const engaged = own.flatMap((incident) =>
    [...engagements(state, incident)].flatMap(([userId, at]) =>
      userIds.includes(userId) ? [seconds(at, incident.resolvedAt ?? load.now)] : [],
    ),
  );
  const acknowledged = own.flatMap((incident) => {
    const mine = entriesOf(state, incident, 'acknowledge').find(({ agent }) => userIds.includes(agent.id));
    return mine === undefined ? [] : [seconds(incident.createdAt, mine.createdAt)];
  });
  const toThem = ({ assigneeIds }: LogEntry) => assigneeIds.some((id) => userIds.includes(id));
  const paged = (found: Page[]) => found.filter(({ userId }) => userIds.includes(userId));
  const onCall = (level: (one: number) => boolean) =>
    sum(userIds.map((userId) => onCallSeconds(state, userId, load, level)));
  return {
    total_incident_count: own.length,
    total_incidents_acknowledged: acknowledged.length,
    total_incidents_manual_escalated_from: 0,
    total_incidents_manual_escalated_to: own.flatMap((one) => entriesOf(state, one, 'escalate')).filter(toThem).length,
    total_incidents_reassigned_from: 0,
    total_incidents_reassigned_to: own.flatMap((one) => reassignments(state, one)).filter(toThem).length,
    total_incidents_timeout_escalated_from: 0,
    total_incidents_timeout_escalated_to: 0,
    total_notifications: paged(own.flatMap((incident) => pages(state, incident))).length * 2,
    ...interruptions(state, paged(pagedLoudly(state, own))),
    mean_engaged_seconds: mean(engaged),
    mean_time_to_acknowledge_seconds: mean(acknowledged),
    total_engaged_seconds: sum(engaged),
    total_seconds_on_call: onCall(() => true),
    total_seconds_on_call_level_1: onCall((level) => level === 1),
    total_seconds_on_call_level_2_plus: onCall((level) => level > 1),
  };
}
