import type { Client } from '@modelcontextprotocol/client';
import { connectClient } from './client.ts';
import { type Figure, overRounds, percentile } from './figures.ts';
import { type Ground, newNote, turn } from './ground.ts';

const CALLS = 150;
const CLIENTS = 10;

type Call = { name: string; arguments: Record<string, unknown> };

const echo = (): Call => ({ name: 'echo', arguments: newNote() });
const read = (): Call => ({ name: 'get_incident', arguments: { incident_id: newNote().incident_id } });
const write = (): Call => ({ name: 'add_note_to_incident', arguments: newNote() });

/** Calls one after the other, by several agents in turn. @returns milliseconds of each. */
async function timed(clients: readonly Client[], times: number, call: () => Call): Promise<number[]> {
  const all: number[] = [];
  for (let index = 0; index < times; index++) {
    const startedAt = performance.now();
    const { isError, content } = await turn(clients, index).callTool(call());
    all.push(performance.now() - startedAt);
    if (isError) throw new Error(JSON.stringify(content));
  }
  return all;
}

/** What a held write and a read cost over the bare SDK. */
export async function benchCalls(ground: Ground, rounds: number): Promise<Figure[]> {
  const servers = await Promise.all([
    ground.start('scripts/bench/echo-process.ts', {}),
    ground.start('scripts/bench/mcp-process.ts', ground.readEnv),
    ground.start('scripts/bench/mcp-process.ts', { ...ground.readEnv, BENCH_READS: 'memory' }),
  ]);
  const [bare = [], reading = [], remembering = []] = await Promise.all(
    servers.map(({ said }) =>
      Promise.all(ground.bearers.slice(0, CLIENTS).map((bearer) => connectClient(said.url ?? '', bearer))),
    ),
  );
  const round = async (times: number) => ({
    echo: await timed(bare, times, echo),
    write: await timed(reading, times, write),
    read: await timed(reading, times, read),
    ownWrite: await timed(remembering, times, write),
    ownRead: await timed(remembering, times, read),
  });
  try {
    await round(CALLS / 3);
    const results: Awaited<ReturnType<typeof round>>[] = [];
    for (let number = 0; number < rounds; number++) results.push(await round(CALLS));
    const figure = (name: string, kind: keyof (typeof results)[number], share: number): Figure => {
      return { name, value: overRounds(results, (r) => percentile(r[kind], share)), unit: 'ms' };
    };
    const over = (name: string, kind: keyof (typeof results)[number], aim?: Figure['aim']): Figure => {
      const value = overRounds(results, (r) => percentile(r[kind], 0.5) - percentile(r.echo, 0.5));
      return { name, value, unit: 'ms', aim };
    };
    return [
      figure('call: bare SDK, p50', 'echo', 0.5),
      figure('call: bare SDK, p95', 'echo', 0.95),
      figure('call: held write, p50', 'write', 0.5),
      figure('call: held write, p95', 'write', 0.95),
      figure('call: read, p50', 'read', 0.5),
      figure('call: read, p95', 'read', 0.95),
      over('call: held write − bare SDK, p50', 'write'),
      over('call: the same without reading PagerDuty', 'ownWrite', { at: 'most', value: 5 }),
      over('call: read − bare SDK, p50', 'read'),
      over('call: the same without reading PagerDuty, read', 'ownRead', { at: 'most', value: 5 }),
    ];
  } finally {
    await Promise.all([...bare, ...reading, ...remembering].map((client) => client.close()));
    for (const { child } of servers) child.kill('SIGKILL');
  }
}
