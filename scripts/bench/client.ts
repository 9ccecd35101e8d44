import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

/** A real client of the current protocol. */
export async function connectClient(url: string, bearer: string): Promise<Client> {
  const client = new Client(
    { name: 'bench', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), { authProvider: { token: async () => bearer } }),
  );
  return client;
}
