import { instant } from '../ids.ts';
import { renderPriority } from '../priorities.ts';
import {
  API,
  policyReference,
  type Reference,
  reference,
  serviceReference,
  teamReferences,
  userReference,
  WEB,
} from '../references.ts';
import type { Agent, Alert, Incident, LogEntry, Note, ResponderRequest, Seen } from './state.ts';

const incidentSummary = (incident: Incident) => `[#${incident.number}] ${incident.title}`;

export function incidentReference(incident: Incident): Reference {
  return reference('incident_reference', incident.id, incidentSummary(incident));
}

function agentReference(state: Seen, { type, id }: Agent): Reference {
  return type === 'user_reference' ? userReference(state, id) : serviceReference(state, id);
}

function logEntryReference(entry: LogEntry): Reference {
  return {
    id: entry.id,
    type: `${entry.type}_reference`,
    summary: entry.summary,
    self: `${API}/log_entries/${entry.id}?incident_id=${entry.incidentId}`,
    html_url: `${WEB}/incidents/${entry.incidentId}/log_entries/${entry.id}`,
  };
}

/** The clock does not act in the playable PagerDuty: what is overdue is shown for its next full period. */
function nextAfter(since: string, seconds: number, now: Date): string {
  const start = Date.parse(since);
  const periods = Math.max(1, Math.ceil((now.getTime() - start) / (seconds * 1000)));
  return instant(new Date(start + periods * seconds * 1000));
}

function pendingActions(state: Seen, incident: Incident, now: Date) {
  if (incident.status === 'resolved') return [];
  const service = state.services.find(({ id }) => id === incident.serviceId);
  const policy = state.escalationPolicies.find(({ id }) => id === incident.escalationPolicyId);
  const rule = policy?.rules[incident.escalationLevel - 1];
  const assigned = incident.assignments.at(-1)?.at;
  const acknowledged = incident.acknowledgements.at(-1)?.at;
  const actions: { type: string; at: string }[] = [];
  if (incident.status === 'triggered' && incident.assignedVia === 'escalation_policy' && rule && assigned) {
    actions.push({ type: 'escalate', at: nextAfter(assigned, rule.delayMinutes * 60, now) });
  }
  if (incident.status === 'acknowledged' && acknowledged && service?.acknowledgementTimeout) {
    actions.push({ type: 'unacknowledge', at: nextAfter(acknowledged, service.acknowledgementTimeout, now) });
  }
  if (service?.autoResolveTimeout) {
    actions.push({ type: 'resolve', at: nextAfter(incident.createdAt, service.autoResolveTimeout, now) });
  }
  return actions;
}

function renderResponders(state: Seen, incident: Incident, only: (responder: Incident['responders'][0]) => boolean) {
  return incident.responders.filter(only).map((responder) => ({
    state: responder.state,
    user: userReference(state, responder.userId),
    incident: incidentReference(incident),
    updated_at: responder.updatedAt,
    message: responder.message,
    requester: userReference(state, responder.requesterId),
    requested_at: responder.requestedAt,
    escalation_policy_requests: responder.policyIds.map((id) => policyReference(state, id).summary ?? id),
  }));
}

export function renderResponderRequest(state: Seen, incident: Incident, request: ResponderRequest) {
  return {
    id: request.id,
    incident: incidentReference(incident),
    requester: userReference(state, request.requesterId),
    requested_at: request.requestedAt,
    message: request.message,
    responder_request_targets: request.targets.map((target) => ({
      responder_request_target: {
        type: target.type.replace(/_reference$/, ''),
        id: target.id,
        summary: (target.type === 'user_reference' ? userReference : policyReference)(state, target.id).summary,
        incidents_responders: renderResponders(state, incident, (responder) =>
          target.type === 'user_reference'
            ? responder.userId === target.id && responder.policyIds.length === 0
            : responder.policyIds.includes(target.id),
        ),
      },
    })),
  };
}

/** The whole incident as GET /incidents/{id} shows it. */
export function renderIncident(state: Seen, incident: Incident, now: Date) {
  const alerts = state.alerts.filter(({ incidentId }) => incidentId === incident.id);
  const trigger = state.logEntries.find(
    ({ incidentId, type }) => incidentId === incident.id && type === 'trigger_log_entry',
  );
  const priority = state.priorities.find(({ id }) => id === incident.priorityId);
  const bridge = incident.conferenceBridge;
  return {
    ...reference('incident', incident.id, incidentSummary(incident)),
    incident_number: incident.number,
    title: incident.title,
    description: incident.title,
    created_at: incident.createdAt,
    updated_at: incident.updatedAt,
    status: incident.status,
    incident_key: incident.incidentKey,
    service: serviceReference(state, incident.serviceId),
    assignments: incident.assignments.map(({ at, userId }) => ({ at, assignee: userReference(state, userId) })),
    assigned_via: incident.assignedVia,
    last_status_change_at: incident.lastStatusChangeAt,
    last_status_change_by: agentReference(state, incident.lastStatusChangeBy),
    resolved_at: incident.resolvedAt,
    first_trigger_log_entry: trigger === undefined ? null : logEntryReference(trigger),
    alert_counts: {
      all: alerts.length,
      triggered: alerts.filter(({ status }) => status === 'triggered').length,
      resolved: alerts.filter(({ status }) => status === 'resolved').length,
    },
    is_mergeable: incident.status !== 'resolved',
    incident_type: { name: incident.incidentType },
    escalation_policy: policyReference(state, incident.escalationPolicyId),
    teams: teamReferences(state, state.services.find(({ id }) => id === incident.serviceId)?.teamIds ?? []),
    impacted_services: [serviceReference(state, incident.serviceId)],
    pending_actions: pendingActions(state, incident, now),
    acknowledgements: incident.acknowledgements.map(({ at, userId }) => ({
      at,
      acknowledger: userReference(state, userId),
    })),
    basic_alert_grouping: null,
    alert_grouping: null,
    priority: priority === undefined ? null : renderPriority(priority),
    resolve_reason: null,
    incidents_responders: renderResponders(state, incident, () => true),
    responder_requests: incident.responderRequests.map((request) => renderResponderRequest(state, incident, request)),
    subscriber_requests: [],
    urgency: incident.urgency,
    ...(bridge === null ? {} : { conference_bridge: { conference_number: bridge.number, conference_url: bridge.url } }),
    ...(incident.details === null ? {} : { body: { type: 'incident_body', details: incident.details } }),
  };
}

export function renderAlert(state: Seen, alert: Alert) {
  const incident = state.incidents.find(({ id }) => id === alert.incidentId);
  const integration = state.services
    .find(({ id }) => id === alert.serviceId)
    ?.integrations.find(({ id }) => id === alert.integrationId);
  const place = `incidents/${alert.incidentId}/alerts/${alert.id}`;
  return {
    id: alert.id,
    type: 'alert',
    summary: alert.summary,
    self: `${API}/${place}`,
    html_url: reference('alert', alert.id, null).html_url,
    created_at: alert.createdAt,
    status: alert.status,
    alert_key: alert.alertKey,
    suppressed: false,
    severity: alert.severity,
    service: serviceReference(state, alert.serviceId),
    incident: incident === undefined ? null : incidentReference(incident),
    integration:
      integration === undefined
        ? null
        : {
            id: integration.id,
            type: integration.type,
            summary: integration.name,
            self: `${API}/services/${alert.serviceId}/integrations/${integration.id}`,
            html_url: null,
          },
    body: { type: 'alert_body', contexts: alert.body.contexts, details: alert.body.details },
  };
}

export function renderNote(state: Seen, note: Note) {
  return {
    id: note.id,
    user: userReference(state, note.userId),
    channel: { summary: 'The PagerDuty website or APIs' },
    content: note.content,
    created_at: note.createdAt,
    updated_at: note.updatedAt,
  };
}

export function renderLogEntry(state: Seen, entry: LogEntry) {
  const incident = state.incidents.find(({ id }) => id === entry.incidentId);
  const service = state.services.find(({ id }) => id === incident?.serviceId);
  return {
    ...logEntryReference(entry),
    type: entry.type,
    created_at: entry.createdAt,
    agent: agentReference(state, entry.agent),
    channel: entry.channel,
    service: service === undefined ? null : serviceReference(state, service.id),
    incident: incident === undefined ? null : incidentReference(incident),
    teams: teamReferences(state, service?.teamIds ?? []),
    contexts: [],
    ...(entry.note === null ? {} : { note: entry.note }),
    ...(entry.assigneeIds.length === 0 ? {} : { assignees: entry.assigneeIds.map((id) => userReference(state, id)) }),
  };
}
