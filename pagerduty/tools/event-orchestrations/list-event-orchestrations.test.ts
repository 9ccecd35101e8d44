import { describe, expect, test } from 'vitest';
import { runner, stage } from '../testing/stage.ts';
import { listEventOrchestrations as tool } from './list-event-orchestrations.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_event_orchestrations', () => {
  test('lists what there is, in the asked order, and keeps to the limit', async () => {
    expect(await run({ sort_by: 'name:desc', limit: 1 })).toMatchInlineSnapshot(`
      {
        "answer": {
          "more": true,
          "orchestrations": [
            {
              "created_at": "2024-02-19T10:00:00Z",
              "description": "Carriers and shops that send us events.",
              "id": "e40b9d62-8f13-4a76-b1c8-93d5a7f20e5c",
              "name": "Partner events",
              "routes": 1,
              "team": null,
              "updated_at": "2024-02-19T10:00:00Z",
              "version": "aV4e_partners.000001",
            },
          ],
        },
        "text": "1 event orchestration; more exist, narrow the filters or raise the limit.",
      }
    `);
    expect((await run({ limit: 1, offset: 1 })).answer).toMatchObject({
      orchestrations: [{ name: 'Partner events', team: null }],
      more: false,
    });
  });
});
