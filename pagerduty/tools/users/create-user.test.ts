import { beforeEach, describe, expect, test } from 'vitest';
import { people } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { createUser as tool } from './create-user.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const email = 'noor.haddad@northwind.example';
const ask = (request: object = {}) => ({ request: { name: 'Noor Haddad', email, role: 'limited_user', ...request } });
const byHand = (user: object) =>
  play.human({
    as: people.ruth.email,
    method: 'POST',
    path: '/users',
    body: { user: { type: 'user', name: 'N. Haddad', email, role: 'observer', ...user } },
  });

beforeEach(() => play.reset());

describe('create_user', () => {
  test('takes one plain address, a role that was named, and a real time zone', () => {
    expect(refusals(tool, ask({ time_zone: 'Etc/UTC', role: 'owner' }))).toEqual([]);
    expect(refusals(tool, { request: { name: 'Noor Haddad', email } })).toMatchInlineSnapshot(`
      [
        "request.role: Invalid option: expected one of "admin"|"limited_user"|"observer"|"owner"|"read_only_user"|"restricted_access"|"read_only_limited_user"|"user"",
      ]
    `);
    expect(refusals(tool, ask({ time_zone: 'Mars/Base' }))).toMatchInlineSnapshot(`
      [
        "request.time_zone: Must be an IANA time zone, like Europe/Berlin.",
      ]
    `);
    for (const bad of ['Noor <a@b.example>', 'a@b.example,c@d.example', 'n\u00f6@b.example', 'a\u200bb@c.example']) {
      expect(refusals(tool, ask({ email: bad }))).toEqual(['request.email: Must be one plain mail address.']);
    }
  });

  test('shows the address and the role in words', async () => {
    const { input, before } = await held(tool, ask({ time_zone: 'Asia/Dubai' }));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "They can sign in; the role may act on incidents, and change nothing else by default.",
            "Addresses of northwind.example in the account so far: 9 users.",
            "Nobody starts or stops being paged. It may take a paid licence, and PagerDuty may mail an invitation.",
          ],
        },
        "lines": [
          {
            "after": "Noor Haddad",
            "label": "Name",
            "now": null,
          },
          {
            "after": "noor.haddad@northwind.example",
            "label": "Mail address",
            "now": null,
          },
          {
            "after": "Responder (limited_user)",
            "label": "Role",
            "now": null,
          },
          {
            "after": "Asia/Dubai",
            "label": "Time zone",
            "now": null,
          },
        ],
        "services": [],
        "target": "Noor Haddad",
        "title": "Create the user Noor Haddad as Responder",
      }
    `);
    expect(tool.risk(input, before)).toEqual({ level: 'high', reasons: ['Opens the account to one more person.'] });
    expect(tool.touches(input, before)).toEqual({ subjects: ['account:users'], escalationPolicyIds: [] });
  });

  test.each(['owner', 'admin', 'user'])('weighs the role %s as critical', async (role) => {
    const { input, before } = await held(tool, ask({ role }));
    expect(tool.risk(input, before).level).toBe('critical');
  });

  test('weighs an address of a domain that nobody has as critical', async () => {
    const { input, before } = await held(tool, ask({ email: 'noor@northwind.example.evil.example' }));
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "critical",
        "reasons": [
          "No user has an address of this mail domain.",
          "Opens the account to one more person.",
        ],
      }
    `);
    expect(tool.summarize(input, before).effect.lines[1]).toBe(
      'Nobody in the account has an address of northwind.example.evil.example so far.',
    );
  });

  test('sends one POST with what was asked for, and nothing else', () => {
    expect(tool.call(tool.input.parse(ask()), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "user": {
            "email": "noor.haddad@northwind.example",
            "name": "Noor Haddad",
            "role": "limited_user",
            "type": "user",
          },
        },
        "method": "POST",
        "path": "/users",
      }
    `);
    expect(tool.call(tool.input.parse(ask({ time_zone: 'Asia/Dubai' })), binding, unread).body).toMatchObject({
      user: { time_zone: 'Asia/Dubai' },
    });
  });

  test('is refused when somebody has the address already, without telling who', async () => {
    const { input, before } = await held(tool, ask({ email: people.lena.email.toUpperCase() }));
    expect(tool.admit(input, before, binding)).toEqual({
      holds: false,
      because: 'There is a user with that mail address already.',
    });
    expect(JSON.stringify(before)).not.toContain('@');
    expect(await sent(tool, input)).toMatchObject({
      kind: 'rejected',
      because: expect.stringContaining('Email has already been taken'),
    });
  });

  test('notices that the address was taken meanwhile, and does not repeat it', async () => {
    const { input, before } = await held(tool, ask());
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    byHand({});
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({
      holds: false,
      because: 'The mail address was free when this was shown and is taken by another user now.',
    });
  });

  test('is found again by its address, name and role when the answer was lost', async () => {
    const { input } = await held(tool, ask());
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toEqual({
      applied: true,
      because: 'There is a user with that address, name and role.',
      result: { user_id: play.state().users.at(-1)?.id },
    });
    expect((await evidence(tool, tool.input.parse(ask({ role: 'admin' })))).applied).toBeNull();
  });

  test('was not applied when nobody created any user; otherwise a human must look', async () => {
    const { input } = await held(tool, ask());
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "There is no user with that address. The audit trail shows no change since it was to be sent.",
      }
    `);
    byHand({ email: 'somebody.else@northwind.example' });
    expect((await evidence(tool, input)).applied).toBeNull();
  });

  test('tells the agent the id and no address, and cannot be undone', async () => {
    const { input, before } = await held(tool, ask());
    const outcome = await sent(tool, input);
    const answer = tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null);
    expect(answer).toEqual({ applied: true, result: { user_id: play.state().users.at(-1)?.id }, secrets: [] });
    const others: Json[] = [null, { message: 'blocked' }, { user: { id: 'PNEW001', email: people.lena.email } }];
    for (const body of others) expect(() => tool.interpret(input, body)).toThrow();
    expect(tool.undo(input, before, null)).toMatchObject({ possible: false });
  });
});
