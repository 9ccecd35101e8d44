import { describe, expect, test } from 'vitest';
import { people, teams } from '../../fake/company.ts';
import { createReadClient } from '../../read-client.ts';
import { runner, stage } from '../testing/stage.ts';
import { getResponderMetrics as tool } from './get-responder-metrics.ts';

const { play, reads } = await stage();
const full = createReadClient({ baseUrl: play.url, token: play.company.tokens.accountFull });
const run = runner(tool, full);
const week = { date_range_start: '2026-11-16T00:00:00Z', date_range_end: '2026-11-24T00:00:00Z' };

describe('get_responder_metrics', () => {
  test('has a row for each responder and team', async () => {
    expect(
      await run({ ...week, team_ids: [teams.commerce.id], responder_ids: [people.marco.id] }),
    ).toMatchInlineSnapshot(`
      {
        "answer": {
          "metrics": [
            {
              "mean_engaged_seconds": 3240,
              "mean_time_to_acknowledge_seconds": 360,
              "responder_id": "PUMARCO",
              "responder_name": "Marco Bellini",
              "team_id": "PTCOMRC",
              "team_name": "Commerce",
              "total_business_hour_interruptions": 0,
              "total_engaged_seconds": 3240,
              "total_incident_count": 1,
              "total_incidents_acknowledged": 1,
              "total_incidents_manual_escalated_from": 0,
              "total_incidents_manual_escalated_to": 0,
              "total_incidents_reassigned_from": 0,
              "total_incidents_reassigned_to": 0,
              "total_incidents_timeout_escalated_from": 0,
              "total_incidents_timeout_escalated_to": 0,
              "total_interruptions": 0,
              "total_notifications": 0,
              "total_off_hour_interruptions": 0,
              "total_seconds_on_call": 655500,
              "total_seconds_on_call_level_1": 0,
              "total_seconds_on_call_level_2_plus": 655500,
              "total_sleep_hour_interruptions": 0,
            },
          ],
          "more": false,
        },
        "text": "1 pair of responder and team from 2026-11-16 00:00 (UTC) until 2026-11-24 00:00 (UTC).",
      }
    `);
    const { answer, text } = await run({ ...week, team_ids: [teams.commerce.id] });
    expect(text).toMatch(/^3 pairs of responder and team from /);
    expect(JSON.stringify(answer)).not.toMatch(/@|contact|phone/);
  });

  test('says which right is missing when the key may only GET', async () => {
    await expect(tool.run(reads, tool.input.parse(week))).rejects.toMatchObject({ kind: 'forbidden' });
  });
});
