import type { Client } from '@modelcontextprotocol/client';
import { connectClients } from './client.ts';
import { type Figure, inTurn, percentile, timed } from './figures.ts';
import { type Ground, newNote, turn } from './ground.ts';
import type { Sizes } from './sizes.ts';

const CLIENTS = 10;

type Call = { name: string; arguments: Record<string, unknown> };

const echo = (): Call => ({ name: 'echo', arguments: newNote() });
const read = (): Call => ({ name: 'get_incident', arguments: { incident_id: newNote().incident_id } });
const write = (): Call => ({ name: 'add_note_to_incident', arguments: newNote() });

/** A call of that kind by the next of the agents. */
function caller(clients: readonly Client[], call: () => Call): () => Promise<number> {
  let calls = 0;
  return () =>
    timed(async () => {
      const { isError, content } = await turn(clients, calls++).callTool(call());
      if (isError) throw new Error(JSON.stringify(content));
    });
}

/** What a held write and a read cost over the bare SDK, one call after the other. */
export async function benchHeldWriteCost(ground: Ground, { rounds, calls }: Sizes): Promise<Figure[]> {
  const bearers = ground.bearers.slice(0, CLIENTS);
  const servers = await Promise.all([ground.bare(), ground.mcp('pagerduty'), ground.mcp('memory')]);
  const [bare = [], reading = [], remembering = []] = await Promise.all(
    servers.map((server) => connectClients(server, bearers)),
  );
  const kinds = {
    echo: caller(bare, echo),
    ownWrite: caller(remembering, write),
    write: caller(reading, write),
    ownRead: caller(remembering, read),
    read: caller(reading, read),
  };
  await inTurn(Math.floor(calls / 3), kinds);
  const took = await inTurn(rounds * calls, kinds);
  await Promise.all([...bare, ...reading, ...remembering].map((client) => client.close()));
  const figure = (name: string, kind: keyof typeof kinds, share: number, aim?: Figure['aim']): Figure => {
    const against = { name: 'bare SDK call', value: percentile(took.echo, share) };
    return { name, value: percentile(took[kind], share), unit: 'ms', against, aim };
  };
  return [
    figure('held write, PagerDuty not read, p50', 'ownWrite', 0.5, { of: 'ratio', at: 'most', value: 2.5 }),
    figure('held write, PagerDuty not read, p95', 'ownWrite', 0.95),
    figure('held write, p50', 'write', 0.5),
    figure('held write, p95', 'write', 0.95),
    figure('read, PagerDuty not read, p50', 'ownRead', 0.5),
    figure('read, p50', 'read', 0.5),
    figure('read, p95', 'read', 0.95),
  ];
}
