import { beforeEach, describe, expect, test } from 'vitest';
import { people, teams } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { createTeam as tool } from './create-team.ts';
import { deleteTeam } from './delete-team.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const ask = (team: object) => ({ create_model: { team } });
const input = tool.input.parse(tool.example);
const somebody = (name: string, rest: object = {}) =>
  play.human({
    as: people.ruth.email,
    method: 'POST',
    path: '/teams',
    body: { team: { type: 'team', name, ...rest } },
  });

beforeEach(() => play.reset());

describe('create_team', () => {
  test('refuses a blank name, an unknown visibility and members', () => {
    const raw = ask({ name: ' ', default_role: 'responder', members: [] });
    expect(refusals(tool, raw)).toMatchInlineSnapshot(`
      [
        "create_model.team.name: Must not be blank.",
        "create_model.team.default_role: Invalid option: expected one of "manager"|"none"",
        "create_model.team: Unrecognized key: "members"",
      ]
    `);
  });

  test('shows what will exist, and that PagerDuty makes it public unless told otherwise', async () => {
    const { input: asked, before } = await held(tool, tool.example);
    expect(tool.summarize(asked, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Nobody starts or stops being paged: a new team has no members, services or escalation policies.",
          ],
        },
        "lines": [
          {
            "after": "Customs",
            "label": "Name",
            "now": null,
          },
          {
            "after": "Parcels that cross a border.",
            "label": "Description",
            "now": null,
          },
          {
            "after": "public, which PagerDuty makes it when nothing is asked",
            "label": "Visibility",
            "now": null,
          },
        ],
        "services": [],
        "target": "Customs",
        "title": "Create the team "Customs"",
      }
    `);
    const secret = await held(tool, ask({ name: 'Fraud', default_role: 'none' }));
    expect(tool.summarize(secret.input, secret.before).lines.at(-1)?.after).toBe('private');
    expect(tool.risk(asked, before)).toEqual({
      level: 'low',
      reasons: ['An empty team pages nobody and can be deleted again.'],
    });
    const link = await held(tool, ask({ name: 'Fraud', description: 'See https://fraud.example' }));
    expect(tool.risk(link.input, link.before).level).toBe('medium');
  });

  test('sends what was asked and nothing else: no empty description, no visibility nobody chose', () => {
    expect(
      tool.call(tool.input.parse(ask({ name: 'Customs', description: null })), binding, unread),
    ).toMatchInlineSnapshot(`
      {
        "body": {
          "team": {
            "name": "Customs",
            "type": "team",
          },
        },
        "method": "POST",
        "path": "/teams",
      }
    `);
    const whole = { name: 'Customs', description: 'Borders.', default_role: 'none' };
    expect(tool.call(tool.input.parse(ask(whole)), binding, unread).body).toEqual({ team: { type: 'team', ...whole } });
  });

  test('is refused when the name is in use, and warns of one that only looks different', async () => {
    const taken = await held(tool, ask({ name: teams.data.name }));
    expect(tool.admit(taken.input, taken.before, binding)).toEqual({
      holds: false,
      because: 'There is a team named "Data and Messaging" already; PagerDuty allows a name once.',
    });
    expect(await sent(tool, taken.input)).toMatchObject({ kind: 'rejected', httpStatus: 400 });
    const near = await held(tool, ask({ name: 'data and messaging' }));
    expect(tool.admit(near.input, near.before, binding)).toEqual({ holds: true });
    expect(tool.summarize(near.input, near.before).effect.lines.at(-1)).toBe(
      'Nearly the same name is in use already: Data and Messaging.',
    );
  });

  test('is stale once somebody else used the name', async () => {
    const { input: asked, before } = await held(tool, tool.example);
    somebody('Customs');
    const { holds, ...rest } = stillHolds(tool, asked, before, await tool.read(reads, asked));
    expect(holds).toBe(false);
    expect(JSON.stringify(rest)).toMatch(/The name .*Customs.* was not in use when this was shown and is in use by/);
  });

  test('is found again after a lost answer, and proven absent by the audit trail', async () => {
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "There is no team named "Customs". The audit trail shows no change since it was to be sent.",
      }
    `);
    somebody('Something else');
    expect((await evidence(tool, input)).applied).toBeNull();
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({
      applied: true,
      result: { team_id: expect.stringMatching(/^P/) },
    });
  });

  test('does not take another team of that name for its own', async () => {
    somebody('Customs', { description: 'Another one.' });
    expect((await evidence(tool, input)).applied).toBeNull();
  });

  test('is undone by deleting the team once its id is known', async () => {
    const { before } = await held(tool, tool.example);
    expect(tool.undo(input, before, null)).toMatchObject({ possible: true, input: null });
    const outcome = await sent(tool, input);
    const answer = tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null);
    const undo = tool.undo(input, before, answer.applied ? answer.result : null);
    if (!undo.possible) throw new Error(undo.because);
    expect((await sent(deleteTeam, deleteTeam.input.parse(undo.input))).kind).toBe('applied');
    expect((await tool.read(reads, input)).same).toEqual([]);
  });

  test('takes only an answer with its own team', () => {
    const others: Json[] = [null, {}, { team: { id: 'PTOTHER', name: 'Other' } }];
    for (const body of others) {
      expect(() => tool.interpret(input, body)).toThrow();
    }
  });
});
