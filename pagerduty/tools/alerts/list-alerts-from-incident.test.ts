import { describe, expect, test } from 'vitest';
import { incidents } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { listAlertsFromIncident as tool } from './list-alerts-from-incident.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);

describe('list_alerts_from_incident', () => {
  test('gives the alerts with their details as bounded text', async () => {
    expect(await run({ incident_id: incidents.checkout5xx.id, limit: 1 })).toMatchInlineSnapshot(`
      {
        "answer": {
          "alerts": [
            {
              "alert_key": "northwind-4821-1",
              "created_at": "2026-11-23T13:47:00Z",
              "details": "{"title":"Checkout 5xx rate is 7.8 %","query":"sum(last_5m):sum:http.5xx{service:checkout} / sum:http.requests{service:checkout} > 0.05","tags":"service:checkout, env:prod, region:eu-central, version:5.19.2","monitor_state":"Triggered","body":"Checkout 5xx rate is 7.8 %\\nStarted 3 minutes after deploy 5.19.2. Runbook: https://runbooks.northwind.example/checkout-5xx"}",
              "id": "QWDXTKQF9VM00G",
              "service": {
                "id": "PSCHKOT",
                "name": "Checkout API",
              },
              "severity": "critical",
              "status": "triggered",
              "summary": "[Triggered] Checkout 5xx rate is 7.8 % on env:prod",
              "suppressed": false,
            },
          ],
          "more": true,
        },
        "text": "1 alert; more exist, narrow the filters or raise the limit.",
      }
    `);
  });

  test('skips as many as asked', async () => {
    const { answer } = await run({ incident_id: '4821', offset: 1 });
    expect(answer).toMatchObject({ more: false, alerts: [expect.any(Object)] });
  });

  test('takes out what looks like a credential', async () => {
    play.change((state) => {
      for (const alert of state.alerts) {
        if (alert.incidentId === incidents.trackingLag.id)
          alert.body.details = { env: 'prod', api_key: 'abcdef0123456789' };
      }
    });
    const text = JSON.stringify((await run({ incident_id: incidents.trackingLag.id })).answer);
    expect(text).toContain('[redacted]');
    expect(text).not.toContain('abcdef0123456789');
  });

  test('makes an instruction that hides in an alert visible', async () => {
    const { answer } = await run({ incident_id: incidents.mailerBounces.id });
    const text = JSON.stringify(answer);
    expect(text).not.toMatch(/[\p{Cf}\p{Co}\p{Cn}]/u);
    expect(text).toContain('\\u{');
  });
});
