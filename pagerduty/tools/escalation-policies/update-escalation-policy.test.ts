import { beforeEach, describe, expect, test } from 'vitest';
import { escalationPolicies, people, schedules, teams } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { updateEscalationPolicy as tool } from './update-escalation-policy.ts';

const { play, reads, held, sent, binding, attempt, evidence } = await stage();
const ask = (policy: object, id: string = escalationPolicies.checkout.id) => ({
  policy_id: id,
  escalation_policy_data: { escalation_policy: policy },
});
const user = (who: { id: string }) => ({ id: who.id, type: 'user_reference' });
const schedule = (who: { id: string }) => ({ id: who.id, type: 'schedule_reference' });
const level = (minutes: number, ...targets: object[]) => ({ escalation_delay_in_minutes: minutes, targets });
const rules = [
  level(5, schedule(schedules.checkoutPrimary)),
  level(15, user(people.lena), schedule(schedules.trackingPrimary)),
];

beforeEach(() => play.reset());

describe('update_escalation_policy', () => {
  test('refuses empty changes, empty levels and unknown names', () => {
    expect(refusals(tool, ask({}))).toMatchInlineSnapshot(`
      [
        "escalation_policy_data.escalation_policy: Nothing to change.",
      ]
    `);
    expect(refusals(tool, ask({ name: null }))).toMatchInlineSnapshot(`
      [
        "escalation_policy_data.escalation_policy: Nothing to change.",
      ]
    `);
    expect(refusals(tool, ask({ escalation_rules: [level(5)] }))).toMatchInlineSnapshot(`
      [
        "escalation_policy_data.escalation_policy.escalation_rules.0.targets: Too small: expected array to have >=1 items",
      ]
    `);
    expect(refusals(tool, ask({ escalation_rules: [level(0, user(people.lena))] }))).toMatchInlineSnapshot(`
      [
        "escalation_policy_data.escalation_policy.escalation_rules.0.escalation_delay_in_minutes: Too small: expected number to be >=1",
      ]
    `);
    expect(refusals(tool, ask({ services: [] }))).toMatchInlineSnapshot(`
      [
        "escalation_policy_data.escalation_policy: Unrecognized key: "services"",
        "escalation_policy_data.escalation_policy: Nothing to change.",
      ]
    `);
  });

  test('shows level by level what was and what will be, and who starts and stops being paged', async () => {
    const { input, before } = await held(tool, ask({ escalation_rules: rules }));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Starts being paged: Lena Fischer.",
            "Stops being paged: Dana Whitfield, Marco Bellini, Sam Okafor, Aisha Rahmani, Tomáš Novák and Ruth Adeyemi.",
            "Used by 2 services: Checkout API and Payments Gateway.",
            "Holds for new incidents until it is changed again; open incidents go on as they began.",
          ],
        },
        "lines": [
          {
            "after": "Checkout primary (now Priya Raman); next level after 5 min",
            "label": "Level 1",
            "now": "Checkout primary (now Priya Raman) and Dana Whitfield; next level after 10 min",
          },
          {
            "after": "Lena Fischer and Tracking primary (now Kenji Sato); next level after 15 min",
            "label": "Level 2",
            "now": "Checkout secondary (now Marco Bellini); next level after 15 min",
          },
          {
            "after": "removed",
            "label": "Level 3",
            "now": "Priya Raman, Marco Bellini, Sam Okafor, Dana Whitfield, Kenji Sato, Aisha Rahmani, Tomáš Novák and Ruth Adeyemi; next level after 15 min",
          },
        ],
        "services": [
          "Checkout API",
          "Payments Gateway",
        ],
        "target": "Checkout and Payments",
        "title": "Change the escalation policy "Checkout and Payments"",
      }
    `);
    expect(tool.risk(input, before)).toEqual({
      level: 'critical',
      reasons: ['Changes who is paged, or how, for 2 services.'],
    });
  });

  test('shows every other field, with names', async () => {
    const { input, before } = await held(
      tool,
      ask({
        name: 'Shop',
        description: 'All of the shop.',
        num_loops: 3,
        on_call_handoff_notifications: 'always',
        teams: [{ id: teams.data.id }],
      }),
    );
    expect(tool.summarize(input, before).lines).toMatchInlineSnapshot(`
      [
        {
          "after": "Shop",
          "label": "Name",
          "now": "Checkout and Payments",
        },
        {
          "after": "All of the shop.",
          "label": "Description",
          "now": "(empty)",
        },
        {
          "after": "3",
          "label": "Repeats",
          "now": "2",
        },
        {
          "after": "always",
          "label": "Hand-off notifications",
          "now": "if_has_services",
        },
        {
          "after": "Data and Messaging",
          "label": "Team",
          "now": "Commerce",
        },
      ]
    `);
  });

  test('weighs a new name as low', async () => {
    const { input, before } = await held(tool, ask({ name: 'Shop', description: 'All of it.' }));
    expect(tool.risk(input, before).level).toBe('low');
    expect(tool.summarize(input, before).effect.lines[0]).toBe('Nobody starts or stops being paged.');
  });

  test('says that the effect is not known when PagerDuty cannot tell who is on call', async () => {
    const { input, before } = await held(tool, ask({ escalation_rules: rules }));
    expect(tool.summarize(input, { ...before, onCall: null }).effect.known).toBe(false);
  });

  test('sends one PUT with only the fields that were asked for', () => {
    expect(
      tool.call(tool.input.parse(ask({ num_loops: 0, teams: [{ id: teams.data.id }] })), binding, unread),
    ).toMatchInlineSnapshot(`
      {
        "body": {
          "escalation_policy": {
            "num_loops": 0,
            "teams": [
              {
                "id": "PTDATA1",
                "type": "team_reference",
              },
            ],
            "type": "escalation_policy",
          },
        },
        "method": "PUT",
        "path": "/escalation_policies/PECHKOT",
      }
    `);
    expect(tool.call(tool.input.parse(ask({ escalation_rules: rules })), binding, unread).body).toMatchInlineSnapshot(`
      {
        "escalation_policy": {
          "escalation_rules": [
            {
              "escalation_delay_in_minutes": 5,
              "targets": [
                {
                  "id": "PDCHKP1",
                  "type": "schedule_reference",
                },
              ],
            },
            {
              "escalation_delay_in_minutes": 15,
              "targets": [
                {
                  "id": "PULENA1",
                  "type": "user_reference",
                },
                {
                  "id": "PDTRKP1",
                  "type": "schedule_reference",
                },
              ],
            },
          ],
          "type": "escalation_policy",
        },
      }
    `);
  });

  test('is refused when nothing would change, a level is unknown or a target does not exist', async () => {
    const same = await held(tool, ask({ name: escalationPolicies.checkout.name }));
    expect(tool.admit(same.input, same.before, binding)).toEqual({
      holds: false,
      because: 'The escalation policy "Checkout and Payments" is like that already.',
    });
    const stray = await held(tool, ask({ escalation_rules: [{ ...level(5, user(people.lena)), id: 'PSTRAY1' }] }));
    expect(tool.admit(stray.input, stray.before, binding)).toEqual({
      holds: false,
      because: 'The escalation policy "Checkout and Payments" has no level with the id PSTRAY1.',
    });
    await expect(held(tool, ask({ escalation_rules: [level(5, user({ id: 'PUNOONE' }))] }))).rejects.toMatchObject({
      kind: 'not_found',
    });
    const { input, before } = await held(tool, ask({ escalation_rules: rules }));
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
  });

  test('names what somebody else has changed', async () => {
    const { input, before } = await held(tool, ask({ escalation_rules: rules }));
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    play.change((state) => {
      for (const policy of state.escalationPolicies) if (policy.id === input.policy_id) policy.numLoops = 7;
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({
      holds: false,
      because:
        'The number of repeats of the escalation policy "Checkout and Payments" was 2 when this was shown and is 7 now.',
    });
  });

  test('is recognised by its values, even when the answer was lost', async () => {
    const { input } = await held(tool, ask({ escalation_rules: rules }));
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    const after = await tool.readBack(reads, input, attempt);
    expect(tool.verify(input, after, attempt).applied).toBe(true);
    const half = tool.input.parse(ask({ name: 'Shop', escalation_rules: rules }));
    expect((await evidence(tool, half)).applied).toBeNull();
  });

  test('is recognised also where PagerDuty took the blanks at the ends of a name away', async () => {
    const { input, before } = await held(tool, ask({ name: ' Shop ' }));
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    play.change((state) => {
      for (const policy of state.escalationPolicies) policy.name = policy.name.trim();
    });
    expect((await evidence(tool, input)).applied).toBe(true);
    const same = tool.input.parse(ask({ name: `${escalationPolicies.checkout.name} ` }));
    expect(tool.admit(same, before, binding).holds).toBe(false);
  });

  test('puts back what PagerDuty told, and says what it did not tell', async () => {
    const { input, before } = await held(tool, ask({ name: 'Shop', num_loops: 3 }));
    const silent = { ...before, policy: { ...before.policy, numLoops: null } };
    expect(tool.undo(input, silent, null)).toMatchObject({
      input: { escalation_policy_data: { escalation_policy: { name: escalationPolicies.checkout.name } } },
      complete: false,
      note: expect.stringContaining('stays: repeats.'),
    });
  });

  test('was not applied when the audit trail shows no change; otherwise a human must look', async () => {
    const { input } = await held(tool, ask({ num_loops: 5 }));
    expect(await evidence(tool, input)).toEqual({
      applied: false,
      because:
        'The escalation policy has none of the values that were asked for. The audit trail shows no change since it was to be sent.',
    });
    // The values may have been there and been changed again.
    play.human({
      as: people.marco.email,
      method: 'PUT',
      path: `/escalation_policies/${input.policy_id}`,
      body: { escalation_policy: { type: 'escalation_policy', num_loops: 7 } },
    });
    expect((await evidence(tool, input)).applied).toBeNull();
    const after = await tool.readBack(reads, input, attempt);
    expect(tool.verify(input, { ...after, trail: 'unreadable' }, attempt).applied).toBeNull();
  });

  test('is undone by putting the former values back', async () => {
    const { input, before } = await held(tool, ask({ description: 'New.', escalation_rules: rules }));
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchInlineSnapshot(`
      {
        "complete": true,
        "input": {
          "escalation_policy_data": {
            "escalation_policy": {
              "description": "",
              "escalation_rules": [
                {
                  "escalation_delay_in_minutes": 10,
                  "targets": [
                    {
                      "id": "PDCHKP1",
                      "type": "schedule_reference",
                    },
                    {
                      "id": "PUDANA1",
                      "type": "user_reference",
                    },
                  ],
                },
                {
                  "escalation_delay_in_minutes": 15,
                  "targets": [
                    {
                      "id": "PDCHKS2",
                      "type": "schedule_reference",
                    },
                  ],
                },
                {
                  "escalation_delay_in_minutes": 15,
                  "targets": [
                    {
                      "id": "PUPRIYA",
                      "type": "user_reference",
                    },
                    {
                      "id": "PUMARCO",
                      "type": "user_reference",
                    },
                    {
                      "id": "PUSAM01",
                      "type": "user_reference",
                    },
                    {
                      "id": "PUDANA1",
                      "type": "user_reference",
                    },
                    {
                      "id": "PUKENJI",
                      "type": "user_reference",
                    },
                    {
                      "id": "PUAISHA",
                      "type": "user_reference",
                    },
                    {
                      "id": "PUTOMAS",
                      "type": "user_reference",
                    },
                    {
                      "id": "PURUTH1",
                      "type": "user_reference",
                    },
                  ],
                },
              ],
            },
          },
          "policy_id": "PECHKOT",
        },
        "note": "Puts the former values back; whoever was paged meanwhile has been paged.",
        "possible": true,
        "tool": "update_escalation_policy",
      }
    `);
    await sent(tool, input);
    if (!undo.possible) throw new Error(undo.because);
    await sent(tool, tool.input.parse(undo.input));
    const { policy } = await tool.read(reads, input);
    const levels = (list: typeof policy.rules) => list.map(({ delayMinutes, targets }) => [delayMinutes, targets]);
    expect(levels(policy.rules)).toEqual(levels(before.policy.rules));
    expect(policy.description ?? '').toBe(before.policy.description ?? '');
  });

  test('touches the policy and lets its own people review', async () => {
    const { input, before } = await held(tool, ask({ num_loops: 1 }));
    expect(tool.touches(input, before)).toMatchInlineSnapshot(`
      {
        "escalationPolicyIds": [
          "PECHKOT",
        ],
        "subjects": [
          "escalation_policy:PECHKOT",
        ],
      }
    `);
    expect(tool.supersedes(input)).toBe('update_escalation_policy num_loops PECHKOT');
  });

  test('takes only an answer with its own policy', async () => {
    const { input } = await held(tool, ask({ num_loops: 1 }));
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toEqual({
      applied: true,
      result: { policy_id: 'PECHKOT' },
      secrets: [],
    });
    const others: Json[] = [null, { message: 'blocked' }, { escalation_policy: { id: 'POTHER1' } }];
    for (const body of others) expect(() => tool.interpret(input, body)).toThrow();
  });
});
