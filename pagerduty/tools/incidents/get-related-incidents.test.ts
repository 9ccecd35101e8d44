import { describe, expect, test } from 'vitest';
import { incidents, people } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { getRelatedIncidents as tool } from './get-related-incidents.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);

describe('get_related_incidents', () => {
  test('gives open incidents of other services and why they are related', async () => {
    const asked = { incident_id: incidents.checkout5xx.id, query_model: { additional_details: ['incident'] } };
    expect(await run(asked)).toMatchInlineSnapshot(`
      {
        "answer": {
          "related_incidents": [
            {
              "incident": {
                "created_at": "2026-11-23T13:56:00Z",
                "id": "Q2PAYMENTHOOK1",
                "service": {
                  "id": "PSPAYMT",
                  "name": "Payments Gateway",
                },
                "status": "triggered",
                "title": "Payment webhooks fail signature check",
                "urgency": "high",
              },
              "relationships": [
                {
                  "classification": "similar_contents",
                  "dependent_services": [],
                  "supporting_services": [],
                  "type": "machine_learning_inferred",
                },
                {
                  "classification": null,
                  "dependent_services": [
                    "PSCHKOT",
                  ],
                  "supporting_services": [
                    "PSPAYMT",
                  ],
                  "type": "service_dependency",
                },
              ],
            },
          ],
        },
        "text": "1 related incident.",
      }
    `);
  });

  test('leaves out what is resolved', async () => {
    play.human({
      as: people.marco.email,
      method: 'PUT',
      path: '/incidents',
      body: { incidents: [{ id: incidents.paymentWebhooks.id, type: 'incident_reference', status: 'resolved' }] },
    });
    expect(await run({ incident_id: '4821' })).toEqual({
      answer: { related_incidents: [] },
      text: 'No related incidents.',
    });
  });

  test('refuses unknown details', () => {
    expect(refusals(tool, { incident_id: '4821', query_model: { additional_details: ['people'] } })).toHaveLength(1);
  });
});
