import { describe, expect, test } from 'vitest';
import { openPost, statusPages } from '../../fake/status-pages.ts';
import { runner, stage } from '../testing/stage.ts';
import { getStatusPagePost as tool } from './get-status-page-post.ts';

const { reads } = await stage();
const run = runner(tool, reads);
const page = statusPages.customers.id;

describe('get_status_page_post', () => {
  test('gives the post with its updates in the words of the page', async () => {
    const asked = { status_page_id: page, post_id: openPost.id };
    const found = await run({ ...asked, query_model: { include: ['status_page_post_update'] } });
    expect(found).toMatchInlineSnapshot(`
      {
        "answer": {
          "post": {
            "ends_at": "2026-11-23T15:25:00Z",
            "id": "PWPCHKT",
            "post_type": "incident",
            "starts_at": "2026-11-23T13:25:00Z",
            "title": "Checkout is slow for some customers",
            "updates": [
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
              {
                "id": "PWUPD02",
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
                "message": "A recent release slows the checkout down. We are taking it back.",
                "notify_subscribers": true,
                "reported_at": "2026-11-23T13:50:00Z",
                "reviewed_status": "approved",
                "severity": {
                  "id": "PWCSV01",
                  "name": "minor",
                },
                "status": {
                  "id": "PWCST02",
                  "name": "identified",
                },
                "update_frequency_ms": 1800000,
              },
            ],
          },
        },
        "text": "The post "Checkout is slow for some customers" has 2 updates.",
      }
    `);
    expect(await run(asked)).toEqual(found);
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ status_page_id: page, post_id: 'PWNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
