import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { eq, sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { listenForChanges } from '#approvals/changes.ts';
import { createWorld } from '#approvals/testing/world.ts';
import { runWorker } from '#approvals/worker.ts';
import { agents, approvalRequests } from '#db/schema.ts';
import { issueCredential } from '#identity/agents.ts';
import { silentLog } from '#process/log.ts';
import type { Envelope } from '../envelope.ts';
import { startMcpServer } from '../server.ts';
import type { Waits } from '../waits.ts';

/** What both kinds of client give back, as far as a test looks. */
export interface Result {
  isError: boolean;
  /** All text an agent would read. */
  text: string;
  structured: Record<string, unknown>;
  envelope: Envelope;
}

interface CallOptions {
  onprogress?: (progress: { progress: number; message?: string }) => void;
  signal?: AbortSignal;
}

export interface TestClient {
  version: string | undefined;
  tools(): Promise<{ name: string; inputSchema: object; outputSchema?: object; annotations?: object }[]>;
  call(name: string, args?: Record<string, unknown>, options?: CallOptions): Promise<Result>;
  close(): Promise<void>;
}

export const ERAS = ['2025-11-25', '2026-07-28'] as const;
export type Era = (typeof ERAS)[number];

function resultFrom(raw: object): Result {
  const {
    isError = false,
    content,
    structuredContent = {},
  } = raw as {
    isError?: boolean;
    content: { type: string; text?: string }[];
    structuredContent?: Record<string, unknown>;
  };
  const text = content.map((block) => block.text ?? '').join('\n');
  return { isError, text, structured: structuredContent, envelope: structuredContent as unknown as Envelope };
}

/** A real client of the generation that most installed agents use. */
export async function oldClient(url: string, token: string): Promise<TestClient> {
  const client = new OldClient({ name: 'old-agent', version: '1.0.0' });
  const transport = new OldTransport(new URL(url), { requestInit: { headers: { authorization: `Bearer ${token}` } } });
  await client.connect(transport);
  return {
    version: transport.protocolVersion,
    tools: async () => (await client.listTools()).tools,
    call: async (name, args = {}, options = {}) => {
      const raw = await client.callTool({ name, arguments: args }, undefined, { ...options, timeout: 110_000 });
      return resultFrom(raw);
    },
    close: () => client.close(),
  };
}

/** A real client of the current protocol, with no fallback to an older one. */
export async function modernClient(url: string, token: string): Promise<TestClient> {
  const client = new ModernClient(
    { name: 'modern-agent', version: '1.0.0' },
    { versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  const authProvider = { token: async () => token };
  await client.connect(new ModernTransport(new URL(url), { authProvider }));
  return {
    version: client.getNegotiatedProtocolVersion(),
    tools: async () => (await client.listTools()).tools,
    call: async (name, args = {}, options = {}) => {
      const raw = await client.callTool({ name, arguments: args }, { ...options, timeout: 110_000 });
      return resultFrom(raw);
    },
    close: () => client.close(),
  };
}

/** Long enough that a test decides within a hold, short enough that a pending answer does not take long. */
const TEST_WAITS: Partial<Waits> = {
  openMs: 300,
  openWithProgressMs: 100_000,
  progressEveryMs: 50,
  waitDefaultMs: 100_000,
};

/** The MCP server on a database of its own, with the playable PagerDuty, two agents and, when asked for, a worker. */
export async function createStage(waits: Partial<Waits> = {}) {
  const world = await createWorld();
  const now = world.clock.now;
  const changes = listenForChanges({ url: world.url, db: world.db, log: silentLog, pollMs: 200 });
  const server = await startMcpServer({
    ctx: world.agent,
    changes,
    publicUrl: 'http://localhost:4600',
    hosts: ['countersign.example'],
    waits: { ...TEST_WAITS, ...waits },
  });
  await world.db
    .insert(agents)
    .values({ id: 'agt_reader', name: 'reader-bot', ownerId: world.ids.ruth, canWrite: false });
  const [triage, other, reader] = await Promise.all(
    ['triage-bot', 'other-bot', 'reader-bot'].map((name) => issueCredential({ db: world.db, now }, name)),
  );
  const tokens = { triage: triage ?? '', other: other ?? '', reader: reader ?? '' };
  const open: { close(): Promise<void> }[] = [];
  const workers: { stop(): Promise<void> }[] = [];

  const held = () => world.db.select().from(approvalRequests).orderBy(approvalRequests.createdAt);
  return {
    ...world,
    changes,
    server,
    tokens,
    held,
    async client(era: Era, agent: keyof typeof tokens = 'triage') {
      const client = await (era === '2025-11-25' ? oldClient : modernClient)(server.url, tokens[agent]);
      open.push(client);
      return client;
    },
    /** The newest held request, as soon as there is one that waits. */
    async waiting() {
      const find = () => world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.status, 'pending') });
      // Whoever asks may be a process that npm has yet to start.
      await expect.poll(find, { interval: 20 }).toBeDefined();
      const row = await find();
      if (row === undefined) throw new Error('nothing waits');
      return row;
    },
    work() {
      workers.push(runWorker({ ctx: world.system, writer: world.writer, changes, pollMs: 100 }));
    },
    /** Sends a request so that PagerDuty's answer is lost, which leaves its outcome unknown. */
    async loseAnswer(id: string) {
      const row = await world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });
      if (row === undefined) throw new Error('there is no such request');
      world.fake.faults.add({ kind: 'drop_after', times: 1 });
      await world.approve(row);
      await world.execute(row.id);
    },
    /** Makes every look at requests fail, while agents can still be told apart. */
    async breakDatabase() {
      await world.db.execute(sql`alter table approval_requests rename to gone`);
    },
    async close() {
      await Promise.all(open.map((client) => client.close()));
      await Promise.all(workers.map((worker) => worker.stop()));
      await server.close();
      await changes.close();
      await world.close();
    },
  };
}

export type Stage = Awaited<ReturnType<typeof createStage>>;

/** Asks to resolve an incident that belongs to Checkout, where Priya is on call. */
export const resolvePayments = { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], status: 'resolved' } };
export const noteOnPayments = { incident_id: 'Q2PAYMENTHOOK1', note: 'Seen by the agent.' };
