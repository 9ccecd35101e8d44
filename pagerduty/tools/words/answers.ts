import type { JsonObject } from '../../json.ts';
import type {
  PagerDutyEscalationPolicy,
  PagerDutyIncident,
  PagerDutyLogEntry,
  PagerDutyService,
  Reference,
} from '../../schemas.ts';
import { visible } from '../../visible-text.ts';
import type { Collected } from '../facts/pages.ts';
import { type Named, nameOf } from '../facts/people.ts';
import { shareable } from './secrets.ts';
import { counted, oneLine } from './wording.ts';

// What agents get to see: an allow-list per kind of object. Phones, contact methods, mail addresses, integration keys
// and calendar addresses are on no list, and are taken out of names and free text.

type MaybeReference = Reference | null | undefined;

const shared = (text: string | null | undefined) => (text ? shareable(text) : (text ?? null));

/** The name of something, for agents to read; its id where PagerDuty sent no label. */
export const shownName = ({ id, name, summary }: Reference & { name?: string | null | undefined }): string =>
  nameOf({ id, name: shared(name), summary: shared(summary) });

const shown = (reference: Reference): Named => ({ id: reference.id, name: shownName(reference) });

/** `{id, name}`, or null. */
export const ref = (reference: MaybeReference): JsonObject | null => (reference ? { ...shown(reference) } : null);

export const refs = (references: Reference[] | null | undefined): JsonObject[] =>
  (references ?? []).map((reference) => ({ ...shown(reference) }));

/** One line of somebody else's text, or null. */
export const line = (text: string | null | undefined): string | null => (text ? oneLine(shareable(text), 300) : null);

/** A longer text, made visible and bounded, or null. */
export const block = (text: string | null | undefined): string | null =>
  text ? visible(shareable(text), { maxCharacters: 2_000, maxLines: 40 }).text : null;

export function incidentFields(incident: PagerDutyIncident): JsonObject {
  return {
    id: incident.id,
    number: incident.incident_number ?? null,
    title: line(incident.title ?? incident.summary),
    status: incident.status,
    urgency: incident.urgency ?? null,
    priority: ref(incident.priority),
    service: ref(incident.service),
    escalation_policy: ref(incident.escalation_policy),
    assignees: refs(incident.assignments?.map(({ assignee }) => assignee)),
    teams: refs(incident.teams),
    alerts: incident.alert_counts ? { ...incident.alert_counts } : null,
    created_at: incident.created_at ?? null,
    updated_at: incident.updated_at ?? null,
    last_status_change_at: incident.last_status_change_at ?? null,
    resolved_at: incident.resolved_at ?? null,
    url: incident.html_url ?? null,
  };
}

export function logEntryFields(entry: PagerDutyLogEntry): JsonObject {
  return {
    id: entry.id,
    type: entry.type,
    summary: line(entry.summary),
    created_at: entry.created_at ?? null,
    agent: ref(entry.agent),
    channel: entry.channel?.type ?? null,
    incident: ref(entry.incident),
    service: ref(entry.service),
  };
}

export function serviceFields(service: PagerDutyService): JsonObject {
  return {
    id: service.id,
    name: shownName(service),
    description: line(service.description),
    status: service.status ?? null,
    escalation_policy: ref(service.escalation_policy),
    teams: refs(service.teams),
    acknowledgement_timeout_seconds: service.acknowledgement_timeout ?? null,
    auto_resolve_timeout_seconds: service.auto_resolve_timeout ?? null,
    created_at: service.created_at ?? null,
    last_incident_at: service.last_incident_timestamp ?? null,
  };
}

export function policyFields(policy: PagerDutyEscalationPolicy): JsonObject {
  return {
    id: policy.id,
    name: shownName(policy),
    description: line(policy.description),
    num_loops: policy.num_loops ?? null,
    on_call_handoff_notifications: policy.on_call_handoff_notifications ?? null,
    levels: (policy.escalation_rules ?? []).map((rule, index) => ({
      id: rule.id ?? null,
      level: index + 1,
      delay_in_minutes: rule.escalation_delay_in_minutes,
      targets: rule.targets.map((target) => ({ ...shown(target), type: target.type ?? null })),
    })),
    services: refs(policy.services),
    teams: refs(policy.teams),
  };
}

/** `12 incidents; more exist.` */
export function listSentence({ items, more }: Collected<unknown>, noun: string, plural?: string): string {
  const rest = more ? '; more exist, narrow the filters or raise the limit' : '';
  return `${items.length === 0 ? `No ${plural ?? `${noun}s`}` : counted(items.length, noun, plural)}${rest}.`;
}
