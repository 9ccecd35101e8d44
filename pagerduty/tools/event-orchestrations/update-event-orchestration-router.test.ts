import { beforeEach, describe, expect, test } from 'vitest';
import { people, services } from '../../fake/company.ts';
import { orchestrations } from '../../fake/event-orchestrations.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage } from '../testing/stage.ts';
import { updateEventOrchestrationRouter as tool } from './update-event-orchestration-router.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const { monitoring, partners } = orchestrations;
const rule = (label: string, expression: string, to: { id: string }, rest: object = {}) => ({
  label,
  conditions: [{ expression }],
  actions: { route_to: to.id },
  ...rest,
});
const ask = (rules: object[], to = 'unrouted', id: string = monitoring.id) => ({
  orchestration_id: id,
  router_update: { orchestration_path: { sets: [{ rules }], catch_all: { actions: { route_to: to } } } },
});

const cards = rule('Cards and payments', "event.source matches part 'payments'", services.payments, { id: '9a1c4e07' });
cards.conditions.push({ expression: "event.summary matches part 'card provider'" });
const shop = rule('Shop front', "event.custom_details.team matches 'commerce'", services.checkout, { id: '3fd82b61' });
const tracking = rule('Parcel tracking', "event.source matches regex 'track(er|ing)-[0-9]+'", services.tracking, {
  id: 'c07e95da',
});
const belts = rule('Belts', "event.class matches 'belt'", services.warehouse);
const dynamic = {
  actions: { dynamic_route_to: { source: 'event.custom_details.service', regex: '(.*)', lookup_by: 'service_id' } },
};

const turnedRound = <T>(value: T): T => {
  if (Array.isArray(value)) return value.map(turnedRound) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, turnedRound(inner)]),
  ) as T;
};
const routerNow = (id: string = monitoring.id) =>
  play.state().orchestrations.paths.find(({ type, parentId }) => type === 'router' && parentId === id);
const summarized = async (asked: object) => {
  const { input, before } = await held(tool, asked);
  return tool.summarize(input, before);
};
const verdict = async (asked: object) => {
  const { input, before } = await held(tool, asked);
  return tool.admit(input, before, binding);
};

beforeEach(() => play.reset());

describe('update_event_orchestration_router', () => {
  test('refuses rules that PagerDuty would not understand, in sentences', () => {
    const problems = (...rules: object[]) =>
      refusals(tool, ask(rules)).map((one) => one.replace(/^router_update.orchestration_path.sets.0.rules/, ''));
    expect({
      neither: problems({ conditions: [], actions: {} }),
      both: problems({ conditions: [], actions: { ...dynamic.actions, route_to: 'PSCHKOT' } }),
      without: problems({ actions: { route_to: 'PSCHKOT' } }),
      withConditions: problems({ ...dynamic, conditions: belts.conditions }),
      late: problems(belts, dynamic),
      twice: problems(shop, { ...belts, id: '3fd82b61' }),
      unknown: problems({ ...belts, actions: { ...belts.actions, suppress: true } }),
    }).toMatchInlineSnapshot(`
      {
        "both": [
          ".0: A rule needs either route_to or dynamic_route_to.",
        ],
        "late": [
          ": dynamic_route_to is only allowed in the first rule, not in rule 2.",
        ],
        "neither": [
          ".0: A rule needs either route_to or dynamic_route_to.",
        ],
        "twice": [
          ": Two rules have the id "3fd82b61".",
        ],
        "unknown": [
          ".0.actions: Unrecognized key: "suppress"",
        ],
        "withConditions": [
          ".0: A rule with dynamic_route_to cannot have conditions.",
        ],
        "without": [
          ".0: A rule with route_to needs conditions; [] matches every event.",
        ],
      }
    `);
    expect(refusals(tool, ask([], 'nowhere'))).toMatchInlineSnapshot(`
      [
        "router_update.orchestration_path.catch_all.actions.route_to: Say where events go that match no rule: the id of a service, or "unrouted".",
      ]
    `);
    expect(refusals(tool, { ...ask([]), orchestration_id: 'PABC123' })).toHaveLength(1);
  });

  test('takes what upstream clients send: JSON text, nulls and placeholder ids', () => {
    const raw = {
      orchestration_id: monitoring.id,
      router_update: JSON.stringify({
        orchestration_path: {
          type: 'router',
          sets: [
            {
              id: 'start',
              rules: [
                {
                  id: 'new',
                  label: null,
                  disabled: null,
                  conditions: [],
                  actions: { route_to: 'PSCHKOT', dynamic_route_to: null },
                },
              ],
            },
          ],
          catch_all: { actions: { route_to: 'unrouted', dynamic_route_to: null } },
        },
      }),
    };
    expect(refusals(tool, raw)).toEqual([]);
  });

  test('shows rules that change, move, come and go, and what happens to all other events', async () => {
    const changed = { ...shop, label: 'Shop', actions: { route_to: services.mailer.id } };
    expect(await summarized(ask([tracking, cards, changed, belts], services.payments.id))).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Starts getting events: Customer Mailer (pages Kenji Sato first) and Warehouse Routing (pages Aisha Rahmani first).",
            "Stops getting events: Checkout API (pages Dana Whitfield and Priya Raman first).",
            "May get more or fewer events: Payments Gateway (pages Dana Whitfield and Priya Raman first) and Parcel Tracking (pages Kenji Sato first).",
            "The order changes: the first rule that matches decides.",
            "Events that a changed or dropped rule no longer takes go on to the next rule that matches.",
            "All events of "Northwind monitoring" pass here, from 2 integrations: Prometheus and Synthetic checks; owned by the team Logistics.",
            "Holds from the next event on, until it is changed again; open incidents stay as they are.",
          ],
        },
        "lines": [
          {
            "after": "to Parcel Tracking: "Parcel tracking", when event.source matches regex 'track(er|ing)-[0-9]+'",
            "label": "Rule 1, moved",
            "now": "Rule 3, to Parcel Tracking: "Parcel tracking", when event.source matches regex 'track(er|ing)-[0-9]+'",
          },
          {
            "after": "to Payments Gateway: "Cards and payments", when event.source matches part 'payments' or when event.summary matches part 'card provider'",
            "label": "Rule 2, moved",
            "now": "Rule 1, to Payments Gateway: "Cards and payments", when event.source matches part 'payments' or when event.summary matches part 'card provider'",
          },
          {
            "after": "to Customer Mailer: "Shop", when event.custom_details.team matches 'commerce'",
            "label": "Rule 3, moved",
            "now": "Rule 2, to Checkout API: "Shop front", when event.custom_details.team matches 'commerce'",
          },
          {
            "after": "to Warehouse Routing: "Belts", when event.class matches 'belt'",
            "label": "Rule 4, new",
            "now": null,
          },
          {
            "after": "Payments Gateway",
            "label": "Events that match no rule",
            "now": "Unrouted (no service)",
          },
        ],
        "services": [
          "Checkout API",
          "Customer Mailer",
          "Payments Gateway",
          "Parcel Tracking",
          "Warehouse Routing",
        ],
        "target": "Northwind monitoring",
        "title": "Replace the routing rules of "Northwind monitoring"",
      }
    `);
  });

  test('names the rule that is dropped and who is no longer paged', async () => {
    const { input, before } = await held(tool, ask([cards, shop]));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Starts getting events: no service.",
            "Stops getting events: Parcel Tracking (pages Kenji Sato first).",
            "Events that a changed or dropped rule no longer takes go on to the next rule that matches.",
            "Events that match no rule go to no service and page nobody.",
            "All events of "Northwind monitoring" pass here, from 2 integrations: Prometheus and Synthetic checks; owned by the team Logistics.",
            "Holds from the next event on, until it is changed again; open incidents stay as they are.",
          ],
        },
        "lines": [
          {
            "after": "dropped",
            "label": "Rule 3",
            "now": "to Parcel Tracking: "Parcel tracking", when event.source matches regex 'track(er|ing)-[0-9]+'",
          },
          {
            "after": "as they are",
            "label": "Other rules",
            "now": "2 rules",
          },
          {
            "after": "Unrouted (no service), as now",
            "label": "Events that match no rule",
            "now": "Unrouted (no service)",
          },
        ],
        "services": [
          "Parcel Tracking",
        ],
        "target": "Northwind monitoring",
        "title": "Replace the routing rules of "Northwind monitoring"",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "critical",
        "reasons": [
          "Replaces every routing rule: events can be lost or page the wrong people.",
          "Drops 1 rule.",
        ],
      }
    `);
    expect(tool.touches(input, before)).toMatchInlineSnapshot(`
      {
        "escalationPolicyIds": [
          "PETRACK",
        ],
        "subjects": [
          "event_orchestration:7c1f6b0e-52a9-4d3f-9a57-0c6f1d2e8b41",
        ],
      }
    `);
  });

  test('warns of a rule for every event before others', async () => {
    const { lines, effect } = await summarized(ask([{ ...belts, conditions: [] }, cards, shop, tracking]));
    expect([lines[0]?.after, effect.lines.find((one) => one.startsWith('Never'))]).toMatchInlineSnapshot(`
      [
        "to Warehouse Routing: "Belts", every event",
        "Never reached, behind a rule for every event: the last 3 rules.",
      ]
    `);
  });

  test('does not claim to know the effect of a dynamic rule, and leaves it to the fallback group', async () => {
    const { input, before } = await held(tool, ask([dynamic, cards, shop, tracking]));
    const { lines, effect } = tool.summarize(input, before);
    expect(lines[0]).toMatchInlineSnapshot(`
      {
        "after": "to the service whose id the event tells: no label, every event that tells it in event.custom_details.service (regex (.*))",
        "label": "Rule 1, new",
        "now": null,
      }
    `);
    expect(effect.known).toBe(false);
    expect(tool.touches(input, before).escalationPolicyIds).toEqual([]);
  });

  test('leaves it to the fallback group when many services are touched', async () => {
    const { input, before } = await held(tool, ask([belts], services.mailer.id));
    expect(tool.touches(input, before).escalationPolicyIds).toEqual([]);
  });

  test('sends one PUT with ids only where such a rule exists', async () => {
    const { input, before } = await held(tool, ask([shop, { ...belts, id: 'placeholder' }], services.mailer.id));
    expect(tool.call(input, binding, before)).toMatchInlineSnapshot(`
      {
        "body": {
          "orchestration_path": {
            "catch_all": {
              "actions": {
                "route_to": "PSMAILR",
              },
            },
            "sets": [
              {
                "id": "start",
                "rules": [
                  {
                    "actions": {
                      "route_to": "PSCHKOT",
                    },
                    "conditions": [
                      {
                        "expression": "event.custom_details.team matches 'commerce'",
                      },
                    ],
                    "id": "3fd82b61",
                    "label": "Shop front",
                  },
                  {
                    "actions": {
                      "route_to": "PSWAREH",
                    },
                    "conditions": [
                      {
                        "expression": "event.class matches 'belt'",
                      },
                    ],
                    "label": "Belts",
                  },
                ],
              },
            ],
          },
        },
        "method": "PUT",
        "path": "/event_orchestrations/7c1f6b0e-52a9-4d3f-9a57-0c6f1d2e8b41/router",
      }
    `);
  });

  test('loses nothing that it does not understand, and says that it is there', async () => {
    play.change(({ orchestrations: { paths } }) => {
      const [router] = paths;
      const [first] = router?.sets[0]?.rules ?? [];
      if (router === undefined || first === undefined) return;
      router.rest = { flow: { mode: 'strict' } };
      router.catchAll.actions.sample = 5;
      Object.assign(first, { icon: 'card', disabled: true });
      first.actions.enrich = ['geo'];
      first.conditions = [{ expression: "event.source matches part 'payments'", weight: 2 }];
    });
    const { label: _label, ...keepsLabel } = cards;
    const { input, before } = await held(tool, ask([{ ...keepsLabel, actions: { route_to: services.mailer.id } }]));
    expect(tool.call(input, binding, before).body).toMatchInlineSnapshot(`
      {
        "orchestration_path": {
          "catch_all": {
            "actions": {
              "route_to": "unrouted",
              "sample": 5,
            },
          },
          "flow": {
            "mode": "strict",
          },
          "sets": [
            {
              "id": "start",
              "rules": [
                {
                  "actions": {
                    "enrich": [
                      "geo",
                    ],
                    "route_to": "PSMAILR",
                  },
                  "conditions": [
                    {
                      "expression": "event.source matches part 'payments'",
                      "weight": 2,
                    },
                    {
                      "expression": "event.summary matches part 'card provider'",
                    },
                  ],
                  "disabled": true,
                  "icon": "card",
                  "id": "9a1c4e07",
                  "label": "Cards and payments",
                },
              ],
            },
          ],
        },
      }
    `);
    expect(tool.summarize(input, before).lines[0]).toMatchInlineSnapshot(`
      {
        "after": "switched off, to Customer Mailer, also carries enrich and icon: "Cards and payments", when event.source matches part 'payments' or when event.summary matches part 'card provider'",
        "label": "Rule 1",
        "now": "switched off, to Payments Gateway, also carries enrich and icon: "Cards and payments", when event.source matches part 'payments'",
      }
    `);
  });

  test('is refused when nothing would change or a service is unknown', async () => {
    expect(await verdict(ask([cards, shop, tracking]))).toEqual({
      holds: false,
      because: 'The router of "Northwind monitoring" is like that already.',
    });
    expect(await verdict(ask([cards, shop], 'PSNOONE'))).toEqual({
      holds: false,
      because: 'PagerDuty has no service PSNOONE.',
    });
    expect(await verdict(ask([cards, shop, { ...belts, actions: { route_to: 'PSNOONE' } }]))).toMatchObject({
      holds: false,
    });
    expect(await verdict(ask([cards, tracking, shop]))).toEqual({ holds: true });
  });

  test('is the same whatever order the stored keys come back in', async () => {
    const { input, before } = await held(tool, ask([cards, shop]));
    const turned = { ...before, router: turnedRound(before.router) };
    expect(Object.keys(turned.router)).not.toEqual(Object.keys(before.router));
    expect(stillHolds(tool, input, turned, await tool.read(reads, input))).toEqual({ holds: true });
    expect(tool.call(input, binding, turned)).toEqual(tool.call(input, binding, before));
  });

  test('goes stale with every new version and every other content', async () => {
    const { input, before } = await held(tool, ask([cards, shop]));
    const now = async () => stillHolds(tool, input, before, await tool.read(reads, input));
    expect(await now()).toEqual({ holds: true });
    play.change(({ orchestrations: { paths } }) => {
      for (const path of paths) path.version = 'same.rules.new.version';
    });
    expect(await now()).toMatchInlineSnapshot(`
      {
        "because": "The router version of the event orchestration "Northwind monitoring" was nQ7r1vY_mon.router.0001 of 2024-09-02 08:30 (UTC) when this was shown and is same.rules.new.version of 2024-09-02 08:30 (UTC) now.",
        "holds": false,
      }
    `);
    play.reset();
    play.human({
      as: people.sam.email,
      method: 'PUT',
      path: `/event_orchestrations/${monitoring.id}/router`,
      body: { orchestration_path: { sets: [{ id: 'start', rules: [cards] }] } },
    });
    expect(await now()).toMatchInlineSnapshot(`
      {
        "because": "Rule 2 of the event orchestration "Northwind monitoring" was to Checkout API: "Shop front", when event.custom_details.team matches 'commerce' when this was shown and can no longer be read.",
        "holds": false,
      }
    `);
  });

  test('is settled by the rules it finds, or by a router that nobody changed since', async () => {
    const { input, before } = await held(tool, ask([dynamic, shop, belts], services.mailer.id));
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The router was last changed before the call was to be sent.",
      }
    `);
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input, before)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({ applied: true, result: { orchestration_id: monitoring.id } });
    play.change(({ orchestrations: { paths } }) => {
      for (const path of paths) path.catchAll.actions = { route_to: 'unrouted' };
    });
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": null,
        "because": "The router was changed since, but does not show what was asked for. A human must look.",
      }
    `);
    play.change(({ orchestrations: state }) => {
      state.paths = [];
    });
    expect((await evidence(tool, input)).applied).toBeNull();
  });

  test('is undone by the former router, whose rules then do the same again', async () => {
    const former = routerNow(partners.id);
    const { input, before } = await held(tool, ask([belts, { ...tracking, id: null }], 'unrouted', partners.id));
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchInlineSnapshot(`
      {
        "complete": false,
        "input": {
          "orchestration_id": "e40b9d62-8f13-4a76-b1c8-93d5a7f20e5c",
          "router_update": {
            "orchestration_path": {
              "catch_all": {
                "actions": {
                  "route_to": "PSMAILR",
                },
              },
              "sets": [
                {
                  "rules": [
                    {
                      "actions": {
                        "dynamic_route_to": {
                          "lookup_by": "service_name",
                          "regex": "(.*)",
                          "source": "event.custom_details.service",
                        },
                      },
                      "conditions": [],
                      "id": "5b20d7fe",
                      "label": "As the partner says",
                    },
                    {
                      "actions": {
                        "route_to": "PSWAREH",
                      },
                      "conditions": [
                        {
                          "expression": "event.class matches 'belt'",
                        },
                      ],
                      "disabled": true,
                      "id": "a8813c4d",
                      "label": "Sorting belts",
                    },
                  ],
                },
              ],
            },
          },
        },
        "note": "Puts the former rules back; what was paged meanwhile has been paged. Dropped rules come back under new ids.",
        "possible": true,
        "tool": "update_event_orchestration_router",
      }
    `);
    await sent(tool, input, before);
    const back = await held(tool, undo.possible && undo.input);
    expect((await sent(tool, back.input, back.before)).kind).toBe('applied');
    const does = (path: typeof former) =>
      path?.sets[0]?.rules.map(({ label, conditions, actions, disabled }) => ({
        label,
        conditions: conditions ?? [],
        actions,
        disabled: disabled ?? false,
      }));
    expect(does(routerNow(partners.id))).toEqual(does(former));
    expect(routerNow(partners.id)?.catchAll).toEqual(former?.catchAll);
  });

  test('says when undo cannot bring everything back', async () => {
    play.change(({ orchestrations: { paths } }) => {
      const rules = paths[0]?.sets[0]?.rules ?? [];
      Object.assign(rules[2] ?? {}, { icon: 'parcel' });
    });
    const { input, before } = await held(tool, ask([cards, shop]));
    expect(tool.undo(input, before, null)).toMatchObject({ complete: false, note: expect.stringContaining('is lost') });
    const renamed = await held(tool, ask([{ ...cards, label: 'Money', disabled: true }, shop, tracking]));
    expect(tool.undo(renamed.input, renamed.before, null)).toMatchObject({ possible: true, complete: true });
    play.change(({ orchestrations: { paths } }) => {
      const [first] = paths[0]?.sets[0]?.rules ?? [];
      if (first) first.actions = { divert: 'elsewhere' };
    });
    const odd = await held(tool, ask([shop]));
    expect(tool.undo(odd.input, odd.before, null)).toMatchObject({ possible: false });
  });

  test('takes only an answer with its own router, and passes warnings on', async () => {
    const { input, before } = await held(tool, ask([cards, shop]));
    const outcome = await sent(tool, input, before);
    const body = outcome.kind === 'applied' ? outcome.body : null;
    expect(tool.interpret(input, body)).toMatchObject({
      applied: true,
      result: { orchestration_id: monitoring.id, version: expect.any(String) },
      secrets: [],
    });
    const path = (body as { orchestration_path: { parent: object; sets: object[] } }).orchestration_path;
    const warned = { orchestration_path: path, warnings: [{ message: 'Not on your plan.', rule_id: '9a1c4e07' }] };
    expect(tool.interpret(input, warned as unknown as Json)).toMatchObject({
      result: { warnings: ['Not on your plan.'] },
    });
    const others = [
      null,
      {},
      { orchestration_path: { ...path, parent: { id: partners.id } } },
      { orchestration_path: { ...path, sets: [{ id: 'start', rules: [] }] } },
    ];
    for (const other of others) expect(() => tool.interpret(input, other as unknown as Json)).toThrow();
  });
});
