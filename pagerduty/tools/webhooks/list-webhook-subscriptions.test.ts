import { describe, expect, test } from 'vitest';
import { secretHeaderValue } from '../../fake/webhooks.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listWebhookSubscriptions as tool } from './list-webhook-subscriptions.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_webhook_subscriptions', () => {
  test('lists by kind of filter, in either spelling', async () => {
    const found = await run({ filter_type: 'team_reference' });
    expect(found).toMatchInlineSnapshot(`
      {
        "answer": {
          "more": false,
          "webhook_subscriptions": [
            {
              "active": true,
              "address": "https://events.northwind.example/ingest?…",
              "custom_header_names": [
                "Authorization",
                "X-Source",
              ],
              "description": "Event ledger",
              "events": [
                "incident.resolved",
                "incident.triggered",
                "service.updated",
              ],
              "filter": {
                "id": "PTCOMRC",
                "type": "team_reference",
              },
              "id": "PWHLEDG",
              "temporarily_disabled": false,
            },
          ],
        },
        "text": "1 webhook subscription.",
      }
    `);
    expect(await run({ filter_type: 'team' })).toEqual(found);
    expect((await run({})).text).toBe('2 webhook subscriptions.');
    expect((await run({ limit: 1 })).text).toMatch(/^1 webhook subscription; more exist/);
  });

  test('lets no value of a header, no secret and no query of an address out', async () => {
    const text = JSON.stringify(await run({}));
    expect(text).not.toContain(secretHeaderValue);
    expect(text).not.toMatch(/secret|redacted|source=/);
  });

  test('refuses another kind of filter', () => {
    expect(refusals(tool, { filter_type: 'user' })).toHaveLength(1);
  });
});
