import { describe, expect, test } from 'vitest';
import { incidents } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { getAlertFromIncident as tool } from './get-alert-from-incident.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);
const alertOf = (incidentId: string) => play.state().alerts.find((one) => one.incidentId === incidentId)?.id ?? '';

describe('get_alert_from_incident', () => {
  test('gives one alert, by id or number of its incident', async () => {
    const asked = { incident_id: String(incidents.slowLabels.number), alert_id: alertOf(incidents.slowLabels.id) };
    expect(await run(asked)).toMatchInlineSnapshot(`
      {
        "answer": {
          "alert": {
            "alert_key": "northwind-4819-1",
            "created_at": "2026-11-23T08:05:00Z",
            "details": "{"firing":"Labels:\\n - alertname = JobDurationHigh\\n - job = label-render\\n - site = eu-1\\nAnnotations:\\n - summary = Took 11520 s, normal is 2400 s","num_firing":"1","num_resolved":"0","resolved":""}",
            "id": "Q4MKU58ID0R1CN",
            "service": {
              "id": "PSWAREH",
              "name": "Warehouse Routing",
            },
            "severity": "warning",
            "status": "triggered",
            "summary": "JobDurationHigh label-render 11520 s",
            "suppressed": false,
          },
        },
        "text": "The alert is triggered.",
      }
    `);
  });

  test('does not take another incident’s alert for one of this incident', async () => {
    const asked = { incident_id: incidents.checkout5xx.id, alert_id: alertOf(incidents.slowLabels.id) };
    await expect(run(asked)).rejects.toMatchObject({ kind: 'not_found' });
  });

  test.each(['', 'null', '""', ' None ', '\u200b', 'undefined'])('refuses %j as an id', (blank) => {
    expect(refusals(tool, { incident_id: blank, alert_id: blank })).toEqual([
      expect.stringMatching(/^incident_id: The incident id or number is blank/),
      expect.stringMatching(/^alert_id: The alert id is blank/),
    ]);
  });

  test('takes out mail addresses and phone numbers, and leaves other numbers', async () => {
    const alertId = alertOf(incidents.mailerBounces.id);
    play.change((state) => {
      for (const alert of state.alerts) {
        if (alert.id !== alertId) continue;
        alert.summary = 'Bounce of jo@customer.example at 10.0.0.12';
        alert.body.details = { phone: '4155550132', ask: 'Dana, +49 30 1234567', incident: 4821, version: '5.19.2' };
      }
    });
    const { answer } = await run({ incident_id: incidents.mailerBounces.id, alert_id: alertId });
    expect(answer).toMatchObject({
      alert: {
        summary: 'Bounce of [mail address] at 10.0.0.12',
        details: '{"phone":"[phone number]","ask":"Dana, [phone number]","incident":4821,"version":"5.19.2"}',
      },
    });
    play.reset();
  });

  test('takes out what looks like a credential and makes hidden characters visible', async () => {
    const alertId = alertOf(incidents.mailerBounces.id);
    play.change((state) => {
      for (const alert of state.alerts) if (alert.id === alertId) alert.summary += ' token=abcdef0123456789';
    });
    const { answer } = await run({ incident_id: incidents.mailerBounces.id, alert_id: alertId });
    const text = JSON.stringify(answer);
    expect(text).toContain('[redacted]');
    expect(text).not.toContain('abcdef0123456789');
    expect(text).not.toMatch(/[\p{Cf}\p{Co}\p{Cn}]/u);
  });
});
