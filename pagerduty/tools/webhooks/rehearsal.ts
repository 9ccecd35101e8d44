import { people, services } from '../../fake/company.ts';
import { webhooks } from '../../fake/webhooks.ts';
import type { Rehearsals } from '../testing/rehearsal.ts';

const paused = {
  as: people.sam.email,
  method: 'PUT',
  path: `/webhook_subscriptions/${webhooks.chat.id}`,
  body: { webhook_subscription: { active: false } },
};

export const rehearsals: Rehearsals = {
  create_webhook_subscription: {
    drift: (play) => {
      play.human({
        as: people.sam.email,
        method: 'POST',
        path: '/webhook_subscriptions',
        body: {
          webhook_subscription: {
            type: 'webhook_subscription',
            delivery_method: { type: 'http_delivery_method', url: 'https://bridge.northwind.example/pagerduty' },
            events: ['incident.triggered'],
            filter: { type: 'service_reference', id: services.payments.id },
          },
        },
      });
    },
    lost: 'unknown',
    unanswered: 'succeeded',
  },
  update_webhook_subscription: {
    drift: (play) => {
      play.human(paused);
    },
    lost: 'unknown',
    unanswered: 'succeeded',
  },
  delete_webhook_subscription: {
    drift: (play) => {
      play.human(paused);
    },
    lost: 'failed',
    unanswered: 'succeeded',
  },
};
