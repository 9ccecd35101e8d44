import { writeTools } from '#pagerduty/tools/index.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { connectClient } from './client.ts';
import { type Figure, median, overRounds, percentile } from './figures.ts';
import { type Ground, turn } from './ground.ts';

const LISTS = 200;
const HOLDS_PER_TOOL = 20;
const CLIENTS = 10;

const writes: WriteTool[] = Object.values(writeTools);

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** The question as a client of the current protocol puts it. What a client then makes of the answer is its own affair. */
async function list(url: string, bearer: string): Promise<void> {
  const version = '2026-07-28';
  const meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${bearer}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': version,
      'mcp-method': 'tools/list',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } }),
  });
  const text = await response.text();
  if (!text.includes('"create_webhook_subscription"')) throw new Error(`no list: ${text.slice(0, 300)}`);
}

/** What the whole catalogue costs: listing every tool, and a held write of each one, PagerDuty's readings included. */
export async function benchCatalogue(ground: Ground, rounds: number): Promise<Figure[]> {
  const { said, child } = await ground.start('scripts/bench/mcp-process.ts', ground.readEnv);
  const bare = await ground.start('scripts/bench/echo-process.ts', {});
  const connected = (url = '') =>
    Promise.all(ground.bearers.slice(0, CLIENTS).map((bearer) => connectClient(url, bearer)));
  const [clients, echoing] = await Promise.all([connected(said.url), connected(bare.said.url)]);
  let keys = 0;
  /** @returns milliseconds. Withdrawn afterwards, so that the next ask of that kind replaces nothing. */
  const hold = async (tool: WriteTool): Promise<number> => {
    keys += 1;
    const client = turn(clients, keys);
    // A key of its own makes each the first of its kind: nothing is attached to an earlier ask.
    const args = { ...tool.example, idempotency_key: `bench-${keys}` };
    const startedAt = performance.now();
    const { isError, content, structuredContent } = await client.callTool({ name: tool.name, arguments: args });
    const took = performance.now() - startedAt;
    if (isError) throw new Error(`${tool.name}: ${JSON.stringify(content)}`);
    const { request_id } = structuredContent as { request_id: string };
    await client.callTool({ name: 'cancel_request', arguments: { request_id } });
    return took;
  };
  const echo = (tool: WriteTool) =>
    timed(() => turn(echoing, keys).callTool({ name: 'echo', arguments: { ...tool.example } }));
  const round = async (times: number) => {
    const holds = new Map(writes.map((tool) => [tool.name, [] as number[]]));
    const echoes: number[] = [];
    // One tool after the other, again and again, with the bare SDK in between: none has a quieter machine than another.
    for (let index = 0; index < times; index++) {
      for (const tool of writes) {
        holds.get(tool.name)?.push(await hold(tool));
        echoes.push(await echo(tool));
      }
    }
    const lists: number[] = [];
    for (let index = 0; index < LISTS; index++)
      lists.push(await timed(() => list(said.url ?? '', turn(ground.bearers, index))));
    return { holds, echoes, lists };
  };
  try {
    await round(3);
    const results: Awaited<ReturnType<typeof round>>[] = [];
    for (let number = 0; number < rounds; number++) results.push(await round(HOLDS_PER_TOOL));
    const perTool = writes.map(({ name }) => ({
      name,
      value: overRounds(results, ({ holds }) => median(holds.get(name) ?? [])),
    }));
    const slowest = perTool.reduce((worst, each) => (each.value > worst.value ? each : worst));
    const aim = { at: 'most', value: 10 } as const;
    return [
      {
        name: 'catalogue: tools/list with every toolset, to the last byte, p50',
        value: overRounds(results, ({ lists }) => percentile(lists, 0.5)),
        unit: 'ms',
        aim: { at: 'most', value: 3 },
      },
      {
        name: 'catalogue: held write, median over the tools of p50',
        value: median(perTool.map((each) => each.value)),
        unit: 'ms',
      },
      // Milliseconds depend on the machine, this hardly does.
      {
        name: 'catalogue: held write, median over the tools ÷ bare SDK',
        value: overRounds(results, ({ holds, echoes }) => median([...holds.values()].map(median)) / median(echoes)),
        unit: '',
      },
      { name: `catalogue: held write, slowest tool (${slowest.name}), p50`, value: slowest.value, unit: 'ms', aim },
      {
        name: `catalogue: tools of ${writes.length} whose held write is slower`,
        value: perTool.filter((each) => each.value > aim.value).length,
        unit: '',
        aim: { at: 'most', value: 0 },
      },
    ];
  } finally {
    await Promise.all([...clients, ...echoing].map((client) => client.close()));
    for (const each of [child, bare.child]) each.kill('SIGKILL');
  }
}
