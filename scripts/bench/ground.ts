import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import type { Context } from '#approvals/context.ts';
import { LIMITS, type Limits } from '#approvals/limits.ts';
import { createTouchedReader } from '#approvals/touched.ts';
import { databaseClock } from '#db/clock.ts';
import { connect } from '#db/connection.ts';
import { startEmbeddedPostgres } from '#db/embedded.ts';
import { migrate } from '#db/migrate.ts';
import { agents, people } from '#db/schema.ts';
import type { Actor } from '#identity/actor.ts';
import { issueCredential } from '#identity/agents.ts';
import { people as cast, incidents, tokens } from '#pagerduty/fake/company.ts';
import { createOnCallReader } from '#pagerduty/on-call.ts';
import { createReadClient, type ReadClient } from '#pagerduty/read-client.ts';
import { TOOLSETS } from '#pagerduty/toolsets.ts';
import { silentLog } from '#process/log.ts';
import { timed } from './figures.ts';
import { startGate } from './gate.ts';

const root = join(import.meta.dirname, '..', '..');

/** What an agent may do in an hour of normal work would stop a benchmark in its first second. */
export const LIFTED: Limits = { ...LIMITS, pendingPerAgent: 100_000, readsPerMinute: 1_000_000, orphanSeconds: 3_600 };

const AGENTS = 50;
export const incidentIds = Object.values(incidents).map(({ id }) => id);

/** One of a list, in turn. */
export function turn<T>(list: readonly T[], index: number): T {
  const item = list[index % list.length];
  if (item === undefined) throw new Error('the list is empty');
  return item;
}

/** A process of the benchmark, and its first message. */
export interface Started {
  child: ChildProcess;
  said: { url?: string };
}

/** A ReadClient that asks PagerDuty once and then remembers, to see what is left without the reading. */
export function remembering(client: ReadClient): ReadClient {
  const answers = new Map<string, Promise<unknown>>();
  return {
    ...client,
    get<T>(path: string, schema: Parameters<typeof client.get<T>>[1], query?: Parameters<typeof client.get<T>>[2]) {
      const key = JSON.stringify([path, query]);
      const answer = answers.get(key) ?? client.get(path, schema, query);
      answers.set(key, answer);
      // The cast holds: the same question is always asked with the same schema.
      return answer as Promise<T>;
    },
  };
}

/** A PostgreSQL of its own, with fsync on. */
export async function startDatabase() {
  const dataDir = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const { url, stop } = await startEmbeddedPostgres({ dataDir, removeAtStop: true });
  await migrate(url);
  const db = connect(url);
  return {
    url,
    db,
    async drop() {
      await db.$client.end();
      await stop();
    },
  };
}

/** Starts processes, each once, and ends them together. */
function createProcesses() {
  const started = new Map<string, Promise<Started>>();
  const children: ChildProcess[] = [];

  async function fresh(file: string, env: Record<string, string>): Promise<Started> {
    const child = fork(join(root, file), [], {
      cwd: root,
      // A collection of garbage on demand, for whoever is asked about its memory.
      execArgv: ['--import', 'tsx', '--expose-gc'],
      env: { PATH: process.env.PATH, NODE_ENV: 'production', LOG_LEVEL: 'warn', ...env },
      // What a role has to complain about is shown; the playable PagerDuty tells about every write.
      stdio: ['ignore', ...(file.startsWith('pagerduty/') ? (['ignore', 'ignore'] as const) : [2, 2]), 'ipc'],
    });
    children.push(child);
    const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${file} ended instead of starting`)));
    const [said] = await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => undefined);
    return { child, said };
  }

  return {
    start(file: string, env: Record<string, string> = {}): Promise<Started> {
      const key = JSON.stringify([file, env]);
      const known = started.get(key) ?? fresh(file, env);
      started.set(key, known);
      return known;
    },
    end() {
      for (const child of children) child.kill('SIGKILL');
    },
  };
}

/** The playable PagerDuty in a process of its own behind a gate, everybody of Northwind, and agents. */
export async function startGround(database: Awaited<ReturnType<typeof startDatabase>>) {
  const { db, url: databaseUrl } = database;
  const { start, end } = createProcesses();
  const pagerdutyUrl = (await start('pagerduty/fake/main.ts')).said.url ?? '';
  const gate = await startGate(pagerdutyUrl);
  await db.insert(people).values(
    Object.entries(cast).map(([name, { id, name: shown, email }]) => {
      return { id: `prs_${name}`, name: shown, email, pagerdutyUserId: id, fallback: name === 'sam' };
    }),
  );
  const names = Array.from({ length: AGENTS }, (_, index) => `bench-${index}`);
  await db
    .insert(agents)
    .values(names.map((name) => ({ id: `agt_${name}`, name, ownerId: 'prs_ruth', toolsets: Object.keys(TOOLSETS) })));
  const bearers = await Promise.all(names.map((name) => issueCredential({ db, now: databaseClock }, name)));
  await db.execute(sql`create table bench_commits (at timestamptz not null)`);

  const pagerduty = createReadClient({ baseUrl: pagerdutyUrl, token: tokens.accountRead });
  const onCall = createOnCallReader(pagerduty);
  const as = (actor: Actor, reader = pagerduty): Context => {
    return {
      db,
      pagerduty: reader,
      onCall,
      touched: createTouchedReader(pagerduty),
      actor,
      now: databaseClock,
      limits: LIFTED,
      secretsKey: null,
      toolsets: null,
      log: silentLog,
    };
  };
  const readEnv = {
    DATABASE_URL: databaseUrl,
    PAGERDUTY_API_URL: pagerdutyUrl,
    PAGERDUTY_READ_TOKEN: tokens.accountRead,
  };
  const workerEnv = {
    ...readEnv,
    PAGERDUTY_API_URL: gate.url,
    PAGERDUTY_WRITE_TOKEN: tokens.accountFull,
    COUNTERSIGN_SECRETS_KEY: randomBytes(32).toString('base64'),
  };

  return {
    db,
    databaseUrl,
    pagerduty,
    nextWrite: gate.nextWrite,
    start,
    /** The bare SDK. */
    bare: () => start('scripts/bench/bare-process.ts'),
    /** The MCP role; one that remembers reads PagerDuty once. */
    mcp: (reads: 'pagerduty' | 'memory') => start('scripts/bench/mcp-process.ts', { ...readEnv, BENCH_READS: reads }),
    worker: () => start('approvals/main.ts', workerEnv),
    agentIds: names.map((name) => `agt_${name}`),
    bearers,
    agent: (index: number, reader?: ReadClient) => as({ kind: 'agent', agentId: `agt_${turn(names, index)}` }, reader),
    reviewer: as({ kind: 'person', personId: 'prs_sam', surface: 'web' }),
    /** What making one row durable takes here and now, in milliseconds: what waits for the disk is compared with it. */
    commit: () => timed(() => db.$client.query('insert into bench_commits values (now())')),
    async close() {
      end();
      gate.close();
      await database.drop();
    },
  };
}

export type Ground = Awaited<ReturnType<typeof startGround>>;

let notes = 0;

/** Arguments of a note that nobody wrote before. */
export function newNote(): { incident_id: string; note: string } {
  notes += 1;
  return { incident_id: turn(incidentIds, notes), note: `Benchmark note ${notes}.` };
}
