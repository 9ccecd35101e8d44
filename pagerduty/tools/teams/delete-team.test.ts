import { beforeEach, describe, expect, test } from 'vitest';
import { people, teams } from '../../fake/company.ts';
import { stillHolds } from '../evidence/watching.ts';
import { stage, unread } from '../testing/stage.ts';
import { deleteTeam as tool } from './delete-team.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const input = tool.input.parse(tool.example);

beforeEach(() => play.reset());

describe('delete_team', () => {
  test('shows who loses what, and that it cannot be undone', async () => {
    const { before } = await held(tool, input);
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "No open incident belongs to it.",
            "What the role in the team allowed is lost to 2 members.",
            "Nobody starts or stops being paged; it cannot be undone.",
          ],
        },
        "lines": [
          {
            "after": "deleted",
            "label": "Team",
            "now": "Returns Pilot",
          },
          {
            "after": "none",
            "label": "Members",
            "now": "Ruth Adeyemi (manager) and Tomáš Novák (observer)",
          },
          {
            "after": "none",
            "label": "Open incidents",
            "now": "none",
          },
        ],
        "services": [],
        "target": "Returns Pilot",
        "title": "Delete the team "Returns Pilot"",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "critical",
        "reasons": [
          "A team cannot be brought back: a new one has another id.",
        ],
      }
    `);
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    expect(tool.undo(input, before, null)).toMatchObject({ possible: false });
  });

  test('counts the open incidents that lose their team', async () => {
    const { input: asked, before } = await held(tool, { team_id: teams.commerce.id });
    const { lines, effect } = tool.summarize(asked, before);
    expect(effect.lines[0]).toMatchInlineSnapshot(
      `"2 open incidents will belong to no team, so everybody in the account may see them: #4821 Checkout 5xx above 5 % and #4822 Payment webhooks fail signature check."`,
    );
    expect(lines.at(-1)?.after).toBe('without a team');
    expect(tool.risk(asked, before).reasons).toContain('Leaves 2 open incidents without a team.');
  });

  test('is refused at the door while something belongs to the team, as PagerDuty would', async () => {
    const { input: asked, before } = await held(tool, { team_id: teams.commerce.id });
    expect(tool.admit(asked, before, binding)).toMatchInlineSnapshot(`
      {
        "because": "PagerDuty deletes a team only when nothing belongs to it any more; "Commerce" still has 2 services (Checkout API and Payments Gateway), 1 escalation policy (Checkout and Payments) and 3 schedules (Checkout primary, Checkout secondary and On-call training).",
        "holds": false,
      }
    `);
    expect(await sent(tool, asked)).toMatchObject({ kind: 'rejected', httpStatus: 400 });
    const parent = { ...before, services: [], policies: [], schedules: [], shiftSchedules: [] };
    const child = { ...parent, subteams: [{ id: 'PTCHILD', name: 'Baskets' }] };
    expect(tool.admit(asked, parent, binding)).toEqual({ holds: true });
    expect(tool.admit(asked, child, binding)).toMatchObject({ holds: false });
  });

  test('says when it could not see whether shift-based schedules belong to it', async () => {
    const { before } = await held(tool, input);
    expect(tool.summarize(input, { ...before, shiftSchedules: null }).effect.known).toBe(false);
  });

  test('is one call without a body', () => {
    expect(tool.call(input, binding, unread)).toEqual({ method: 'DELETE', path: '/teams/PTRETRN', body: null });
  });

  test('is stale when a member, an incident or a service came', async () => {
    const { before } = await held(tool, input);
    play.human({
      as: people.ruth.email,
      method: 'PUT',
      path: `/teams/${teams.returns.id}/users/${people.sam.id}`,
      body: { role: 'manager' },
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The list of members of the team "Returns Pilot" was "Ruth Adeyemi (manager) and Tomáš Novák (observer)" when this was shown and is "Ruth Adeyemi (manager), Sam Okafor (manager) and Tomáš Novák (observer)" now.",
        "holds": false,
      }
    `);
    play.reset();
    play.change((state) => {
      for (const service of state.services) if (service.id === 'PSMAILR') service.teamIds = [teams.returns.id];
    });
    const { holds } = stillHolds(tool, input, before, await tool.read(reads, input));
    expect(holds).toBe(false);
  });

  test('is proven by reading: what is gone was deleted, what is there was not', async () => {
    expect(await evidence(tool, input)).toMatchObject({ applied: false });
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({ applied: true, result: { team_id: teams.returns.id } });
  });

  test('takes only an answer without a body', () => {
    expect(tool.interpret(input, null)).toEqual({ applied: true, result: { team_id: 'PTRETRN' }, secrets: [] });
    expect(() => tool.interpret(input, { team: { id: 'PTRETRN' } })).toThrow();
  });
});
