import { describe, expect, test } from 'vitest';
import { secretHeaderValue, webhooks } from '../../fake/webhooks.ts';
import { runner, stage } from '../stage.ts';
import { getWebhookSubscription as tool } from './get-webhook-subscription.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_webhook_subscription', () => {
  test('gives what is sent where, without secrets', async () => {
    expect(await run({ subscription_id: webhooks.chat.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "webhook_subscription": {
            "active": true,
            "address": "https://chatops.northwind.example/pagerduty/checkout",
            "custom_header_names": [],
            "description": "Checkout incidents into the chat",
            "events": [
              "incident.acknowledged",
              "incident.resolved",
              "incident.triggered",
            ],
            "filter": {
              "id": "PSCHKOT",
              "type": "service_reference",
            },
            "id": "PWHCHAT",
            "temporarily_disabled": false,
          },
        },
        "text": "The webhook subscription "Checkout incidents into the chat" to chatops.northwind.example is on.",
      }
    `);
    const text = JSON.stringify(await run({ subscription_id: webhooks.ledger.id }));
    expect(text).not.toContain(secretHeaderValue);
    expect(text).not.toMatch(/secret|redacted|source=/);
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ subscription_id: 'PWHNONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
