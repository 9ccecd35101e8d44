import { beforeEach, describe, expect, test } from 'vitest';
import { escalationPolicies, people, services, teams } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { NOW, refusals, stage, unread } from '../testing/stage.ts';
import { createService as tool } from './create-service.ts';
import { updateService } from './update-service.ts';

const { play, reads, held, sent, binding, attempt, at, evidence } = await stage();
const policy = { id: escalationPolicies.checkout.id };
const ask = (service: object = {}) => ({
  service_data: { service: { name: 'Fraud Scoring', escalation_policy: policy, ...service } },
});
const byHand = (service: object) =>
  play.human({
    as: people.sam.email,
    method: 'POST',
    path: '/services',
    body: { service: { type: 'service', escalation_policy: policy, ...service } },
  });

beforeEach(() => {
  at(NOW);
  play.reset();
});

describe('create_service', () => {
  test('takes the official shape, and asks for a name and a policy', () => {
    const official = ask({ id: null, description: null, teams: null, status: null });
    expect(tool.input.parse(official)).toEqual(tool.input.parse({ service_data: JSON.stringify(ask().service_data) }));
    expect(refusals(tool, { service_data: { service: {} } })).toMatchInlineSnapshot(`
      [
        "service_data.service.name: Invalid input: expected string, received undefined",
        "service_data.service.escalation_policy: Invalid input: expected object, received undefined",
      ]
    `);
    expect(refusals(tool, ask({ name: ' ', status: 'critical', urgency: 'low' }))).toMatchInlineSnapshot(`
      [
        "service_data.service.name: Must not be blank.",
        "service_data.service.status: Invalid option: expected one of "active"|"disabled"",
        "service_data.service: Unrecognized key: "urgency"",
      ]
    `);
  });

  test('shows the service, who is paged for it, and what PagerDuty adds by itself', async () => {
    const { input, before } = await held(tool, ask({ description: 'Scores orders.', status: 'active' }));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "It has no integration yet: nobody is paged until one is added or an incident is opened on it by hand.",
            "Paged for its incidents, as of now: Dana Whitfield and Priya Raman (level 1), Marco Bellini (level 2) and 8 people on later levels.",
            "PagerDuty's defaults hold: alerts open incidents, which end by themselves after 4 h; an acknowledgement lasts 30 min.",
          ],
        },
        "lines": [
          {
            "after": "Fraud Scoring",
            "label": "Name",
            "now": null,
          },
          {
            "after": "Scores orders.",
            "label": "Description",
            "now": null,
          },
          {
            "after": "Checkout and Payments",
            "label": "Escalation policy",
            "now": null,
          },
          {
            "after": "Commerce",
            "label": "Team, by its policy",
            "now": null,
          },
          {
            "after": "enabled",
            "label": "Status",
            "now": null,
          },
        ],
        "services": [],
        "target": "Fraud Scoring",
        "title": "Create the service "Fraud Scoring"",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "medium",
        "reasons": [
          "Adds a service; it pages nobody by itself.",
        ],
      }
    `);
    expect(tool.summarize(input, { ...before, onCall: null }).effect).toMatchObject({
      known: false,
      lines: expect.arrayContaining(['Paged for its incidents, as of now: not known.']),
    });
    const off = await held(tool, ask({ status: 'disabled' }));
    expect(tool.summarize(off.input, off.before).effect.lines[1]).toMatch(/^It is disabled/);
    expect(tool.touches(input, before)).toEqual({ subjects: ['account:services'], escalationPolicyIds: ['PECHKOT'] });
  });

  test('sends one POST with what was asked for, and nothing else', () => {
    const call = (service: object) => tool.call(tool.input.parse(ask(service)), binding, unread);
    expect(call({ id: 'PIGNORE', teams: [{ id: teams.commerce.id }] })).toMatchInlineSnapshot(`
      {
        "body": {
          "service": {
            "escalation_policy": {
              "id": "PECHKOT",
              "type": "escalation_policy_reference",
            },
            "name": "Fraud Scoring",
            "type": "service",
          },
        },
        "method": "POST",
        "path": "/services",
      }
    `);
    expect(call({ description: 'Scores orders.', status: 'disabled' }).body).toMatchInlineSnapshot(`
      {
        "service": {
          "description": "Scores orders.",
          "escalation_policy": {
            "id": "PECHKOT",
            "type": "escalation_policy_reference",
          },
          "name": "Fraud Scoring",
          "status": "disabled",
          "type": "service",
        },
      }
    `);
  });

  test('is refused when the name is taken, the team is another one or the policy does not exist', async () => {
    const verdict = async (service: object) => {
      const { input, before } = await held(tool, ask(service));
      return tool.admit(input, before, binding);
    };
    expect(await verdict({ name: services.payments.name })).toEqual({
      holds: false,
      because: 'There is a service with the name "Payments Gateway" already.',
    });
    expect(await verdict({ teams: [{ id: teams.data.id }] })).toEqual({
      holds: false,
      because: 'A service takes its team from its escalation policy, which has "Commerce"; it cannot be set here.',
    });
    expect(await verdict({ teams: [{ id: teams.commerce.id }] })).toEqual({ holds: true });
    await expect(verdict({ escalation_policy: { id: 'PENOONE' } })).rejects.toMatchObject({ kind: 'not_found' });
    const outcome = await sent(tool, tool.input.parse(ask({ name: services.payments.name })));
    expect(outcome).toMatchObject({ kind: 'rejected', because: expect.stringContaining('already been taken') });
  });

  test('names what has changed since it was shown', async () => {
    const { input, before } = await held(tool, ask());
    const verdict = async () => stillHolds(tool, input, before, await tool.read(reads, input));
    expect(await verdict()).toEqual({ holds: true });
    byHand({ name: 'Fraud Scoring' });
    expect(await verdict()).toEqual({
      holds: false,
      because: 'The name "Fraud Scoring" was free when this was shown and is taken by another service now.',
    });
    play.reset();
    play.change((state) => {
      for (const one of state.escalationPolicies) one.rules = one.rules.slice(0, 1);
    });
    expect((await verdict()).holds).toBe(false);
  });

  test('is found again by its name and values when the answer was lost', async () => {
    const { input } = await held(tool, ask());
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    const made = play.state().services.at(-1);
    expect(await evidence(tool, input)).toEqual({
      applied: true,
      because: 'There is a new service with the name "Fraud Scoring" and the values that were asked for.',
      result: { service_id: made?.id },
    });
    expect((await evidence(tool, tool.input.parse(ask({ description: 'Other.' })))).applied).toBeNull();
    const after = await tool.readBack(reads, input, attempt);
    const older = {
      ...after,
      namesakes: after.namesakes.map((one) => ({ ...one, createdAt: '2024-01-01T00:00:00Z' })),
    };
    expect(tool.verify(input, older, attempt).applied).toBeNull();
  });

  test('was not applied when nobody created any service; otherwise a human must look', async () => {
    const { input } = await held(tool, ask());
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "There is no service with the name "Fraud Scoring". The audit trail shows no change since it was to be sent.",
      }
    `);
    byHand({ name: 'Something else' });
    expect((await evidence(tool, input)).applied).toBeNull();
  });

  test('is undone, in part, by disabling the new service', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.undo(input, before, null)).toMatchObject({ possible: true, input: null, complete: false });
    const outcome = await sent(tool, input);
    const answer = tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null);
    if (!answer.applied) throw new Error(answer.because);
    const made = play.state().services.at(-1);
    expect(answer).toEqual({ applied: true, result: { service_id: made?.id }, secrets: [] });
    const undo = tool.undo(input, before, answer.result);
    if (!undo.possible) throw new Error(undo.because);
    await sent(updateService, updateService.input.parse(undo.input));
    expect(play.state().services.at(-1)).toMatchObject({ id: made?.id, status: 'disabled' });
  });

  test('takes only an answer with the service it asked for', () => {
    const input = tool.input.parse(ask());
    const others: Json[] = [
      null,
      { message: 'blocked' },
      { service: { id: 'PNEW001', name: 'Other', escalation_policy: policy } },
      { service: { id: 'PNEW001', name: 'Fraud Scoring', escalation_policy: { id: 'POTHER1' } } },
    ];
    for (const body of others) expect(() => tool.interpret(input, body)).toThrow();
  });
});
