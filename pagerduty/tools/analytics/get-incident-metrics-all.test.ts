import { describe, expect, test } from 'vitest';
import { services, teams } from '../../fake/company.ts';
import { createReadClient } from '../../read-client.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { getIncidentMetricsAll as tool } from './get-incident-metrics-all.ts';

const { play, reads } = await stage();
const full = createReadClient({ baseUrl: play.url, token: play.company.tokens.accountFull });
const run = runner(tool, full);
const week = { created_at_start: '2026-11-16', created_at_end: '2026-11-24T00:00:00Z' };

describe('get_incident_metrics_all', () => {
  test('sums up the incidents of the range, with percentiles', async () => {
    expect(await run(week)).toMatchInlineSnapshot(`
      {
        "answer": {
          "metrics": [
            {
              "mean_assignment_count": 1,
              "mean_engaged_seconds": 2153,
              "mean_engaged_user_count": 0,
              "mean_seconds_to_first_ack": 300,
              "mean_seconds_to_resolve": 7200,
              "p50_seconds_to_first_ack": 360,
              "p50_seconds_to_resolve": 3600,
              "p75_seconds_to_first_ack": 360,
              "p75_seconds_to_resolve": 10800,
              "p90_seconds_to_first_ack": 360,
              "p90_seconds_to_resolve": 10800,
              "p95_seconds_to_first_ack": 360,
              "p95_seconds_to_resolve": 10800,
              "total_business_hour_interruptions": 3,
              "total_engaged_seconds": 17220,
              "total_escalation_count": 0,
              "total_incident_count": 8,
              "total_incidents_acknowledged": 3,
              "total_incidents_auto_resolved": 0,
              "total_incidents_manual_escalated": 0,
              "total_incidents_reassigned": 0,
              "total_incidents_timeout_escalated": 0,
              "total_interruptions": 10,
              "total_notifications": 22,
              "total_off_hour_interruptions": 3,
              "total_sleep_hour_interruptions": 4,
              "total_snoozed_seconds": 0,
              "up_time_pct": 99.84,
            },
          ],
          "more": false,
        },
        "text": "Figures from 2026-11-16 00:00 (UTC) until 2026-11-24 00:00 (UTC).",
      }
    `);
  });

  test('narrows by team, service and urgency', async () => {
    const count = async (filter: object) =>
      JSON.stringify((await run({ ...week, ...filter })).answer).match(/"total_incident_count":(\d+)/)?.[1];
    expect(await count({ team_ids: [teams.commerce.id] })).toBe('3');
    expect(await count({ service_ids: [services.warehouse.id] })).toBe('2');
    expect(await count({ urgency: 'low' })).toBe('1');
    expect(await count({ urgency: null, team_ids: null })).toBe('8');
  });

  test('says which right is missing when the key may only GET', async () => {
    await expect(tool.run(reads, tool.input.parse(week))).rejects.toMatchObject({
      kind: 'forbidden',
      status: 403,
      message: expect.stringMatching(/analytics\.write or a key that may POST, which a read-only key is not/),
    });
  });

  test('tells what a key that belongs to somebody must name', async () => {
    const own = createReadClient({ baseUrl: play.url, token: play.company.tokens.userMarco });
    await expect(tool.run(own, tool.input.parse(week))).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringContaining('team_ids or service_ids'),
    });
  });

  test('refuses what is no date and what is no figure', async () => {
    expect(
      refusals(tool, { ...week, created_at_end: 'soon', order_by: 'a b', urgency: 'some' }),
    ).toMatchInlineSnapshot(`
      [
        "created_at_end: Must be an ISO 8601 date or time.",
        "urgency: Invalid option: expected one of "high"|"low"",
        "order_by: Must be the name of a figure.",
      ]
    `);
    await expect(run({ ...week, created_at_start: '2025-01-01' })).rejects.toMatchObject({ kind: 'invalid' });
  });
});
