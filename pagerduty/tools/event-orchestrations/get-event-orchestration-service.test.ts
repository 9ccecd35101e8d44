import { describe, expect, test } from 'vitest';
import { services } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { getEventOrchestrationService as tool } from './get-event-orchestration-service.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_event_orchestration_service', () => {
  test('gives the rules of the service', async () => {
    expect(await run({ service_id: services.checkout.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "orchestration_path": {
            "catch_all": {
              "actions": {},
            },
            "created_at": "2024-02-19T10:00:00Z",
            "parent": "PSCHKOT",
            "sets": [
              {
                "id": "start",
                "rules": [
                  {
                    "actions": {
                      "suspend": 300,
                    },
                    "conditions": [
                      {
                        "expression": "event.summary matches part 'restarting'",
                      },
                    ],
                    "disabled": false,
                    "id": "f21b6a90",
                    "label": "Wait for self-healing",
                  },
                ],
              },
            ],
            "type": "service",
            "updated_at": "2024-09-02T08:30:00Z",
            "version": "pX9c_checkout.service.4",
          },
        },
        "text": "The service orchestration has 1 rule and a catch-all.",
      }
    `);
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ service_id: services.mailer.id })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
