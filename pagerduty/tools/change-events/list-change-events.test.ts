import { describe, expect, test } from 'vitest';
import { teams } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listChangeEvents as tool } from './list-change-events.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_change_events', () => {
  test('gives what changed where, newest first, and says that more exist', async () => {
    expect(await run({ limit: 1 })).toMatchInlineSnapshot(`
      {
        "answer": {
          "change_events": [
            {
              "details": "{"version":"5.19.2","previous":"5.19.1","build_state":"passed","run_time":"214s"}",
              "id": "01JDCKT5192DEPLOYCHECKOUT0",
              "integration": {
                "id": "PSCHKOC",
                "name": "PSCHKOC",
              },
              "links": [
                {
                  "href": "https://ci.northwind.example/checkout/builds/8841",
                  "text": "Build 8841",
                },
              ],
              "services": [
                {
                  "id": "PSCHKOT",
                  "name": "Checkout API",
                },
              ],
              "source": "deploy-runner-3",
              "summary": "Deployed checkout 5.19.2 to prod",
              "timestamp": "2026-11-23T13:44:00Z",
            },
          ],
          "more": true,
        },
        "text": "1 change event; more exist, narrow the filters or raise the limit.",
      }
    `);
  });

  test('filters by time in any zone, by team and by integration', async () => {
    const since = '2026-11-23T12:00:00+01:00';
    expect((await run({ since })).text).toBe('2 change events.');
    expect((await run({ since, until: '2026-11-23T11:30:00Z' })).text).toBe('1 change event.');
    expect((await run({ since: '2026-11-23' })).text).toBe('3 change events.');
    expect((await run({ team_ids: [teams.commerce.id], total: true, offset: 1 })).text).toBe('2 change events.');
    expect((await run({ integration_ids: ['PSTRACC'] })).text).toBe('1 change event.');
  });

  test('lets no routing key and no secret out', async () => {
    const text = JSON.stringify((await run({})).answer);
    expect(text).not.toMatch(/routing|0000000000000000|alp_/);
    expect(text).toContain('[redacted]');
  });

  test('refuses what is no time', () => {
    expect(refusals(tool, { since: 'yesterday' })).toEqual(['since: Must be an ISO 8601 date or time.']);
  });
});
