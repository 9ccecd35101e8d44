import { describe, expect, test } from 'vitest';
import { incidents } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { getIncident as tool } from './get-incident.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_incident', () => {
  test('reads by id and by number alike', async () => {
    const byId = await run({ incident_id: incidents.checkout5xx.id, query_model: null });
    expect(await run({ incident_id: '4821' })).toEqual(byId);
    expect(await run({ incident_id: '#4821', query_model: '{"include":["services"]}' })).toEqual(byId);
    expect(byId).toMatchInlineSnapshot(`
      {
        "answer": {
          "incident": {
            "alerts": {
              "all": 2,
              "resolved": 0,
              "triggered": 2,
            },
            "assignees": [
              {
                "id": "PUPRIYA",
                "name": "Priya Raman",
              },
              {
                "id": "PUDANA1",
                "name": "Dana Whitfield",
              },
            ],
            "created_at": "2026-11-23T13:47:00Z",
            "escalation_policy": {
              "id": "PECHKOT",
              "name": "Checkout and Payments",
            },
            "id": "Q1CHECKOUT5XX1",
            "last_status_change_at": "2026-11-23T13:47:00Z",
            "number": 4821,
            "pending_actions": [
              {
                "at": "2026-11-23T14:07:00Z",
                "type": "escalate",
              },
            ],
            "priority": {
              "id": "PRIO001",
              "name": "P1",
            },
            "resolved_at": null,
            "responders": [],
            "service": {
              "id": "PSCHKOT",
              "name": "Checkout API",
            },
            "status": "triggered",
            "teams": [
              {
                "id": "PTCOMRC",
                "name": "Commerce",
              },
            ],
            "title": "Checkout 5xx above 5 %",
            "updated_at": "2026-11-23T13:47:00Z",
            "urgency": "high",
            "url": "https://northwind.pagerduty.com/incidents/Q1CHECKOUT5XX1",
          },
        },
        "text": "Incident #4821 is triggered.",
      }
    `);
  });

  test('shows hidden characters of a hostile title as text', async () => {
    const { answer } = await run({ incident_id: incidents.mailerBounces.id });
    expect(JSON.stringify(answer)).not.toMatch(/[\p{Cf}\p{Co}\p{Cn}]/u);
  });

  test('refuses blank ids before asking PagerDuty, and tells what PagerDuty does not know', async () => {
    expect(refusals(tool, { incident_id: '\u200b' })).toMatchInlineSnapshot(`
      [
        "incident_id: The incident id or number is blank ("\\u{200b}"); give the id itself, like PABC123.",
      ]
    `);
    await expect(run({ incident_id: '9999' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
