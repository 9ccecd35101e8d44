import pg from 'pg';
import { submit } from '#approvals/submit.ts';
import type { ReadClient } from '#pagerduty/read-client.ts';
import { type Figure, overRounds } from './figures.ts';
import { type Ground, newNote, remembering } from './ground.ts';
import { recordHold } from './statements.ts';

const CONCURRENT = 8;
const HOLDS = 400;

/** Runs that much work, some of it at a time. @returns how often a second. */
async function rate(times: number, work: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const startedAt = performance.now();
  const lane = async () => {
    while (next < times) await work(next++);
  };
  await Promise.all(Array.from({ length: CONCURRENT }, lane));
  return (times / (performance.now() - startedAt)) * 1000;
}

/** How fast writes are held, against the same statements without the product around them. */
export async function benchHolds(ground: Ground, rounds: number): Promise<Figure[]> {
  const hold = async (index: number, reader: ReadClient) =>
    (await submit(ground.agent(index, reader), { tool: 'add_note_to_incident', arguments: newNote() })).request;
  const fromMemory = remembering(ground.pagerduty);
  const { replay, count } = await recordHold(() => hold(0, fromMemory), ground.agentIds);
  const pool = new pg.Pool({ connectionString: ground.databaseUrl, max: 10 });
  const round = async (times: number) => ({
    raw: await rate(times, (index) => replay(pool, index)),
    memory: await rate(times, (index) => hold(index, fromMemory)),
    read: await rate(times, (index) => hold(index, ground.pagerduty)),
  });
  try {
    await round(HOLDS / 4);
    const results: Awaited<ReturnType<typeof round>>[] = [];
    for (let number = 0; number < rounds; number++) results.push(await round(HOLDS));
    const unit = '/s';
    return [
      { name: `hold: the same ${count} statements in plain pg`, value: overRounds(results, (r) => r.raw), unit },
      { name: 'hold: product, without reading PagerDuty', value: overRounds(results, (r) => r.memory), unit },
      { name: 'hold: product, reading PagerDuty', value: overRounds(results, (r) => r.read), unit },
      {
        name: 'hold: product ÷ pg, without reading PagerDuty',
        value: overRounds(results, (r) => r.memory / r.raw),
        unit: '',
        aim: { at: 'least', value: 0.5 },
      },
      { name: 'hold: product ÷ pg, reading PagerDuty', value: overRounds(results, (r) => r.read / r.raw), unit: '' },
    ];
  } finally {
    await pool.end();
  }
}
