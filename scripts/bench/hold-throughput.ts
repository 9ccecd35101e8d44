import pg from 'pg';
import { submit } from '#approvals/submit.ts';
import type { ReadClient } from '#pagerduty/read-client.ts';
import { type Figure, inTurn, median } from './figures.ts';
import { type Ground, newNote, remembering } from './ground.ts';
import type { Sizes } from './sizes.ts';
import { recordHold } from './statements.ts';

const CONCURRENT = 8;

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
export async function benchHoldThroughput(ground: Ground, { rounds, goes, holds }: Sizes): Promise<Figure[]> {
  const hold = async (index: number, reader: ReadClient) =>
    (await submit(ground.agent(index, reader), { tool: 'add_note_to_incident', arguments: newNote() })).request;
  const fromMemory = remembering(ground.pagerduty);
  const { replay, count } = await recordHold(() => hold(0, fromMemory), ground.agentIds);
  const pool = new pg.Pool({ connectionString: ground.databaseUrl, max: 10 });
  const go = {
    raw: () => rate(holds, (index) => replay(pool, index)),
    memory: () => rate(holds, (index) => hold(index, fromMemory)),
    read: () => rate(holds, (index) => hold(index, ground.pagerduty)),
  };
  await inTurn(Math.floor(goes / 4), go);
  const rates = await inTurn(rounds * goes, go);
  await pool.end();
  const against = { name: `the same ${count} statements in plain pg`, value: median(rates.raw) };
  return [
    {
      name: 'hold, PagerDuty not read',
      value: median(rates.memory),
      unit: '/s',
      against,
      aim: { of: 'ratio', at: 'least', value: 0.8 },
    },
    { name: 'hold, PagerDuty read', value: median(rates.read), unit: '/s', against },
  ];
}
