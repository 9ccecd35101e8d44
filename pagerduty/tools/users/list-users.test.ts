import { describe, expect, test } from 'vitest';
import { teams } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { listUsers as tool } from './list-users.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_users', () => {
  test('finds users by name and team', async () => {
    expect(await run({ query: 'lena' })).toMatchInlineSnapshot(`
      {
        "answer": {
          "more": false,
          "users": [
            {
              "id": "PULENA1",
              "job_title": "Backend Engineer",
              "name": "Lena Fischer",
              "role": "limited_user",
              "teams": [
                {
                  "id": "PTCOMRC",
                  "name": "Commerce",
                },
              ],
              "time_zone": "Europe/Berlin",
            },
          ],
        },
        "text": "1 user.",
      }
    `);
    expect((await run({ teams_ids: [teams.logistics.id] })).text).toBe('3 users.');
  });

  test('lets no mail address or phone out', async () => {
    const { answer } = await run({});
    expect(JSON.stringify(answer)).not.toMatch(/@|contact|phone/i);
  });
});
