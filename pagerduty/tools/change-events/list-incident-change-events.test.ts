import { describe, expect, test } from 'vitest';
import { incidents } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listIncidentChangeEvents as tool } from './list-incident-change-events.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_incident_change_events', () => {
  test('gives the changes that PagerDuty relates to an incident, with the reason', async () => {
    expect(await run({ incident_id: incidents.checkout5xx.id, limit: 1 })).toMatchInlineSnapshot(`
      {
        "answer": {
          "change_events": [
            {
              "details": "{"version":"5.19.2","previous":"5.19.1","build_state":"passed","run_time":"214s"}",
              "id": "01JDCKT5192DEPLOYCHECKOUT0",
              "integration": {
                "id": "PSCHKOC",
                "name": "PSCHKOC",
              },
              "links": [
                {
                  "href": "https://ci.northwind.example/checkout/builds/8841",
                  "text": "Build 8841",
                },
              ],
              "reason": "most_recent",
              "services": [
                {
                  "id": "PSCHKOT",
                  "name": "Checkout API",
                },
              ],
              "source": "deploy-runner-3",
              "summary": "Deployed checkout 5.19.2 to prod",
              "timestamp": "2026-11-23T13:44:00Z",
            },
          ],
          "more": true,
        },
        "text": "1 change event; more exist, narrow the filters or raise the limit.",
      }
    `);
  });

  test('gives all of them within the limit', async () => {
    expect(await run({ incident_id: '4821' })).toMatchObject({
      answer: { more: false, change_events: [{ reason: 'most_recent' }, { reason: 'related_service' }] },
      text: '2 change events.',
    });
  });

  test('refuses what is no incident, and tells what PagerDuty does not know', async () => {
    expect(refusals(tool, { incident_id: '""' })).toHaveLength(1);
    await expect(run({ incident_id: 'QNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
