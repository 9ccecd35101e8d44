import { beforeEach, describe, expect, test } from 'vitest';
import { escalationPolicies, incidents, people } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { addResponders as tool } from './add-responders.ts';

const { play, reads, held, sent, binding, attempt, evidence } = await stage();
const { checkout5xx, certificate } = incidents;
const lena = { id: people.lena.id, type: 'user_reference' };
const tracking = { id: escalationPolicies.tracking.id, type: 'escalation_policy_reference' };
const ask = (targets: object[] = [lena], id: string = checkout5xx.id) => ({
  incident_id: id,
  request: {
    message: 'We need a second pair of eyes.',
    responder_request_targets: targets.map((target) => ({ responder_request_target: target })),
  },
});

beforeEach(() => play.reset());

describe('add_responders', () => {
  test('refuses targets of other kinds, none at all and unknown names', () => {
    expect(refusals(tool, ask([{ id: 'PTCOMRC', type: 'team_reference' }]))).toMatchInlineSnapshot(`
      [
        "request.responder_request_targets.0.responder_request_target.type: Invalid option: expected one of "user_reference"|"escalation_policy_reference"",
      ]
    `);
    expect(refusals(tool, ask([]))).toMatchInlineSnapshot(`
      [
        "request.responder_request_targets: Too small: expected array to have >=1 items",
      ]
    `);
    expect(refusals(tool, { ...ask(), requester_id: 'PUX' })).toMatchInlineSnapshot(`
      [
        "arguments: Unrecognized key: "requester_id"",
      ]
    `);
  });

  test('is refused when nobody stands behind the agent', async () => {
    const { input, before } = await held(tool, ask());
    const unlinked = { ...binding, requesterUserId: null };
    expect(tool.admit(input, before, unlinked)).toMatchInlineSnapshot(`
      {
        "because": "PagerDuty wants to know who asks: the owner of this agent must first be linked to a PagerDuty user.",
        "holds": false,
      }
    `);
    expect(() => tool.call(input, unlinked, unread)).toThrow('add_responders needs the PagerDuty user it acts for.');
  });

  test('is refused for resolved incidents and for people who were asked already', async () => {
    const old = await held(tool, ask([lena], certificate.id));
    expect(tool.admit(old.input, old.before, binding)).toEqual({
      holds: false,
      because: 'Incident #4817 is resolved; nobody can join it.',
    });
    const { input, before } = await held(tool, ask());
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    await sent(tool, input);
    const now = await tool.read(reads, input);
    expect(tool.admit(input, now, binding)).toEqual({
      holds: false,
      because: 'Lena Fischer has already been asked to join incident #4821.',
    });
    expect(stillHolds(tool, input, before, now)).toEqual({
      holds: false,
      because: 'Lena Fischer as a responder of incident #4821 was not asked when this was shown and is "pending" now.',
    });
  });

  test('says whom it reaches, through a policy too', async () => {
    const { input, before } = await held(tool, ask([lena, tracking]));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Paged until they accept or decline: Lena Fischer; Kenji Sato (on call for "Tracking and Messaging").",
            "Nobody stops being paged. Assigned now: Dana Whitfield and Priya Raman.",
            "A mark with the id of this request is appended to the message.",
          ],
        },
        "lines": [
          {
            "after": "Lena Fischer and escalation policy "Tracking and Messaging"",
            "label": "Responders",
            "now": "nobody",
          },
          {
            "after": "We need a second pair of eyes.",
            "label": "Message",
            "now": null,
          },
        ],
        "services": [
          "Checkout API",
        ],
        "target": "#4821 Checkout 5xx above 5 %",
        "title": "Ask Lena Fischer and escalation policy "Tracking and Messaging" to join incident #4821 "Checkout 5xx above 5 %"",
      }
    `);
    const unknown = { ...before, targets: before.targets.map((target) => ({ ...target, reaches: null })) };
    expect(tool.summarize(input, unknown).effect.known).toBe(false);
    expect(tool.risk(input, before).level).toBe('high');
  });

  test('sends one request in the name of the person behind the agent', () => {
    expect(tool.call(tool.input.parse(ask()), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "message": "We need a second pair of eyes. [countersign:req_0001]",
          "requester_id": "PUDANA1",
          "responder_request_targets": [
            {
              "responder_request_target": {
                "id": "PULENA1",
                "type": "user_reference",
              },
            },
          ],
        },
        "method": "POST",
        "path": "/incidents/Q1CHECKOUT5XX1/responder_requests",
      }
    `);
  });

  test('is recognised by its mark, even when the answer was lost', async () => {
    const { input } = await held(tool, ask());
    expect((await evidence(tool, input)).applied).toBe(false);
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect((await evidence(tool, input)).applied).toBe(true);
    const traces = { ours: [], unclear: [], anybody: [], complete: true };
    expect(tool.verify(input, { messages: null, traces }, attempt).applied).toBeNull();
    expect(tool.verify(input, { messages: [], traces: { ...traces, complete: false } }, attempt).applied).toBeNull();
  });

  test('is left to a human when the timeline shows a request that is not listed any more', async () => {
    const { input } = await held(tool, ask());
    await sent(tool, input);
    play.change((state) => {
      for (const incident of state.incidents) incident.responderRequests = [];
    });
    expect((await evidence(tool, input)).applied).toBeNull();
  });

  test('cannot be undone from here', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.undo(input, before, null)).toMatchInlineSnapshot(`
      {
        "because": "There is no tool that cancels it; cancel the responder request on the incident in PagerDuty while it is pending.",
        "possible": false,
      }
    `);
    expect(tool.touches(input, before)).toMatchInlineSnapshot(`
      {
        "escalationPolicyIds": [
          "PECHKOT",
        ],
        "subjects": [
          "incident:Q1CHECKOUT5XX1",
        ],
      }
    `);
    expect(tool.supersedes(input)).toBeNull();
  });

  test('takes only an answer with its own message', async () => {
    const { input } = await held(tool, ask());
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toEqual({
      applied: true,
      result: { asked: true },
      secrets: [],
    });
    const others: Json[] = [
      null,
      { message: 'blocked' },
      { responder_request: {} },
      { responder_request: { message: 'Hi.' } },
    ];
    for (const body of others) expect(() => tool.interpret(input, body)).toThrow();
  });
});
