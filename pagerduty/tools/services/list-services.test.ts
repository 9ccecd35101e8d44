import { describe, expect, test } from 'vitest';
import { teams } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { listServices as tool } from './list-services.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_services', () => {
  test('finds services by name, without integration keys', async () => {
    expect(await run({ query: 'checkout' })).toMatchInlineSnapshot(`
      {
        "answer": {
          "more": false,
          "services": [
            {
              "acknowledgement_timeout_seconds": 1800,
              "auto_resolve_timeout_seconds": null,
              "created_at": "2023-02-06T08:00:00Z",
              "description": "Basket, prices and orders.",
              "escalation_policy": {
                "id": "PECHKOT",
                "name": "Checkout and Payments",
              },
              "id": "PSCHKOT",
              "last_incident_at": "2026-11-23T13:47:00Z",
              "name": "Checkout API",
              "status": "critical",
              "teams": [
                {
                  "id": "PTCOMRC",
                  "name": "Commerce",
                },
              ],
            },
          ],
        },
        "text": "1 service.",
      }
    `);
  });

  test('filters by team and keeps to the limit', async () => {
    expect((await run({ teams_ids: [teams.commerce.id] })).text).toBe('2 services.');
    expect((await run({ teams_ids: null, limit: 1 })).text).toMatch(/^1 service; more exist/);
  });
});
