import { beforeEach, describe, expect, test } from 'vitest';
import { services } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listAlertGroupingSettings as tool } from './list-alert-grouping-settings.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);

beforeEach(() => play.reset());

describe('list_alert_grouping_settings', () => {
  test('finds the setting of a service and says in words what it groups', async () => {
    expect(await run({ service_ids: [services.payments.id], total: true })).toMatchInlineSnapshot(`
      {
        "answer": {
          "after": null,
          "alert_grouping_settings": [
            {
              "config": {
                "aggregate": "all",
                "fields": [
                  "component",
                  "custom_details.region",
                ],
                "time_window": 900,
              },
              "created_at": "2024-03-04T09:12:00Z",
              "description": "One incident per broken component.",
              "groups": "alerts with all of these the same: component and custom_details.region, within 15 min of the one before",
              "id": "PAGCHKT",
              "name": "Checkout by component",
              "services": [
                {
                  "id": "PSCHKOT",
                  "name": "Checkout API",
                },
                {
                  "id": "PSPAYMT",
                  "name": "Payments Gateway",
                },
              ],
              "type": "content_based",
              "updated_at": "2024-05-21T15:40:00Z",
            },
          ],
          "before": null,
          "more": false,
          "total": 1,
        },
        "text": "1 alert grouping setting.",
      }
    `);
  });

  test('keeps to the limit and goes on and back by cursor', async () => {
    const first = await run({ limit: 1 });
    expect(first.text).toMatch(/^1 alert grouping setting; more exist/);
    const second = await run({ limit: 1, after: first.answer.after });
    expect(second.answer).toMatchObject({ alert_grouping_settings: [{ id: 'PAGTRCK' }], more: false, after: null });
    const back = await run({ limit: 1, before: second.answer.before });
    expect(back.answer.alert_grouping_settings).toEqual(first.answer.alert_grouping_settings);
  });

  test('reads as many pages as the limit needs', async () => {
    play.change(({ alertGroupings: { settings } }) => {
      const [some] = settings;
      for (let n = 0; some && n < 130; n++) settings.push({ ...some, id: `PAG${n}` });
    });
    expect((await run({ limit: 100 })).text).toMatch(/^100 alert grouping settings; more exist/);
    expect((await run({})).answer.alert_grouping_settings).toHaveLength(25);
  });

  test('refuses a limit that PagerDuty would not keep', () => {
    expect(refusals(tool, { limit: 1_000 })).toHaveLength(1);
  });
});
