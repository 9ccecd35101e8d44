import { describe, expect, test } from 'vitest';
import { incidents } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { getPastIncidents as tool } from './get-past-incidents.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);

describe('get_past_incidents', () => {
  test('gives resolved incidents of the same service', async () => {
    const asked = { incident_id: incidents.checkout5xx.id, query_model: { total: true } };
    expect(await run(asked)).toMatchInlineSnapshot(`
      {
        "answer": {
          "past_incidents": [
            {
              "incident": {
                "created_at": "2026-11-22T12:05:00Z",
                "id": "Q7CARTMEMORY01",
                "title": "Cart pods killed for memory",
              },
              "score": 0,
            },
          ],
          "total": 1,
        },
        "text": "1 past incident, most similar first.",
      }
    `);
  });

  test('puts the most similar first and keeps to the limit', async () => {
    play.change((state) => {
      for (const [index, one] of state.incidents.entries()) {
        if (one.id === incidents.checkout5xx.id) continue;
        Object.assign(one, { serviceId: 'PSCHKOT', status: 'resolved', title: `Checkout answers late ${index}` });
        if (one.id === incidents.slowLabels.id) one.title = 'Checkout 5xx above 7 %';
      }
    });
    const { answer, text } = await run({ incident_id: '4821', query_model: { limit: 2 } });
    expect(text).toBe('2 past incidents, most similar first.');
    expect(answer).toMatchObject({ past_incidents: [{ incident: { id: incidents.slowLabels.id } }, {}], total: null });
  });

  test('refuses limits beyond 100', () => {
    expect(refusals(tool, { incident_id: '4821', query_model: { limit: 999 } })).toEqual([
      'query_model.limit: Too big: expected number to be <=100',
    ]);
  });
});
