import { services, teams } from './company.ts';
import { instant } from './ids.ts';
import { incidentOf } from './incidents/incidents.ts';
import type { Incidents } from './incidents/state.ts';
import { API, serviceReference } from './references.ts';
import { list, paged, passes } from './server/query.ts';
import { found, type Handle, type Incoming, invalid, type Route } from './server/route.ts';
import type { Services } from './services.ts';

interface ChangeEvent {
  id: string;
  summary: string;
  timestamp: string;
  source: string;
  serviceIds: string[];
  teamIds: string[];
  integrationId: string;
  routingKey: string;
  customDetails: Record<string, unknown>;
  links: { href: string; text: string }[];
}

/** What the playable PagerDuty keeps of this domain. */
export interface ChangeEvents {
  changeEvents: { events: ChangeEvent[] };
}

type Seen = ChangeEvents & Incidents & Services;

export const changeEvents = {
  /** Three minutes before the checkout incident. */
  checkoutDeploy: { id: '01JDCKT5192DEPLOYCHECKOUT0' },
  /** Rotates a key; its details hold what looks like a secret. */
  providerKey: { id: '01JDPAYKEYROTATEPROVIDER00' },
  trackingConsumers: { id: '01JDTRACKCONSUMERSCALE0000' },
  labelTemplate: { id: '01JDWAREHLABELTEMPLATE0000' },
  checkoutFlag: { id: '01JDCKTFLAGNEWBASKET000000' },
} as const;

export const emptyChangeEvents = (): ChangeEvents => ({ changeEvents: { events: [] } });

/** What Northwind Parcel has of it. */
export function seedChangeEvents(now: Date): ChangeEvents {
  const change = (
    who: { id: string },
    minutesAgo: number,
    service: { id: string },
    team: { id: string },
    rest: Pick<ChangeEvent, 'summary' | 'source' | 'customDetails' | 'links'>,
  ): ChangeEvent => ({
    ...who,
    ...rest,
    timestamp: instant(new Date(now.getTime() - minutesAgo * 60_000)),
    serviceIds: [service.id],
    teamIds: [team.id],
    integrationId: `${service.id.slice(0, 6)}C`,
    routingKey: `${service.id}0000000000000000000000000`.slice(0, 32),
  });
  const { checkout, payments, tracking, warehouse } = services;
  const events = [
    change(changeEvents.checkoutDeploy, 21, checkout, teams.commerce, {
      summary: 'Deployed checkout 5.19.2 to prod',
      source: 'deploy-runner-3',
      customDetails: { version: '5.19.2', previous: '5.19.1', build_state: 'passed', run_time: '214s' },
      links: [{ href: 'https://ci.northwind.example/checkout/builds/8841', text: 'Build 8841' }],
    }),
    change(changeEvents.providerKey, 12 * 60 + 5, payments, teams.commerce, {
      summary: 'Card provider rotated its signing key',
      source: 'provider-console',
      customDetails: { provider: 'Alpenpay', next_rotation: 'in 90 days', secret: 'alp_9f8e7d6c5b4a39281706' },
      links: [],
    }),
    change(changeEvents.trackingConsumers, 3 * 60, tracking, teams.logistics, {
      summary: 'Scaled scan-events consumers from 6 to 4',
      source: 'autoscaler',
      customDetails: { group: 'tracker', from: 6, to: 4 },
      links: [],
    }),
    change(changeEvents.labelTemplate, 20 * 60, warehouse, teams.logistics, {
      summary: 'New label template for oversize parcels',
      source: 'label-studio',
      customDetails: { template: 'oversize-v4' },
      links: [{ href: 'https://git.northwind.example/labels/pull/311', text: 'Pull request 311' }],
    }),
    change(changeEvents.checkoutFlag, 26 * 60 + 20, checkout, teams.commerce, {
      summary: 'Feature flag new-basket switched on for 50 %',
      source: 'flags',
      customDetails: { flag: 'new-basket', share: '50 %' },
      links: [],
    }),
  ];
  return { changeEvents: { events } };
}

function render(state: Seen, event: ChangeEvent) {
  return {
    id: event.id,
    type: 'change_event',
    summary: event.summary,
    self: `${API}/change_events/${event.id}`,
    html_url: null,
    timestamp: event.timestamp,
    source: event.source,
    services: event.serviceIds.map((id) => serviceReference(state, id)),
    integration: { id: event.integrationId, type: 'inbound_integration_reference' },
    routing_key: event.routingKey,
    custom_details: event.customDetails,
    links: event.links,
    images: [],
  };
}

/** Unlike elsewhere, only UTC is understood. */
function utc(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text))
    throw invalid(`${name} must be a UTC ISO 8601 datetime.`);
  return Date.parse(text);
}

function answer(state: Seen, { query }: Incoming, keep: (event: ChangeEvent) => boolean) {
  const since = utc(query, 'since') ?? Number.NEGATIVE_INFINITY;
  const until = utc(query, 'until') ?? Number.POSITIVE_INFINITY;
  const [teamIds, integrationIds] = [list(query, 'team_ids'), list(query, 'integration_ids')];
  const matching = state.changeEvents.events
    .filter((event) => keep(event) && passes(teamIds, ...event.teamIds) && passes(integrationIds, event.integrationId))
    .filter(({ timestamp }) => Date.parse(timestamp) >= since && Date.parse(timestamp) <= until)
    .sort((a, b) => b.timestamp.localeCompare(a.timestamp));
  const { records, page } = paged({ query }, matching);
  return { status: 200, body: { change_events: records.map((event) => render(state, event)), ...page } };
}

const listAll: Handle<Seen> = (state, incoming) => answer(state, incoming, () => true);

const listOfService: Handle<Seen> = (state, incoming) => {
  const service = found(state.services, incoming.params.id);
  return answer(state, incoming, ({ serviceIds }) => serviceIds.includes(service.id));
};

const getOne: Handle<Seen> = (state, { params }) => ({
  status: 200,
  body: { change_event: render(state, found(state.changeEvents.events, params.id)) },
});

const DAY_MS = 86_400_000;

const listOfIncident: Handle<Seen> = (state, { params, query }) => {
  const incident = incidentOf(state, params.id);
  const opened = Date.parse(incident.createdAt);
  const neighbours = state.services
    .filter(({ escalationPolicyId }) => escalationPolicyId === incident.escalationPolicyId)
    .map(({ id }) => id);
  const before = state.changeEvents.events
    .filter(({ timestamp }) => Date.parse(timestamp) <= opened && Date.parse(timestamp) >= opened - DAY_MS)
    .filter(({ serviceIds }) => serviceIds.some((id) => neighbours.includes(id)))
    .sort((a, b) => b.timestamp.localeCompare(a.timestamp));
  const reasonFor = ({ serviceIds }: ChangeEvent) =>
    serviceIds.includes(incident.serviceId) ? 'most_recent' : 'related_service';
  const limit = Number(query.get('limit') ?? 25);
  const events = before.slice(0, limit).map((event) => ({
    ...render(state, event),
    correlation_reason: { reason: reasonFor(event) },
  }));
  return { status: 200, body: { change_events: events, limit: null, offset: null, total: null, more: false } };
};

export const changeEventRoutes: Route<Seen>[] = [
  { method: 'GET', path: '/change_events', scope: 'change_events.read', handle: listAll },
  { method: 'GET', path: '/change_events/{id}', scope: 'change_events.read', handle: getOne },
  { method: 'GET', path: '/services/{id}/change_events', scope: 'services.read', handle: listOfService },
  { method: 'GET', path: '/incidents/{id}/related_change_events', scope: 'incidents.read', handle: listOfIncident },
];
