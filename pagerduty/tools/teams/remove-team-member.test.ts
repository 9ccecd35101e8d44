import { beforeEach, describe, expect, test } from 'vitest';
import { people, teams } from '../../fake/company.ts';
import { stillHolds } from '../evidence/watching.ts';
import { stage, unread } from '../testing/stage.ts';
import { addTeamMember } from './add-team-member.ts';
import { removeTeamMember as tool } from './remove-team-member.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const input = tool.input.parse(tool.example);
const ask = (who: { id: string }, team: { id: string } = teams.commerce) => ({ team_id: team.id, user_id: who.id });

beforeEach(() => play.reset());

describe('remove_team_member', () => {
  test('shows the role that is lost and what the person stays on', async () => {
    const { before } = await held(tool, input);
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Nobody starts or stops being paged.",
            "Lena Fischer is not on call for the team now.",
            "Stays on the team's schedules: On-call training. PagerDuty may refuse while an escalation policy of the team uses one.",
          ],
        },
        "lines": [
          {
            "after": "no member",
            "label": "Role of Lena Fischer in the team",
            "now": "responder",
          },
        ],
        "services": [],
        "target": "Commerce",
        "title": "Remove Lena Fischer from the team "Commerce"",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "high",
        "reasons": [
          "Takes away what the role of responder in the team "Commerce" allows.",
        ],
      }
    `);
  });

  test('names the escalation policies of the team that make PagerDuty refuse', async () => {
    const { input: asked, before } = await held(tool, ask(people.dana));
    expect(tool.admit(asked, before, binding)).toMatchInlineSnapshot(`
      {
        "because": "PagerDuty refuses this while Dana Whitfield is on an escalation policy of the team "Commerce": "Checkout and Payments" (level 1 and 3). Take Dana Whitfield off it first.",
        "holds": false,
      }
    `);
    expect(await sent(tool, asked)).toMatchObject({
      kind: 'rejected',
      because: expect.stringContaining('they belong to an escalation policy on this team'),
    });
  });

  test('is refused for somebody who is no member', async () => {
    const { input: asked, before } = await held(tool, ask(people.ruth));
    expect(tool.admit(asked, before, binding)).toEqual({
      holds: false,
      because: 'Ruth Adeyemi is no member of the team "Commerce".',
    });
    await expect(held(tool, ask({ id: 'PUNOONE' }))).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('is critical while the person is on call for the team or works on its incidents', async () => {
    // Priya is on call through a schedule; take her and Dana off the policies that name them.
    play.change((state) => {
      for (const policy of state.escalationPolicies) {
        for (const rule of policy.rules) rule.targets = rule.targets.filter(({ type }) => type !== 'user_reference');
      }
    });
    const { input: asked, before } = await held(tool, ask(people.priya));
    expect(tool.admit(asked, before, binding)).toEqual({ holds: true });
    expect(tool.risk(asked, before)).toMatchInlineSnapshot(`
      {
        "level": "critical",
        "reasons": [
          "Priya Raman is on call for the team now.",
          "Priya Raman is assigned to 2 open incidents of the team.",
          "Takes away what the role of responder in the team "Commerce" allows.",
        ],
      }
    `);
    expect(tool.summarize(asked, before).effect).toMatchInlineSnapshot(`
      {
        "known": true,
        "lines": [
          "Nobody starts or stops being paged.",
          "Priya Raman is on call for the team now and still will be, with only the rights of the base role.",
          "Stays on the team's schedules: Checkout primary. PagerDuty may refuse while an escalation policy of the team uses one.",
          "Stays assigned to open incidents of the team: #4821 Checkout 5xx above 5 % and #4822 Payment webhooks fail signature check.",
        ],
      }
    `);
  });

  test('says what could not be read', async () => {
    const { before } = await held(tool, input);
    expect(tool.summarize(input, { ...before, onCall: null }).effect).toMatchObject({ known: false });
    const { effect } = tool.summarize(input, { ...before, schedulesKnown: false });
    expect(effect.known).toBe(false);
    expect(effect.lines).toContain('Not all shift-based schedules of the team could be read.');
  });

  test('is one call without a body', () => {
    expect(tool.call(input, binding, unread)).toEqual({
      method: 'DELETE',
      path: '/teams/PTCOMRC/users/PULENA1',
      body: null,
    });
  });

  test('is stale when the role changed meanwhile', async () => {
    const { before } = await held(tool, input);
    await sent(addTeamMember, {
      team_id: teams.commerce.id,
      member_data: { user_id: people.lena.id, role: 'manager' },
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({
      holds: false,
      because:
        'The role of Lena Fischer in the team "Commerce" was "responder" when this was shown and is "manager" now.',
    });
  });

  test('is recognised when the person is gone, and proven absent only by the audit trail', async () => {
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The person is still a member, as responder. The audit trail shows no change since it was to be sent.",
      }
    `);
    await sent(addTeamMember, {
      team_id: teams.commerce.id,
      member_data: { user_id: people.sam.id, role: 'observer' },
    });
    expect((await evidence(tool, input)).applied).toBeNull();
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({ applied: true, result: { user_id: people.lena.id } });
    play.change((state) => {
      state.teams = [];
    });
    expect((await evidence(tool, input)).applied).toBeNull();
  });

  test('is undone by the former role', async () => {
    const { before } = await held(tool, input);
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchInlineSnapshot(`
      {
        "complete": true,
        "input": {
          "member_data": {
            "role": "responder",
            "user_id": "PULENA1",
          },
          "team_id": "PTCOMRC",
        },
        "note": "Puts the person back with the former role.",
        "possible": true,
        "tool": "add_team_member",
      }
    `);
    await sent(tool, input);
    if (!undo.possible) throw new Error(undo.because);
    await sent(addTeamMember, addTeamMember.input.parse(undo.input));
    expect((await tool.read(reads, input)).role).toBe('responder');
    expect(tool.undo(input, { ...before, role: 'captain' }, null).possible).toBe(false);
  });

  test('takes only an answer without a body', () => {
    expect(tool.interpret(input, null)).toMatchObject({ applied: true, result: { user_id: people.lena.id } });
    expect(() => tool.interpret(input, { user: {} })).toThrow();
  });
});
