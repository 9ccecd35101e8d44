import { z } from 'zod';
import { escalationPolicies, OPENED, services, teams } from './company.ts';
import type { Policies } from './escalation-policies.ts';
import { type Counter, instant, newId } from './ids.ts';
import { API, type Names, policyReference, reference, teamReferences, WEB } from './references.ts';
import { idOf, parsedBody } from './server/bodies.ts';
import { list, nameMatches, paged, passes } from './server/query.ts';
import { found, type Handle, invalid, type Route } from './server/route.ts';

export interface Service {
  id: string;
  name: string;
  description: string | null;
  status: 'active' | 'warning' | 'critical' | 'maintenance' | 'disabled';
  escalationPolicyId: string;
  teamIds: string[];
  createdAt: string;
  /** Seconds; null = never. */
  autoResolveTimeout: number | null;
  /** Seconds; null = never. */
  acknowledgementTimeout: number | null;
  urgency: 'high' | 'low' | 'severity_based';
  integrations: { id: string; name: string; type: string }[];
}

/** What the playable PagerDuty keeps of this domain. */
export interface Services {
  services: Service[];
}

/** Incidents as far as services are shown with them. */
interface Alarms {
  incidents: readonly { serviceId: string; status: string; createdAt: string }[];
}

type Seen = Counter & Services & Policies & Names<'teams'> & Alarms;

export const emptyServices = (): Services => ({ services: [] });

/** What Northwind Parcel has of it. */
export function seedServices(): Services {
  const service = (
    who: { id: string; name: string },
    policy: { id: string },
    team: { id: string },
    description: string,
  ) => ({
    ...who,
    description,
    status: 'active' as const,
    escalationPolicyId: policy.id,
    teamIds: [team.id],
    createdAt: OPENED,
    autoResolveTimeout: null,
    acknowledgementTimeout: 1800,
    urgency: 'high' as const,
    integrations: [
      { id: `${who.id.slice(0, 6)}D`, name: 'Datadog', type: 'events_api_v2_inbound_integration_reference' },
      { id: `${who.id.slice(0, 6)}P`, name: 'Prometheus', type: 'events_api_v2_inbound_integration_reference' },
    ],
  });
  return {
    services: [
      service(services.checkout, escalationPolicies.checkout, teams.commerce, 'Basket, prices and orders.'),
      service(services.payments, escalationPolicies.checkout, teams.commerce, 'Card and invoice payments.'),
      service(services.tracking, escalationPolicies.tracking, teams.logistics, 'Where is my parcel?'),
      {
        ...service(services.warehouse, escalationPolicies.warehouse, teams.logistics, 'Sorting, labels and conveyors.'),
        urgency: 'severity_based',
      },
      service(services.mailer, escalationPolicies.tracking, teams.data, 'Mails and messages to customers.'),
    ],
  };
}

function renderService(state: Seen, service: Service) {
  const open = state.incidents.filter(({ serviceId, status }) => serviceId === service.id && status !== 'resolved');
  const status = open.some((incident) => incident.status === 'triggered')
    ? 'critical'
    : open.length > 0
      ? 'warning'
      : 'active';
  const last = state.incidents.filter(({ serviceId }) => serviceId === service.id).map(({ createdAt }) => createdAt);
  return {
    ...reference('service', service.id, service.name),
    name: service.name,
    description: service.description,
    created_at: service.createdAt,
    status: service.status === 'active' ? status : service.status,
    auto_resolve_timeout: service.autoResolveTimeout,
    acknowledgement_timeout: service.acknowledgementTimeout,
    last_incident_timestamp: last.sort().at(-1) ?? null,
    teams: teamReferences(state, service.teamIds),
    escalation_policy: policyReference(state, service.escalationPolicyId),
    incident_urgency_rule: { type: 'constant', urgency: service.urgency },
    support_hours: null,
    scheduled_actions: [],
    integrations: service.integrations.map(({ id, name, type }) => ({
      id,
      type,
      summary: name,
      self: `${API}/services/${service.id}/integrations/${id}`,
      html_url: `${WEB}/services/${service.id}/integrations/${id}`,
    })),
    addons: [],
    alert_creation: 'create_alerts_and_incidents',
    alert_grouping_parameters: { type: null, config: null },
    auto_pause_notifications_parameters: { enabled: false, timeout: null },
  };
}

const listServices: Handle<Seen> = (state, { query }) => {
  const exact = query.get('name');
  const matching = state.services.filter(
    ({ name, teamIds }) =>
      nameMatches(query, name) && (exact === null || exact === name) && passes(list(query, 'team_ids'), ...teamIds),
  );
  const byName = [...matching].sort((a, b) => a.name.localeCompare(b.name));
  const ordered = query.get('sort_by') === 'name:desc' ? byName.reverse() : byName;
  const { records, page } = paged({ query }, ordered);
  return { status: 200, body: { services: records.map((service) => renderService(state, service)), ...page } };
};

const getService: Handle<Seen> = (state, { params }) => ({
  status: 200,
  body: { service: renderService(state, found(state.services, params.id)) },
});

const AUTO_RESOLVE_SECONDS = 14_400;
const ACKNOWLEDGEMENT_SECONDS = 1_800;

// What PagerDuty itself decides (teams, integrations, the time of creation) is ignored when it is sent.
const serviceFields = z.object({
  type: z.string().optional(),
  name: z.string().optional(),
  description: z.string().nullish(),
  status: z.enum(['active', 'warning', 'critical', 'maintenance', 'disabled']).optional(),
  escalation_policy: idOf.optional(),
  auto_resolve_timeout: z.int().min(0).nullish(),
  acknowledgement_timeout: z.int().min(0).nullish(),
  incident_urgency_rule: z
    .object({ type: z.literal('constant'), urgency: z.enum(['high', 'low', 'severity_based']) })
    .optional(),
});
type ServiceFields = z.infer<typeof serviceFields>;

const withService = z.object({ service: serviceFields });

/** Zero switches a timeout off. */
const timeout = (seconds: number | null) => (seconds === 0 ? null : seconds);

/** Only what is named changes. */
function change(state: Seen, service: Service, fields: ServiceFields): void {
  if (fields.name !== undefined) {
    const name = fields.name.trim();
    if (name === '') throw invalid("Name can't be blank");
    if (state.services.some((other) => other.id !== service.id && other.name === name)) {
      throw invalid('Name has already been taken');
    }
    service.name = name;
  }
  if (fields.description !== undefined) service.description = fields.description;
  // Warning, critical and maintenance follow from incidents and windows; only disabled is somebody's wish.
  if (fields.status !== undefined) service.status = fields.status === 'disabled' ? 'disabled' : 'active';
  if (fields.escalation_policy !== undefined) {
    const wanted = fields.escalation_policy.id;
    const policy = state.escalationPolicies.find(({ id }) => id === wanted);
    if (policy === undefined) throw invalid('Escalation policy not found');
    // A service belongs to the team of its escalation policy.
    if (service.escalationPolicyId !== policy.id) service.teamIds = [...policy.teamIds];
    service.escalationPolicyId = policy.id;
  }
  if (fields.auto_resolve_timeout !== undefined) service.autoResolveTimeout = timeout(fields.auto_resolve_timeout);
  if (fields.acknowledgement_timeout !== undefined) {
    service.acknowledgementTimeout = timeout(fields.acknowledgement_timeout);
  }
  if (fields.incident_urgency_rule !== undefined) service.urgency = fields.incident_urgency_rule.urgency;
}

const putService: Handle<Seen> = (state, { params, body }) => {
  const service = found(state.services, params.id);
  change(state, service, parsedBody(withService, body).service);
  return { status: 200, body: { service: renderService(state, service) } };
};

const postService: Handle<Seen> = (state, { body, now }) => {
  const fields = parsedBody(withService, body).service;
  if (fields.escalation_policy === undefined) throw invalid("Escalation policy can't be blank");
  const service: Service = {
    id: newId(state, 'P'),
    name: '',
    description: null,
    status: 'active',
    escalationPolicyId: '',
    teamIds: [],
    createdAt: instant(now),
    autoResolveTimeout: AUTO_RESOLVE_SECONDS,
    acknowledgementTimeout: ACKNOWLEDGEMENT_SECONDS,
    urgency: 'high',
    integrations: [],
  };
  change(state, service, { ...fields, name: fields.name ?? '' });
  state.services.push(service);
  return { status: 201, body: { service: renderService(state, service) } };
};

const reading = 'services.read';
const scope = 'services.write';

export const serviceRoutes: Route<Seen>[] = [
  { method: 'GET', path: '/services', scope: reading, handle: listServices },
  { method: 'GET', path: '/services/{id}', scope: reading, handle: getService },
  { method: 'POST', path: '/services', scope, audit: { root: 'services', action: 'create' }, handle: postService },
  { method: 'PUT', path: '/services/{id}', scope, audit: { root: 'services', action: 'update' }, handle: putService },
];
