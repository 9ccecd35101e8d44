import { z } from 'zod';
import { orGone } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import { defineWriteTool, type SummaryLine, type Undo } from '../../write-tool.ts';
import { nothingElse, yes } from '../evidence/watching.ts';
import { id, toolInput } from '../input/parameters.ts';
import { strictest } from '../words/risks.ts';
import { counted, listed, oneLine, whole } from '../words/wording.ts';
import { createWebhookSubscription } from './create-webhook-subscription.ts';
import { hostOf, isShownWhole } from './destination.ts';
import { subscriptionAnswer } from './shapes.ts';
import {
  eventWords,
  onOff,
  readSubscription,
  SUBSCRIPTION_SCOPES,
  scopeWords,
  subscriptionFacts,
  subscriptionPath,
  subscriptionWords,
  watchedSubscription,
} from './subscriptions.ts';

const input = toolInput({ subscription_id: id('webhook subscription') });
type Input = z.infer<typeof input>;

const before = z.object({ readAt: z.string(), subscription: subscriptionFacts });
type Before = z.infer<typeof before>;

interface After {
  there: boolean;
}

function lines({ subscription }: Before): SummaryLine[] {
  const { url, events, scope, headerNames, description, active, temporarilyDisabled } = subscription;
  const rows: [string, string][] = [
    ['URL', whole(url)],
    ['Events', eventWords(events)],
    ['About', scopeWords(scope)],
    [
      'Custom headers',
      listed(
        headerNames.map((name) => oneLine(name)),
        20,
      ) || 'none',
    ],
    ['Description', whole(description ?? '') || '(empty)'],
    ['Switched', `${onOff(active)}${temporarilyDisabled ? ', paused by PagerDuty' : ''}`],
  ];
  return rows.map(([label, now]) => ({ label, now, after: 'deleted' }));
}

function effect({ subscription }: Before) {
  const { url, events, scope, active, temporarilyDisabled } = subscription;
  const host = oneLine(hostOf(url));
  const kinds = counted(events.length, 'kind');
  return {
    known: true,
    lines: [
      active && !temporarilyDisabled
        ? `${host} stops receiving ${kinds} of events of ${scopeWords(scope)} at once.`
        : `Nothing is sent to ${host} now, and nothing will be.`,
      'Its signing secret is lost. Nobody starts or stops being paged by PagerDuty itself.',
    ],
  };
}

/** A new subscription of the same kind: with another id and secret, and without the headers, whose values nobody tells. */
function undo({ subscription }: Before): Undo {
  const { url, events, scope, description, active, headerNames } = subscription;
  // The agent is told the arguments of an undo, and of an address no more than a reading tells it.
  if (!isShownWhole(url)) {
    return {
      possible: false,
      because:
        'The address holds what may be a key, so it is not handed on; create the subscription again in PagerDuty, where it gets a new signing secret.',
    };
  }
  const again: JsonObject = {
    webhook_data: {
      delivery_method: { url },
      events,
      filter: scope.id === null ? { type: scope.type } : { type: scope.type, id: scope.id },
      active,
      ...(description === null || description.trim() === '' ? {} : { description }),
    },
  };
  if (!createWebhookSubscription.input.safeParse(again).success) {
    return { possible: false, because: 'A subscription like this one cannot be created again from here.' };
  }
  const missing =
    headerNames.length === 0
      ? ''
      : ` Its ${counted(headerNames.length, 'custom header')} must be given again: nobody can read the values.`;
  return {
    possible: true,
    tool: 'create_webhook_subscription',
    input: again,
    complete: false,
    note: `Creates it again with a new id and a new signing secret, which the receiver must learn.${missing}`,
  };
}

export const deleteWebhookSubscription = defineWriteTool<Input, Before, After>({
  name: 'delete_webhook_subscription',
  title: 'Delete a webhook subscription',
  description: 'Delete a webhook subscription; its receiver gets no more events.',
  version: 1,
  toolset: 'webhooks',
  source: {
    operationId: 'deleteWebhookSubscription',
    method: 'DELETE',
    path: '/webhook_subscriptions/{id}',
    scope: 'webhook_subscriptions.write',
  },
  reads: SUBSCRIPTION_SCOPES,
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: { subscription_id: 'PWHCHAT' },

  async read(pagerduty, { subscription_id: subscriptionId }) {
    const subscription = await readSubscription(pagerduty, subscriptionId);
    return { readAt: new Date().toISOString(), subscription };
  },
  watched: (_request, { subscription }) => watchedSubscription(subscription),
  admit: () => yes,
  risk: () =>
    strictest([{ level: 'high', reason: 'Breaks whatever relies on these events; the signing secret is lost.' }]),
  touches: ({ subscription_id: subscriptionId }) => ({
    subjects: [`webhook_subscription:${subscriptionId}`],
    escalationPolicyIds: [],
  }),
  supersedes: () => null,
  summarize: (_request, facts) => ({
    title: `Delete the webhook subscription ${subscriptionWords(facts.subscription)}`,
    target: oneLine(hostOf(facts.subscription.url)),
    services:
      facts.subscription.scope.type === 'service_reference' && facts.subscription.scope.name !== null
        ? [facts.subscription.scope.name]
        : [],
    lines: lines(facts),
    effect: effect(facts),
  }),
  call: ({ subscription_id: subscriptionId }) => ({
    method: 'DELETE',
    path: subscriptionPath(subscriptionId),
    body: null,
  }),
  alsoHolds: nothingElse,
  interpret({ subscription_id: subscriptionId }, body) {
    if (body !== null) throw new TypeError('The answer to a deletion has no body.');
    return { applied: true, result: { subscription_id: subscriptionId }, secrets: [] };
  },
  async readBack(pagerduty, { subscription_id: subscriptionId }) {
    const found = await orGone(pagerduty.get(subscriptionPath(subscriptionId), subscriptionAnswer));
    return { there: found !== null };
  },
  verify: (_request, { there }) =>
    there
      ? { applied: false, because: 'The subscription is still there, and an id is never given twice.' }
      : { applied: true, because: 'The subscription is gone.', result: null },
  undo: (_request, facts) => undo(facts),
});
