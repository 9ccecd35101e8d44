import { describe, expect, test } from 'vitest';
import { secretHeaderValue, webhooks } from '../../fake/webhooks.ts';
import { runner, stage } from '../testing/stage.ts';
import { getWebhookSubscription as tool } from './get-webhook-subscription.ts';

const { play, reads } = await stage();
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

  test('lets no secret and no contact data of description and address out, nor into its sentence', async () => {
    play.change(({ webhooks: { subscriptions } }) => {
      for (const one of subscriptions) {
        one.description = 'For dana@northwind.example, client_secret=abc123def456';
        one.url = 'https://eo3k2j4h5k3abcd.in.example/in';
      }
    });
    const { answer, text } = await run({ subscription_id: webhooks.chat.id });
    expect(text).toBe('The webhook subscription "For [mail address], client_[redacted]" to ….in.example is on.');
    expect(JSON.stringify(answer)).not.toMatch(/abc123|dana@|eo3k2/);
    play.reset();
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ subscription_id: 'PWHNONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
