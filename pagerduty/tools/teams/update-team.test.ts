import { beforeEach, describe, expect, test } from 'vitest';
import { people, teams } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { updateTeam as tool } from './update-team.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const ask = (team: object, id: string = teams.data.id) => ({ team_id: id, update_model: { team } });
const name = teams.data.name;
const somebody = (team: object) =>
  play.human({ as: people.ruth.email, method: 'PUT', path: `/teams/${teams.data.id}`, body: { team } });

beforeEach(() => play.reset());

describe('update_team', () => {
  test('refuses to go without the name, which PagerDuty wants each time', () => {
    expect(refusals(tool, ask({ description: 'New.' }))).toMatchInlineSnapshot(`
      [
        "update_model.team.name: Invalid input: expected string, received undefined",
      ]
    `);
    expect(refusals(tool, ask({ name, default_role: 'observer' }))).toHaveLength(1);
  });

  test('shows what changes, before and after', async () => {
    const { input, before } = await held(tool, ask({ name: 'Data', description: '', default_role: 'none' }));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Nobody starts or stops being paged.",
            "Only its 2 members and administrators still see the team, its incidents and what belongs to it.",
          ],
        },
        "lines": [
          {
            "after": "Data",
            "label": "Name",
            "now": "Data and Messaging",
          },
          {
            "after": "(empty)",
            "label": "Description",
            "now": "Pipelines and customer mail.",
          },
          {
            "after": "private",
            "label": "Visibility",
            "now": "public",
          },
        ],
        "services": [],
        "target": "Data and Messaging",
        "title": "Change the team "Data and Messaging"",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "high",
        "reasons": [
          "Takes the team out of sight of everybody outside it.",
          "Changes how a team is shown that people look up.",
        ],
      }
    `);
  });

  test('says nothing of visibility that stays, and weighs words as medium', async () => {
    const { input, before } = await held(tool, tool.example);
    const { lines, effect } = tool.summarize(input, before);
    expect(lines.map(({ label }) => label)).toEqual(['Description']);
    expect(effect.lines).toContain('Who can see the team stays as it is.');
    expect(tool.risk(input, before).level).toBe('medium');
    const open = await held(tool, ask({ name: teams.returns.name, default_role: 'manager' }, teams.returns.id));
    expect(tool.risk(open.input, open.before).reasons[0]).toBe('Makes a private team public.');
  });

  test('never sends a visibility or a description that nobody asked for', () => {
    expect(
      tool.call(tool.input.parse(ask({ name: 'Data', description: null, default_role: null })), binding, unread),
    ).toMatchInlineSnapshot(`
      {
        "body": {
          "team": {
            "name": "Data",
            "type": "team",
          },
        },
        "method": "PUT",
        "path": "/teams/PTDATA1",
      }
    `);
  });

  test('is refused when nothing would change', async () => {
    const { input, before } = await held(tool, ask({ name, default_role: 'manager' }));
    expect(tool.admit(input, before, binding)).toEqual({
      holds: false,
      because: 'The team "Data and Messaging" is like that already.',
    });
  });

  test('names what somebody else has changed', async () => {
    const { input, before } = await held(tool, tool.example);
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    somebody({ default_role: 'none' });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({
      holds: false,
      because: 'The visibility of the team "Data and Messaging" was "public" when this was shown and is "private" now.',
    });
  });

  test('is recognised by its values, and proven absent only by the audit trail', async () => {
    const input = tool.input.parse(ask({ name: 'Data', default_role: 'none' }));
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The team has none of the values that were asked for. The audit trail shows no change since it was to be sent.",
      }
    `);
    somebody({ default_role: 'none' });
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": null,
        "because": "The team has only some of the values that were asked for. The audit trail shows that somebody changed something since, so it may have been there. A human must look.",
      }
    `);
    play.reset();
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({ applied: true, result: { team_id: teams.data.id } });
    play.change((state) => {
      state.teams = state.teams.filter(({ id }) => id !== teams.data.id);
    });
    expect((await evidence(tool, input)).applied).toBeNull();
  });

  test('is undone by exactly the former values of what was changed', async () => {
    const { input, before } = await held(tool, ask({ name: 'Data', description: '', default_role: 'none' }));
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchInlineSnapshot(`
      {
        "complete": true,
        "input": {
          "team_id": "PTDATA1",
          "update_model": {
            "team": {
              "default_role": "manager",
              "description": "Pipelines and customer mail.",
              "name": "Data and Messaging",
            },
          },
        },
        "note": "Puts the former values back.",
        "possible": true,
        "tool": "update_team",
      }
    `);
    await sent(tool, input);
    if (!undo.possible) throw new Error(undo.because);
    await sent(tool, tool.input.parse(undo.input));
    expect((await tool.read(reads, input)).team).toEqual(before.team);
    const words = await held(tool, tool.example);
    expect(JSON.stringify(tool.undo(words.input, words.before, null))).not.toContain('default_role');
    // A plan on which PagerDuty does not tell the visibility.
    const silent = { ...before, team: { ...before.team, defaultRole: null } };
    expect(tool.undo(input, silent, null)).toMatchObject({ complete: false });
  });

  test('takes only an answer with its own team', async () => {
    const input = tool.input.parse(tool.example);
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toMatchObject({ applied: true });
    const others: Json[] = [null, {}, { team: { id: 'PTOTHER' } }];
    for (const body of others) expect(() => tool.interpret(input, body)).toThrow();
  });
});
