import { describe, expect, test } from 'vitest';
import { incidents } from '../fake/company.ts';
import { getIncident as tool } from './get-incident.ts';
import { refusals, runner, stage } from './stage.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_incident', () => {
  test('reads by id and by number alike', async () => {
    const byId = await run({ incident_id: incidents.checkout5xx.id, query_model: null });
    expect(await run({ incident_id: '4821' })).toEqual(byId);
    expect(await run({ incident_id: '#4821', query_model: '{"include":["services"]}' })).toEqual(byId);
    expect(byId).toMatchInlineSnapshot();
  });

  test('shows hidden characters of a hostile title as text', async () => {
    const { answer } = await run({ incident_id: incidents.mailerBounces.id });
    expect(JSON.stringify(answer)).not.toMatch(/[\p{Cf}\p{Co}\p{Cn}]/u);
  });

  test('refuses blank ids before asking PagerDuty, and tells what PagerDuty does not know', async () => {
    expect(refusals(tool, { incident_id: '\u200b' })).toMatchInlineSnapshot();
    await expect(run({ incident_id: '9999' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
