import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Started } from './ground.ts';

async function connect(url: URL, bearer: string): Promise<Client> {
  const client = new Client(
    { name: 'bench', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(new StreamableHTTPClientTransport(url, { authProvider: { token: async () => bearer } }));
  return client;
}

/** A real client of the current protocol for each of these agents. */
export function connectClients({ said }: Started, bearers: readonly string[]): Promise<Client[]> {
  return Promise.all(bearers.map((bearer) => connect(new URL(said.url ?? ''), bearer)));
}
