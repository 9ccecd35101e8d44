import { describe, expect, test } from 'vitest';
import { statusPages } from '../../fake/status-pages.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listStatusPageStatuses as tool } from './list-status-page-statuses.ts';

const { reads } = await stage();
const run = runner(tool, reads);
const page = statusPages.customers.id;

describe('list_status_page_statuses', () => {
  test('lists the statuses for one type of posts', async () => {
    expect(await run({ status_page_id: page, query_model: { post_type: 'incident' } })).toMatchInlineSnapshot(`
      {
        "answer": {
          "more": false,
          "statuses": [
            {
              "id": "PWCST01",
              "name": "investigating",
              "post_type": "incident",
            },
            {
              "id": "PWCST02",
              "name": "identified",
              "post_type": "incident",
            },
            {
              "id": "PWCST03",
              "name": "resolved",
              "post_type": "incident",
            },
          ],
        },
        "text": "3 statuses.",
      }
    `);
    const { answer, text } = await run({ status_page_id: page, query_model: { limit: 1 } });
    expect(answer.more).toBe(true);
    expect(text).toMatch(/^1 \w+; more exist/);
  });

  test('needs a page that exists', async () => {
    expect(refusals(tool, {})).toHaveLength(1);
    await expect(run({ status_page_id: 'PWNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
