import { describe, expect, test } from 'vitest';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listStatusPages as tool } from './list-status-pages.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_status_pages', () => {
  test('lists pages by type', async () => {
    expect(await run({ query_model: { status_page_type: 'private' } })).toMatchInlineSnapshot(`
      {
        "answer": {
          "more": false,
          "status_pages": [
            {
              "id": "PWSTAFF",
              "name": "Northwind Staff Status",
              "published_at": "2024-05-13T09:00:00Z",
              "type": "private",
              "url": "https://staff-status.northwind.example",
            },
          ],
        },
        "text": "1 status page.",
      }
    `);
    expect((await run({})).text).toBe('2 status pages.');
    const { answer, text } = await run({ query_model: { limit: 1 } });
    expect(answer.more).toBe(true);
    expect(text).toMatch(/^1 status page; more exist/);
  });

  test('refuses a type that does not exist', () => {
    expect(refusals(tool, { query_model: { status_page_type: 'secret' } })).toHaveLength(1);
  });
});
