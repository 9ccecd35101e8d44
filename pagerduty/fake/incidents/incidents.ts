import { z } from 'zod';
import { instant, newId } from '../ids.ts';
import { pagedAt } from '../on-calls.ts';
import { idOf, parsedBody, userTarget } from '../server/bodies.ts';
import { list, moment, paged, passes } from '../server/query.ts';
import {
  badArguments,
  found,
  type Handle,
  invalid,
  missingFrom,
  notFound,
  type Route,
  refusal,
} from '../server/route.ts';
import type { Service } from '../services.ts';
import { actOf, addLog, applyChange, incidentChange } from './changes.ts';
import { renderAlert, renderIncident } from './render.ts';
import type { Incident, Incidents, Seen } from './state.ts';

const MONTH_MS = 30 * 86_400_000;
const MOST_IN_ONE_PUT = 250;

/** An incident by its id or its number. @throws Refusal 404. */
export function incidentOf(state: Incidents, idOrNumber: string | undefined): Incident {
  const incident = state.incidents.find(({ id, number }) => id === idOrNumber || String(number) === idOrNumber);
  if (incident === undefined) throw notFound();
  return incident;
}

function sorted(records: Incident[], sortBy: string | null): Incident[] {
  const [field = 'created_at', direction = 'asc'] = (sortBy ?? '').split(',')[0]?.split(':') ?? [];
  const key = (incident: Incident): string | number =>
    field === 'incident_number'
      ? incident.number
      : field === 'resolved_at'
        ? (incident.resolvedAt ?? '9999')
        : field === 'urgency'
          ? incident.urgency
          : incident.createdAt;
  const sign = direction === 'desc' ? -1 : 1;
  return [...records].sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : a.number - b.number));
}

const listIncidents: Handle<Seen> = (state, { query, now }) => {
  const everything = query.get('date_range') === 'all';
  const key = query.get('incident_key');
  const since = moment(query, 'since') ?? new Date(now.getTime() - MONTH_MS);
  const until = moment(query, 'until') ?? new Date(now.getTime() + 1000);
  const statuses = list(query, 'statuses');
  const matching = state.incidents.filter((incident) => {
    const service = state.services.find(({ id }) => id === incident.serviceId);
    const created = Date.parse(incident.createdAt);
    return (
      (everything || (created >= since.getTime() && created <= until.getTime())) &&
      // An empty key is no filter at all, only "everything that is open": a trap that has bitten people.
      (key === null || (key === '' ? incident.status !== 'resolved' : incident.incidentKey === key)) &&
      passes(statuses, incident.status) &&
      passes(list(query, 'urgencies'), incident.urgency) &&
      passes(list(query, 'service_ids'), incident.serviceId) &&
      passes(list(query, 'team_ids'), ...(service?.teamIds ?? [])) &&
      passes(list(query, 'priority_ids'), incident.priorityId) &&
      passes(list(query, 'user_ids'), ...incident.assignments.map(({ userId }) => userId))
    );
  });
  const { records, page } = paged({ query }, sorted(matching, query.get('sort_by')));
  return { status: 200, body: { incidents: records.map((incident) => renderIncident(state, incident, now)), ...page } };
};

const getIncident: Handle<Seen> = (state, { params, now }) => ({
  status: 200,
  body: { incident: renderIncident(state, incidentOf(state, params.id), now) },
});

const manyChanges = z.object({ incidents: z.array(incidentChange.extend({ id: z.string() })).min(1) });

const putIncidents: Handle<Seen> = (state, incoming) => {
  const { incidents: changes } = parsedBody(manyChanges, incoming.body);
  if (changes.length > MOST_IN_ONE_PUT) throw refusal(413, 2001, 'Request Entity Too Large');
  const changed = changes.map((change) => {
    const incident = state.incidents.find(({ id }) => id === change.id);
    if (incident === undefined) throw invalid(`Incident ${change.id} not found`);
    applyChange(actOf(state, incident, incoming), change);
    return incident;
  });
  return {
    status: 200,
    body: { incidents: changed.map((incident) => renderIncident(state, incident, incoming.now)) },
  };
};

const oneChange = z.object({ incident: incidentChange });

const putIncident: Handle<Seen> = (state, incoming) => {
  const incident = incidentOf(state, incoming.params.id);
  applyChange(actOf(state, incident, incoming), parsedBody(oneChange, incoming.body).incident);
  return { status: 200, body: { incident: renderIncident(state, incident, incoming.now) } };
};

const newIncident = z.object({
  incident: z.object({
    type: z.string(),
    title: z.string(),
    service: idOf,
    urgency: z.enum(['high', 'low']).optional(),
    priority: idOf.nullish(),
    body: z.object({ details: z.string().optional() }).nullish(),
    incident_key: z.string().max(255).nullish(),
    assignments: z.array(z.object({ assignee: userTarget })).nullish(),
    escalation_policy: idOf.nullish(),
    incident_type: z.object({ name: z.string() }).nullish(),
    conference_bridge: z
      .object({ conference_number: z.string().nullish(), conference_url: z.string().nullish() })
      .nullish(),
  }),
});

type NewIncident = z.infer<typeof newIncident>['incident'];

/** What a new incident refers to, each checked. @throws Refusal as PagerDuty would. */
function checked(state: Seen, wanted: NewIncident): { service: Service; policyId: string; assigneeIds: string[] } {
  if (wanted.title.trim() === '') throw invalid('Title cannot be empty.');
  const service = state.services.find(({ id }) => id === wanted.service.id);
  if (service === undefined) throw badArguments('Service not found');
  if (service.status === 'disabled') throw badArguments('Service is disabled');
  const key = wanted.incident_key;
  if (
    key &&
    state.incidents.some(
      (open) => open.serviceId === service.id && open.incidentKey === key && open.status !== 'resolved',
    )
  ) {
    throw badArguments('Open incident with matching dedup key already exists on this service');
  }
  if (wanted.priority && !state.priorities.some(({ id }) => id === wanted.priority?.id)) {
    throw refusal(400, 1020, 'Invalid Priority');
  }
  const policyId = wanted.escalation_policy?.id ?? service.escalationPolicyId;
  if (!state.escalationPolicies.some(({ id }) => id === policyId)) throw badArguments('Escalation policy not found');
  const assigneeIds = [...new Set(wanted.assignments?.map(({ assignee }) => assignee.id))];
  if (assigneeIds.some((id) => !state.users.some((user) => user.id === id)))
    throw refusal(400, 1007, 'Assignee Not Found');
  if (assigneeIds.length > 0 && wanted.escalation_policy) {
    throw invalid('Assignments cannot be combined with an escalation policy.');
  }
  return { service, policyId, assigneeIds };
}

const postIncident: Handle<Seen> = (state, { body, from, now, channel }) => {
  if (from === null) throw missingFrom();
  const wanted = parsedBody(newIncident, body).incident;
  const { service, policyId, assigneeIds } = checked(state, wanted);
  const at = instant(now);
  const id = newId(state, 'Q');
  state.lastIncidentNumber += 1;
  const direct = assigneeIds.length > 0;
  const policy = found(state.escalationPolicies, policyId);
  const people = direct ? assigneeIds : pagedAt(state, policy, 1, now);
  const own = direct && assigneeIds.includes(from.id);
  const agent = { type: 'user_reference' as const, id: from.id };
  const incident: Incident = {
    id,
    number: state.lastIncidentNumber,
    title: wanted.title,
    details: wanted.body?.details ?? null,
    status: own ? 'acknowledged' : 'triggered',
    urgency: wanted.urgency ?? (service.urgency === 'low' ? 'low' : 'high'),
    priorityId: wanted.priority?.id ?? null,
    incidentKey: wanted.incident_key || id.toLowerCase().repeat(2),
    incidentType: wanted.incident_type?.name ?? 'incident_default',
    serviceId: service.id,
    escalationPolicyId: policyId,
    escalationLevel: 1,
    assignedVia: direct ? 'direct_assignment' : 'escalation_policy',
    assignments: people.map((userId) => ({ at, userId })),
    acknowledgements: own ? [{ at, userId: from.id }] : [],
    createdAt: at,
    updatedAt: at,
    resolvedAt: null,
    lastStatusChangeAt: at,
    lastStatusChangeBy: agent,
    conferenceBridge: wanted.conference_bridge
      ? {
          number: wanted.conference_bridge.conference_number ?? null,
          url: wanted.conference_bridge.conference_url ?? null,
        }
      : null,
    responders: [],
    responderRequests: [],
  };
  state.incidents.push(incident);
  const act = { state, incident, at, channel, agent };
  addLog(act, 'trigger_log_entry', `Triggered by ${from.name}`);
  addLog(act, 'assign_log_entry', 'Assigned', { assigneeIds: people });
  if (own) addLog(act, 'acknowledge_log_entry', `Acknowledged by ${from.name}`);
  return { status: 201, body: { incident: renderIncident(state, incident, now) } };
};

const listAlerts: Handle<Seen> = (state, { params, query }) => {
  const incident = incidentOf(state, params.id);
  const matching = state.alerts.filter(
    (alert) =>
      alert.incidentId === incident.id &&
      passes(list(query, 'statuses'), alert.status) &&
      (query.get('alert_key') === null || query.get('alert_key') === alert.alertKey),
  );
  const { records, page } = paged({ query }, matching);
  return { status: 200, body: { alerts: records.map((alert) => renderAlert(state, alert)), ...page } };
};

const getAlert: Handle<Seen> = (state, { params }) => {
  const incident = incidentOf(state, params.id);
  const alerts = state.alerts.filter(({ incidentId }) => incidentId === incident.id);
  return { status: 200, body: { alert: renderAlert(state, found(alerts, params.alert_id)) } };
};

export const incidentRoutes: Route<Seen>[] = [
  { method: 'GET', path: '/incidents', scope: 'incidents.read', handle: listIncidents },
  { method: 'POST', path: '/incidents', scope: 'incidents.write', from: 'required', handle: postIncident },
  { method: 'PUT', path: '/incidents', scope: 'incidents.write', from: 'required', handle: putIncidents },
  { method: 'GET', path: '/incidents/{id}', scope: 'incidents.read', handle: getIncident },
  { method: 'PUT', path: '/incidents/{id}', scope: 'incidents.write', from: 'required', handle: putIncident },
  { method: 'GET', path: '/incidents/{id}/alerts', scope: 'incidents.read', handle: listAlerts },
  { method: 'GET', path: '/incidents/{id}/alerts/{alert_id}', scope: 'incidents.read', handle: getAlert },
];
