import { beforeEach, describe, expect, test } from 'vitest';
import { secretHeaderValue, webhooks } from '../../fake/webhooks.ts';
import { stillHolds } from '../evidence/watching.ts';
import { stage, unread } from '../testing/stage.ts';
import { createWebhookSubscription } from './create-webhook-subscription.ts';
import { deleteWebhookSubscription as tool } from './delete-webhook-subscription.ts';
import { rehearsals } from './rehearsal.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const ask = (id: string) => ({ subscription_id: id });

beforeEach(() => play.reset());

describe('delete_webhook_subscription', () => {
  test('shows what stops being sent where, and no value of a header', async () => {
    const { input, before } = await held(tool, ask(webhooks.ledger.id));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "events.northwind.example stops receiving 3 kinds of events of the team "Commerce" at once.",
            "Its signing secret is lost. Nobody starts or stops being paged by PagerDuty itself.",
          ],
        },
        "lines": [
          {
            "after": "deleted",
            "label": "URL",
            "now": "https://events.northwind.example/ingest?source=pagerduty",
          },
          {
            "after": "deleted",
            "label": "Events",
            "now": "incident.resolved, incident.triggered and service.updated",
          },
          {
            "after": "deleted",
            "label": "About",
            "now": "the team "Commerce"",
          },
          {
            "after": "deleted",
            "label": "Custom headers",
            "now": "Authorization and X-Source",
          },
          {
            "after": "deleted",
            "label": "Description",
            "now": "Event ledger",
          },
          {
            "after": "deleted",
            "label": "Switched",
            "now": "on",
          },
        ],
        "services": [],
        "target": "events.northwind.example",
        "title": "Delete the webhook subscription "Event ledger" to events.northwind.example",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "high",
        "reasons": [
          "Breaks whatever relies on these events; the signing secret is lost.",
        ],
      }
    `);
    expect(JSON.stringify(before)).not.toContain(secretHeaderValue);
    expect(tool.touches(input, before)).toEqual({
      subjects: ['webhook_subscription:PWHLEDG'],
      escalationPolicyIds: [],
    });
    expect(tool.supersedes(input)).toBeNull();
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    await expect(held(tool, ask('PWHNONE'))).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('says when nothing is sent anyway', async () => {
    play.change(({ webhooks: { subscriptions } }) => {
      for (const one of subscriptions) one.temporarilyDisabled = true;
    });
    const { input, before } = await held(tool, ask(webhooks.chat.id));
    const { effect, lines } = tool.summarize(input, before);
    expect(effect.lines[0]).toBe('Nothing is sent to chatops.northwind.example now, and nothing will be.');
    expect(lines.at(-1)?.now).toBe('on, paused by PagerDuty');
  });

  test('sends one DELETE', () => {
    expect(tool.call(tool.input.parse(ask(webhooks.chat.id)), binding, unread)).toEqual({
      method: 'DELETE',
      path: '/webhook_subscriptions/PWHCHAT',
      body: null,
    });
  });

  test('is stale when somebody else has changed it', async () => {
    const { input, before } = await held(tool, tool.example);
    rehearsals.delete_webhook_subscription?.drift(play);
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The switch of the subscription "Checkout incidents into the chat" to chatops.northwind.example was on when this was shown and is off now.",
        "holds": false,
      }
    `);
  });

  test('is proven by what is there or gone', async () => {
    const { input } = await held(tool, ask(webhooks.chat.id));
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The subscription is still there, and an id is never given twice.",
      }
    `);
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": true,
        "because": "The subscription is gone.",
        "result": null,
      }
    `);
  });

  test('takes only an empty answer', async () => {
    const input = tool.input.parse(ask(webhooks.chat.id));
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : 'none')).toEqual({
      applied: true,
      result: { subscription_id: webhooks.chat.id },
      secrets: [],
    });
    expect(() => tool.interpret(input, { webhook_subscription: {} })).toThrow();
  });

  test('is undone in part by creating the same again', async () => {
    const { input, before } = await held(tool, ask(webhooks.chat.id));
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchInlineSnapshot(`
      {
        "complete": false,
        "input": {
          "webhook_data": {
            "active": true,
            "delivery_method": {
              "url": "https://chatops.northwind.example/pagerduty/checkout",
            },
            "description": "Checkout incidents into the chat",
            "events": [
              "incident.acknowledged",
              "incident.resolved",
              "incident.triggered",
            ],
            "filter": {
              "id": "PSCHKOT",
              "type": "service_reference",
            },
          },
        },
        "note": "Creates it again with a new id and a new signing secret, which the receiver must learn.",
        "possible": true,
        "tool": "create_webhook_subscription",
      }
    `);
    await sent(tool, input);
    await sent(createWebhookSubscription, createWebhookSubscription.input.parse(undo.possible ? undo.input : null));
    const again = play.state().webhooks.subscriptions.at(-1);
    expect(again).toMatchObject({ url: webhooks.chat.url, filter: { type: 'service_reference' }, active: true });
    const headed = { ...before, subscription: { ...before.subscription, headerNames: ['A', 'B'], description: '' } };
    expect(tool.undo(input, headed, null)).toMatchObject({ note: expect.stringContaining('Its 2 custom headers') });
  });

  test('is not undone from here when its address holds a key or would be refused', async () => {
    const { input, before } = await held(tool, ask(webhooks.ledger.id));
    expect(tool.undo(input, before, null)).toMatchInlineSnapshot(`
      {
        "because": "The address holds what may be a key, so it is not handed on; create the subscription again in PagerDuty, where it gets a new signing secret.",
        "possible": false,
      }
    `);
    const bare = { ...before, subscription: { ...before.subscription, url: 'https://old.northwind.example' } };
    expect(tool.undo(input, bare, null)).toMatchObject({
      input: { webhook_data: { delivery_method: { url: 'https://old.northwind.example' } } },
    });
    const plain = { ...before, subscription: { ...before.subscription, url: 'http://old.northwind.example/in' } };
    expect(tool.undo(input, plain, null)).toMatchInlineSnapshot(`
      {
        "because": "A subscription like this one cannot be created again from here.",
        "possible": false,
      }
    `);
  });
});
