import { beforeEach, describe, expect, test } from 'vitest';
import { alertGroupings } from '../../fake/alert-grouping.ts';
import { people } from '../../fake/company.ts';
import { stillHolds } from '../evidence/watching.ts';
import { stage, unread } from '../testing/stage.ts';
import { createAlertGroupingSetting } from './create-alert-grouping-setting.ts';
import { deleteAlertGroupingSetting as tool } from './delete-alert-grouping-setting.ts';

const { play, reads, held, sent, binding, evidence } = await stage();
const ask = { setting_id: alertGroupings.checkout.id };

beforeEach(() => play.reset());

describe('delete_alert_grouping_setting', () => {
  test('shows what is no longer grouped and how many alerts that may be', async () => {
    const { input, before } = await held(tool, ask);
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Each new alert of Checkout API and Payments Gateway opens an incident of its own and pages whoever is on call.",
            "Nobody else starts or stops being paged.",
            "In the last month: 4 alerts in 3 incidents.",
            "Without grouping that would have been up to 4 incidents.",
            "Holds for new alerts; open incidents stay as they are.",
          ],
        },
        "lines": [
          {
            "after": "no grouping",
            "label": "Groups",
            "now": "alerts with all of these the same: component and custom_details.region, within 15 min of the one before",
          },
          {
            "after": "in no setting",
            "label": "Services",
            "now": "Checkout API and Payments Gateway",
          },
          {
            "after": "deleted",
            "label": "Description",
            "now": "One incident per broken component.",
          },
        ],
        "services": [
          "Checkout API",
          "Payments Gateway",
        ],
        "target": "Checkout by component",
        "title": "Delete the alert grouping setting "Checkout by component"",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "high",
        "reasons": [
          "Alerts of 2 services are no longer grouped: each pages for itself.",
        ],
      }
    `);
    expect(tool.touches(input, before)).toMatchInlineSnapshot(`
      {
        "escalationPolicyIds": [
          "PECHKOT",
        ],
        "subjects": [
          "alert_grouping_setting:PAGCHKT",
          "service:PSCHKOT",
          "service:PSPAYMT",
        ],
      }
    `);
    const unnamed = await held(tool, { setting_id: alertGroupings.tracking.id });
    expect(tool.summarize(unnamed.input, unnamed.before).title).toBe('Delete the alert grouping setting PAGTRCK');
  });

  test('says so when the number of alerts cannot be read', async () => {
    const { input, before } = await held(tool, ask);
    const { effect } = tool.summarize(input, { ...before, load: null });
    expect(effect.lines).toContain('How many alerts these services have could not be read.');
  });

  test('sends one DELETE without a body', () => {
    expect(tool.call(tool.input.parse(ask), binding, unread)).toEqual({
      method: 'DELETE',
      path: '/alert_grouping_settings/PAGCHKT',
      body: null,
    });
  });

  test('goes stale when the setting changes or is gone', async () => {
    const { input, before } = await held(tool, ask);
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    play.change(({ alertGroupings: { settings } }) => {
      for (const one of settings) one.serviceIds = one.serviceIds.slice(0, 1);
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The list of services of the alert grouping setting "Checkout by component" was Checkout API and Payments Gateway when this was shown and is Checkout API now.",
        "holds": false,
      }
    `);
    const path = `/alert_grouping_settings/${input.setting_id}`;
    play.human({ as: people.sam.email, method: 'DELETE', path });
    await expect(tool.read(reads, input)).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('is settled by whether the setting is still there', async () => {
    const { input } = await held(tool, ask);
    expect(await evidence(tool, input)).toEqual({ applied: false, because: 'The setting is still there.' });
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({ applied: true, result: { setting_id: 'PAGCHKT' } });
  });

  test('takes only an empty answer', async () => {
    const { input } = await held(tool, ask);
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : 'refused')).toEqual({
      applied: true,
      result: { setting_id: 'PAGCHKT' },
      secrets: [],
    });
    expect(() => tool.interpret(input, { message: 'blocked' })).toThrow();
  });

  test('is undone by creating the same again under a new id', async () => {
    const { input, before } = await held(tool, ask);
    const {
      id: _id,
      createdAt: _created,
      updatedAt: _updated,
      ...former
    } = play.state().alertGroupings.settings[0] ?? {};
    await sent(tool, input);
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchInlineSnapshot(`
      {
        "complete": false,
        "input": {
          "create_model": {
            "alert_grouping_setting": {
              "config": {
                "aggregate": "all",
                "fields": [
                  "component",
                  "custom_details.region",
                ],
                "time_window": 900,
              },
              "description": "One incident per broken component.",
              "name": "Checkout by component",
              "services": [
                {
                  "id": "PSCHKOT",
                },
                {
                  "id": "PSPAYMT",
                },
              ],
              "type": "content_based",
            },
          },
        },
        "note": "Creates the same setting again, under a new id.",
        "possible": true,
        "tool": "create_alert_grouping_setting",
      }
    `);
    const back = await held(createAlertGroupingSetting, undo.possible && undo.input);
    expect((await sent(createAlertGroupingSetting, back.input, back.before)).kind).toBe('applied');
    expect(play.state().alertGroupings.settings.at(-1)).toMatchObject(former);
    const odd = { ...before, setting: { ...before.setting, type: 'quantum' } };
    expect(tool.undo(input, odd, null)).toMatchObject({ possible: false });
  });
});
