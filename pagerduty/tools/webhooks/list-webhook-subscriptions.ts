import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, limit, optional, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { subscription } from './shapes.ts';
import { subscriptionFields } from './subscriptions.ts';

/** Filters are called `team_reference` in a subscription and `team` when asking. */
const filterType = z.preprocess(
  (value) => (typeof value === 'string' ? value.replace(/_reference$/, '') : value),
  z.enum(['account', 'service', 'team']),
);

const input = toolInput({ filter_type: optional(filterType), limit });

export const listWebhookSubscriptions = defineReadTool<z.infer<typeof input>>({
  name: 'list_webhook_subscriptions',
  title: 'List webhook subscriptions',
  description:
    'List where PagerDuty sends which events. Signing secrets, values of headers and keys inside addresses are left out.',
  toolset: 'webhooks',
  source: {
    operationId: 'listWebhookSubscriptions',
    path: '/webhook_subscriptions',
    scope: 'webhook_subscriptions.read',
  },
  reads: ['webhook_subscriptions.read'],
  input,
  example: { filter_type: 'team' },
  async run(pagerduty, { filter_type: type, limit: wanted = DEFAULT_LIMIT }) {
    const source = { path: '/webhook_subscriptions', list: 'webhook_subscriptions', item: subscription };
    const found = await collect(pagerduty, source, { filter_type: type }, { limit: wanted });
    return {
      answer: { webhook_subscriptions: found.items.map(subscriptionFields), more: found.more },
      text: listSentence(found, 'webhook subscription'),
    };
  },
});
