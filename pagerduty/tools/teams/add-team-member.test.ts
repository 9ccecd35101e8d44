import { beforeEach, describe, expect, test } from 'vitest';
import { people, teams } from '../../fake/company.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { addTeamMember as tool } from './add-team-member.ts';
import { removeTeamMember } from './remove-team-member.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const ask = (who: { id: string }, role: string | undefined, team: { id: string } = teams.data) => ({
  team_id: team.id,
  member_data: { user_id: who.id, role },
});
const roleNow = async (who: { id: string }) => (await tool.read(reads, tool.input.parse(ask(who, 'observer')))).role;

beforeEach(() => play.reset());

describe('add_team_member', () => {
  test('takes no call without a role, since PagerDuty would make a manager of it', () => {
    expect(refusals(tool, ask(people.lena, undefined))).toMatchInlineSnapshot(`
      [
        "member_data.role: Invalid option: expected one of "observer"|"responder"|"manager"",
      ]
    `);
    expect(refusals(tool, ask(people.lena, 'owner'))).toHaveLength(1);
  });

  test('shows what the role allows and what it is about', async () => {
    const { input, before } = await held(tool, tool.example);
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "As responder of the team Lena Fischer may act on the incidents of the team and make overrides on its schedules.",
            "To the team belong 1 service and 0 escalation policies. The base role of Lena Fischer is Responder.",
            "Nobody starts or stops being paged.",
          ],
        },
        "lines": [
          {
            "after": "responder",
            "label": "Role of Lena Fischer in the team",
            "now": "no member",
          },
        ],
        "services": [
          "Customer Mailer",
        ],
        "target": "Data and Messaging",
        "title": "Add Lena Fischer to the team "Data and Messaging" as responder",
      }
    `);
  });

  test('shows the role that is overwritten', async () => {
    const { input, before } = await held(tool, ask(people.tomas, 'observer'));
    const { title, lines, effect } = tool.summarize(input, before);
    expect(title).toBe('Change the role of Tomáš Novák in the team "Data and Messaging" to observer');
    expect(lines).toEqual([{ label: 'Role of Tomáš Novák in the team', now: 'manager', after: 'observer' }]);
    expect(effect.lines).toContain('The present role, manager, is overwritten.');
    expect(tool.risk(input, before)).toEqual({
      level: 'high',
      reasons: ['Takes away what the role of manager in the team "Data and Messaging" allows.'],
    });
  });

  test('weighs a lower role like a removal: critical while the person is needed for the team', async () => {
    const { input, before } = await held(tool, ask(people.priya, 'observer', teams.commerce));
    expect(before.role).toBe('responder');
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "critical",
        "reasons": [
          "Priya Raman is on call for the team now.",
          "Priya Raman is assigned to 2 open incidents of the team.",
          "Takes away what the role of responder in the team "Commerce" allows.",
        ],
      }
    `);
    expect(tool.summarize(input, before).effect).toMatchInlineSnapshot(`
      {
        "known": true,
        "lines": [
          "As observer of the team Priya Raman may see what belongs to the team.",
          "The present role, responder, is overwritten.",
          "To the team belong 2 services and 1 escalation policy. The base role of Priya Raman is Responder.",
          "Nobody starts or stops being paged.",
          "Priya Raman is on call for the team now and still will be, with only what the role of observer and the base role allow.",
          "Stays assigned to open incidents of the team: #4821 Checkout 5xx above 5 % and #4822 Payment webhooks fail signature check.",
        ],
      }
    `);
    play.change((state) => {
      for (const team of state.teams) {
        for (const one of team.members) if (one.userId === people.priya.id) one.role = 'observer';
      }
    });
    const raised = await held(tool, ask(people.priya, 'responder', teams.commerce));
    expect(raised.before.standing).toBeNull();
    expect(tool.risk(raised.input, raised.before).level).toBe('high');
  });

  test('takes a role that is new to us for a higher one, and says when nobody knows who is on call', async () => {
    const { input, before } = await held(tool, ask(people.lena, 'responder'));
    const odd = { ...before, role: 'captain', standing: { onCall: null, assigned: [] } };
    expect(tool.risk(input, odd).reasons).toEqual([
      'Takes away what the role of captain in the team "Data and Messaging" allows.',
    ]);
    expect(tool.summarize(input, odd).effect).toMatchObject({
      known: false,
      lines: expect.arrayContaining(['Whether Lena Fischer is on call for the team now is not known.']),
    });
  });

  test('weighs the role: to look is medium, to act high, to manage what pages people critical', async () => {
    const level = async (role: string, team: { id: string }) => {
      const { input, before } = await held(tool, ask(people.lena, role, team));
      return tool.risk(input, before).level;
    };
    expect(await level('observer', teams.data)).toBe('medium');
    expect(await level('responder', teams.data)).toBe('high');
    expect(await level('manager', teams.returns)).toBe('high');
    expect(await level('manager', teams.logistics)).toBe('critical');
  });

  test('sends one PUT with the role alone', () => {
    expect(tool.call(tool.input.parse(tool.example), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "role": "responder",
        },
        "method": "PUT",
        "path": "/teams/PTDATA1/users/PULENA1",
      }
    `);
  });

  test('is refused when the person has the role already or may be in no team', async () => {
    const same = await held(tool, ask(people.tomas, 'manager'));
    expect(tool.admit(same.input, same.before, binding)).toEqual({
      holds: false,
      because: 'Tomáš Novák is manager of the team "Data and Messaging" already.',
    });
    play.change((state) => {
      for (const user of state.users) if (user.id === people.lena.id) user.role = 'read_only_user';
    });
    const reader = await held(tool, tool.example);
    expect(tool.admit(reader.input, reader.before, binding)).toMatchObject({ holds: false });
    expect((await sent(tool, reader.input)).kind).toBe('rejected');
    await expect(held(tool, ask({ id: 'PUNOONE' }, 'observer'))).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('is stale when somebody else gave a role meanwhile', async () => {
    const { input, before } = await held(tool, tool.example);
    play.human({
      as: people.tomas.email,
      method: 'PUT',
      path: `/teams/${teams.data.id}/users/${people.lena.id}`,
      body: { role: 'observer' },
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({
      holds: false,
      because:
        'The role of Lena Fischer in the team "Data and Messaging" was "none" when this was shown and is "observer" now.',
    });
  });

  test('is recognised by the role, and proven absent only by the audit trail', async () => {
    const input = tool.input.parse(tool.example);
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The person is no member of the team. The audit trail shows no change since it was to be sent.",
      }
    `);
    await sent(tool, tool.input.parse(ask(people.sam, 'observer')));
    expect((await evidence(tool, input)).applied).toBeNull();
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({
      applied: true,
      result: { user_id: people.lena.id, role: 'responder' },
    });
    play.change((state) => {
      state.teams = [];
    });
    expect((await evidence(tool, input)).applied).toBeNull();
  });

  test('is undone by taking the person off, or by the former role', async () => {
    const fresh = await held(tool, tool.example);
    await sent(tool, fresh.input);
    const off = tool.undo(fresh.input, fresh.before, null);
    if (!off.possible) throw new Error(off.because);
    expect(off.tool).toBe('remove_team_member');
    await sent(removeTeamMember, removeTeamMember.input.parse(off.input));
    expect(await roleNow(people.lena)).toBeNull();

    const over = await held(tool, ask(people.kenji, 'manager'));
    await sent(tool, over.input);
    const back = tool.undo(over.input, over.before, null);
    if (!back.possible) throw new Error(back.because);
    await sent(tool, tool.input.parse(back.input));
    expect(await roleNow(people.kenji)).toBe('responder');
    expect(tool.undo(over.input, { ...over.before, role: 'captain' }, null).possible).toBe(false);
  });

  test('takes only an answer without a body', () => {
    const input = tool.input.parse(tool.example);
    expect(tool.interpret(input, null)).toMatchObject({ applied: true, result: { role: 'responder' } });
    expect(() => tool.interpret(input, { user: {} })).toThrow();
    expect(tool.supersedes(input)).toBe('add_team_member PTDATA1 PULENA1');
  });
});
