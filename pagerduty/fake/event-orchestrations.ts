import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Json, JsonObject } from '../json.ts';
import { people, priorities, services, teams } from './company.ts';
import { type Counter, instant, newId } from './ids.ts';
import { API, type Names } from './references.ts';
import { parsedBody } from './server/bodies.ts';
import { paged } from './server/query.ts';
import { found, type Handle, type Incoming, invalid, notFound, type Route } from './server/route.ts';

/** As PagerDuty shows it; whatever else a rule carries is kept too. */
interface Rule extends JsonObject {
  id: string;
  actions: JsonObject;
}

interface RulePath {
  type: 'router' | 'global' | 'service';
  /** Of the orchestration or the service it belongs to. */
  parentId: string;
  sets: { id: string; rules: Rule[] }[];
  catchAll: { actions: JsonObject };
  /** Parts of the document that are nobody's business here, kept as they came. */
  rest: JsonObject;
  createdAt: string;
  updatedAt: string;
  updatedById: string;
  version: string;
}

interface Orchestration {
  id: string;
  name: string;
  description: string;
  teamId: string | null;
  integrations: { id: string; label: string; routingKey: string }[];
  createdAt: string;
  updatedAt: string;
  version: string;
}

/** What the playable PagerDuty keeps of this domain. */
export interface Orchestrations {
  orchestrations: { orchestrations: Orchestration[]; paths: RulePath[] };
}

type Seen = Counter & Orchestrations & Names<'services'>;

export const orchestrations = {
  monitoring: { id: '7c1f6b0e-52a9-4d3f-9a57-0c6f1d2e8b41', name: 'Northwind monitoring' },
  /** Its first rule is a dynamic one, its second is switched off, and its catch-all is a service. */
  partners: { id: 'e40b9d62-8f13-4a76-b1c8-93d5a7f20e5c', name: 'Partner events' },
} as const;

export const emptyOrchestrations = (): Orchestrations => ({ orchestrations: { orchestrations: [], paths: [] } });

const when = (...expressions: string[]) => expressions.map((expression) => ({ expression }));

function path(
  type: RulePath['type'],
  parent: { id: string },
  sets: RulePath['sets'],
  catchAll: JsonObject,
  version: string,
): RulePath {
  return {
    type,
    parentId: parent.id,
    sets,
    catchAll: { actions: catchAll },
    rest: {},
    createdAt: '2024-02-19T10:00:00Z',
    updatedAt: '2024-09-02T08:30:00Z',
    updatedById: people.sam.id,
    version,
  };
}

function routers(): RulePath[] {
  const { monitoring, partners } = orchestrations;
  const rules: Rule[] = [
    {
      id: '9a1c4e07',
      label: 'Cards and payments',
      conditions: when("event.source matches part 'payments'", "event.summary matches part 'card provider'"),
      actions: { route_to: services.payments.id },
    },
    {
      id: '3fd82b61',
      label: 'Shop front',
      conditions: when("event.custom_details.team matches 'commerce'"),
      actions: { route_to: services.checkout.id },
    },
    {
      id: 'c07e95da',
      label: 'Parcel tracking',
      conditions: when("event.source matches regex 'track(er|ing)-[0-9]+'"),
      actions: { route_to: services.tracking.id },
    },
  ];
  const byPartner: Rule[] = [
    {
      id: '5b20d7fe',
      label: 'As the partner says',
      actions: {
        dynamic_route_to: { source: 'event.custom_details.service', regex: '(.*)', lookup_by: 'service_name' },
      },
    },
    {
      id: 'a8813c4d',
      label: 'Sorting belts',
      conditions: when("event.class matches 'belt'"),
      actions: { route_to: services.warehouse.id },
      disabled: true,
    },
  ];
  return [
    path('router', monitoring, [{ id: 'start', rules }], { route_to: 'unrouted' }, 'nQ7r1vY_mon.router.0001'),
    path(
      'router',
      partners,
      [{ id: 'start', rules: byPartner }],
      { route_to: services.mailer.id },
      'kS0w_par.router.1',
    ),
  ];
}

function globalRules(): RulePath {
  const start: Rule[] = [
    {
      id: '1d7720ab',
      label: 'Say which host',
      conditions: [],
      actions: {
        variables: [{ name: 'host', path: 'event.component', value: '(.*)', type: 'regex' }],
        extractions: [{ template: '{{variables.host}}', target: 'event.custom_details.host' }],
        route_to: 'noise',
      },
    },
  ];
  const noise: Rule[] = [
    {
      id: '66e0f3b9',
      label: 'Critical is P1',
      conditions: when("event.severity matches 'critical'"),
      actions: {
        priority: priorities.p1.id,
        annotate: 'Runbook: wiki.northwind.example/p1',
        automation_actions: [
          {
            name: 'Collect logs',
            url: 'https://hooks.northwind.example/collect/xoxb-4417-collect-me',
            auto_send: true,
            headers: [{ key: 'X-Northwind-Key', value: 'header-secret-of-the-play' }],
            parameters: [{ key: 'depth', value: 'parameter-of-the-play' }],
          },
        ],
      },
    },
    {
      id: '0c95d18e',
      label: 'Drop what the load test sends',
      conditions: when("event.source matches part 'loadtest'"),
      actions: { drop_event: true },
    },
  ];
  const sets = [
    { id: 'start', rules: start },
    { id: 'noise', rules: noise },
  ];
  return path('global', orchestrations.monitoring, sets, { severity: 'warning' }, 'hB3z_mon.global.000007');
}

function serviceRules(): RulePath {
  const start: Rule[] = [
    {
      id: 'f21b6a90',
      label: 'Wait for self-healing',
      conditions: when("event.summary matches part 'restarting'"),
      actions: { suspend: 300 },
    },
  ];
  return path('service', services.checkout, [{ id: 'start', rules: start }], {}, 'pX9c_checkout.service.4');
}

/** What Northwind Parcel has of it. */
export function seedOrchestrations(): Orchestrations {
  const made = { createdAt: '2024-02-19T10:00:00Z', updatedAt: '2024-02-19T10:00:00Z' };
  const all: Orchestration[] = [
    {
      ...orchestrations.monitoring,
      description: 'All monitoring of the company.',
      teamId: teams.logistics.id,
      integrations: [
        {
          id: '0d4b7e1c-6a35-4f0d-8e92-b7f6c1a5d308',
          label: 'Prometheus',
          routingKey: 'R0NORTHWINDPROMETHEUSPLAYKEY0001',
        },
        {
          id: '2e9a03f7-b1d8-4c64-9f7e-5a8c6d0b4e12',
          label: 'Synthetic checks',
          routingKey: 'R0NORTHWINDSYNTHETICPLAYKEY00002',
        },
      ],
      ...made,
      version: 'aV4e_monitoring.000003',
    },
    {
      ...orchestrations.partners,
      description: 'Carriers and shops that send us events.',
      teamId: null,
      integrations: [],
      ...made,
      version: 'aV4e_partners.000001',
    },
  ];
  return { orchestrations: { orchestrations: all, paths: [...routers(), globalRules(), serviceRules()] } };
}

const userOf = (id: string) => ({ id, type: 'user_reference', self: `${API}/users/${id}` });

const routerOf = (state: Seen, id: string) =>
  state.orchestrations.paths.find(({ type, parentId }) => type === 'router' && parentId === id);

function routesOf(state: Seen, id: string): number {
  const rules = routerOf(state, id)?.sets.flatMap((set) => set.rules) ?? [];
  return new Set(rules.flatMap(({ actions }) => (typeof actions.route_to === 'string' ? [actions.route_to] : []))).size;
}

function render(state: Seen, orchestration: Orchestration) {
  const { id, name, description, teamId, createdAt, updatedAt, version } = orchestration;
  return {
    id,
    self: `${API}/event_orchestrations/${id}`,
    name,
    description,
    team: teamId === null ? null : { id: teamId, type: 'team_reference', self: `${API}/teams/${teamId}` },
    routes: routesOf(state, id),
    created_at: createdAt,
    created_by: userOf(people.sam.id),
    updated_at: updatedAt,
    updated_by: userOf(people.sam.id),
    version,
  };
}

function renderPath(rules: RulePath) {
  const { type, parentId, sets, catchAll, rest, createdAt, updatedAt, updatedById, version } = rules;
  const parent = type === 'service' ? `${API}/services/${parentId}` : `${API}/event_orchestrations/${parentId}`;
  const self = type === 'service' ? `${API}/event_orchestrations/services/${parentId}` : `${parent}/${type}`;
  const parentType = type === 'service' ? 'service_reference' : 'event_orchestration_reference';
  return {
    orchestration_path: {
      ...rest,
      type,
      parent: { id: parentId, type: parentType, self: parent },
      self,
      sets,
      catch_all: catchAll,
      created_at: createdAt,
      created_by: userOf(people.sam.id),
      updated_at: updatedAt,
      updated_by: userOf(updatedById),
      version,
    },
  };
}

const listOrchestrations: Handle<Seen> = (state, { query }) => {
  const [field = 'name', direction = 'asc'] = (query.get('sort_by') ?? 'name:asc').split(':');
  const key = (one: Orchestration): string | number =>
    field === 'routes' ? routesOf(state, one.id) : field === 'created_at' ? one.createdAt : one.name;
  const sign = direction === 'desc' ? -1 : 1;
  const sorted = [...state.orchestrations.orchestrations].sort((a, b) =>
    key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0,
  );
  const { records, page } = paged({ query }, sorted);
  return { status: 200, body: { orchestrations: records.map((one) => render(state, one)), ...page } };
};

const getOrchestration: Handle<Seen> = (state, { params }) => {
  const orchestration = found(state.orchestrations.orchestrations, params.id);
  const integrations = orchestration.integrations.map(({ id, label, routingKey }) => ({
    id,
    label,
    parameters: { routing_key: routingKey, type: 'global' },
  }));
  return { status: 200, body: { orchestration: { ...render(state, orchestration), integrations } } };
};

function pathOf(state: Seen, type: RulePath['type'], parentId: string | undefined): RulePath {
  const rules = state.orchestrations.paths.find((one) => one.type === type && one.parentId === parentId);
  if (rules === undefined) throw notFound();
  return rules;
}

const getPath =
  (type: RulePath['type'], param: string): Handle<Seen> =>
  (state, { params }) => ({ status: 200, body: renderPath(pathOf(state, type, params[param])) });

const dynamicRoute = z.object({
  source: z.string(),
  regex: z.string(),
  lookup_by: z.enum(['service_name', 'service_id']),
});

// Loose: PagerDuty's rules know more than this play does.
const askedRule = z.looseObject({
  id: z.string().optional(),
  label: z.string().nullish(),
  conditions: z.array(z.looseObject({ expression: z.string().min(1) })).optional(),
  actions: z.looseObject({ route_to: z.string().optional(), dynamic_route_to: dynamicRoute.optional() }),
  disabled: z.boolean().optional(),
});

const routerBody = z.object({
  orchestration_path: z.looseObject({
    type: z.literal('router').optional(),
    sets: z.array(z.looseObject({ id: z.literal('start'), rules: z.array(askedRule).max(1_000) })).length(1),
    catch_all: z.looseObject({ actions: z.looseObject({ route_to: z.string().optional() }) }).optional(),
  }),
});

const READ_ONLY = ['parent', 'self', 'created_at', 'created_by', 'updated_at', 'updated_by', 'version'];

function hexId(state: Counter): string {
  return createHash('sha256').update(newId(state, 'P')).digest('hex').slice(0, 8);
}

function checkRule(state: Seen, rule: z.infer<typeof askedRule>, index: number): void {
  const { route_to: target, dynamic_route_to: dynamic } = rule.actions;
  const at = `Rule ${index + 1}`;
  if ((target === undefined) === (dynamic === undefined)) throw invalid(`${at} needs route_to or dynamic_route_to`);
  if (dynamic !== undefined && (index > 0 || (rule.conditions ?? []).length > 0)) {
    throw invalid(`${at}: dynamic_route_to is only allowed in the first rule, without conditions`);
  }
  if (target !== undefined && !state.services.some(({ id }) => id === target)) {
    throw invalid(`${at}: service ${target} not found`);
  }
}

/** The JSON behind what zod has checked. The cast holds: it came in as JSON. */
const json = (value: unknown) => structuredClone(value) as Json;

function putRules(state: Seen, rules: RulePath, incoming: Incoming): void {
  const { sets, catch_all: catchAll, type: _type, ...rest } = parsedBody(routerBody, incoming.body).orchestration_path;
  const refused = READ_ONLY.filter((name) => name in rest);
  if (refused.length > 0) throw invalid(`Read-only: ${refused.join(', ')}`);
  const known = new Set(rules.sets.flatMap((set) => set.rules.map(({ id }) => id)));
  rules.sets = sets.map((set) => {
    const asked = set.rules.map((rule, index): Rule => {
      checkRule(state, rule, index);
      const id = rule.id !== undefined && known.has(rule.id) ? rule.id : hexId(state);
      // The cast holds: the schema has just seen an object with actions.
      return { ...(json(rule) as Rule), id };
    });
    return { ...set, id: 'start', rules: asked };
  });
  const fallback = catchAll?.actions.route_to ?? 'unrouted';
  if (fallback !== 'unrouted' && !state.services.some(({ id }) => id === fallback)) {
    throw invalid(`Catch-all: service ${fallback} not found`);
  }
  // The casts hold: what the schemas let through is JSON.
  rules.catchAll = {
    ...(json(catchAll ?? {}) as JsonObject),
    actions: { route_to: fallback, ...(json(catchAll?.actions ?? {}) as JsonObject) },
  };
  rules.rest = json(rest) as JsonObject;
}

const putRouter: Handle<Seen> = (state, incoming) => {
  const rules = pathOf(state, 'router', incoming.params.id);
  putRules(state, rules, incoming);
  rules.updatedAt = instant(incoming.now);
  rules.updatedById = incoming.principal.userId ?? incoming.from?.id ?? people.ruth.id;
  rules.version = `${newId(state, 'Q')}.${newId(state, 'Q')}`;
  return { status: 200, body: renderPath(rules) };
};

const READ = 'event_orchestrations.read';

export const orchestrationRoutes: Route<Seen>[] = [
  { method: 'GET', path: '/event_orchestrations', scope: READ, handle: listOrchestrations },
  { method: 'GET', path: '/event_orchestrations/{id}', scope: READ, handle: getOrchestration },
  {
    method: 'GET',
    path: '/event_orchestrations/services/{service_id}',
    scope: 'services.read',
    handle: getPath('service', 'service_id'),
  },
  { method: 'GET', path: '/event_orchestrations/{id}/router', scope: READ, handle: getPath('router', 'id') },
  {
    method: 'PUT',
    path: '/event_orchestrations/{id}/router',
    scope: 'event_orchestrations.write',
    handle: putRouter,
  },
  { method: 'GET', path: '/event_orchestrations/{id}/global', scope: READ, handle: getPath('global', 'id') },
];
