import { describe, expect, test } from 'vitest';
import { createReadClient } from '../../read-client.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listTeams as tool } from './list-teams.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);

describe('list_teams', () => {
  test('finds teams by name and says which are private', async () => {
    expect(await run({ query: 'returns' })).toMatchInlineSnapshot(`
      {
        "answer": {
          "more": false,
          "teams": [
            {
              "default_role": "none",
              "description": "Ended in spring; its services went to Logistics.",
              "id": "PTRETRN",
              "name": "Returns Pilot",
              "parent": null,
            },
          ],
        },
        "text": "1 team.",
      }
    `);
    expect((await run({})).text).toBe('4 teams.');
  });

  test('keeps to the limit and says that there are more', async () => {
    const { answer, text } = await run({ limit: 1 });
    expect(answer.more).toBe(true);
    expect(text).toBe('1 team; more exist, narrow the filters or raise the limit.');
  });

  test('cannot tell "my" teams with a credential that belongs to no person, and says so', async () => {
    await expect(run({ scope: 'my' })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PagerDutyError: Countersign reads with a credential that belongs to no person, so there are no teams of its own: leave scope out, or look for a person with list_users, which tells the teams.]`,
    );
    expect(refusals(tool, { scope: 'mine' })).toHaveLength(1);
  });

  test('tells the teams of the person behind the key it reads with', async () => {
    const own = createReadClient({ baseUrl: play.url, token: play.company.tokens.userPriyaRead });
    const { answer } = await tool.run(own, tool.input.parse({ scope: 'my', limit: 1 }));
    expect(answer).toMatchObject({ teams: [{ name: 'Commerce' }], more: false });
  });
});
