import { z } from 'zod';
import type { Json, JsonObject } from '../../json.ts';
import { hidden } from '../../published.ts';
import type { ReadClient } from '../../read-client.ts';
import {
  type Answer,
  defineWriteTool,
  type Evidence,
  type SummaryLine,
  type Verdict,
  type Watched,
} from '../../write-tool.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { collect } from '../facts/pages.ts';
import { jsonText, optional, text, toolInput } from '../input/parameters.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { counted, oneLine, whole } from '../words/wording.ts';
import { destinationProblem, hostOf, isNumeric, sameAddress } from './destination.ts';
import { createdAnswer, type PagerDutySubscription, subscription } from './shapes.ts';
import {
  eventsAsked,
  eventWords,
  filterAsked,
  filterBody,
  onOff,
  readScope,
  SUBSCRIPTION_SCOPES,
  sameEvents,
  sameFilter,
  scope,
  scopeWords,
} from './subscriptions.ts';

const MOST_SUBSCRIPTIONS = 1_000;

const url = z
  .string()
  .max(2_000)
  .superRefine((value, ctx) => {
    const problem = destinationProblem(value);
    if (problem !== null) ctx.addIssue({ code: 'custom', message: problem });
  });

const header = z.strictObject({
  name: z
    .string()
    .max(100)
    .regex(/^[A-Za-z0-9_-]+$/, 'Must be the name of a header, like X-Source.'),
  value: z
    .string()
    .min(1)
    .max(2_000)
    .regex(/^[\x20-\x7e]+$/, 'Must be printable ASCII.'),
});

const headers = z
  .array(header)
  .max(20)
  .refine(
    (list) => new Set(list.map(({ name }) => name.toLowerCase())).size === list.length,
    'A header is named more than once.',
  );

/** Members that upstream lists although only answers have them. */
const madeByPagerDuty = z.null('PagerDuty makes this itself; leave it out.').optional();

const deliveryMethod = z
  .strictObject({
    type: hidden(optional(z.literal('http_delivery_method'))),
    url: url.describe('Public https address.'),
    custom_headers: optional(jsonText(headers)).describe(
      'Sent with every event; whoever reviews this sees the values.',
    ),
    id: madeByPagerDuty,
    secret: madeByPagerDuty,
    temporarily_disabled: madeByPagerDuty,
  })
  .transform(({ url: to, custom_headers: extra }) => ({ url: to, custom_headers: extra }));

const input = toolInput({
  webhook_data: jsonText(
    z
      .strictObject({
        type: hidden(optional(z.literal('webhook_subscription'))),
        delivery_method: jsonText(deliveryMethod),
        events: eventsAsked,
        filter: filterAsked,
        active: optional(z.boolean()),
        description: optional(text({ max: 500 })),
      })
      .transform(({ type: _same, ...asked }) => asked),
  ),
});
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  scope,
  /** Subscriptions that send to this URL already. */
  sameUrl: z.array(z.object({ id: z.string(), filter: z.object({ type: z.string(), id: z.string().nullable() }) })),
  /** How many subscriptions send to this host already. */
  sameHost: z.number(),
});
type Before = z.infer<typeof before>;

interface After {
  /** Subscriptions with the URL and filter that were asked for. */
  found: PagerDutySubscription[];
  complete: boolean;
}

const hostAsked = ({ webhook_data: { delivery_method: delivery } }: Input) => hostOf(delivery.url);

const readAll = (pagerduty: ReadClient) =>
  collect(
    pagerduty,
    { path: '/webhook_subscriptions', list: 'webhook_subscriptions', item: subscription },
    {},
    { limit: MOST_SUBSCRIPTIONS },
  );

async function read(pagerduty: ReadClient, request: Input): Promise<Before> {
  const { delivery_method: delivery, filter } = request.webhook_data;
  const [named, all] = await Promise.all([readScope(pagerduty, filter), readAll(pagerduty)]);
  return {
    readAt: new Date().toISOString(),
    scope: named,
    sameUrl: all.items
      .filter((one) => sameAddress(one.delivery_method.url, delivery.url))
      .map((one) => ({ id: one.id, filter: { type: one.filter.type, id: one.filter.id ?? null } })),
    sameHost: all.items.filter((one) => hostOf(one.delivery_method.url) === hostAsked(request)).length,
  };
}

function watched(request: Input, { scope: covered, sameUrl, sameHost }: Before): Watched[] {
  return [
    {
      key: 'same_url',
      subject: 'The number of subscriptions to this URL',
      value: sameUrl.map(({ id }) => id).sort(),
      words: `${sameUrl.length}`,
    },
    {
      key: 'known_host',
      subject: `The host ${oneLine(hostAsked(request))}`,
      value: sameHost > 0,
      words: sameHost > 0 ? 'known' : 'new',
    },
    { key: 'scope', subject: 'The name of the scope', value: covered.name, words: scopeWords(covered) },
  ];
}

function admit({ webhook_data: { filter } }: Input, { sameUrl, scope: covered }: Before): Verdict {
  const twin = sameUrl.find((one) => sameFilter(one.filter, filter));
  if (twin === undefined) return yes;
  return no(`The subscription ${twin.id} sends events of ${scopeWords(covered)} to this URL already; change that one.`);
}

function risks(request: Input, { sameHost, scope: covered }: Before): Risk[] {
  const { delivery_method: delivery, description } = request.webhook_data;
  const found: Risk[] = [{ level: 'critical', reason: 'Sends incident data out of PagerDuty until it is deleted.' }];
  const add = (applies: boolean, level: Risk['level'], reason: string) => {
    if (applies) found.push({ level, reason });
  };
  const host = oneLine(hostAsked(request));
  add(sameHost === 0, 'critical', `New host: no other subscription sends to ${host}.`);
  add(covered.type === 'account_reference', 'critical', 'Covers the whole account.');
  add(isNumeric(delivery.url), 'high', 'The host is a bare network address.');
  add(/:\d+$/.test(hostAsked(request)), 'medium', 'The host is addressed on an unusual port.');
  add(
    (delivery.custom_headers ?? []).length > 0,
    'medium',
    'Header values may be secrets; everybody here can read them.',
  );
  return [...found, ...textRisks(description ?? '')];
}

function lines(request: Input, { scope: covered }: Before): SummaryLine[] {
  const { delivery_method: delivery, events, active, description } = request.webhook_data;
  const rows: [string, string | undefined][] = [
    ['Host', oneLine(hostAsked(request), 300)],
    ['URL', whole(delivery.url)],
    ['Events', eventWords(events)],
    ['About', scopeWords(covered)],
    ...(delivery.custom_headers ?? []).map(({ name, value }): [string, string] => [`Header ${name}`, whole(value)]),
    ['Description', description === undefined ? undefined : whole(description)],
    ['Switched', active === undefined ? undefined : onOff(active)],
  ];
  return rows.flatMap(([label, after]) => (after === undefined ? [] : [{ label, now: null, after }]));
}

function effect(request: Input, { scope: covered, sameHost }: Before) {
  const { events, active } = request.webhook_data;
  const host = oneLine(hostAsked(request), 300);
  const known =
    sameHost === 0
      ? 'No subscription sends there yet.'
      : `${counted(sameHost, 'subscription sends', 'subscriptions send')} there already.`;
  return {
    known: true,
    lines: [
      active === false
        ? 'Pages nobody, and sends nothing until it is switched on.'
        : `Pages nobody. Sends ${counted(events.length, 'kind')} of events of ${scopeWords(covered)} to ${host}, with titles, notes and names, until it is deleted.`,
      known,
      'PagerDuty tells the signing secret once. Humans can see it here, the agent cannot.',
    ],
  };
}

/** @throws Error when the answer shows another subscription. */
function interpret(request: Input, body: Json): Answer {
  const { webhook_subscription: made } = createdAnswer.parse(body);
  const { delivery_method: delivery, filter } = request.webhook_data;
  if (!sameAddress(made.delivery_method.url, delivery.url) || !sameFilter(made.filter, filter))
    throw new TypeError('The answer shows another subscription.');
  const { secret } = made.delivery_method;
  return {
    applied: true,
    result: { subscription_id: made.id },
    secrets: secret ? [{ label: 'Signing secret', value: secret }] : [],
  };
}

function verify(request: Input, { found, complete }: After): Evidence {
  const { events, description } = request.webhook_data;
  const [only] = found;
  if (found.length === 1 && only !== undefined) {
    const same = sameEvents(only.events ?? [], events) && (only.description ?? '') === (description ?? '');
    if (same) {
      return {
        applied: true,
        because:
          'There is one subscription with this URL, scope, description and these events. Its signing secret was in the lost answer: delete it and create another if the receiver needs one.',
        result: { subscription_id: only.id },
      };
    }
  }
  const seen =
    found.length > 0
      ? `There ${found.length === 1 ? 'is a subscription' : `are ${found.length} subscriptions`} with this URL and scope, but it is not clear whose.`
      : complete
        ? 'There is no subscription with this URL and scope; one may have been deleted or changed.'
        : 'There are more subscriptions than could be read.';
  return { applied: null, because: `${seen} A human must look at the webhooks in PagerDuty.` };
}

const made = z.object({ subscription_id: z.string() });

export const createWebhookSubscription = defineWriteTool<Input, Before, After>({
  name: 'create_webhook_subscription',
  title: 'Create a webhook subscription',
  description: 'Send events of PagerDuty to a URL. The signing secret is told to humans only.',
  version: 1,
  toolset: 'webhooks',
  source: {
    operationId: 'createWebhookSubscription',
    method: 'POST',
    path: '/webhook_subscriptions',
    scope: 'webhook_subscriptions.write',
  },
  reads: SUBSCRIPTION_SCOPES,
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: {
    webhook_data: {
      delivery_method: { url: 'https://bridge.northwind.example/pagerduty' },
      events: ['incident.triggered', 'incident.resolved'],
      filter: { type: 'service_reference', id: 'PSCHKOT' },
      description: 'Checkout incidents for the bridge',
    },
  },

  read,
  watched,
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: () => ({ subjects: ['account:webhooks'], escalationPolicyIds: [] }),
  supersedes: () => null,
  summarize: (request, facts) => ({
    title: `Create a webhook subscription of ${scopeWords(facts.scope)} to ${oneLine(hostAsked(request), 300)}`,
    target: oneLine(hostAsked(request), 300),
    services: facts.scope.type === 'service_reference' && facts.scope.name !== null ? [facts.scope.name] : [],
    lines: lines(request, facts),
    effect: effect(request, facts),
  }),
  call({ webhook_data: { delivery_method: delivery, events, filter, active, description } }) {
    const delivered: JsonObject = { type: 'http_delivery_method', url: delivery.url };
    if (delivery.custom_headers) delivered.custom_headers = delivery.custom_headers.map((one) => ({ ...one }));
    return {
      method: 'POST',
      path: '/webhook_subscriptions',
      body: {
        webhook_subscription: {
          type: 'webhook_subscription',
          delivery_method: delivered,
          events,
          filter: filterBody(filter),
          ...(active === undefined ? {} : { active }),
          ...(description === undefined ? {} : { description }),
        },
      },
    };
  },
  alsoHolds: nothingElse,
  interpret,
  async readBack(pagerduty, request) {
    const { delivery_method: delivery, filter } = request.webhook_data;
    const { items, more } = await readAll(pagerduty);
    const found = items.filter(
      (one) => sameAddress(one.delivery_method.url, delivery.url) && sameFilter(one.filter, filter),
    );
    return { found, complete: !more };
  },
  verify,
  undo(_request, _facts, result) {
    const known = made.safeParse(result);
    return {
      possible: true,
      tool: 'delete_webhook_subscription',
      input: known.success ? { subscription_id: known.data.subscription_id } : null,
      complete: false,
      note: 'Deletes the subscription; what was sent until then stays with the receiver.',
    };
  },
});
