import { beforeEach, describe, expect, test } from 'vitest';
import { alertGroupings } from '../../fake/alert-grouping.ts';
import { people, services } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { refusals, stage } from '../testing/stage.ts';
import { updateAlertGroupingSetting as tool } from './update-alert-grouping-setting.ts';

const { play, reads, held, sent, binding, attempt, evidence } = await stage();
const ask = (setting: object, id: string = alertGroupings.checkout.id) => ({
  setting_id: id,
  update_model: { alert_grouping_setting: setting },
});
const simple = {
  type: 'content_based',
  config: { aggregate: 'any', fields: ['component', 'summary'], time_window: 0 },
};
const everything = {
  ...simple,
  name: 'Commerce',
  description: '',
  services: [{ id: services.checkout.id }, { id: services.tracking.id }],
};
const settingNow = (id: string = alertGroupings.checkout.id) =>
  play.state().alertGroupings.settings.find((one) => one.id === id);

beforeEach(() => play.reset());

describe('update_alert_grouping_setting', () => {
  test('needs the type and what belongs to it, but not the services', () => {
    expect(refusals(tool, ask({ name: 'New' }))).toMatchInlineSnapshot(`
      [
        "update_model.alert_grouping_setting.type: Invalid option: expected one of "content_based"|"content_based_intelligent"|"intelligent"|"time"",
        "update_model.alert_grouping_setting.config: Invalid input: expected object, received undefined",
      ]
    `);
    expect(refusals(tool, ask(simple))).toEqual([]);
  });

  test('shows the rule as it is and as it will be, for the services it keeps', async () => {
    const { input, before } = await held(tool, ask(simple));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Alerts that match join an open incident and page nobody again; all others page as a new incident.",
            "Applies to Checkout API and Payments Gateway.",
            "In the last month: 4 alerts in 3 incidents.",
            "Holds for new alerts until it is changed; open incidents stay as they are.",
          ],
        },
        "lines": [
          {
            "after": "alerts with at least one of these the same: component and summary, within the window that PagerDuty recommends",
            "label": "Groups",
            "now": "alerts with all of these the same: component and custom_details.region, within 15 min of the one before",
          },
        ],
        "services": [
          "Checkout API",
          "Payments Gateway",
        ],
        "target": "Checkout by component",
        "title": "Change the alert grouping setting "Checkout by component"",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "medium",
        "reasons": [
          "Changes which alerts of 2 services open an incident.",
        ],
      }
    `);
  });

  test('names the services that join and leave', async () => {
    const { input, before } = await held(tool, ask(everything));
    const { lines, effect } = tool.summarize(input, before);
    expect({ lines: lines.slice(1), effect: effect.lines }).toMatchInlineSnapshot(`
      {
        "effect": [
          "Alerts that match join an open incident and page nobody again; all others page as a new incident.",
          "Applies to Checkout API and Parcel Tracking.",
          "Grouped here from now on: Parcel Tracking.",
          "Some of these are in the alert grouping setting PAGTRCK now; PagerDuty may refuse that.",
          "No longer grouped here, so each alert opens an incident: Payments Gateway.",
          "In the last month: 6 alerts in 5 incidents.",
          "Holds for new alerts until it is changed; open incidents stay as they are.",
        ],
        "lines": [
          {
            "after": "Commerce",
            "label": "Name",
            "now": "Checkout by component",
          },
          {
            "after": "(empty)",
            "label": "Description",
            "now": "One incident per broken component.",
          },
          {
            "after": "Checkout API and Parcel Tracking",
            "label": "Services",
            "now": "Checkout API and Payments Gateway",
          },
        ],
      }
    `);
    expect(tool.risk(input, before).reasons).toHaveLength(3);
  });

  test('sends name and description along, for only services are known to stay', async () => {
    const { input, before } = await held(tool, ask(simple));
    expect(tool.call(input, binding, before)).toMatchInlineSnapshot(`
      {
        "body": {
          "alert_grouping_setting": {
            "config": {
              "aggregate": "any",
              "fields": [
                "component",
                "summary",
              ],
              "time_window": 0,
            },
            "description": "One incident per broken component.",
            "name": "Checkout by component",
            "type": "content_based",
          },
        },
        "method": "PUT",
        "path": "/alert_grouping_settings/PAGCHKT",
      }
    `);
    const all = await held(tool, ask(everything));
    expect(tool.call(all.input, binding, all.before).body).toMatchObject({
      alert_grouping_setting: {
        name: 'Commerce',
        description: '',
        services: [
          { id: 'PSCHKOT', type: 'service_reference' },
          { id: 'PSTRACK', type: 'service_reference' },
        ],
      },
    });
  });

  test('keeps the fields of intelligent grouping that it was not asked to change', async () => {
    const asked = ask({ type: 'intelligent', config: { time_window: 600 } }, alertGroupings.tracking.id);
    const { input, before } = await held(tool, asked);
    expect(tool.call(input, binding, before).body).toEqual({
      alert_grouping_setting: { type: 'intelligent', config: { iag_fields: ['summary'], time_window: 600 } },
    });
  });

  test('is refused when nothing would change, a service is unknown or the type allows one only', async () => {
    const verdict = async (setting: object) => {
      const { input, before } = await held(tool, ask(setting));
      return tool.admit(input, before, binding);
    };
    const same = {
      type: 'content_based',
      config: { aggregate: 'all', fields: ['custom_details.region', 'component'], time_window: 900 },
    };
    expect([
      await verdict(same),
      await verdict({ ...simple, services: [{ id: 'PSNOONE' }] }),
      await verdict({ ...simple, type: 'content_based_intelligent' }),
      await verdict(simple),
    ]).toMatchInlineSnapshot(`
      [
        {
          "because": "This is what the alert grouping setting "Checkout by component" does already.",
          "holds": false,
        },
        {
          "because": "PagerDuty has no service PSNOONE.",
          "holds": false,
        },
        {
          "because": "The type content_based_intelligent allows one service, and the alert grouping setting "Checkout by component" has 2.",
          "holds": false,
        },
        {
          "holds": true,
        },
      ]
    `);
    await expect(held(tool, ask(simple, 'PAGNONE'))).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('takes no name for another because of the blanks at its ends', async () => {
    const same = { type: 'content_based', config: settingNow()?.config, name: `${settingNow()?.name} ` };
    const { input, before } = await held(tool, ask(same));
    expect(tool.admit(input, before, binding).holds).toBe(false);
  });

  test('goes stale when somebody changes the setting, whatever they change', async () => {
    const { input, before } = await held(tool, ask(simple));
    const { name: _name, ...rest } = everything;
    const body = { alert_grouping_setting: { ...rest, services: [{ id: services.checkout.id }] } };
    play.human({ as: people.sam.email, method: 'PUT', path: `/alert_grouping_settings/${input.setting_id}`, body });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The description of the alert grouping setting "Checkout by component" was "One incident per broken component." when this was shown and is "" now.",
        "holds": false,
      }
    `);
    play.reset();
    play.change(({ alertGroupings: { settings } }) => {
      for (const one of settings) one.updatedAt = '2024-12-24T12:00:00Z';
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input)).holds).toBe(false);
  });

  test('is settled by what the setting shows and when it was last changed', async () => {
    const { input } = await held(tool, ask(simple));
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The setting was last changed before the call was to be sent.",
      }
    `);
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input, (await held(tool, ask(simple))).before)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({ applied: true, result: { setting_id: 'PAGCHKT' } });
    play.change(({ alertGroupings: { settings } }) => {
      for (const one of settings) one.config.fields = ['class'];
    });
    expect((await evidence(tool, input)).applied).toBeNull();
    play.human({ as: people.sam.email, method: 'DELETE', path: `/alert_grouping_settings/${input.setting_id}` });
    expect((await evidence(tool, input)).applied).toBeNull();
  });

  test('takes the recommended window for what 0 asks for', async () => {
    const { input, before } = await held(tool, ask(simple));
    await sent(tool, input, before);
    play.change(({ alertGroupings: { settings } }) => {
      for (const one of settings) Object.assign(one.config, { time_window: 540, recommended_time_window: 540 });
    });
    expect((await evidence(tool, input)).applied).toBe(true);
  });

  test('lets a fixed window be changed to the recommended one, though both are the same at the moment', async () => {
    play.change(({ alertGroupings: { settings } }) => {
      for (const one of settings) {
        if (one.id === alertGroupings.tracking.id) one.config.time_window = one.config.recommended_time_window;
      }
    });
    const asked = ask({ type: 'intelligent', config: { time_window: 0 } }, alertGroupings.tracking.id);
    const { input, before } = await held(tool, asked);
    expect(before.setting.config.time_window).toBe(420);
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    expect((await evidence(tool, input)).applied).toBe(false);
    await sent(tool, input, before);
    expect((await evidence(tool, input)).applied).toBe(true);
  });

  test('puts back the fields of intelligent grouping that PagerDuty meant without telling them', async () => {
    play.change(({ alertGroupings: { settings } }) => {
      for (const one of settings) delete one.config.iag_fields;
    });
    const config = { time_window: 0, iag_fields: ['class'] };
    const { input, before } = await held(tool, ask({ type: 'intelligent', config }, alertGroupings.tracking.id));
    expect(before.setting.config).toEqual({ time_window: 0 });
    await sent(tool, input, before);
    expect(settingNow(alertGroupings.tracking.id)?.config.iag_fields).toEqual(['class']);
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchObject({ possible: true, complete: true });
    const back = await held(tool, undo.possible && undo.input);
    expect(tool.admit(back.input, back.before, binding)).toEqual({ holds: true });
    await sent(tool, back.input, back.before);
    expect(settingNow(alertGroupings.tracking.id)?.config.iag_fields).toEqual(['summary']);
    expect(tool.verify(back.input, { ...before.setting, updatedAt: attempt.claimedAt.toISOString() }, attempt)).toEqual(
      expect.objectContaining({ applied: true }),
    );
  });

  test('is undone by putting back what was changed, and nothing else', async () => {
    const former = settingNow();
    const { services: _services, ...rest } = everything;
    const asked = ask({ ...rest, services: [{ id: services.checkout.id }, { id: services.mailer.id }] });
    const { input, before } = await held(tool, asked);
    expect((await sent(tool, input, before)).kind).toBe('applied');
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchObject({ possible: true, complete: true, tool: 'update_alert_grouping_setting' });
    const back = await held(tool, undo.possible && undo.input);
    expect((await sent(tool, back.input, back.before)).kind).toBe('applied');
    expect({ ...settingNow(), updatedAt: null }).toEqual({ ...former, updatedAt: null });
    const kept = await held(tool, ask(simple));
    expect(tool.undo(kept.input, kept.before, null)).toMatchInlineSnapshot(`
      {
        "complete": true,
        "input": {
          "setting_id": "PAGCHKT",
          "update_model": {
            "alert_grouping_setting": {
              "config": {
                "aggregate": "all",
                "fields": [
                  "component",
                  "custom_details.region",
                ],
                "time_window": 900,
              },
              "type": "content_based",
            },
          },
        },
        "note": "Puts the former values back; alerts that were grouped or paged meanwhile stay so.",
        "possible": true,
        "tool": "update_alert_grouping_setting",
      }
    `);
  });

  test('says what undo cannot put back: no name, and a type that is new to us', async () => {
    const time = { type: 'time', config: { timeout: 300 }, name: 'Tracking' };
    const { input, before } = await held(tool, ask(time, alertGroupings.tracking.id));
    expect(tool.undo(input, before, null)).toMatchObject({ possible: true, complete: false });
    const odd = { ...before, setting: { ...before.setting, type: 'quantum' } };
    expect(tool.undo(input, odd, null)).toMatchObject({ possible: false });
  });

  test('touches the setting and every service that it has or gets', async () => {
    const { input, before } = await held(tool, ask(everything));
    expect(tool.touches(input, before)).toMatchInlineSnapshot(`
      {
        "escalationPolicyIds": [
          "PECHKOT",
          "PETRACK",
        ],
        "subjects": [
          "alert_grouping_setting:PAGCHKT",
          "service:PSCHKOT",
          "service:PSPAYMT",
          "service:PSTRACK",
        ],
      }
    `);
    expect(tool.supersedes(input)).toBe('update_alert_grouping_setting config+description+name+services+type PAGCHKT');
  });

  test('takes only an answer with its own setting', async () => {
    const { input, before } = await held(tool, ask(simple));
    const outcome = await sent(tool, input, before);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toEqual({
      applied: true,
      result: { setting_id: 'PAGCHKT' },
      secrets: [],
    });
    const others: Json[] = [null, {}, { alert_grouping_setting: { id: 'PAGOTHR', type: 'time', config: {} } }];
    for (const body of others) expect(() => tool.interpret(input, body)).toThrow();
  });
});
