import { beforeEach, describe, expect, test } from 'vitest';
import { services, teams } from '../../fake/company.ts';
import { webhooks } from '../../fake/webhooks.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { rehearsals } from './rehearsal.ts';
import { updateWebhookSubscription as tool } from './update-webhook-subscription.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const ask = (change: object, id: string = webhooks.chat.id) => ({ subscription_id: id, webhook_data: change });
const team = { type: 'team_reference', id: teams.data.id };

beforeEach(() => play.reset());

describe('update_webhook_subscription', () => {
  test('refuses empty changes and every change of the delivery method', () => {
    const same = { type: 'http_delivery_method', url: webhooks.chat.url };
    expect(refusals(tool, ask({ active: false, delivery_method: same }))).toMatchInlineSnapshot(`
      [
        "webhook_data.delivery_method: PagerDuty ignores a change of the delivery method. Leave it out, or create another subscription and delete this one.",
      ]
    `);
    expect(refusals(tool, ask({}))).toMatchInlineSnapshot(`
      [
        "webhook_data: Nothing to change.",
      ]
    `);
    expect(refusals(tool, ask({ delivery_method: null, events: null, active: null }))).toHaveLength(1);
    expect(refusals(tool, ask({ url: 'https://elsewhere.example' }))).not.toEqual([]);
    expect(refusals(tool, ask({ description: '' }))).toEqual([]);
  });

  test('shows field by field what was and what will be', async () => {
    const { input, before } = await held(
      tool,
      ask({ active: false, description: '', events: ['incident.reopened', 'incident.resolved'], filter: team }),
    );
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Nobody starts or stops being paged.",
            "chatops.northwind.example stops receiving events at once; what happens meanwhile is not sent later.",
            "Starts being sent: incident.reopened.",
            "Stops being sent: incident.acknowledged and incident.triggered.",
            "Events are about the team "Data and Messaging" instead of the service "Checkout API".",
          ],
        },
        "lines": [
          {
            "after": "off",
            "label": "Switched",
            "now": "on",
          },
          {
            "after": "incident.reopened and incident.resolved",
            "label": "Events",
            "now": "incident.acknowledged, incident.resolved and incident.triggered",
          },
          {
            "after": "the team "Data and Messaging"",
            "label": "About",
            "now": "the service "Checkout API"",
          },
          {
            "after": "(empty)",
            "label": "Description",
            "now": "Checkout incidents into the chat",
          },
        ],
        "services": [
          "Checkout API",
        ],
        "target": "chatops.northwind.example",
        "title": "Change the webhook subscription "Checkout incidents into the chat" to chatops.northwind.example",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "high",
        "reasons": [
          "Changes what the events are about.",
          "Sends more kinds of events to chatops.northwind.example.",
          "Switches off what chatops.northwind.example relies on.",
          "Takes kinds of events away from chatops.northwind.example.",
        ],
      }
    `);
    expect(tool.touches(input, before)).toEqual({
      subjects: ['webhook_subscription:PWHCHAT'],
      escalationPolicyIds: [],
    });
    expect(tool.supersedes(input)).toBe('update_webhook_subscription active+description+events+filter PWHCHAT');
  });

  test('is weighed by what it changes', async () => {
    const level = async (change: object) => {
      const { input, before } = await held(tool, ask(change));
      return tool.risk(input, before);
    };
    expect(await level({ description: 'Other words' })).toEqual({
      level: 'high',
      reasons: ['Changes only the description.'],
    });
    expect((await level({ active: false })).level).toBe('high');
    expect((await level({ filter: { type: 'account_reference' } })).level).toBe('critical');
    play.change(({ webhooks: { subscriptions } }) => {
      for (const one of subscriptions) Object.assign(one, { active: false, temporarilyDisabled: true });
    });
    const { input, before } = await held(tool, ask({ active: true }));
    expect(tool.risk(input, before).reasons).toEqual(['Starts sending to chatops.northwind.example again.']);
    expect(tool.summarize(input, before).effect.lines).toMatchInlineSnapshot(`
      [
        "Nobody starts or stops being paged.",
        "chatops.northwind.example starts receiving events at once.",
        "PagerDuty has paused it, because the receiver refused events.",
      ]
    `);
    const words = await held(tool, ask({ description: 'Other words' }));
    expect(tool.summarize(words.input, words.before).effect.lines).toContain(
      'The subscription stays off: nothing is sent.',
    );
  });

  test('sends one PUT with only the fields that were asked for', () => {
    expect(tool.call(tool.input.parse(ask({ active: false })), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "webhook_subscription": {
            "active": false,
          },
        },
        "method": "PUT",
        "path": "/webhook_subscriptions/PWHCHAT",
      }
    `);
    const change = { description: '', events: ['incident.resolved'], filter: { type: 'account_reference' } };
    expect(tool.call(tool.input.parse(ask(change)), binding, unread).body).toEqual({ webhook_subscription: change });
  });

  test('is refused when nothing would change or the new scope does not exist', async () => {
    const same = await held(
      tool,
      ask({
        active: true,
        description: 'Checkout incidents into the chat',
        events: ['incident.resolved', 'incident.triggered', 'incident.acknowledged'],
        filter: { type: 'service_reference', id: services.checkout.id },
      }),
    );
    expect(tool.admit(same.input, same.before, binding)).toMatchInlineSnapshot(`
      {
        "because": "The subscription "Checkout incidents into the chat" to chatops.northwind.example is like that already.",
        "holds": false,
      }
    `);
    await expect(held(tool, ask({ filter: { ...team, id: 'PTNOONE' } }))).rejects.toMatchObject({ kind: 'not_found' });
    await expect(held(tool, ask({ active: false }, 'PWHNONE'))).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('is stale when somebody else has changed it', async () => {
    const { input, before } = await held(tool, tool.example);
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    rehearsals.update_webhook_subscription?.drift(play);
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The switch of the subscription "Checkout incidents into the chat" to chatops.northwind.example was on when this was shown and is off now.",
        "holds": false,
      }
    `);
  });

  test('tells no secret of the description in a refusal or when it is stale', async () => {
    const described = (description: string) =>
      play.change(({ webhooks: { subscriptions } }) => {
        for (const one of subscriptions) one.description = description;
      });
    described('password=correct-horse');
    const { input, before } = await held(tool, ask({ active: true }));
    described('password=battery-staple');
    const verdict = stillHolds(tool, input, before, await tool.read(reads, input));
    expect(verdict.holds).toBe(false);
    expect(JSON.stringify([verdict, tool.admit(input, before, binding)])).not.toMatch(/horse|staple/);
  });

  test('is readable when the service behind it is gone', async () => {
    play.change((state) => {
      state.services = state.services.filter(({ id }) => id !== services.checkout.id);
    });
    const { input, before } = await held(tool, ask({ filter: team }));
    expect(tool.summarize(input, before).lines[0]?.now).toBe('the service "PSCHKOT"');
  });

  test('takes only an answer about this subscription, and is recognised by its values', async () => {
    const { input } = await held(
      tool,
      ask({ active: false, events: ['incident.resolved'], filter: team, description: 'x' }),
    );
    expect((await evidence(tool, input)).applied).toBeNull();
    const outcome = await sent(tool, input);
    const body = outcome.kind === 'applied' ? outcome.body : null;
    expect(tool.interpret(input, body)).toEqual({
      applied: true,
      result: { subscription_id: webhooks.chat.id },
      secrets: [],
    });
    expect(() => tool.interpret(tool.input.parse(ask({ active: false }, webhooks.ledger.id)), body)).toThrow();
    expect((await evidence(tool, input)).applied).toBe(true);
    expect((await evidence(tool, tool.input.parse(ask({ active: false, description: 'y' })))).applied).toBeNull();
  });

  test.each([
    ['service', webhooks.chat.id],
    ['team', webhooks.ledger.id],
  ])('is undone by putting the former values back, of a subscription of a %s', async (_kind, id) => {
    const was = play.state().webhooks.subscriptions.map((one) => ({ ...one, events: [...one.events].sort() }));
    const { input, before } = await held(
      tool,
      ask(
        { active: false, description: 'x', events: ['incident.resolved'], filter: { type: 'account_reference' } },
        id,
      ),
    );
    await sent(tool, input);
    const undo = tool.undo(input, before, null);
    await sent(tool, tool.input.parse(undo.possible ? undo.input : null));
    expect(play.state().webhooks.subscriptions.map((one) => ({ ...one, events: [...one.events].sort() }))).toEqual(was);
    const small = await held(tool, ask({ active: false }, id));
    expect(tool.undo(small.input, small.before, null)).toMatchObject({
      complete: true,
      input: { subscription_id: id, webhook_data: { active: true } },
    });
  });
});
