import { describe, expect, test } from 'vitest';
import { openPost, statusPages } from '../../fake/status-pages.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listStatusPagePostUpdates as tool } from './list-status-page-post-updates.ts';

const { reads } = await stage();
const run = runner(tool, reads);
const post = { status_page_id: statusPages.customers.id, post_id: openPost.id };

describe('list_status_page_post_updates', () => {
  test('lists what the post has said, and nobody who is subscribed', async () => {
    const found = await run({ ...post, query_model: { limit: 1 } });
    expect(found).toMatchInlineSnapshot(`
      {
        "answer": {
          "more": true,
          "post_updates": [
            {
              "id": "PWUPD01",
              "impacted_services": [
                {
                  "impact": {
                    "id": "PWCIM01",
                    "name": "degraded performance",
                  },
                  "service": {
                    "id": "PWSSHOP",
                    "name": "Web Shop",
                  },
                },
              ],
              "message": "We are looking into slow checkouts in our web shop.",
              "notify_subscribers": true,
              "reported_at": "2026-11-23T13:25:00Z",
              "reviewed_status": "approved",
              "severity": {
                "id": "PWCSV01",
                "name": "minor",
              },
              "status": {
                "id": "PWCST01",
                "name": "investigating",
              },
              "update_frequency_ms": 1800000,
            },
          ],
        },
        "text": "1 update; more exist, narrow the filters or raise the limit.",
      }
    `);
    expect(JSON.stringify(await run(post))).not.toMatch(/@|contact|subscription/);
    expect((await run({ ...post, query_model: { reviewed_status: 'not_reviewed' } })).text).toBe('No updates.');
  });

  test('refuses a review that does not exist, and a post that PagerDuty does not know', async () => {
    expect(refusals(tool, { ...post, query_model: { reviewed_status: 'maybe' } })).toHaveLength(1);
    await expect(run({ ...post, post_id: 'PWNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
