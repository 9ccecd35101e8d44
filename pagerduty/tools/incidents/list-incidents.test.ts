import { beforeEach, describe, expect, test } from 'vitest';
import { incidents, people, priorities, services } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listIncidents as tool } from './list-incidents.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);
const numbers = ({ answer }: Awaited<ReturnType<typeof run>>) =>
  JSON.stringify(answer).match(/"number":\d+/g)?.length ?? 0;

beforeEach(() => play.reset());

describe('list_incidents', () => {
  test('gives the fields that are allowed, and no more', async () => {
    const { answer, text } = await run({ service_ids: [services.checkout.id], statuses: ['triggered'] });
    expect(text).toBe('1 incident.');
    expect(answer).toMatchInlineSnapshot(`
      {
        "incidents": [
          {
            "alerts": {
              "all": 2,
              "resolved": 0,
              "triggered": 2,
            },
            "assignees": [
              {
                "id": "PUPRIYA",
                "name": "Priya Raman",
              },
              {
                "id": "PUDANA1",
                "name": "Dana Whitfield",
              },
            ],
            "created_at": "2026-11-23T13:47:00Z",
            "escalation_policy": {
              "id": "PECHKOT",
              "name": "Checkout and Payments",
            },
            "id": "Q1CHECKOUT5XX1",
            "last_status_change_at": "2026-11-23T13:47:00Z",
            "number": 4821,
            "priority": {
              "id": "PRIO001",
              "name": "P1",
            },
            "resolved_at": null,
            "service": {
              "id": "PSCHKOT",
              "name": "Checkout API",
            },
            "status": "triggered",
            "teams": [
              {
                "id": "PTCOMRC",
                "name": "Commerce",
              },
            ],
            "title": "Checkout 5xx above 5 %",
            "updated_at": "2026-11-23T13:47:00Z",
            "urgency": "high",
            "url": "https://northwind.pagerduty.com/incidents/Q1CHECKOUT5XX1",
          },
        ],
        "more": false,
      }
    `);
  });

  test('takes the limit as the number of incidents and says that more exist', async () => {
    const { answer, text } = await run({ limit: 2 });
    expect(answer.more).toBe(true);
    expect(numbers({ answer, text })).toBe(2);
    expect(text).toBe('2 incidents; more exist, narrow the filters or raise the limit.');
  });

  test('reads as many pages as it takes', async () => {
    play.change((state) => {
      const [first] = state.incidents;
      if (!first) return;
      for (let index = 0; index < 140; index++) {
        state.incidents.push({ ...first, id: `QMANY${index}`, number: 10_000 + index });
      }
    });
    expect(numbers(await run({ limit: 100 }))).toBe(100);
    expect(refusals(tool, { limit: 101 })).toHaveLength(1);
  });

  test('filters by urgency, priority, assignee and range', async () => {
    expect(numbers(await run({ urgencies: ['low'], statuses: ['triggered'] }))).toBe(1);
    expect(numbers(await run({ priorities: [priorities.p1.id], statuses: ['triggered'] }))).toBe(1);
    expect(JSON.stringify((await run({ user_ids: [people.kenji.id] })).answer)).toContain(incidents.trackingLag.id);
    expect((await run({ since: '2001-01-01', until: '2001-01-02' })).text).toBe('No incidents.');
  });

  test('refuses "mine", since no person stands behind the credential', () => {
    expect(refusals(tool, { request_scope: 'assigned' })).toMatchInlineSnapshot(`
      [
        "request_scope: Only "all" works here: the credential belongs to no person, so "mine" has no meaning. Filter with user_ids.",
      ]
    `);
    expect(refusals(tool, { request_scope: 'all' })).toEqual([]);
  });
});
