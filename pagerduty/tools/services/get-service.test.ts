import { describe, expect, test } from 'vitest';
import { services } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { getService as tool } from './get-service.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_service', () => {
  test('gives the fields that are allowed, and no integrations', async () => {
    const { answer, text } = await run({ service_id: services.payments.id });
    expect(text).toMatch(/^The service "Payments Gateway" is \w+\.$/);
    expect(answer).toMatchInlineSnapshot(`
      {
        "service": {
          "acknowledgement_timeout_seconds": 1800,
          "auto_resolve_timeout_seconds": null,
          "created_at": "2023-02-06T08:00:00Z",
          "description": "Card and invoice payments.",
          "escalation_policy": {
            "id": "PECHKOT",
            "name": "Checkout and Payments",
          },
          "id": "PSPAYMT",
          "last_incident_at": "2026-11-23T13:56:00Z",
          "name": "Payments Gateway",
          "status": "critical",
          "teams": [
            {
              "id": "PTCOMRC",
              "name": "Commerce",
            },
          ],
        },
      }
    `);
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ service_id: 'PSNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
