import { beforeEach, describe, expect, test } from 'vitest';
import { people, services } from '../../fake/company.ts';
import { orchestrations } from '../../fake/event-orchestrations.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage } from '../testing/stage.ts';
import { appendEventOrchestrationRouterRule as tool } from './append-event-orchestration-router-rule.ts';
import { readRouter } from './reading.ts';
import { updateEventOrchestrationRouter } from './update-event-orchestration-router.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const { monitoring, partners } = orchestrations;
const belts = {
  label: 'Conveyor belts',
  conditions: [{ expression: "event.source matches part 'conveyor'" }],
  actions: { route_to: services.warehouse.id },
};
const ask = (rule: object, id: string = monitoring.id) => ({ orchestration_id: id, new_rule: rule });
const dynamic = {
  conditions: [],
  actions: { dynamic_route_to: { source: 'event.class', regex: '(.*)', lookup_by: 'service_name' } },
};
const rulesNow = (id: string = monitoring.id) =>
  play.state().orchestrations.paths.find(({ type, parentId }) => type === 'router' && parentId === id)?.sets[0]?.rules;
const verdict = async (rule: object, id?: string) => {
  const { input, before } = await held(tool, ask(rule, id));
  return tool.admit(input, before, binding);
};

beforeEach(() => play.reset());

describe('append_event_orchestration_router_rule', () => {
  test('refuses a rule without a target, without conditions or with an id', () => {
    expect(refusals(tool, ask({ conditions: [], actions: {} }))).toHaveLength(1);
    expect(refusals(tool, ask({ actions: { route_to: 'PSWAREH' } }))).toHaveLength(1);
    expect(refusals(tool, ask({ ...belts, id: 'new' }))).toMatchInlineSnapshot(`
      [
        "new_rule: Unrecognized key: "id"",
      ]
    `);
    expect(refusals(tool, ask({ ...belts, label: null, disabled: null }))).toEqual([]);
  });

  test('shows the rule, what becomes of events that no rule takes, and who is paged', async () => {
    const { input, before } = await held(tool, ask(belts));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Starts getting events: Warehouse Routing (pages Aisha Rahmani first).",
            "Stops getting events: no service.",
            "Events that match no rule go to no service and page nobody.",
            "All events of "Northwind monitoring" pass here, from 2 integrations: Prometheus and Synthetic checks; owned by the team Logistics.",
            "Holds from the next event on, until it is changed again; open incidents stay as they are.",
          ],
        },
        "lines": [
          {
            "after": "to Warehouse Routing: "Conveyor belts", when event.source matches part 'conveyor'",
            "label": "Rule 4, new",
            "now": null,
          },
          {
            "after": "as they are",
            "label": "Other rules",
            "now": "3 rules",
          },
          {
            "after": "Unrouted (no service), as now",
            "label": "Events that match no rule",
            "now": "Unrouted (no service)",
          },
        ],
        "services": [
          "Warehouse Routing",
        ],
        "target": "Northwind monitoring",
        "title": "Add the routing rule "Conveyor belts" to "Northwind monitoring"",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "high",
        "reasons": [
          "Takes events that went to the catch-all so far.",
        ],
      }
    `);
    expect(tool.touches(input, before)).toMatchInlineSnapshot(`
      {
        "escalationPolicyIds": [
          "PEWAREH",
        ],
        "subjects": [
          "event_orchestration:7c1f6b0e-52a9-4d3f-9a57-0c6f1d2e8b41",
        ],
      }
    `);
  });

  test('weighs a rule for every event as critical, and counts what the catch-all loses', async () => {
    const { input, before } = await held(tool, ask({ ...belts, conditions: [] }, partners.id));
    expect(tool.risk(input, before).level).toBe('critical');
    expect(tool.summarize(input, before).effect.lines).toMatchInlineSnapshot(`
      [
        "Starts getting events: Warehouse Routing (pages Aisha Rahmani first).",
        "Stops getting events: no service.",
        "May get more or fewer events: Customer Mailer (pages Kenji Sato first).",
        "All events of "Partner events" pass here, from 0 integrations; owned by no team.",
        "Holds from the next event on, until it is changed again; open incidents stay as they are.",
      ]
    `);
    expect(tool.touches(input, before).escalationPolicyIds).toEqual(['PETRACK', 'PEWAREH']);
  });

  test('sends the router as it was read, with the new rule at its end and nothing lost', async () => {
    play.change(({ orchestrations: { paths } }) => {
      const [router] = paths;
      const [first] = router?.sets[0]?.rules ?? [];
      if (router === undefined || first === undefined) return;
      router.rest = { flow: { mode: 'strict' } };
      Object.assign(first, { icon: 'card', label: null });
      first.actions.enrich = ['geo', null];
    });
    const { input, before } = await held(tool, ask(belts));
    const { method, path, body } = tool.call(input, binding, before);
    expect({ method, path }).toMatchInlineSnapshot(`
      {
        "method": "PUT",
        "path": "/event_orchestrations/7c1f6b0e-52a9-4d3f-9a57-0c6f1d2e8b41/router",
      }
    `);
    expect(body).toMatchInlineSnapshot(`
      {
        "orchestration_path": {
          "catch_all": {
            "actions": {
              "route_to": "unrouted",
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
                      null,
                    ],
                    "route_to": "PSPAYMT",
                  },
                  "conditions": [
                    {
                      "expression": "event.source matches part 'payments'",
                    },
                    {
                      "expression": "event.summary matches part 'card provider'",
                    },
                  ],
                  "icon": "card",
                  "id": "9a1c4e07",
                },
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
                    "route_to": "PSTRACK",
                  },
                  "conditions": [
                    {
                      "expression": "event.source matches regex 'track(er|ing)-[0-9]+'",
                    },
                  ],
                  "id": "c07e95da",
                  "label": "Parcel tracking",
                },
                {
                  "actions": {
                    "route_to": "PSWAREH",
                  },
                  "conditions": [
                    {
                      "expression": "event.source matches part 'conveyor'",
                    },
                  ],
                  "label": "Conveyor belts",
                },
              ],
            },
          ],
        },
      }
    `);
    const former = rulesNow()?.map(({ label, ...rest }) => ({ ...rest, ...(label === null ? {} : { label }) }));
    expect((await sent(tool, input, before)).kind).toBe('applied');
    expect(rulesNow()?.slice(0, -1)).toEqual(former);
    expect(rulesNow()?.at(-1)).toEqual({ ...belts, id: expect.stringMatching(/^[0-9a-f]{8}$/) });
    expect(play.state().orchestrations.paths[0]?.rest).toEqual({ flow: { mode: 'strict' } });
  });

  test('is refused for a copy, an unknown service and a dynamic rule behind others', async () => {
    const copy = {
      ...belts,
      label: 'Shop front',
      conditions: [{ expression: "event.custom_details.team  matches 'commerce' " }],
    };
    expect([
      await verdict({ ...copy, actions: { route_to: services.checkout.id } }),
      await verdict({ ...belts, actions: { route_to: 'PSNOONE' } }),
      await verdict(dynamic),
      await verdict(belts),
    ]).toMatchInlineSnapshot(`
      [
        {
          "because": "Rule 2 of "Northwind monitoring" does exactly that already.",
          "holds": false,
        },
        {
          "because": "PagerDuty has no service PSNOONE.",
          "holds": false,
        },
        {
          "because": "A dynamic rule has to be the first one, and "Northwind monitoring" has rules already.",
          "holds": false,
        },
        {
          "holds": true,
        },
      ]
    `);
    play.change(({ orchestrations: { paths } }) => {
      for (const path of paths) for (const set of path.sets) set.rules = [];
    });
    expect(await verdict(dynamic)).toEqual({ holds: true });
  });

  test('goes stale when anybody changes the router, so that nobody’s rule is overwritten', async () => {
    const { input, before } = await held(tool, ask(belts));
    const other = await held(tool, ask({ ...belts, label: 'Another agent was faster' }));
    expect((await sent(tool, other.input, other.before)).kind).toBe('applied');
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The list of routing rules of the event orchestration "Northwind monitoring" was "Cards and payments", "Shop front" and "Parcel tracking" when this was shown and is "Cards and payments", "Shop front", "Parcel tracking" and "Another agent was faster" now.",
        "holds": false,
      }
    `);
  });

  test('goes stale when a service that is shown is handed to another policy', async () => {
    const { input, before } = await held(tool, ask(belts));
    play.change((state) => {
      for (const one of state.services) if (one.id === services.warehouse.id) one.escalationPolicyId = 'PECHKOT';
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input)).holds).toBe(false);
  });

  test('is settled by finding its rule once, or by a router that nobody changed since', async () => {
    const { input, before } = await held(tool, ask(belts));
    expect(await evidence(tool, input)).toMatchObject({ applied: false });
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input, before)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({ applied: true, result: { rule_id: rulesNow()?.at(-1)?.id } });
    play.change(({ orchestrations: { paths } }) => {
      const [set] = paths[0]?.sets ?? [];
      const last = set?.rules.at(-1);
      if (last) set?.rules.push({ ...last, id: '0badcafe' });
    });
    expect(await evidence(tool, input)).toMatchObject({ applied: null });
    play.human({
      as: people.sam.email,
      method: 'PUT',
      path: `/event_orchestrations/${monitoring.id}/router`,
      body: { orchestration_path: { sets: [{ id: 'start', rules: [] }] } },
    });
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": null,
        "because": "The router was changed since, but does not show what was asked for. A human must look.",
      }
    `);
  });

  test('takes only an answer that shows its rule', async () => {
    const { input, before } = await held(tool, ask(belts));
    const untouched = { orchestration_path: await readRouter(reads, monitoring.id) };
    expect(() => tool.interpret(input, untouched)).toThrow('The answer does not show the new rule.');
    const outcome = await sent(tool, input, before);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toMatchObject({
      applied: true,
      result: { orchestration_id: monitoring.id, rule_id: rulesNow()?.at(-1)?.id, version: expect.any(String) },
    });
    for (const body of [null, {}] as Json[]) expect(() => tool.interpret(input, body)).toThrow();
  });

  test('is undone by the router without that rule, which keeps its ids', async () => {
    const former = rulesNow()?.map(({ id }) => id);
    const { input, before } = await held(tool, ask(belts));
    await sent(tool, input, before);
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchObject({ possible: true, complete: true, tool: 'update_event_orchestration_router' });
    const back = await held(updateEventOrchestrationRouter, undo.possible && undo.input);
    expect(updateEventOrchestrationRouter.summarize(back.input, back.before).lines).toMatchInlineSnapshot(`
      [
        {
          "after": "dropped",
          "label": "Rule 4",
          "now": "to Warehouse Routing: "Conveyor belts", when event.source matches part 'conveyor'",
        },
        {
          "after": "as they are",
          "label": "Other rules",
          "now": "3 rules",
        },
        {
          "after": "Unrouted (no service), as now",
          "label": "Events that match no rule",
          "now": "Unrouted (no service)",
        },
      ]
    `);
    expect((await sent(updateEventOrchestrationRouter, back.input, back.before)).kind).toBe('applied');
    expect(rulesNow()?.map(({ id }) => id)).toEqual(former);
  });
});
