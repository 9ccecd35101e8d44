import type { Client } from '@modelcontextprotocol/client';
import { review } from '#approvals/review.ts';
import { submit } from '#approvals/submit.ts';
import type { RequestRow } from '#approvals/transition.ts';
import { markDelivered } from '#approvals/views/agent-view.ts';
import { connectClients } from './client.ts';
import { type Figure, median, percentile } from './figures.ts';
import { type Ground, incidentIds, newNote, remembering, type Started, turn } from './ground.ts';
import { memoryOf, untilWaiting } from './memory.ts';
import type { Sizes } from './sizes.ts';

const DECIDING = 8;
const ARRIVING = 100;
const WAIT_SECONDS = 240;

/** Works through 0, 1, 2 …, some at a time. */
async function each(times: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < times; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: DECIDING }, lane));
}

/** Memory of one call, in KB, while that many wait; and their answers, which come later. */
async function whileWaiting<T>(server: Started, calls: number, wait: (index: number) => Promise<T>) {
  await untilWaiting(server, 0);
  const before = await memoryOf(server);
  const waits: Promise<T>[] = [];
  // Not all at once: a process takes only so many new connections in a moment.
  while (waits.length < calls) {
    const more = Math.min(ARRIVING, calls - waits.length);
    for (let count = 0; count < more; count++) waits.push(wait(waits.length));
    await untilWaiting(server, waits.length);
  }
  const during = await memoryOf(server);
  const kb = (of: 'live' | 'rss') => (during[of] - before[of]) / calls / 1024;
  return { liveKb: kb('live'), rssKb: kb('rss'), answers: Promise.all(waits) };
}

/** That many calls of a tool that does nothing but wait: what the SDK and its connections cost. */
async function blockBare(server: Started, clients: readonly Client[], calls: number): Promise<number> {
  const { liveKb, answers } = await whileWaiting(server, calls, (index) =>
    turn(clients, index).callTool({ name: 'wait', arguments: {} }, { timeout: WAIT_SECONDS * 1000 }),
  );
  server.child.send('release');
  await answers;
  return liveKb;
}

/** That many calls wait, all are decided, all get their result. */
async function block(ground: Ground, server: Started, clients: readonly Client[], calls: number) {
  const reader = remembering(ground.pagerduty);
  const requests: RequestRow[] = [];
  await each(calls, async (index) => {
    const ctx = ground.agent(index, reader);
    const { request } = await submit(ctx, { tool: 'add_note_to_incident', arguments: newNote() });
    // Whoever waits knows what for; otherwise the worker would withdraw what a slow machine is still adding to.
    await markDelivered(ctx, request.id);
    requests[index] = request;
  });
  const answeredAt: number[] = [];
  const decidedAt: number[] = [];
  const { liveKb, rssKb, answers } = await whileWaiting(server, calls, async (index) => {
    const { structuredContent } = await turn(clients, index).callTool(
      {
        name: 'wait_for_approval',
        arguments: { request_id: turn(requests, index).id, timeout_seconds: WAIT_SECONDS },
      },
      { timeout: WAIT_SECONDS * 1000 },
    );
    answeredAt[index] = performance.now();
    return structuredContent instanceof Object && 'status' in structuredContent ? structuredContent.status : null;
  });
  const startedAt = performance.now();
  await each(calls, async (index) => {
    const { id, digest } = turn(requests, index);
    // One write per incident goes out; for all others the answer is no.
    const decision = index < incidentIds.length ? 'approve' : 'deny';
    await review(ground.reviewer, { requestId: id, decision, digest });
    decidedAt[index] = performance.now();
  });
  const lastDecidedAt = performance.now();
  const statuses = await answers;
  const wrong = statuses.filter((status) => status !== 'denied' && status !== 'succeeded' && status !== 'stale');
  if (wrong.length > 0) throw new Error(`${wrong.length} waits ended with ${String(wrong[0])}`);
  const lastAnsweredAt = performance.now();
  const denied = [...decidedAt.keys()].slice(incidentIds.length);
  return {
    liveKb,
    rssKb,
    allMs: lastAnsweredAt - startedAt,
    afterLastMs: lastAnsweredAt - lastDecidedAt,
    lags: denied.map((index) => (answeredAt[index] ?? 0) - (decidedAt[index] ?? 0)),
  };
}

/** What thousands of held calls cost, and how soon everybody knows the outcome. */
export async function benchWaitingCalls(ground: Ground, { rounds, waits }: Sizes): Promise<Figure[]> {
  const [server, bare] = await Promise.all([ground.mcp('pagerduty'), ground.bare(), ground.worker()]);
  const [clients, waiting] = await Promise.all([
    connectClients(server, ground.bearers),
    connectClients(bare, ground.bearers),
  ]);
  // Grows buffers and compiles code that would otherwise count as memory of the first waits.
  await blockBare(bare, waiting, Math.floor(waits / 10));
  await block(ground, server, clients, Math.floor(waits / 10));
  const bareKb: number[] = [];
  const results: Awaited<ReturnType<typeof block>>[] = [];
  for (let number = 0; number < rounds; number++) {
    bareKb.push(await blockBare(bare, waiting, waits));
    results.push(await block(ground, server, clients, waits));
  }
  await Promise.all([...clients, ...waiting].map((client) => client.close()));
  const of = (value: (result: (typeof results)[number]) => number) => median(results.map(value));
  const against = { name: 'bare SDK call that waits', value: median(bareKb) };
  const lags = results.flatMap((result) => result.lags);
  return [
    {
      name: `${waits} waits: live memory of one`,
      value: of(({ liveKb }) => liveKb),
      unit: 'KB',
      against,
      aim: { of: 'value', at: 'most', value: 40 },
    },
    // Later rounds use again what the process has got from the system in the first.
    { name: `${waits} waits: resident memory of one, first round`, value: results[0]?.rssKb ?? Number.NaN, unit: 'KB' },
    { name: `${waits} waits: first decision → last result`, value: of(({ allMs }) => allMs), unit: 'ms' },
    { name: `${waits} waits: last decision → last result`, value: of(({ afterLastMs }) => afterLastMs), unit: 'ms' },
    { name: `${waits} waits: denial → result, p50`, value: median(lags), unit: 'ms' },
    { name: `${waits} waits: denial → result, p95`, value: percentile(lags, 0.95), unit: 'ms' },
  ];
}
