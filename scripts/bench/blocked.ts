import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { review } from '#approvals/review.ts';
import { submit } from '#approvals/submit.ts';
import type { RequestRow } from '#approvals/transition.ts';
import { connectClient } from './client.ts';
import { type Figure, overRounds, percentile } from './figures.ts';
import { type Ground, incidentIds, newNote, remembering, type Started, turn } from './ground.ts';

const DECIDING = 8;
const BOUND_MS = 60_000;

interface Memory {
  rss: number;
  /** On the heap and in buffers. */
  live: number;
  waiting: number;
}

async function ask({ child }: Started, question: 'waiting' | 'memory'): Promise<Memory> {
  child.send(question);
  const [memory] = await once(child, 'message');
  return memory;
}

/** Memory after a collection of garbage, once that many calls are held. */
async function memoryAt(server: Started, waiting: number): Promise<Memory> {
  const giveUpAt = performance.now() + BOUND_MS;
  for (;;) {
    const now = await ask(server, 'waiting');
    if (now.waiting === waiting) return ask(server, 'memory');
    if (performance.now() > giveUpAt) throw new Error(`${now.waiting} calls wait instead of ${waiting}`);
    await setTimeout(50);
  }
}

/** Works through 0, 1, 2 …, some at a time. */
async function each(times: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < times; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: DECIDING }, lane));
}

/** One round: that many calls wait, all are decided, all get their result. */
async function block(ground: Ground, server: Started, calls: number) {
  const url = server.said.url ?? '';
  const clients = await Promise.all(ground.bearers.map((bearer) => connectClient(url, bearer)));
  const reader = remembering(ground.pagerduty);
  const requests: RequestRow[] = [];
  await each(calls, async (index) => {
    const ask = { tool: 'add_note_to_incident', arguments: newNote() };
    requests[index] = (await submit(ground.agent(index, reader), ask)).request;
  });
  const before = await memoryAt(server, 0);
  const answeredAt: number[] = [];
  const decidedAt: number[] = [];
  const waits = requests.map(async ({ id }, index) => {
    const { structuredContent } = await turn(clients, index).callTool(
      { name: 'wait_for_approval', arguments: { request_id: id, timeout_seconds: 240 } },
      { timeout: 240_000 },
    );
    answeredAt[index] = performance.now();
    return structuredContent instanceof Object && 'status' in structuredContent ? structuredContent.status : null;
  });
  const during = await memoryAt(server, calls);
  const startedAt = performance.now();
  await each(calls, async (index) => {
    const { id, digest } = turn(requests, index);
    // One write per incident goes out; for all others the answer is no.
    const decision = index < incidentIds.length ? 'approve' : 'deny';
    await review(ground.reviewer, { requestId: id, decision, digest });
    decidedAt[index] = performance.now();
  });
  const lastDecidedAt = performance.now();
  const statuses = await Promise.all(waits);
  const wrong = statuses.filter((status) => status !== 'denied' && status !== 'succeeded' && status !== 'stale');
  if (wrong.length > 0) throw new Error(`${wrong.length} waits ended with ${String(wrong[0])}`);
  const lastAnsweredAt = performance.now();
  await Promise.all(clients.map((client) => client.close()));
  const denied = [...decidedAt.keys()].slice(incidentIds.length);
  return {
    rssKb: (during.rss - before.rss) / calls / 1024,
    liveKb: (during.live - before.live) / calls / 1024,
    allMs: lastAnsweredAt - startedAt,
    afterLastMs: lastAnsweredAt - lastDecidedAt,
    lags: denied.map((index) => (answeredAt[index] ?? 0) - (decidedAt[index] ?? 0)),
  };
}

/** What thousands of held calls cost, and how soon everybody knows the outcome. */
export async function benchBlocked(ground: Ground, rounds: number, calls: number): Promise<Figure[]> {
  const server = await ground.start('scripts/bench/mcp-process.ts', ground.readEnv, ['--expose-gc']);
  const worker = await ground.start('approvals/main.ts', ground.workerEnv);
  try {
    // Grows buffers and compiles code that would otherwise count as memory of the first waits.
    await block(ground, server, Math.min(200, calls));
    const results: Awaited<ReturnType<typeof block>>[] = [];
    for (let number = 0; number < rounds; number++) results.push(await block(ground, server, calls));
    const [first] = results;
    return [
      {
        name: `${calls} waits: live memory of one`,
        value: overRounds(results, (r) => r.liveKb),
        unit: 'KB',
        aim: { at: 'most', value: 40 },
      },
      // Later rounds use again what the process has got from the system in the first.
      { name: `${calls} waits: resident memory of one, first round`, value: first?.rssKb ?? Number.NaN, unit: 'KB' },
      { name: `${calls} waits: first decision → last result`, value: overRounds(results, (r) => r.allMs), unit: 'ms' },
      {
        name: `${calls} waits: last decision → last result`,
        value: overRounds(results, (r) => r.afterLastMs),
        unit: 'ms',
      },
      {
        name: `${calls} waits: denial → result, p50`,
        value: overRounds(results, (r) => percentile(r.lags, 0.5)),
        unit: 'ms',
      },
      {
        name: `${calls} waits: denial → result, p95`,
        value: overRounds(results, (r) => percentile(r.lags, 0.95)),
        unit: 'ms',
      },
    ];
  } finally {
    server.child.kill('SIGKILL');
    worker.child.kill('SIGKILL');
  }
}
