import { createHash } from 'node:crypto';
import { z } from 'zod';
import { services, teams } from './company.ts';
import { type Counter, newId } from './ids.ts';
import { API, type Names } from './references.ts';
import { parsedBody } from './server/bodies.ts';
import { paged } from './server/query.ts';
import { found, type Handle, invalid, type Route } from './server/route.ts';

export interface WebhookSubscription {
  id: string;
  active: boolean;
  description: string;
  deliveryId: string;
  url: string;
  temporarilyDisabled: boolean;
  /** Values are sent along with every event; no reading returns them. */
  customHeaders: { name: string; value: string }[];
  events: string[];
  filter: { type: 'account_reference' | 'service_reference' | 'team_reference'; id: string | null };
}

export interface ExtensionSchema {
  id: string;
  key: string;
  label: string;
  description: string;
  guideUrl: string;
  sendTypes: string[];
}

/** What the playable PagerDuty keeps of this domain. */
export interface Webhooks {
  webhooks: { subscriptions: WebhookSubscription[]; extensionSchemas: ExtensionSchema[] };
}

type Seen = Counter & Webhooks & Names<'services' | 'teams'>;

/** What tests and demos name. */
export const webhooks = {
  /** Of one service. */
  chat: { id: 'PWHCHAT', url: 'https://chatops.northwind.example/pagerduty/checkout' },
  /** Of one team, with a header whose value is a secret. */
  ledger: { id: 'PWHLEDG', url: 'https://events.northwind.example/ingest?source=pagerduty' },
} as const;

export const extensionSchemas = {
  generic: { id: 'PXSGENW', label: 'Generic V2 Webhook' },
  serviceNow: { id: 'PXSSNOW', label: 'ServiceNow' },
  jira: { id: 'PXSJIRA', label: 'Jira Server' },
} as const;

/** No answer may ever contain it. */
export const secretHeaderValue = 'Bearer northwind-ledger-5f1c9e';

export const emptyWebhooks = (): Webhooks => ({ webhooks: { subscriptions: [], extensionSchemas: [] } });

function seededSchemas(): ExtensionSchema[] {
  const sendTypes = ['trigger', 'acknowledge', 'resolve', 'escalate', 'assign'];
  return [
    {
      ...extensionSchemas.generic,
      key: 'generic_v2_webhook',
      description: 'Sends incident events to any address.',
      guideUrl: 'https://support.northwind.example/generic-webhook',
      sendTypes: [...sendTypes, 'delegate', 'unacknowledge'],
    },
    {
      ...extensionSchemas.serviceNow,
      key: 'servicenow_v8',
      description: 'Keeps ServiceNow incidents in step.',
      guideUrl: 'https://support.northwind.example/servicenow',
      sendTypes,
    },
    {
      ...extensionSchemas.jira,
      key: 'jira_server',
      description: 'Opens Jira issues for incidents.',
      guideUrl: 'https://support.northwind.example/jira',
      sendTypes: ['trigger', 'custom'],
    },
  ];
}

/** What Northwind Parcel has of it. */
export function seedWebhooks(): Webhooks {
  const subscriptions: WebhookSubscription[] = [
    {
      ...webhooks.chat,
      active: true,
      description: 'Checkout incidents into the chat',
      deliveryId: 'PWHDEL1',
      temporarilyDisabled: false,
      customHeaders: [],
      events: ['incident.triggered', 'incident.acknowledged', 'incident.resolved'],
      filter: { type: 'service_reference', id: services.checkout.id },
    },
    {
      ...webhooks.ledger,
      active: true,
      description: 'Event ledger',
      deliveryId: 'PWHDEL2',
      temporarilyDisabled: false,
      customHeaders: [
        { name: 'Authorization', value: secretHeaderValue },
        { name: 'X-Source', value: 'pagerduty' },
      ],
      events: ['incident.triggered', 'incident.resolved', 'service.updated'],
      filter: { type: 'team_reference', id: teams.commerce.id },
    },
  ];
  return { webhooks: { subscriptions, extensionSchemas: seededSchemas() } };
}

const EVENTS = new Set(
  [
    'acknowledged annotated conference_bridge.updated custom_field_values.updated delegated escalated',
    'incident_type.changed priority_updated reassigned reopened resolved responder.added responder.replied',
    'role.assigned service_updated status_update_published task.created task.updated task.completed triggered',
    'unacknowledged workflow.started workflow.completed',
  ]
    .join(' ')
    .split(' ')
    .map((name) => `incident.${name}`)
    .concat('service.created', 'service.updated', 'service.deleted', 'service.custom_field_values.updated'),
);

/** `secret` is told once, in the answer to the creation. */
function renderSubscription(one: WebhookSubscription, secret: string | null = null) {
  return {
    id: one.id,
    type: 'webhook_subscription',
    active: one.active,
    description: one.description,
    delivery_method: {
      id: one.deliveryId,
      type: 'http_delivery_method',
      url: one.url,
      secret,
      temporarily_disabled: one.temporarilyDisabled,
      custom_headers: one.customHeaders.map(({ name }) => ({ name, value: '-- redacted --' })),
    },
    events: one.events,
    filter: one.filter.id === null ? { type: one.filter.type } : { type: one.filter.type, id: one.filter.id },
  };
}

const listSubscriptions: Handle<Seen> = (state, { query }) => {
  const type = query.get('filter_type');
  const id = query.get('filter_id');
  const matching = state.webhooks.subscriptions.filter(
    ({ filter }) => (type === null || filter.type === `${type}_reference`) && (id === null || filter.id === id),
  );
  const { records, page } = paged({ query }, matching);
  return { status: 200, body: { webhook_subscriptions: records.map((one) => renderSubscription(one)), ...page } };
};

const getSubscription: Handle<Seen> = (state, { params }) => ({
  status: 200,
  body: { webhook_subscription: renderSubscription(found(state.webhooks.subscriptions, params.id)) },
});

const filterBody = z.object({
  type: z.enum(['account_reference', 'service_reference', 'team_reference']),
  id: z.string().nullish(),
});

const eventsBody = z.array(z.string().refine((name) => EVENTS.has(name), 'is not an event type')).min(1);

const newSubscription = z.object({
  webhook_subscription: z.object({
    type: z.literal('webhook_subscription'),
    active: z.boolean().optional(),
    description: z.string().nullish(),
    delivery_method: z.object({
      type: z.literal('http_delivery_method'),
      url: z.url(),
      custom_headers: z.array(z.object({ name: z.string(), value: z.string() })).optional(),
    }),
    events: eventsBody,
    filter: filterBody,
  }),
});

// A delivery method in a change is not refused: PagerDuty does not look at it.
const changes = z.object({
  webhook_subscription: z.object({
    active: z.boolean().optional(),
    description: z.string().optional(),
    events: eventsBody.optional(),
    filter: filterBody.optional(),
  }),
});

/** @throws Refusal 400 when there is no such service or team. */
function filterOf(state: Seen, { type, id }: z.infer<typeof filterBody>): WebhookSubscription['filter'] {
  if (type === 'account_reference') return { type, id: null };
  const records = type === 'service_reference' ? state.services : state.teams;
  if (!records.some((record) => record.id === id)) throw invalid('Filter is invalid');
  return { type, id: id ?? null };
}

const postSubscription: Handle<Seen> = (state, { body }) => {
  const asked = parsedBody(newSubscription, body).webhook_subscription;
  const made: WebhookSubscription = {
    id: newId(state, 'P'),
    active: asked.active ?? true,
    description: asked.description ?? '',
    deliveryId: newId(state, 'P'),
    url: asked.delivery_method.url,
    temporarilyDisabled: false,
    customHeaders: asked.delivery_method.custom_headers ?? [],
    events: [...new Set(asked.events)],
    filter: filterOf(state, asked.filter),
  };
  state.webhooks.subscriptions.push(made);
  const secret = createHash('sha256').update(`signing secret of ${made.id}`).digest('hex');
  return { status: 201, body: { webhook_subscription: renderSubscription(made, secret) } };
};

const putSubscription: Handle<Seen> = (state, { params, body }) => {
  const subscription = found(state.webhooks.subscriptions, params.id);
  const asked = parsedBody(changes, body).webhook_subscription;
  if (asked.active !== undefined) subscription.active = asked.active;
  if (asked.description !== undefined) subscription.description = asked.description;
  if (asked.events !== undefined) subscription.events = [...new Set(asked.events)];
  if (asked.filter !== undefined) subscription.filter = filterOf(state, asked.filter);
  return { status: 200, body: { webhook_subscription: renderSubscription(subscription) } };
};

const deleteSubscription: Handle<Seen> = (state, { params }) => {
  const { id } = found(state.webhooks.subscriptions, params.id);
  state.webhooks.subscriptions = state.webhooks.subscriptions.filter((one) => one.id !== id);
  return { status: 204 };
};

const renderSchema = ({ id, key, label, description, guideUrl, sendTypes }: ExtensionSchema) => ({
  id,
  type: 'extension_schema',
  summary: label,
  self: `${API}/extension_schemas/${id}`,
  html_url: null,
  icon_url: `https://extensions.northwind.example/${key}/icon.png`,
  logo_url: `https://extensions.northwind.example/${key}/logo.png`,
  label,
  key,
  description,
  guide_url: guideUrl,
  send_types: sendTypes,
  url: '',
});

const listSchemas: Handle<Seen> = (state, { query }) => {
  const { records, page } = paged({ query }, state.webhooks.extensionSchemas);
  return { status: 200, body: { extension_schemas: records.map(renderSchema), ...page } };
};

const getSchema: Handle<Seen> = (state, { params }) => ({
  status: 200,
  body: { extension_schema: renderSchema(found(state.webhooks.extensionSchemas, params.id)) },
});

const reading = 'webhook_subscriptions.read';
const writing = 'webhook_subscriptions.write';

export const webhookRoutes: Route<Seen>[] = [
  { method: 'GET', path: '/webhook_subscriptions', scope: reading, handle: listSubscriptions },
  { method: 'POST', path: '/webhook_subscriptions', scope: writing, handle: postSubscription },
  { method: 'GET', path: '/webhook_subscriptions/{id}', scope: reading, handle: getSubscription },
  { method: 'PUT', path: '/webhook_subscriptions/{id}', scope: writing, handle: putSubscription },
  { method: 'DELETE', path: '/webhook_subscriptions/{id}', scope: writing, handle: deleteSubscription },
  { method: 'GET', path: '/extension_schemas', scope: 'extension_schemas.read', handle: listSchemas },
  { method: 'GET', path: '/extension_schemas/{id}', scope: 'extension_schemas.read', handle: getSchema },
];
