import { describe, expect, test } from 'vitest';
import { services } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listServiceChangeEvents as tool } from './list-service-change-events.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_service_change_events', () => {
  test('gives the changes of one service only', async () => {
    expect(await run({ service_id: services.tracking.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "change_events": [
            {
              "details": "{"group":"tracker","from":6,"to":4}",
              "id": "01JDTRACKCONSUMERSCALE0000",
              "integration": {
                "id": "PSTRACC",
                "name": "PSTRACC",
              },
              "links": [],
              "services": [
                {
                  "id": "PSTRACK",
                  "name": "Parcel Tracking",
                },
              ],
              "source": "autoscaler",
              "summary": "Scaled scan-events consumers from 6 to 4",
              "timestamp": "2026-11-23T11:05:00Z",
            },
          ],
          "more": false,
        },
        "text": "1 change event.",
      }
    `);
  });

  test('keeps to range and limit and says that more exist', async () => {
    const { answer, text } = await run({ service_id: services.checkout.id, limit: 1 });
    expect(text).toMatch(/^1 change event; more exist/);
    expect(answer).toMatchObject({ more: true });
    expect((await run({ service_id: services.checkout.id, until: '2026-11-22T23:00:00Z' })).text).toBe(
      '1 change event.',
    );
  });

  test('refuses what is no id, and tells what PagerDuty does not know', async () => {
    expect(refusals(tool, { service_id: 'checkout' })).toHaveLength(1);
    await expect(run({ service_id: 'PSNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
