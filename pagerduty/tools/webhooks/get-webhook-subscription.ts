import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { id, toolInput } from '../input/parameters.ts';
import { subscriptionAnswer } from './shapes.ts';
import { factsOf, onOff, subscriptionFields, subscriptionPath, subscriptionWords } from './subscriptions.ts';

const input = toolInput({ subscription_id: id('webhook subscription') });

export const getWebhookSubscription = defineReadTool<z.infer<typeof input>>({
  name: 'get_webhook_subscription',
  title: 'Read a webhook subscription',
  description: 'Read where one webhook subscription sends which events. Secrets and values of headers are left out.',
  toolset: 'webhooks',
  source: {
    operationId: 'getWebhookSubscription',
    path: '/webhook_subscriptions/{id}',
    scope: 'webhook_subscriptions.read',
  },
  reads: ['webhook_subscriptions.read'],
  input,
  example: { subscription_id: 'PWHCHAT' },
  async run(pagerduty, { subscription_id: subscriptionId }) {
    const { webhook_subscription: found } = await pagerduty.get(subscriptionPath(subscriptionId), subscriptionAnswer);
    const facts = factsOf(found);
    return {
      answer: { webhook_subscription: subscriptionFields(found) },
      text: `The webhook subscription ${subscriptionWords(facts)} is ${onOff(facts.active)}.`,
    };
  },
});
