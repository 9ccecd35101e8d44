import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, DatabaseError } from 'pg';
import { connect, type Database } from './connection.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
import { migrate, migrationsFolder } from './migrate.ts';

export interface TestDatabase {
  url: string;
  db: Database;
  /** Ends the pool and removes the database, whoever is still connected. */
  drop(): Promise<void>;
}

/** Where the test run's server is; set by `scripts/vitest-setup.ts`. */
export const TEST_SERVER_VARIABLE = 'COUNTERSIGN_TEST_POSTGRES';

const TEMPLATE_LOCK = 4_600_460_047;

/** A server without fsync in a folder of its own, gone without trace when it stops or when this process ends. */
export async function startTestServer(): Promise<EmbeddedPostgres> {
  const dataDir = await mkdtemp(join(tmpdir(), 'countersign-test-'));
  return await startEmbeddedPostgres({ dataDir, fsync: false, removeAtStop: true });
}

/** Opens so many connections of a pool before it counts, so that of those who start at once none starts late. */
export async function openConnections(db: Database, size: number): Promise<void> {
  await Promise.all(Array.from({ length: size }, () => db.execute('select 1')));
}

let ownServer: Promise<EmbeddedPostgres> | null = null;

async function serverUrl(): Promise<string> {
  const given = process.env[TEST_SERVER_VARIABLE];
  if (given) return given;
  ownServer ??= startTestServer();
  return (await ownServer).url;
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function onServer<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: withDatabase(url, 'postgres') });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The name changes with the migrations, so a server that outlives them never serves an old schema. */
async function templateName(): Promise<string> {
  const journal = await readFile(join(migrationsFolder, 'meta', '_journal.json'), 'utf8');
  const { entries }: { entries: { tag: string }[] } = JSON.parse(journal);
  const hash = createHash('sha256');
  for (const { tag } of entries) hash.update(await readFile(join(migrationsFolder, `${tag}.sql`)));
  return `template_${hash.digest('hex').slice(0, 16)}`;
}

async function ensureTemplate(url: string, client: Client): Promise<string> {
  const name = await templateName();
  const exists = async () =>
    (await client.query('select 1 from pg_database where datname = $1', [name])).rowCount !== 0;
  if (await exists()) return name;
  await client.query('select pg_advisory_lock($1)', [TEMPLATE_LOCK]);
  if (!(await exists())) {
    const draft = `draft_${randomBytes(6).toString('hex')}`;
    await client.query(`create database ${draft}`);
    await migrate(withDatabase(url, draft));
    await client.query(`alter database ${draft} rename to ${name}`);
  }
  await client.query('select pg_advisory_unlock($1)', [TEMPLATE_LOCK]);
  return name;
}

async function clone(client: Client, template: string, name: string): Promise<void> {
  for (;;) {
    try {
      await client.query(`create database ${name} template ${template}`);
      return;
    } catch (error) {
      // object_in_use: the session that migrated the template is still being taken down.
      if (!(error instanceof DatabaseError && error.code === '55006')) throw error;
    }
  }
}

/**
 * Gives a migrated database of one's own: a clone of a template, some 50 ms. Without a test run's server (a walk, a
 * benchmark) the first call starts one, which ends with the process.
 */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = await serverUrl();
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(server, async (client) => clone(client, await ensureTemplate(server, client), name));
  const url = withDatabase(server, name);
  const db = connect(url);
  return {
    url,
    db,
    drop: async () => {
      await db.$client.end();
      await onServer(server, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}
