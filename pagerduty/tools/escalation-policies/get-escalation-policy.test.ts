import { describe, expect, test } from 'vitest';
import { escalationPolicies } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { getEscalationPolicy as tool } from './get-escalation-policy.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_escalation_policy', () => {
  test('gives the levels in order, with names', async () => {
    expect(await run({ policy_id: escalationPolicies.warehouse.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "escalation_policy": {
            "description": null,
            "id": "PEWAREH",
            "levels": [
              {
                "delay_in_minutes": 10,
                "id": "PEWARE1",
                "level": 1,
                "targets": [
                  {
                    "id": "PDWHSV3",
                    "name": "Warehouse shifts",
                    "type": "schedule_v3_reference",
                  },
                ],
              },
              {
                "delay_in_minutes": 15,
                "id": "PEWARE2",
                "level": 2,
                "targets": [
                  {
                    "id": "PUTOMAS",
                    "name": "Tomáš Novák",
                    "type": "user_reference",
                  },
                ],
              },
              {
                "delay_in_minutes": 15,
                "id": "PEWARE3",
                "level": 3,
                "targets": [
                  {
                    "id": "PUPRIYA",
                    "name": "Priya Raman",
                    "type": "user_reference",
                  },
                  {
                    "id": "PUMARCO",
                    "name": "Marco Bellini",
                    "type": "user_reference",
                  },
                  {
                    "id": "PUSAM01",
                    "name": "Sam Okafor",
                    "type": "user_reference",
                  },
                  {
                    "id": "PUDANA1",
                    "name": "Dana Whitfield",
                    "type": "user_reference",
                  },
                  {
                    "id": "PUKENJI",
                    "name": "Kenji Sato",
                    "type": "user_reference",
                  },
                  {
                    "id": "PUAISHA",
                    "name": "Aisha Rahmani",
                    "type": "user_reference",
                  },
                  {
                    "id": "PUTOMAS",
                    "name": "Tomáš Novák",
                    "type": "user_reference",
                  },
                  {
                    "id": "PURUTH1",
                    "name": "Ruth Adeyemi",
                    "type": "user_reference",
                  },
                ],
              },
            ],
            "name": "Warehouse",
            "num_loops": 2,
            "on_call_handoff_notifications": "if_has_services",
            "services": [
              {
                "id": "PSWAREH",
                "name": "Warehouse Routing",
              },
            ],
            "teams": [
              {
                "id": "PTLOGIS",
                "name": "Logistics",
              },
            ],
          },
        },
        "text": "The escalation policy "Warehouse" has 3 levels.",
      }
    `);
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ policy_id: 'PENOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
