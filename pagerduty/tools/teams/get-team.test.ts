import { describe, expect, test } from 'vitest';
import { teams } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { getTeam as tool } from './get-team.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_team', () => {
  test('gives the fields that are allowed', async () => {
    expect(await run({ team_id: teams.commerce.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "team": {
            "default_role": "manager",
            "description": "Everything between the basket and the bank.",
            "id": "PTCOMRC",
            "name": "Commerce",
            "parent": null,
          },
        },
        "text": "The team "Commerce" is public.",
      }
    `);
    expect((await run({ team_id: teams.returns.id })).text).toBe('The team "Returns Pilot" is private.');
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ team_id: 'PTNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
