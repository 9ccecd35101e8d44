import { describe, expect, test } from 'vitest';
import { orchestrations } from '../../fake/event-orchestrations.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { getEventOrchestration as tool } from './get-event-orchestration.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);

describe('get_event_orchestration', () => {
  test('gives the orchestration and its integrations, never a routing key', async () => {
    const found = await run({ orchestration_id: orchestrations.monitoring.id });
    expect(found).toMatchInlineSnapshot(`
      {
        "answer": {
          "orchestration": {
            "created_at": "2024-02-19T10:00:00Z",
            "description": "All monitoring of the company.",
            "id": "7c1f6b0e-52a9-4d3f-9a57-0c6f1d2e8b41",
            "integrations": [
              {
                "id": "0d4b7e1c-6a35-4f0d-8e92-b7f6c1a5d308",
                "label": "Prometheus",
                "routing_key": "[redacted]",
              },
              {
                "id": "2e9a03f7-b1d8-4c64-9f7e-5a8c6d0b4e12",
                "label": "Synthetic checks",
                "routing_key": "[redacted]",
              },
            ],
            "name": "Northwind monitoring",
            "routes": 3,
            "team": {
              "id": "PTLOGIS",
              "name": "PTLOGIS",
            },
            "updated_at": "2024-02-19T10:00:00Z",
            "version": "aV4e_monitoring.000003",
          },
        },
        "text": ""Northwind monitoring" takes events from 2 integrations and routes to 3 services.",
      }
    `);
    const keys = play.state().orchestrations.orchestrations.flatMap(({ integrations }) => integrations);
    expect(keys.length).toBeGreaterThan(0);
    for (const { routingKey } of keys) expect(JSON.stringify(found)).not.toContain(routingKey);
  });

  test('refuses what is no UUID and tells what PagerDuty does not know', async () => {
    expect(refusals(tool, { orchestration_id: 'PABC123' })).toHaveLength(1);
    const unknown = { orchestration_id: '00000000-0000-4000-8000-000000000000' };
    await expect(run(unknown)).rejects.toMatchObject({ kind: 'not_found' });
  });
});
