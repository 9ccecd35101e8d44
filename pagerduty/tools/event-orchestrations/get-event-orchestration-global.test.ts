import { beforeEach, describe, expect, test } from 'vitest';
import { orchestrations } from '../../fake/event-orchestrations.ts';
import { runner, stage } from '../testing/stage.ts';
import { getEventOrchestrationGlobal as tool } from './get-event-orchestration-global.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);

beforeEach(() => play.reset());

describe('get_event_orchestration_global', () => {
  test('gives every set of rules, and of webhooks only where they go', async () => {
    const found = await run({ orchestration_id: orchestrations.monitoring.id });
    expect(found).toMatchInlineSnapshot(`
      {
        "answer": {
          "orchestration_path": {
            "catch_all": {
              "actions": {
                "severity": "warning",
              },
            },
            "created_at": "2024-02-19T10:00:00Z",
            "parent": "7c1f6b0e-52a9-4d3f-9a57-0c6f1d2e8b41",
            "sets": [
              {
                "id": "start",
                "rules": [
                  {
                    "actions": {
                      "extractions": [
                        {
                          "target": "event.custom_details.host",
                          "template": "{{variables.host}}",
                        },
                      ],
                      "route_to": "noise",
                      "variables": [
                        {
                          "name": "host",
                          "path": "event.component",
                          "type": "regex",
                          "value": "(.*)",
                        },
                      ],
                    },
                    "conditions": [],
                    "disabled": false,
                    "id": "1d7720ab",
                    "label": "Say which host",
                  },
                ],
              },
              {
                "id": "noise",
                "rules": [
                  {
                    "actions": {
                      "annotate": "Runbook: wiki.northwind.example/p1",
                      "automation_actions": [
                        {
                          "auto_send": true,
                          "header_names": [
                            "X-Northwind-Key",
                          ],
                          "host": "hooks.northwind.example",
                          "name": "Collect logs",
                          "parameter_names": [
                            "depth",
                          ],
                          "trigger_types": [],
                        },
                      ],
                      "priority": "PRIO001",
                    },
                    "conditions": [
                      {
                        "expression": "event.severity matches 'critical'",
                      },
                    ],
                    "disabled": false,
                    "id": "66e0f3b9",
                    "label": "Critical is P1",
                  },
                  {
                    "actions": {
                      "drop_event": true,
                    },
                    "conditions": [
                      {
                        "expression": "event.source matches part 'loadtest'",
                      },
                    ],
                    "disabled": false,
                    "id": "0c95d18e",
                    "label": "Drop what the load test sends",
                  },
                ],
              },
            ],
            "type": "global",
            "updated_at": "2024-09-02T08:30:00Z",
            "version": "hB3z_mon.global.000007",
          },
        },
        "text": "The global orchestration has 3 rules and a catch-all.",
      }
    `);
    for (const secret of ['header-secret', 'parameter-of', 'xoxb-'])
      expect(JSON.stringify(found)).not.toContain(secret);
  });

  test('tells of actions that are new to us only the name', async () => {
    play.change(({ orchestrations: { paths } }) => {
      const rules = paths.find(({ type }) => type === 'global');
      if (rules) rules.catchAll.actions = { call_home: { key: 'secret-of-tomorrow' } };
    });
    const { answer } = await run({ orchestration_id: orchestrations.monitoring.id });
    expect(answer.orchestration_path).toMatchObject({ catch_all: { actions: { other_actions: ['call_home'] } } });
    expect(JSON.stringify(answer)).not.toContain('secret-of-tomorrow');
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ orchestration_id: orchestrations.partners.id })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
