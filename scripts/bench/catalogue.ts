import { writeTools } from '#pagerduty/tools/index.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { connectClients } from './client.ts';
import { type Figure, inTurn, median, timed } from './figures.ts';
import { type Ground, turn } from './ground.ts';
import type { Sizes } from './sizes.ts';

const CLIENTS = 10;

const writes: WriteTool[] = Object.values(writeTools);

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

/** Listing every tool, to the last byte. */
async function lists(ground: Ground, { rounds, lists: times }: Sizes): Promise<Figure> {
  const [ours, bare] = await Promise.all([ground.mcp('pagerduty'), ground.bare()]);
  let listed = 0;
  const lister =
    (url = '') =>
    () =>
      timed(() => list(url, turn(ground.bearers, listed++)));
  const works = { ours: lister(ours.said.url), bare: lister(bare.said.url) };
  await inTurn(Math.floor(times / 4), works);
  const took = await inTurn(rounds * times, works);
  return {
    name: 'tools/list with every toolset, p50',
    value: median(took.ours),
    unit: 'ms',
    against: { name: 'bare SDK, the same tools', value: median(took.bare) },
    aim: { of: 'ratio', at: 'most', value: 1.5 },
  };
}

/** A held write of each tool, PagerDuty's readings included. */
async function holds(ground: Ground, { rounds, perTool }: Sizes): Promise<Figure[]> {
  const [ours, bare] = await Promise.all([ground.mcp('pagerduty'), ground.bare()]);
  const bearers = ground.bearers.slice(0, CLIENTS);
  const [clients, echoing] = await Promise.all([connectClients(ours, bearers), connectClients(bare, bearers)]);
  let keys = 0;
  /** Withdrawn afterwards, so that the next ask of that kind replaces nothing. */
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
  // One tool after the other, again and again, with the bare SDK in between: none has a quieter machine than another.
  const works: Record<string, () => Promise<number>> = {};
  for (const tool of writes)
    Object.assign(works, { [tool.name]: () => hold(tool), [`echo of ${tool.name}`]: () => echo(tool) });
  await inTurn(Math.floor(perTool / 4), works);
  const took = await inTurn(rounds * perTool, works);
  await Promise.all([...clients, ...echoing].map((client) => client.close()));
  const perWrite = writes.map(({ name }) => ({ name, value: median(took[name] ?? []) }));
  const slowest = perWrite.reduce((worst, each) => (each.value > worst.value ? each : worst));
  const against = { name: 'bare SDK call', value: median(writes.flatMap(({ name }) => took[`echo of ${name}`] ?? [])) };
  const most = 10;
  return [
    {
      name: 'held write, median over the tools',
      value: median(perWrite.map((each) => each.value)),
      unit: 'ms',
      against,
    },
    {
      name: `held write, slowest tool (${slowest.name})`,
      value: slowest.value,
      unit: 'ms',
      against,
      aim: { of: 'value', at: 'most', value: most },
    },
    {
      name: `tools of ${writes.length} whose held write takes longer than ${most} ms`,
      value: perWrite.filter((each) => each.value > most).length,
      unit: '',
      aim: { of: 'value', at: 'most', value: 0 },
    },
  ];
}

/** What the whole catalogue costs. */
export async function benchCatalogue(ground: Ground, sizes: Sizes): Promise<Figure[]> {
  return [await lists(ground, sizes), ...(await holds(ground, sizes))];
}
