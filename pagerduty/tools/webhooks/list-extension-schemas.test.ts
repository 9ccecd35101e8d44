import { describe, expect, test } from 'vitest';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listExtensionSchemas as tool } from './list-extension-schemas.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_extension_schemas', () => {
  test('lists the vendors, as many as were asked for', async () => {
    expect((await run({})).text).toBe('3 extension vendors.');
    expect(await run({ limit: 1 })).toMatchInlineSnapshot(`
      {
        "answer": {
          "extension_schemas": [
            {
              "description": "Sends incident events to any address.",
              "guide_url": "https://support.northwind.example/generic-webhook",
              "id": "PXSGENW",
              "key": "generic_v2_webhook",
              "name": "Generic V2 Webhook",
              "send_types": [
                "trigger",
                "acknowledge",
                "resolve",
                "escalate",
                "assign",
                "delegate",
                "unacknowledge",
              ],
            },
          ],
          "more": true,
        },
        "text": "1 extension vendor; more exist, narrow the filters or raise the limit.",
      }
    `);
  });

  test('refuses a limit out of range', () => {
    expect(refusals(tool, { limit: 0 })).toHaveLength(1);
  });
});
