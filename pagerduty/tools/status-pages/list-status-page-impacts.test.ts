import { describe, expect, test } from 'vitest';
import { statusPages } from '../../fake/status-pages.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listStatusPageImpacts as tool } from './list-status-page-impacts.ts';

const { reads } = await stage();
const run = runner(tool, reads);
const page = statusPages.customers.id;

describe('list_status_page_impacts', () => {
  test('lists the impacts for one type of posts', async () => {
    expect(await run({ status_page_id: page, query_model: { post_type: 'incident' } })).toMatchInlineSnapshot(`
      {
        "answer": {
          "impacts": [
            {
              "id": "PWCIM01",
              "name": "degraded performance",
              "post_type": "incident",
            },
            {
              "id": "PWCIM02",
              "name": "outage",
              "post_type": "incident",
            },
          ],
          "more": false,
        },
        "text": "2 impacts.",
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
