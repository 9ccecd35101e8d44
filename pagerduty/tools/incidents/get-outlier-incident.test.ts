import { describe, expect, test } from 'vitest';
import { incidents } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { getOutlierIncident as tool } from './get-outlier-incident.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);
const range = { since: '2026-11-01T00:00:00Z' };

describe('get_outlier_incident', () => {
  test('tells how usual incidents like this one are on the service', async () => {
    expect(await run({ incident_id: incidents.checkout5xx.id, query_model: range })).toMatchInlineSnapshot(`
      {
        "answer": {
          "outlier_incident": {
            "category": "anomaly",
            "count": 1,
            "frequency": 0.5,
            "incident": {
              "created_at": "2026-11-23T13:47:00Z",
              "id": "Q1CHECKOUT5XX1",
              "title": "Checkout 5xx above 5 %",
            },
            "pattern": "Checkout <*>xx above <*> %",
            "since": "2026-11-01T00:00:00Z",
            "until": "2026-11-23T14:05:00Z",
          },
        },
        "text": "PagerDuty calls incidents like this one "anomaly" on its service.",
      }
    `);
  });

  test('counts what has the same pattern, within the range', async () => {
    play.change((state) => {
      for (const one of state.incidents) if (one.id === incidents.cartMemory.id) one.title = 'Checkout 5xx above 9 %';
    });
    const asked = (since: string) => run({ incident_id: '4821', query_model: JSON.stringify({ since }) });
    expect((await asked(range.since)).answer).toMatchObject({ outlier_incident: { count: 2, category: 'rare' } });
    expect((await asked('2026-11-23')).answer).toMatchObject({ outlier_incident: { count: 1 } });
  });

  test('needs no wrapper and refuses what is no incident', async () => {
    expect((await run({ incident_id: '#4821', query_model: null })).answer).toHaveProperty('outlier_incident.category');
    expect(refusals(tool, { incident_id: 'null' })).toHaveLength(1);
    await expect(run({ incident_id: 'QNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('passes on what PagerDuty refuses', async () => {
    const asked = { incident_id: '4821', query_model: { since: '2020-01-01' } };
    await expect(run(asked)).rejects.toMatchObject({ kind: 'invalid' });
  });
});
