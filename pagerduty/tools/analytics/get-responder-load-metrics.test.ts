import { describe, expect, test } from 'vitest';
import { teams } from '../../fake/company.ts';
import { createReadClient } from '../../read-client.ts';
import { runner, stage } from '../testing/stage.ts';
import { getResponderLoadMetrics as tool } from './get-responder-load-metrics.ts';

const { play, reads } = await stage();
const full = createReadClient({ baseUrl: play.url, token: play.company.tokens.accountFull });
const run = runner(tool, full);
const week = { date_range_start: '2026-11-16T00:00:00Z', date_range_end: '2026-11-24T00:00:00Z' };

describe('get_responder_load_metrics', () => {
  test('sums up what all responders had to do, without a name', async () => {
    expect(await run({ ...week, team_ids: [teams.data.id] })).toMatchInlineSnapshot(`
      {
        "answer": {
          "metrics": [
            {
              "total_business_hour_interruptions": 0,
              "total_engaged_seconds": 0,
              "total_incident_count": 1,
              "total_incidents_acknowledged": 0,
              "total_incidents_manual_escalated_from": 0,
              "total_incidents_manual_escalated_to": 0,
              "total_incidents_reassigned_from": 0,
              "total_incidents_reassigned_to": 0,
              "total_incidents_timeout_escalated_from": 0,
              "total_incidents_timeout_escalated_to": 0,
              "total_interruptions": 1,
              "total_notifications": 2,
              "total_off_hour_interruptions": 1,
              "total_seconds_on_call": 655500,
              "total_seconds_on_call_level_1": 50700,
              "total_seconds_on_call_level_2_plus": 655500,
              "total_sleep_hour_interruptions": 0,
            },
          ],
          "more": false,
        },
        "text": "Figures from 2026-11-16 00:00 (UTC) until 2026-11-24 00:00 (UTC).",
      }
    `);
    expect(JSON.stringify((await run(week)).answer)).not.toContain('responder_');
  });

  test('says which right is missing when the key may only GET', async () => {
    await expect(tool.run(reads, tool.input.parse(week))).rejects.toMatchObject({ kind: 'forbidden' });
  });
});
