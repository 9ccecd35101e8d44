import { company } from '../company.ts';
import { extensionSchemas, webhooks } from '../webhooks.ts';
import type { DrivenCall } from './call.ts';

export const webhooksCalls: DrivenCall[] = [
  ['GET', '/webhook_subscriptions?filter_type=team&limit=10&total=true'],
  ['GET', `/webhook_subscriptions/${webhooks.ledger.id}`],
  [
    'POST',
    '/webhook_subscriptions',
    {
      webhook_subscription: {
        type: 'webhook_subscription',
        active: false,
        description: 'Judged',
        delivery_method: {
          type: 'http_delivery_method',
          url: 'https://judge.northwind.example/in',
          custom_headers: [{ name: 'X-Judge', value: 'yes' }],
        },
        events: ['incident.triggered'],
        filter: { type: 'service_reference', id: company.services.payments.id },
      },
    },
  ],
  [
    'PUT',
    `/webhook_subscriptions/${webhooks.chat.id}`,
    {
      webhook_subscription: {
        active: false,
        description: 'Paused',
        events: ['incident.resolved'],
        filter: { type: 'account_reference' },
      },
    },
  ],
  ['DELETE', `/webhook_subscriptions/${webhooks.ledger.id}`],
  ['GET', '/extension_schemas?limit=2&total=true'],
  ['GET', `/extension_schemas/${extensionSchemas.generic.id}`],
];
