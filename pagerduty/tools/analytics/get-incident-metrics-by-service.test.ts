import { describe, expect, test } from 'vitest';
import { services } from '../../fake/company.ts';
import { createReadClient } from '../../read-client.ts';
import { runner, stage } from '../testing/stage.ts';
import { getIncidentMetricsByService as tool } from './get-incident-metrics-by-service.ts';

const { play, reads } = await stage();
const full = createReadClient({ baseUrl: play.url, token: play.company.tokens.accountFull });
const run = runner(tool, full);
const week = { created_at_start: '2026-11-16T00:00:00Z', created_at_end: '2026-11-24T00:00:00Z' };

describe('get_incident_metrics_by_service', () => {
  test('has a row for each service that had incidents', async () => {
    expect(await run({ ...week, service_ids: [services.checkout.id] })).toMatchInlineSnapshot(`
      {
        "answer": {
          "metrics": [
            {
              "mean_assignment_count": 2,
              "mean_engaged_seconds": 1620,
              "mean_engaged_user_count": 1,
              "mean_seconds_to_first_ack": 360,
              "mean_seconds_to_resolve": 3600,
              "p50_seconds_to_first_ack": 360,
              "p50_seconds_to_resolve": 3600,
              "p75_seconds_to_first_ack": 360,
              "p75_seconds_to_resolve": 3600,
              "p90_seconds_to_first_ack": 360,
              "p90_seconds_to_resolve": 3600,
              "p95_seconds_to_first_ack": 360,
              "p95_seconds_to_resolve": 3600,
              "service_id": "PSCHKOT",
              "service_name": "Checkout API",
              "team_id": "PTCOMRC",
              "team_name": "Commerce",
              "total_business_hour_interruptions": 1,
              "total_engaged_seconds": 3240,
              "total_escalation_count": 0,
              "total_incident_count": 2,
              "total_incidents_acknowledged": 1,
              "total_incidents_auto_resolved": 0,
              "total_incidents_manual_escalated": 0,
              "total_incidents_reassigned": 0,
              "total_incidents_timeout_escalated": 0,
              "total_interruptions": 4,
              "total_notifications": 8,
              "total_off_hour_interruptions": 1,
              "total_sleep_hour_interruptions": 2,
              "total_snoozed_seconds": 0,
              "up_time_pct": 99.84,
            },
          ],
          "more": false,
        },
        "text": "1 service from 2026-11-16 00:00 (UTC) until 2026-11-24 00:00 (UTC).",
      }
    `);
    expect((await run(week)).text).toBe('5 services from 2026-11-16 00:00 (UTC) until 2026-11-24 00:00 (UTC).');
  });

  test('puts the rows in the order that was asked for', async () => {
    const { answer } = await run({ ...week, order_by: 'service_name', order: 'asc' });
    const found = JSON.stringify(answer).match(/"service_name":"[^"]+"/g);
    expect(found).toEqual([...(found ?? [])].sort());
    expect(found).toHaveLength(5);
  });

  test('says which right is missing when the key may only GET', async () => {
    await expect(tool.run(reads, tool.input.parse(week))).rejects.toMatchObject({ kind: 'forbidden' });
  });
});
