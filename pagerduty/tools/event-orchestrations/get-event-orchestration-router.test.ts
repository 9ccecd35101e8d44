import { beforeEach, describe, expect, test } from 'vitest';
import { orchestrations } from '../../fake/event-orchestrations.ts';
import { runner, stage } from '../testing/stage.ts';
import { getEventOrchestrationRouter as tool } from './get-event-orchestration-router.ts';
import { updateEventOrchestrationRouter } from './update-event-orchestration-router.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);

beforeEach(() => play.reset());

describe('get_event_orchestration_router', () => {
  test('gives the rules, a dynamic one among them', async () => {
    expect(await run({ orchestration_id: orchestrations.partners.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "orchestration_path": {
            "catch_all": {
              "actions": {
                "route_to": "PSMAILR",
              },
            },
            "created_at": "2024-02-19T10:00:00Z",
            "parent": "e40b9d62-8f13-4a76-b1c8-93d5a7f20e5c",
            "sets": [
              {
                "id": "start",
                "rules": [
                  {
                    "actions": {
                      "dynamic_route_to": {
                        "lookup_by": "service_name",
                        "regex": "(.*)",
                        "source": "event.custom_details.service",
                      },
                    },
                    "conditions": [],
                    "disabled": false,
                    "id": "5b20d7fe",
                    "label": "As the partner says",
                  },
                  {
                    "actions": {
                      "route_to": "PSWAREH",
                    },
                    "conditions": [
                      {
                        "expression": "event.class matches 'belt'",
                      },
                    ],
                    "disabled": true,
                    "id": "a8813c4d",
                    "label": "Sorting belts",
                  },
                ],
              },
            ],
            "type": "router",
            "updated_at": "2024-09-02T08:30:00Z",
            "version": "kS0w_par.router.1",
          },
        },
        "text": "The router has 2 rules and a catch-all.",
      }
    `);
  });

  test('answers in a shape that the update takes', async () => {
    const { answer } = await run({ orchestration_id: orchestrations.monitoring.id });
    const path = answer.orchestration_path;
    const { sets, catch_all: rest } = path as { sets: object[]; catch_all: object };
    const request = {
      orchestration_id: orchestrations.monitoring.id,
      router_update: { orchestration_path: { sets, catch_all: rest } },
    };
    expect(updateEventOrchestrationRouter.input.safeParse(request).error).toBeUndefined();
  });

  test('never cuts a long condition, and redacts what looks like a secret', async () => {
    const long = `event.summary matches part '${'x'.repeat(2_500)}'`;
    play.change(({ orchestrations: { paths } }) => {
      const [rule] = paths[0]?.sets[0]?.rules ?? [];
      if (rule) Object.assign(rule, { conditions: [{ expression: long }], label: 'token: abcdefghijk' });
    });
    const text = JSON.stringify((await run({ orchestration_id: orchestrations.monitoring.id })).answer);
    expect(text).toContain(long);
    expect(text).not.toContain('abcdefghijk');
  });

  test('tells what PagerDuty does not know', async () => {
    const unknown = { orchestration_id: '00000000-0000-4000-8000-000000000000' };
    await expect(run(unknown)).rejects.toMatchObject({ kind: 'not_found' });
  });
});
