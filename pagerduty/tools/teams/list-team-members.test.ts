import { describe, expect, test } from 'vitest';
import { teams } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { listTeamMembers as tool } from './list-team-members.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_team_members', () => {
  test('tells the role of each member in the team', async () => {
    expect(await run({ team_id: teams.data.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "members": [
            {
              "role": "manager",
              "user": {
                "id": "PUTOMAS",
                "name": "Tomáš Novák",
              },
            },
            {
              "role": "responder",
              "user": {
                "id": "PUKENJI",
                "name": "Kenji Sato",
              },
            },
          ],
          "more": false,
        },
        "text": "2 members.",
      }
    `);
  });

  test('keeps to the limit, goes on from an offset and lets no mail address out', async () => {
    const first = await run({ team_id: teams.commerce.id, limit: 3 });
    const rest = await run({ team_id: teams.commerce.id, limit: 3, offset: 3 });
    expect([first.answer.more, rest.answer.more]).toEqual([true, false]);
    expect(rest.answer.members).toHaveLength(1);
    expect(JSON.stringify([first, rest])).not.toMatch(/@|contact/);
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ team_id: 'PTNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
