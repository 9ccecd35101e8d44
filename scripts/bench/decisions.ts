import { createServer, connect as dial } from 'node:net';
import { eq } from 'drizzle-orm';
import { review } from '#approvals/review.ts';
import { submit } from '#approvals/submit.ts';
import { approvalRequests } from '#db/schema.ts';
import { type Figure, overRounds, percentile } from './figures.ts';
import { type Ground, newNote } from './ground.ts';

const DECISIONS = 60;

/** Stands before PagerDuty and notices the first byte of every write. */
async function startGate(pagerdutyUrl: string, onWrite: (atMs: number) => void) {
  const { hostname, port } = new URL(pagerdutyUrl);
  const server = createServer((client) => {
    const upstream = dial(Number(port), hostname);
    client.setNoDelay().on('error', () => upstream.destroy());
    upstream.setNoDelay().on('error', () => client.destroy());
    client.on('data', (chunk) => {
      if (chunk.subarray(0, 5).toString('latin1') === 'POST ') onWrite(performance.now());
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

/** From a human's decision to the first byte at PagerDuty, with one real worker process. */
export async function benchDecisions(ground: Ground, rounds: number): Promise<Figure[]> {
  let onWrite: (atMs: number) => void = () => undefined;
  const gate = await startGate(ground.pagerdutyUrl, (atMs) => onWrite(atMs));
  const worker = await ground.start('approvals/main.ts', { ...ground.workerEnv, PAGERDUTY_API_URL: gate.url });

  async function decide(): Promise<{ fromClick: number; fromCommit: number }> {
    const { request } = await submit(ground.agent(0), { tool: 'add_note_to_incident', arguments: newNote() });
    const written = new Promise<number>((done) => {
      onWrite = done;
    });
    const clickedAt = performance.now();
    await review(ground.reviewer, { requestId: request.id, decision: 'approve', digest: request.digest });
    const committedAt = performance.now();
    const writtenAt = await written;
    // Until the outcome is recorded, so that the worker is idle when the next decision comes.
    for (;;) {
      const row = await ground.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, request.id) });
      if (row?.finishedAt != null) break;
    }
    return { fromClick: writtenAt - clickedAt, fromCommit: writtenAt - committedAt };
  }
  const round = async (times: number) => {
    const all: Awaited<ReturnType<typeof decide>>[] = [];
    for (let index = 0; index < times; index++) all.push(await decide());
    return { click: all.map((one) => one.fromClick), commit: all.map((one) => one.fromCommit) };
  };
  try {
    await round(DECISIONS / 3);
    const results: Awaited<ReturnType<typeof round>>[] = [];
    for (let number = 0; number < rounds; number++) results.push(await round(DECISIONS));
    const unit = 'ms';
    const p95 = overRounds(results, (r) => percentile(r.click, 0.95));
    return [
      { name: 'decision → first byte: p50', value: overRounds(results, (r) => percentile(r.click, 0.5)), unit },
      { name: 'decision → first byte: p95', value: p95, unit, aim: { at: 'most', value: 50 } },
      { name: 'its commit → first byte: p50', value: overRounds(results, (r) => percentile(r.commit, 0.5)), unit },
      { name: 'its commit → first byte: p95', value: overRounds(results, (r) => percentile(r.commit, 0.95)), unit },
    ];
  } finally {
    worker.child.kill('SIGKILL');
    gate.close();
  }
}
