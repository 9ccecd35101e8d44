import { describe, expect, test } from 'vitest';
import { alertGroupings } from '../../fake/alert-grouping.ts';
import { runner, stage } from '../testing/stage.ts';
import { getAlertGroupingSetting as tool } from './get-alert-grouping-setting.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_alert_grouping_setting', () => {
  test('gives the setting, its services and the window that PagerDuty recommends', async () => {
    expect(await run({ setting_id: alertGroupings.tracking.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "alert_grouping_setting": {
            "config": {
              "iag_fields": [
                "summary",
              ],
              "recommended_time_window": 420,
              "time_window": 0,
            },
            "created_at": "2024-06-11T07:00:00Z",
            "description": null,
            "groups": "alerts that look alike to PagerDuty by summary, within the window that PagerDuty recommends (7 min now)",
            "id": "PAGTRCK",
            "name": null,
            "services": [
              {
                "id": "PSTRACK",
                "name": "Parcel Tracking",
              },
            ],
            "type": "intelligent",
            "updated_at": "2024-06-11T07:00:00Z",
          },
        },
        "text": "The alert grouping setting PAGTRCK covers 1 service.",
      }
    `);
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ setting_id: 'PAGNONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
