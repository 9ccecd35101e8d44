import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import { incidentAnswer, logEntry, type PagerDutyIncident } from '../../schemas.ts';
import { listed, oneLine } from '../words/wording.ts';
import { collect } from './pages.ts';
import { type Named, named, namedFrom, onCallPerson } from './people.ts';

/** What a human must know of an incident before it is touched. */
export const incidentFacts = z.object({
  id: z.string(),
  number: z.number().nullable(),
  title: z.string(),
  status: z.string(),
  urgency: z.string(),
  priority: z.string().nullable(),
  service: named.nullable(),
  escalationPolicy: named.nullable(),
  assignees: z.array(named),
  createdAt: z.string().nullable(),
  lastStatusChangeAt: z.string().nullable(),
  /** Alerts still firing; null when PagerDuty did not say. */
  openAlerts: z.number().nullable(),
  allAlerts: z.number().nullable(),
  responders: z.array(named.extend({ state: z.string() })),
  /** The newest entries of its timeline, newest first. */
  timeline: z.array(z.object({ at: z.string().nullable(), summary: z.string() })),
  url: z.string().nullable(),
});
export type IncidentFacts = z.infer<typeof incidentFacts>;

/** The snapshot of tools that touch one incident. */
export const oneIncident = z.object({
  readAt: z.string(),
  incident: incidentFacts,
  /** Null when PagerDuty could not tell. */
  onCall: z.array(onCallPerson).nullable(),
});

function fromPagerDuty(incident: PagerDutyIncident, timeline: IncidentFacts['timeline']): IncidentFacts {
  const assignees = (incident.assignments ?? []).map(({ assignee }) => namedFrom(assignee));
  const responders = (incident.incidents_responders ?? []).flatMap(({ user, state }) =>
    user ? [{ ...namedFrom(user), state: state ?? 'unknown' }] : [],
  );
  return {
    id: incident.id,
    number: incident.incident_number ?? null,
    title: oneLine(incident.title ?? incident.summary ?? 'without a title'),
    status: incident.status,
    urgency: incident.urgency ?? 'unknown',
    priority: incident.priority ? namedFrom(incident.priority).name : null,
    service: incident.service ? namedFrom(incident.service) : null,
    escalationPolicy: incident.escalation_policy ? namedFrom(incident.escalation_policy) : null,
    assignees: assignees.sort((a, b) => a.id.localeCompare(b.id)),
    createdAt: incident.created_at ?? null,
    lastStatusChangeAt: incident.last_status_change_at ?? null,
    openAlerts: incident.alert_counts?.triggered ?? null,
    allAlerts: incident.alert_counts?.all ?? null,
    responders,
    timeline,
    url: incident.html_url ?? null,
  };
}

/**
 * One incident with the newest three entries of its timeline.
 * @throws PagerDutyError when it cannot be read.
 */
export async function readIncident(pagerduty: ReadClient, incidentId: string): Promise<IncidentFacts> {
  const path = `/incidents/${encodeURIComponent(incidentId)}`;
  const source = { path: `${path}/log_entries`, list: 'log_entries', item: logEntry };
  const [{ incident }, { items }] = await Promise.all([
    pagerduty.get(path, incidentAnswer),
    collect(pagerduty, source, { is_overview: true }, { limit: 3 }),
  ]);
  const timeline = items.map((entry) => ({
    at: entry.created_at ?? null,
    summary: oneLine(entry.summary ?? entry.type),
  }));
  return fromPagerDuty(incident, timeline);
}

/** `#4821`; the id where PagerDuty gave no number. */
export function numberOf(incident: IncidentFacts): string {
  return incident.number === null ? incident.id : `#${incident.number}`;
}

/** `incident #4821 "Checkout 5xx"` */
export function incidentWords(incident: IncidentFacts): string {
  return `incident ${numberOf(incident)} "${incident.title}"`;
}

/** `#4821 Checkout 5xx` */
export const targetWords = (incident: IncidentFacts) => `${numberOf(incident)} ${incident.title}`;

/** `Ana and Bo`, or `nobody`. */
export const assigneeWords = (people: Named[]) =>
  people.length === 0 ? 'nobody' : listed(people.map(({ name }) => name));

/** Ids of the escalation policies of these incidents, each once, sorted. */
export function policyIdsOf(incidents: IncidentFacts[]): string[] {
  const ids = incidents.flatMap(({ escalationPolicy }) => (escalationPolicy === null ? [] : [escalationPolicy.id]));
  return [...new Set(ids)].sort();
}

/** Names of the services of these incidents, each once. */
export function serviceNamesOf(incidents: IncidentFacts[]): string[] {
  return [...new Set(incidents.flatMap(({ service }) => (service === null ? [] : [service.name])))].sort();
}
