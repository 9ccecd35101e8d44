import { beforeEach, describe, expect, test } from 'vitest';
import { services, teams } from '../../fake/company.ts';
import { webhooks } from '../../fake/webhooks.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { createWebhookSubscription as tool } from './create-webhook-subscription.ts';
import { deleteWebhookSubscription } from './delete-webhook-subscription.ts';
import { rehearsals } from './rehearsal.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const url = 'https://bridge.northwind.example/pagerduty';
const ask = (more: object = {}, delivery: object = {}) => ({
  webhook_data: {
    delivery_method: { url, ...delivery },
    events: ['incident.triggered', 'incident.resolved'],
    filter: { type: 'service_reference', id: services.checkout.id },
    ...more,
  },
});
const headers = [{ name: 'X-Key', value: 'k-77' }];

beforeEach(() => play.reset());

describe('create_webhook_subscription', () => {
  test('refuses addresses that are not public https, and filters that name nothing', () => {
    const said = [
      ask({}, { url: 'http://bridge.northwind.example/' }),
      ask({}, { url: 'https://169.254.169.254/latest' }),
      ask({}, { secret: 'mine' }),
      ask({}, { custom_headers: [...headers, { name: 'x-key', value: '2' }] }),
      ask({}, { custom_headers: [{ name: 'X-Key', value: 'a\r\nHost: b' }] }),
      ask({ filter: { type: 'team_reference' } }),
      ask({ filter: { type: 'account_reference', id: services.checkout.id } }),
      ask({ events: [] }),
      ask({ events: ['everything'] }),
    ].flatMap((raw) => refusals(tool, raw));
    expect(said).toMatchInlineSnapshot(`
      [
        "webhook_data.delivery_method.url: Events hold incident data, so the URL must begin with https://.",
        "webhook_data.delivery_method.url: The host 169.254.169.254 is on a private network or on the sender itself; webhooks go to public hosts only.",
        "webhook_data.delivery_method.secret: PagerDuty makes this itself; leave it out.",
        "webhook_data.delivery_method.custom_headers: A header is named more than once.",
        "webhook_data.delivery_method.custom_headers.0.value: Must be printable ASCII.",
        "webhook_data.filter.id: A team_reference needs the id of the team.",
        "webhook_data.filter.id: An account_reference covers the whole account and has no id.",
        "webhook_data.events: Too small: expected array to have >=1 items",
        "webhook_data.events.0: Must be an event type, like incident.triggered.",
      ]
    `);
  });

  test('takes what upstream sends for "not given", and asks for every event once', () => {
    const nulls = {
      type: 'http_delivery_method',
      custom_headers: null,
      id: null,
      secret: null,
      temporarily_disabled: null,
    };
    const events = ['incident.triggered', 'incident.triggered', 'incident.resolved'];
    const loose = tool.input.parse(
      ask({ type: 'webhook_subscription', active: null, description: null, events }, nulls),
    );
    expect(loose).toEqual(tool.input.parse(ask()));
  });

  test('shows host, address, events, scope and the values of headers', async () => {
    const { input, before } = await held(tool, ask({ description: 'For the bridge' }, { custom_headers: headers }));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Pages nobody. Sends 2 kinds of events of the service "Checkout API" to bridge.northwind.example, with titles, notes and names, until it is deleted.",
            "No subscription sends there yet.",
            "PagerDuty tells the signing secret once. Humans can see it here, the agent cannot.",
          ],
        },
        "lines": [
          {
            "after": "bridge.northwind.example",
            "label": "Host",
            "now": null,
          },
          {
            "after": "https://bridge.northwind.example/pagerduty",
            "label": "URL",
            "now": null,
          },
          {
            "after": "incident.resolved and incident.triggered",
            "label": "Events",
            "now": null,
          },
          {
            "after": "the service "Checkout API"",
            "label": "About",
            "now": null,
          },
          {
            "after": "k-77",
            "label": "Header X-Key",
            "now": null,
          },
          {
            "after": "For the bridge",
            "label": "Description",
            "now": null,
          },
        ],
        "services": [
          "Checkout API",
        ],
        "target": "bridge.northwind.example",
        "title": "Create a webhook subscription of the service "Checkout API" to bridge.northwind.example",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "critical",
        "reasons": [
          "Sends incident data out of PagerDuty until it is deleted.",
          "New host: no other subscription sends to bridge.northwind.example.",
          "Header values may be secrets; everybody here can read them.",
        ],
      }
    `);
    expect(tool.touches(input, before)).toEqual({ subjects: ['account:webhooks'], escalationPolicyIds: [] });
    expect(tool.supersedes(input)).toBeNull();
  });

  test('is critical for a known host too, and says what is worse', async () => {
    const known = await held(tool, ask({}, { url: 'https://chatops.northwind.example/other' }));
    expect(tool.risk(known.input, known.before).reasons).toEqual([
      'Sends incident data out of PagerDuty until it is deleted.',
    ]);
    expect(tool.summarize(known.input, known.before).effect.lines[1]).toBe('1 subscription sends there already.');
    const wide = await held(
      tool,
      ask({ filter: { type: 'account_reference' }, active: false }, { url: 'https://8.8.8.8:8443/x' }),
    );
    expect(tool.risk(wide.input, wide.before)).toMatchInlineSnapshot(`
      {
        "level": "critical",
        "reasons": [
          "Sends incident data out of PagerDuty until it is deleted.",
          "New host: no other subscription sends to 8.8.8.8:8443.",
          "Covers the whole account.",
          "The host is a bare network address.",
          "The host is addressed on an unusual port.",
        ],
      }
    `);
    expect(tool.summarize(wide.input, wide.before)).toMatchObject({
      title: 'Create a webhook subscription of the whole account to 8.8.8.8:8443',
      effect: { lines: expect.arrayContaining(['Pages nobody, and sends nothing until it is switched on.']) },
    });
  });

  test('sends one POST with what was asked and nothing else', () => {
    expect(tool.call(tool.input.parse(ask()), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "webhook_subscription": {
            "delivery_method": {
              "type": "http_delivery_method",
              "url": "https://bridge.northwind.example/pagerduty",
            },
            "events": [
              "incident.triggered",
              "incident.resolved",
            ],
            "filter": {
              "id": "PSCHKOT",
              "type": "service_reference",
            },
            "type": "webhook_subscription",
          },
        },
        "method": "POST",
        "path": "/webhook_subscriptions",
      }
    `);
    const whole = ask(
      { active: false, description: 'x', filter: { type: 'account_reference' } },
      { custom_headers: headers },
    );
    expect(tool.call(tool.input.parse(whole), binding, unread).body).toMatchInlineSnapshot(`
      {
        "webhook_subscription": {
          "active": false,
          "delivery_method": {
            "custom_headers": [
              {
                "name": "X-Key",
                "value": "k-77",
              },
            ],
            "type": "http_delivery_method",
            "url": "https://bridge.northwind.example/pagerduty",
          },
          "description": "x",
          "events": [
            "incident.triggered",
            "incident.resolved",
          ],
          "filter": {
            "type": "account_reference",
          },
          "type": "webhook_subscription",
        },
      }
    `);
  });

  test('is refused when the same is sent there already, or the scope does not exist', async () => {
    const twin = await held(tool, ask({}, { url: webhooks.chat.url }));
    expect(tool.admit(twin.input, twin.before, binding)).toMatchInlineSnapshot(`
      {
        "because": "The subscription PWHCHAT sends events of the service "Checkout API" to this URL already; change that one.",
        "holds": false,
      }
    `);
    const other = await held(
      tool,
      ask({ filter: { type: 'team_reference', id: teams.data.id } }, { url: webhooks.chat.url }),
    );
    expect(tool.admit(other.input, other.before, binding)).toEqual({ holds: true });
    await expect(held(tool, ask({ filter: { type: 'service_reference', id: 'PSNOONE' } }))).rejects.toMatchObject({
      kind: 'not_found',
    });
  });

  test('is stale when somebody else sends there now, or nobody any more', async () => {
    const { input, before } = await held(tool, tool.example);
    rehearsals.create_webhook_subscription?.drift(play);
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The number of subscriptions to this URL was 0 when this was shown and is 1 now.",
        "holds": false,
      }
    `);
    play.reset();
    const known = await held(tool, ask({}, { url: 'https://chatops.northwind.example/other' }));
    play.change((state) => {
      state.webhooks.subscriptions = [];
    });
    expect(stillHolds(tool, known.input, known.before, await tool.read(reads, known.input))).toMatchInlineSnapshot(`
      {
        "because": "The host chatops.northwind.example was known when this was shown and is new now.",
        "holds": false,
      }
    `);
  });

  test('tells the signing secret to humans only', async () => {
    const input = tool.input.parse(ask({}, { custom_headers: headers }));
    const outcome = await sent(tool, input);
    const body = outcome.kind === 'applied' ? outcome.body : null;
    const answer = tool.interpret(input, body);
    expect(answer).toEqual({
      applied: true,
      result: { subscription_id: expect.stringMatching(/^P/) },
      secrets: [{ label: 'Signing secret', value: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    });
    expect(() => tool.interpret(tool.input.parse(ask({}, { url: `${url}/2` })), body)).toThrow();
    expect(() => tool.interpret(tool.input.parse(ask({ filter: { type: 'account_reference' } })), body)).toThrow();
  });

  test('is recognised when it is the only one of its kind, and not otherwise', async () => {
    const input = tool.input.parse(ask({ description: 'For the bridge' }));
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": null,
        "because": "There is no subscription with this URL and scope; one may have been deleted or changed. A human must look at the webhooks in PagerDuty.",
      }
    `);
    play.faults.add({ kind: 'garbage' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({
      applied: true,
      result: { subscription_id: expect.any(String) },
    });
    expect((await evidence(tool, tool.input.parse(ask({ description: 'Another' })))).applied).toBeNull();
    expect(
      (await evidence(tool, tool.input.parse(ask({ description: 'For the bridge', events: ['service.updated'] }))))
        .applied,
    ).toBeNull();
    await sent(tool, input);
    expect((await evidence(tool, input)).because).toContain('2 subscriptions');
  });

  test('is undone by deleting it, once its id is known', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.undo(input, before, null)).toMatchInlineSnapshot(`
      {
        "complete": false,
        "input": null,
        "note": "Deletes the subscription; what was sent until then stays with the receiver.",
        "possible": true,
        "tool": "delete_webhook_subscription",
      }
    `);
    const outcome = await sent(tool, input);
    const answer = tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null);
    const undo = tool.undo(input, before, answer.applied ? answer.result : null);
    const back = deleteWebhookSubscription.input.parse(undo.possible ? undo.input : null);
    expect((await sent(deleteWebhookSubscription, back)).kind).toBe('applied');
    expect(play.state().webhooks.subscriptions.map(({ id }) => id)).toEqual([webhooks.chat.id, webhooks.ledger.id]);
  });
});
