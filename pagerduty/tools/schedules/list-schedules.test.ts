import { beforeEach, describe, expect, test } from 'vitest';
import { people, schedules } from '../../fake/company.ts';
import { createReadClient } from '../../read-client.ts';
import { runner, stage } from '../testing/stage.ts';
import { listSchedules as tool } from './list-schedules.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);

beforeEach(() => play.reset());

describe('list_schedules', () => {
  test('merges both kinds and says that both could be read', async () => {
    const { answer, text } = await run({});
    expect(text).toBe('6 schedules.');
    expect(answer).toMatchObject({
      degraded: false,
      sources: {
        layer_based: { status: 'ok', because: null, count: 4 },
        shift_based: { status: 'ok', because: null, count: 2 },
      },
    });
    expect(JSON.stringify(answer)).toContain('"kind":"shift_based","name":"Warehouse shifts"');
  });

  test('still gives one kind when the other fails, and says so', async () => {
    play.faults.add({ kind: 'error_before', match: { method: 'GET', path: '/v3/schedules' }, times: 9 });
    const impatient = runner(
      tool,
      createReadClient({ baseUrl: play.url, token: play.company.tokens.accountRead, tries: 1 }),
    );
    const { answer, text } = await impatient({ query_model: null });
    expect(text).toBe('4 schedules. One kind of schedule could not be read.');
    expect(answer).toMatchObject({ degraded: true, sources: { shift_based: { status: 'failed', count: 0 } } });
    play.faults.add({ kind: 'error_before', match: { method: 'GET', path: '/schedules' }, times: 9 });
    await expect(impatient({})).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('filters by name and by user, and says which kind cannot be filtered', async () => {
    expect((await run({ query_model: { query: 'checkout' } })).text).toBe('2 schedules.');
    const { answer, text } = await run({ query_model: { user_ids: [people.priya.id] } });
    expect(text).toBe('1 schedule.');
    expect(answer).toMatchObject({
      schedules: [{ id: schedules.checkoutPrimary.id }],
      sources: { shift_based: { status: 'left_out' } },
    });
  });

  test('keeps to the limit over both kinds', async () => {
    expect((await run({ query_model: { limit: 4 }, enrich: false })).text).toMatch(/^4 schedules; more exist/);
  });
});
