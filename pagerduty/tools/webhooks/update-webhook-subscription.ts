import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import { defineWriteTool, type Evidence, type Verdict } from '../../write-tool.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { id, jsonText, optional, toolInput } from '../input/parameters.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { oneLine } from '../words/wording.ts';
import { hostOf } from './destination.ts';
import { subscriptionAnswer } from './shapes.ts';
import {
  eventsAsked,
  eventWords,
  factsOf,
  filterAsked,
  filterBody,
  readScope,
  readSubscription,
  SUBSCRIPTION_SCOPES,
  type SubscriptionFacts,
  sameFilter,
  scope,
  scopeWords,
  subscriptionChange,
  subscriptionFacts,
  subscriptionPath,
  subscriptionWords,
  watchedSubscription,
} from './subscriptions.ts';

const DELIVERY =
  'PagerDuty ignores a change of the delivery method. Leave it out, or create another subscription and delete this one.';

const changeAsked = z
  .strictObject({
    active: optional(z.boolean()).describe('False sends nothing until it is true again.'),
    description: optional(
      z
        .string()
        .max(500)
        .refine((value) => !/\p{Cs}/u.test(value), 'Contains half of a character (a lone surrogate).'),
    ).describe('May be empty.'),
    delivery_method: optional(z.unknown().refine((value) => value === undefined, DELIVERY)).describe(
      'Cannot be changed: refused.',
    ),
    events: optional(eventsAsked),
    filter: optional(filterAsked),
  })
  .transform(({ delivery_method: _refused, ...change }) => change)
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'Nothing to change.');

const input = toolInput({ subscription_id: id('webhook subscription'), webhook_data: jsonText(changeAsked) });
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  subscription: subscriptionFacts,
  /** What a new filter covers; null when the filter stays. */
  newScope: scope.nullable(),
});
type Before = z.infer<typeof before>;

async function read(pagerduty: ReadClient, request: Input): Promise<Before> {
  const { filter } = request.webhook_data;
  const [subscription, newScope] = await Promise.all([
    readSubscription(pagerduty, request.subscription_id),
    filter === undefined ? null : readScope(pagerduty, filter),
  ]);
  return { readAt: new Date().toISOString(), subscription, newScope };
}

function admit({ webhook_data: change }: Input, facts: Before): Verdict {
  return subscriptionChange.differing(change, facts).length > 0
    ? yes
    : no(`The subscription ${subscriptionWords(facts.subscription)} is like that already.`);
}

/** Events that are in the first list only. */
const without = (events: string[], others: string[]) => events.filter((event) => !others.includes(event));

/** The parts of a change that really change something. */
function differences({ webhook_data: change }: Input, { subscription, newScope }: Before) {
  const asked = change.events ?? subscription.events;
  return {
    on: change.active === true && !subscription.active,
    off: change.active === false && subscription.active,
    added: without(asked, subscription.events),
    removed: without(subscription.events, asked),
    moved: newScope !== null && !sameFilter(newScope, subscription.scope) ? newScope : null,
  };
}

function risks(request: Input, facts: Before): Risk[] {
  const { on, off, added, removed, moved } = differences(request, facts);
  const host = oneLine(hostOf(facts.subscription.url));
  const found: Risk[] = [];
  const add = (applies: boolean, level: Risk['level'], reason: string) => {
    if (applies) found.push({ level, reason });
  };
  add(moved?.type === 'account_reference', 'critical', `Sends events of the whole account to ${host}.`);
  add(moved !== null, 'high', 'Changes what the events are about.');
  add(added.length > 0, 'high', `Sends more kinds of events to ${host}.`);
  add(on, 'high', `Starts sending to ${host} again.`);
  add(off, 'high', `Switches off what ${host} relies on.`);
  add(removed.length > 0, 'high', `Takes kinds of events away from ${host}.`);
  add(found.length === 0, 'high', 'Changes only the description.');
  return [...found, ...textRisks(request.webhook_data.description ?? '')];
}

function effect(request: Input, facts: Before) {
  const { subscription } = facts;
  const { on, off, added, removed, moved } = differences(request, facts);
  const host = oneLine(hostOf(subscription.url));
  const active = request.webhook_data.active ?? subscription.active;
  const said = [
    off && `${host} stops receiving events at once; what happens meanwhile is not sent later.`,
    on && `${host} starts receiving events at once.`,
    added.length > 0 && `Starts being sent: ${eventWords(added)}.`,
    removed.length > 0 && `Stops being sent: ${eventWords(removed)}.`,
    moved !== null && `Events are about ${scopeWords(moved)} instead of ${scopeWords(subscription.scope)}.`,
    !active && !off && 'The subscription stays off: nothing is sent.',
    active && subscription.temporarilyDisabled && 'PagerDuty has paused it, because the receiver refused events.',
  ].filter((line) => typeof line === 'string');
  const nothing = said.length === 0 ? [`${host} goes on receiving the same events.`] : said;
  return { known: true, lines: ['Nobody starts or stops being paged.', ...nothing] };
}

/** A subscription keeps no history: the values may have been there and been changed again since. */
function verify({ webhook_data: change }: Input, subscription: SubscriptionFacts): Evidence {
  const { all, sentence } = subscriptionChange.seen(change, { subscription, newScope: null });
  if (all) return { applied: true, because: sentence, result: null };
  return { applied: null, because: `${sentence} Somebody may have changed them again. A human must look.` };
}

export const updateWebhookSubscription = defineWriteTool<Input, Before, SubscriptionFacts>({
  name: 'update_webhook_subscription',
  title: 'Change a webhook subscription',
  description: 'Change which events a webhook subscription sends, about what, or switch it on and off.',
  version: 1,
  toolset: 'webhooks',
  source: {
    operationId: 'updateWebhookSubscription',
    method: 'PUT',
    path: '/webhook_subscriptions/{id}',
    scope: 'webhook_subscriptions.write',
  },
  reads: SUBSCRIPTION_SCOPES,
  annotations: { destructiveHint: true, idempotentHint: true },
  needsFrom: false,
  input,
  before,
  example: {
    subscription_id: 'PWHCHAT',
    webhook_data: { events: ['incident.triggered', 'incident.acknowledged', 'incident.resolved', 'incident.reopened'] },
  },

  read,
  watched: (_request, { subscription }) => watchedSubscription(subscription),
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: ({ subscription_id: subscriptionId }) => ({
    subjects: [`webhook_subscription:${subscriptionId}`],
    escalationPolicyIds: [],
  }),
  supersedes: ({ subscription_id: subscriptionId, webhook_data: change }) =>
    subscriptionChange.supersedes('update_webhook_subscription', change, subscriptionId),
  summarize: (request, facts) => ({
    title: `Change the webhook subscription ${subscriptionWords(facts.subscription)}`,
    target: oneLine(hostOf(facts.subscription.url)),
    services: [facts.subscription.scope, facts.newScope].flatMap((one) =>
      one?.type === 'service_reference' && one.name !== null ? [one.name] : [],
    ),
    lines: subscriptionChange.lines(request.webhook_data, facts),
    effect: effect(request, facts),
  }),
  call({ subscription_id: subscriptionId, webhook_data: { filter, ...rest } }) {
    const fields: JsonObject = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    if (filter) fields.filter = filterBody(filter);
    return { method: 'PUT', path: subscriptionPath(subscriptionId), body: { webhook_subscription: fields } };
  },
  alsoHolds: nothingElse,
  interpret({ subscription_id: subscriptionId }, body) {
    const { id: changed } = subscriptionAnswer.parse(body).webhook_subscription;
    if (changed !== subscriptionId) throw new TypeError('The answer shows another subscription.');
    return { applied: true, result: { subscription_id: subscriptionId }, secrets: [] };
  },
  async readBack(pagerduty, { subscription_id: subscriptionId }) {
    const answer = await pagerduty.get(subscriptionPath(subscriptionId), subscriptionAnswer);
    return factsOf(answer.webhook_subscription);
  },
  verify,
  undo: ({ subscription_id: subscriptionId, webhook_data: change }, facts) =>
    subscriptionChange.undo(change, facts, {
      tool: 'update_webhook_subscription',
      input: (former) => ({ subscription_id: subscriptionId, webhook_data: former }),
      note: 'Puts the former values back; what was sent or not sent meanwhile stays so.',
    }),
});
