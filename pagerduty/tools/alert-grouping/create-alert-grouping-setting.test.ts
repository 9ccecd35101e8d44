import { beforeEach, describe, expect, test } from 'vitest';
import { escalationPolicies, services } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage, unread } from '../testing/stage.ts';
import { createAlertGroupingSetting as tool } from './create-alert-grouping-setting.ts';
import { deleteAlertGroupingSetting } from './delete-alert-grouping-setting.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const ask = (setting: object) => ({ create_model: { alert_grouping_setting: setting } });
const content = { aggregate: 'all', fields: ['component'], time_window: 600 };
const warehouse = [{ id: services.warehouse.id }];
const simple = { name: 'Warehouse by component', type: 'content_based', config: content, services: warehouse };

const summarized = async (setting: object) => {
  const { input, before } = await held(tool, ask(setting));
  return tool.summarize(input, before);
};

beforeEach(() => play.reset());

describe('create_alert_grouping_setting', () => {
  test('refuses, in sentences, what does not fit the type', () => {
    const problems = (type: string, config: object, list: object[] = warehouse) =>
      refusals(tool, ask({ type, config, services: list })).map((one) =>
        one.replace(/^.*alert_grouping_setting: /, ''),
      );
    expect({
      missing: problems('content_based', { aggregate: 'all' }),
      stray: problems('time', { timeout: 600, aggregate: 'any' }),
      short: problems('time', { timeout: 30 }),
      window: problems('content_based', { ...content, time_window: 4_000 }),
      day: problems('intelligent', { time_window: 86_400 }),
      single: problems('content_based_intelligent', content, [...warehouse, { id: services.mailer.id }]),
      twice: problems('content_based', content, [...warehouse, ...warehouse]),
    }).toMatchInlineSnapshot(`
      {
        "day": [
          "time_window must be 300 to 3600 seconds, or 0 for what PagerDuty recommends.",
        ],
        "missing": [
          "The type content_based needs config.fields.",
          "The type content_based needs config.time_window.",
        ],
        "short": [
          "timeout must be 60 to 86400 seconds, or 0 for until the incident is resolved.",
        ],
        "single": [
          "The type content_based_intelligent allows one service only.",
        ],
        "stray": [
          "config.aggregate means nothing for the type time.",
        ],
        "twice": [
          "A service is named twice.",
        ],
        "window": [
          "time_window must be 300 to 3600 seconds, or 0 for what PagerDuty recommends, or 86400.",
        ],
      }
    `);
    expect(problems('content_based', { ...content, time_window: 86_400 })).toEqual([]);
    expect(problems('intelligent', { time_window: 0 })).toEqual([]);
    expect(problems('time', { timeout: 0 })).toEqual([]);
    expect(refusals(tool, ask({ type: 'time', config: { timeout: 60 } }))).toHaveLength(1);
  });

  test('takes what upstream clients send: JSON text, nulls and labels', () => {
    const config = JSON.stringify({ ...content, recommended_time_window: null, timeout: null });
    const raw = ask({ ...simple, description: null, config, services: [{ ...warehouse[0], summary: 'Warehouse' }] });
    expect(tool.input.parse(raw)).toEqual(tool.input.parse(ask(simple)));
  });

  test('shows what is grouped, for which services, and what that hides', async () => {
    expect(await summarized(simple)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Alerts that match join an open incident and page nobody again; nobody starts being paged.",
            "In no setting so far: Warehouse Routing.",
            "In the last month: 2 alerts in 2 incidents.",
            "Holds for new alerts until it is changed; open incidents stay as they are.",
          ],
        },
        "lines": [
          {
            "after": "alerts with the same component, within 10 min of the one before",
            "label": "Groups",
            "now": null,
          },
          {
            "after": "Warehouse Routing",
            "label": "Services",
            "now": null,
          },
          {
            "after": "Warehouse by component",
            "label": "Name",
            "now": null,
          },
        ],
        "services": [
          "Warehouse Routing",
        ],
        "target": "Warehouse Routing",
        "title": "Group alerts of Warehouse Routing",
      }
    `);
  });

  test('says each kind of grouping in words', async () => {
    const words = async (type: string, config: object) =>
      (await summarized({ type, config, services: warehouse })).lines[0]?.after;
    expect([
      await words('content_based', { aggregate: 'any', fields: ['component', 'custom_details.host'], time_window: 0 }),
      await words('content_based_intelligent', { ...content, time_window: 300 }),
      await words('intelligent', { time_window: 900, iag_fields: ['summary', 'class'] }),
      await words('time', { timeout: 0 }),
      await words('time', { timeout: 90 }),
    ]).toMatchInlineSnapshot(`
      [
        "alerts with at least one of these the same: component and custom_details.host, within the window that PagerDuty recommends",
        "alerts that look alike to PagerDuty and have the same component, within 5 min of the one before",
        "alerts that look alike to PagerDuty by summary and class, within 15 min of the one before",
        "all alerts until the incident is resolved",
        "all alerts within 90 s",
      ]
    `);
  });

  test('names the setting that a service is in already', async () => {
    const both = { ...simple, services: [...warehouse, { id: services.payments.id }] };
    const { input, before } = await held(tool, ask(both));
    expect(tool.summarize(input, before).lines.slice(2)).toMatchInlineSnapshot(`
      [
        {
          "after": "Warehouse by component",
          "label": "Name",
          "now": null,
        },
        {
          "after": "in the new setting; PagerDuty may refuse that while it is in another one",
          "label": "Payments Gateway",
          "now": "in the alert grouping setting "Checkout by component": alerts with all of these the same: component and custom_details.region, within 15 min of the one before",
        },
      ]
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "medium",
        "reasons": [
          "Changes which alerts of 2 services open an incident.",
          "Some of them are in another setting now.",
        ],
      }
    `);
    expect(tool.undo(input, before, null)).toMatchObject({ possible: true, complete: false, input: null });
  });

  test('is refused for services that do not exist and for what is there already', async () => {
    const verdict = async (setting: object) => {
      const { input, before } = await held(tool, ask(setting));
      return tool.admit(input, before, binding);
    };
    expect(await verdict(simple)).toEqual({ holds: true });
    expect(await verdict({ ...simple, services: [{ id: 'PSNOONE' }] })).toEqual({
      holds: false,
      because: 'PagerDuty has no service PSNOONE.',
    });
    const there = {
      type: 'content_based',
      config: { aggregate: 'all', fields: ['custom_details.region', 'component'], time_window: 900 },
      services: [{ id: services.payments.id }, { id: services.checkout.id }],
    };
    expect(await verdict(there)).toEqual({
      holds: false,
      because: 'These services have exactly that already, in the alert grouping setting "Checkout by component".',
    });
  });

  test('sends one POST with nothing that was not asked for', () => {
    expect(tool.call(tool.input.parse(ask(simple)), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "alert_grouping_setting": {
            "config": {
              "aggregate": "all",
              "fields": [
                "component",
              ],
              "time_window": 600,
            },
            "name": "Warehouse by component",
            "services": [
              {
                "id": "PSWAREH",
                "type": "service_reference",
              },
            ],
            "type": "content_based",
          },
        },
        "method": "POST",
        "path": "/alert_grouping_settings",
      }
    `);
  });

  test('is reviewed by those on call for its services, unless they are many', async () => {
    const touches = async (list: { id: string }[]) => {
      const asked = ask({ ...simple, services: list.map(({ id }) => ({ id })) });
      const { input, before } = await held(tool, asked);
      return tool.touches(input, before);
    };
    expect(await touches([services.warehouse])).toEqual({
      subjects: ['service:PSWAREH'],
      escalationPolicyIds: [escalationPolicies.warehouse.id],
    });
    expect((await touches(Object.values(services))).escalationPolicyIds).toEqual([]);
  });

  test('goes stale when one of its services gets another setting', async () => {
    const { input, before } = await held(tool, ask(simple));
    play.change(({ alertGroupings: { settings } }) => settings[0]?.serviceIds.push(services.warehouse.id));
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "Warehouse Routing was in no setting when this was shown and is in the alert grouping setting "Checkout by component" (alerts with all of these the same: component and custom_details.region, within 15 min of the one before) now.",
        "holds": false,
      }
    `);
  });

  test('takes only an answer of its own type', async () => {
    const { input } = await held(tool, ask(simple));
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toMatchObject({
      applied: true,
      result: { setting_id: expect.stringMatching(/^P/) },
      secrets: [],
    });
    const others: Json[] = [null, {}, { alert_grouping_setting: { id: 'PX', type: 'time', config: {} } }];
    for (const body of others) expect(() => tool.interpret(input, body)).toThrow();
  });

  test('is found again when the answer was lost, and undone by deleting it', async () => {
    const { input, before } = await held(tool, ask(simple));
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": null,
        "because": "No such setting was created for these services since the call was to be sent. A human must look.",
      }
    `);
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    const found = await evidence(tool, input);
    expect(found).toMatchObject({ applied: true });
    const undo = tool.undo(input, before, found.applied === true ? found.result : null);
    expect(undo).toMatchObject({ possible: true, tool: 'delete_alert_grouping_setting', complete: true });
    const back = deleteAlertGroupingSetting.input.parse(undo.possible && undo.input);
    expect((await sent(deleteAlertGroupingSetting, back)).kind).toBe('applied');
    expect(play.state().alertGroupings.settings).toHaveLength(2);
  });

  test('cannot tell when two such settings were created at that time', async () => {
    const { input } = await held(tool, ask(simple));
    await sent(tool, input);
    play.change(({ alertGroupings: { settings } }) => {
      const made = settings.at(-1);
      if (made) settings.push({ ...made, id: 'PAGTWIN' });
    });
    expect((await evidence(tool, input)).applied).toBeNull();
  });
});
