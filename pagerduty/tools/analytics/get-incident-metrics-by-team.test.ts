import { describe, expect, test } from 'vitest';
import { teams } from '../../fake/company.ts';
import { createReadClient } from '../../read-client.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { getIncidentMetricsByTeam as tool } from './get-incident-metrics-by-team.ts';

const { play, reads } = await stage();
const full = createReadClient({ baseUrl: play.url, token: play.company.tokens.accountFull });
const run = runner(tool, full);
const week = { created_at_start: '2026-11-16T00:00:00Z', created_at_end: '2026-11-24T00:00:00Z' };

describe('get_incident_metrics_by_team', () => {
  test('has a row for each team that had incidents', async () => {
    expect(await run({ ...week, team_ids: [teams.logistics.id] })).toMatchInlineSnapshot(`
      {
        "answer": {
          "metrics": [
            {
              "mean_assignment_count": 1,
              "mean_engaged_seconds": 3495,
              "mean_engaged_user_count": 1,
              "mean_seconds_to_first_ack": 270,
              "mean_seconds_to_resolve": 10800,
              "p50_seconds_to_first_ack": 180,
              "p50_seconds_to_resolve": 10800,
              "p75_seconds_to_first_ack": 360,
              "p75_seconds_to_resolve": 10800,
              "p90_seconds_to_first_ack": 360,
              "p90_seconds_to_resolve": 10800,
              "p95_seconds_to_first_ack": 360,
              "p95_seconds_to_resolve": 10800,
              "team_id": "PTLOGIS",
              "team_name": "Logistics",
              "total_business_hour_interruptions": 1,
              "total_engaged_seconds": 13980,
              "total_escalation_count": 0,
              "total_incident_count": 4,
              "total_incidents_acknowledged": 2,
              "total_incidents_auto_resolved": 0,
              "total_incidents_manual_escalated": 0,
              "total_incidents_reassigned": 0,
              "total_incidents_timeout_escalated": 0,
              "total_interruptions": 3,
              "total_notifications": 8,
              "total_off_hour_interruptions": 1,
              "total_sleep_hour_interruptions": 1,
              "total_snoozed_seconds": 0,
              "up_time_pct": 100,
            },
          ],
          "more": false,
        },
        "text": "1 team from 2026-11-16 00:00 (UTC) until 2026-11-24 00:00 (UTC).",
      }
    `);
    expect((await run(week)).text).toBe('3 teams from 2026-11-16 00:00 (UTC) until 2026-11-24 00:00 (UTC).');
  });

  test('splits by day, week or month in the time zone that was asked for', async () => {
    const starts = async (unit: string, zone = 'Etc/UTC') => {
      const asked = { ...week, team_ids: [teams.logistics.id], aggregate_unit: unit, time_zone: zone };
      const { answer } = await run({ ...asked, order_by: 'range_start', order: 'asc' });
      return JSON.stringify(answer).match(/\d{4}-\d\d-\d\dT00:00:00/g);
    };
    expect(await starts('day')).toEqual(['2026-11-21T00:00:00', '2026-11-23T00:00:00']);
    expect(await starts('day', 'Pacific/Auckland')).toEqual([
      '2026-11-22T00:00:00',
      '2026-11-23T00:00:00',
      '2026-11-24T00:00:00',
    ]);
    expect(await starts('week')).toEqual(['2026-11-16T00:00:00', '2026-11-23T00:00:00']);
    expect(await starts('month')).toEqual(['2026-11-01T00:00:00']);
    expect(refusals(tool, { ...week, aggregate_unit: 'hour' })).toHaveLength(1);
  });

  test('says which right is missing when the key may only GET', async () => {
    await expect(tool.run(reads, tool.input.parse(week))).rejects.toMatchObject({ kind: 'forbidden' });
  });
});
