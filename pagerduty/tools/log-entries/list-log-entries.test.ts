import { describe, expect, test } from 'vitest';
import { runner, stage } from '../testing/stage.ts';
import { listLogEntries as tool } from './list-log-entries.ts';

const { reads } = await stage();
const run = runner(tool, reads);
const range = { since: '2026-11-23T13:00:00Z', until: '2026-11-23T14:05:00Z' };

describe('list_log_entries', () => {
  test('gives who did what to which incident', async () => {
    const { answer, text } = await run({ query_model: { ...range, limit: 1 } });
    expect(text).toMatch(/^1 log entry; more exist/);
    expect(answer).toMatchObject({
      more: true,
      log_entries: [
        {
          id: expect.any(String),
          type: expect.stringMatching(/_log_entry$/),
          summary: expect.any(String),
          created_at: expect.any(String),
          agent: { id: expect.any(String), name: expect.any(String) },
          incident: { id: expect.any(String), name: expect.any(String) },
        },
      ],
    });
  });

  test('keeps to the range and skips as many as asked', async () => {
    const all = await run({ query_model: { ...range, limit: 100, total: true, is_overview: null } });
    const rest = await run({ query_model: JSON.stringify({ ...range, limit: 100, offset: 1 }) });
    const count = (text: string) => Number(/^\d+/.exec(text)?.[0]);
    expect(count(rest.text)).toBe(count(all.text) - 1);
    expect((await run({ query_model: { since: '2001-01-01', until: '2001-01-02' } })).text).toBe('No log entries.');
  });

  test('needs no arguments', async () => {
    expect((await run({})).answer).toHaveProperty('log_entries');
  });
});
