import { beforeEach, describe, expect, test } from 'vitest';
import { escalationPolicies, people, schedules, teams } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { createEscalationPolicy as tool } from './create-escalation-policy.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const level = (minutes: number, ...targets: object[]) => ({ escalation_delay_in_minutes: minutes, targets });
const user = ({ id }: { id: string }) => ({ id, type: 'user_reference' });
const rules = [
  level(5, { id: schedules.checkoutPrimary.id, type: 'schedule_reference' }),
  { ...level(15, user(people.lena), user(people.marco)), escalation_rule_assignment_strategy: 'round_robin' },
];
const ask = (policy: object = {}) => ({
  escalation_policy_data: { escalation_policy: { name: 'Fraud Scoring', escalation_rules: rules, ...policy } },
});
const byHand = (policy: object) =>
  play.human({
    as: people.sam.email,
    method: 'POST',
    path: '/escalation_policies',
    body: {
      escalation_policy: { type: 'escalation_policy', escalation_rules: [level(5, user(people.sam))], ...policy },
    },
  });

beforeEach(() => play.reset());

describe('create_escalation_policy', () => {
  test('takes the official shape and ignores what PagerDuty sets itself', () => {
    const official = ask({
      id: null,
      summary: 'Fraud',
      description: null,
      self_url: null,
      html_url: null,
      services: [],
      teams: null,
      created_at: '2026-11-23T14:00:00Z',
      updated_at: null,
      escalation_rules: rules.map((rule) => ({ ...rule, id: 'PRULE01' })),
    });
    expect(tool.input.parse(official)).toEqual(tool.input.parse(ask()));
    expect(refusals(tool, ask({ services: [{ id: 'PSCHKOT' }] }))).toMatchInlineSnapshot(`
      [
        "escalation_policy_data.escalation_policy.services: A new escalation policy is used by no service; update_service points a service at it.",
      ]
    `);
    expect(refusals(tool, ask({ escalation_rules: [], num_loops: 10, loops: 1 }))).toMatchInlineSnapshot(`
      [
        "escalation_policy_data.escalation_policy.escalation_rules: Too small: expected array to have >=1 items",
        "escalation_policy_data.escalation_policy.num_loops: Too big: expected number to be <=9",
        "escalation_policy_data.escalation_policy: Unrecognized key: "loops"",
      ]
    `);
  });

  test('shows its levels with who is on call, and that it pages nobody yet', async () => {
    const { input, before } = await held(
      tool,
      ask({
        description: 'Scores.',
        num_loops: 0,
        on_call_handoff_notifications: 'always',
        teams: [{ id: teams.data.id }],
      }),
    );
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "No service uses it yet: nobody starts or stops being paged.",
            "Once a service uses it, paged first: Priya Raman.",
            "Hand-offs are announced to the people on call even while no service uses it.",
          ],
        },
        "lines": [
          {
            "after": "Fraud Scoring",
            "label": "Name",
            "now": null,
          },
          {
            "after": "Scores.",
            "label": "Description",
            "now": null,
          },
          {
            "after": "Checkout primary (now Priya Raman); next level after 5 min",
            "label": "Level 1",
            "now": null,
          },
          {
            "after": "Lena Fischer and Marco Bellini, in turn; next level after 15 min",
            "label": "Level 2",
            "now": null,
          },
          {
            "after": "0",
            "label": "Repeats",
            "now": null,
          },
          {
            "after": "always",
            "label": "Hand-off notifications",
            "now": null,
          },
          {
            "after": "Data and Messaging",
            "label": "Team",
            "now": null,
          },
        ],
        "services": [],
        "target": "Fraud Scoring",
        "title": "Create the escalation policy "Fraud Scoring"",
      }
    `);
    expect(tool.risk(input, before).level).toBe('medium');
    expect(tool.summarize(input, { ...before, onCall: null }).effect.known).toBe(false);
    expect(tool.touches(input, before)).toEqual({
      subjects: ['account:escalation_policies'],
      escalationPolicyIds: [],
    });
  });

  test('sends one POST with what was asked for, and nothing else', () => {
    const call = (policy: object) => tool.call(tool.input.parse(ask(policy)), binding, unread);
    expect(call({ num_loops: 0, teams: [{ id: teams.data.id }] })).toMatchInlineSnapshot(`
      {
        "body": {
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
                "escalation_rule_assignment_strategy": "round_robin",
                "targets": [
                  {
                    "id": "PULENA1",
                    "type": "user_reference",
                  },
                  {
                    "id": "PUMARCO",
                    "type": "user_reference",
                  },
                ],
              },
            ],
            "name": "Fraud Scoring",
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
        "method": "POST",
        "path": "/escalation_policies",
      }
    `);
    expect(Object.keys(call({}).body?.escalation_policy ?? {})).toEqual(['type', 'name', 'escalation_rules']);
  });

  test('is refused when the name is taken or a target does not exist', async () => {
    const { input, before } = await held(tool, ask({ name: escalationPolicies.tracking.name }));
    expect(tool.admit(input, before, binding)).toEqual({
      holds: false,
      because: 'There is an escalation policy with the name "Tracking and Messaging" already.',
    });
    expect(await sent(tool, input)).toMatchObject({
      kind: 'rejected',
      because: expect.stringContaining('already been taken'),
    });
    const stray = ask({ escalation_rules: [level(5, user({ id: 'PUNOONE' }))] });
    await expect(held(tool, stray)).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('notices that the name was taken meanwhile', async () => {
    const { input, before } = await held(tool, ask());
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    byHand({ name: 'Fraud Scoring' });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({
      holds: false,
      because: 'The name "Fraud Scoring" was free when this was shown and is taken by another escalation policy now.',
    });
  });

  test('is found again by its name and levels when the answer was lost', async () => {
    const { input } = await held(tool, { ...tool.example });
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toEqual({
      applied: true,
      because: 'There is an escalation policy with the name "Fraud Scoring" and the levels that were asked for.',
      result: { policy_id: play.state().escalationPolicies.at(-1)?.id },
    });
    const other = tool.input.parse(ask({ escalation_rules: [level(9, user(people.sam))] }));
    expect((await evidence(tool, other)).applied).toBeNull();
  });

  test('was not applied when nobody created any policy; otherwise a human must look', async () => {
    const { input } = await held(tool, ask());
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "There is no escalation policy with the name "Fraud Scoring". The audit trail shows no change since it was to be sent.",
      }
    `);
    byHand({ name: 'Something else' });
    expect((await evidence(tool, input)).applied).toBeNull();
  });

  test('takes only an answer with the policy it asked for, and cannot be undone by a tool', async () => {
    const { input, before } = await held(tool, ask());
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toEqual({
      applied: true,
      result: { policy_id: play.state().escalationPolicies.at(-1)?.id },
      secrets: [],
    });
    const others: Json[] = [null, { message: 'blocked' }, { escalation_policy: { id: 'PNEW001', name: 'Other' } }];
    for (const body of others) expect(() => tool.interpret(input, body)).toThrow();
    expect(tool.undo(input, before, null)).toMatchObject({ possible: false });
  });
});
