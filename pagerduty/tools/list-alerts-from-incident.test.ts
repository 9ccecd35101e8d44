import { describe, expect, test } from 'vitest';
import { incidents } from '../fake/company.ts';
import { listAlertsFromIncident as tool } from './list-alerts-from-incident.ts';
import { runner, stage } from './stage.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_alerts_from_incident', () => {
  test('gives the alerts with their details as bounded text', async () => {
    expect(await run({ incident_id: incidents.checkout5xx.id, limit: 1 })).toMatchInlineSnapshot();
  });

  test('skips as many as asked', async () => {
    const { answer } = await run({ incident_id: '4821', offset: 1 });
    expect(answer).toMatchObject({ more: false, alerts: [expect.any(Object)] });
  });

  test('makes an instruction that hides in an alert visible', async () => {
    const { answer } = await run({ incident_id: incidents.mailerBounces.id });
    const text = JSON.stringify(answer);
    expect(text).not.toMatch(/[\p{Cf}\p{Co}\p{Cn}]/u);
    expect(text).toContain('\\u{');
  });
});
