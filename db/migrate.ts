import { fileURLToPath } from 'node:url';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate as runMigrations } from 'drizzle-orm/node-postgres/migrator';
import { Client } from 'pg';

export const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url));

/** Any number nobody else uses; all replicas that start at once queue on it. */
const MIGRATION_LOCK = 4_600_460_046;
const OLDEST_MAJOR = 15;

async function connectClient(url: string): Promise<Client> {
  let client: Client;
  try {
    client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  } catch (error) {
    // The message of `pg` names the host or the role, never the password.
    const why =
      error instanceof Error ? error.message || String('code' in error ? error.code : error.name) : 'no answer';
    throw new Error(`The database in DATABASE_URL cannot be reached: ${why}.`);
  }
}

/** The sentence that refuses a server, from its `server_version_num`; null if it is new enough. */
export function versionProblem(serverVersionNumber: string | undefined): string | null {
  const major = Math.floor(Number(serverVersionNumber) / 10_000);
  if (major >= OLDEST_MAJOR) return null;
  return `The database is PostgreSQL ${major}; Countersign needs ${OLDEST_MAJOR} or newer.`;
}

/** One after the other, whoever else migrates this database. */
async function inTurn(url: string, work: () => Promise<void>): Promise<void> {
  const queue = await connectClient(url);
  try {
    // A lock of the session would stay with a connection that a proxy keeps; this one goes with its transaction.
    await queue.query('begin');
    await queue.query(`set local lock_timeout = '2min'`);
    await queue.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await work();
    await queue.query('commit');
  } finally {
    await queue.end();
  }
}

/** Before 0.1.0 the schema grew in migrations that are one now: what they made, ours cannot follow. */
async function refuseOlder(client: Client): Promise<void> {
  const { rows } = await client.query<{ known: boolean }>(
    `select to_regclass('drizzle.__drizzle_migrations') is not null as known`,
  );
  if (rows[0]?.known !== true) return;
  const [ours] = readMigrationFiles({ migrationsFolder });
  const first = await client.query<{ hash: string }>(
    'select hash from drizzle.__drizzle_migrations order by created_at, id limit 1',
  );
  if (first.rows[0] === undefined || first.rows[0].hash === ours?.hash) return;
  throw new Error(
    'The database was made by a version before 0.1.0 and was left as it is: give an empty one in DATABASE_URL, ' +
      'or move the data folder of the embedded one away (.countersign unless another was named), and start again.',
  );
}

/**
 * Brings a database to the newest schema. Safe when several processes start at once: one works, the others wait.
 *
 * @throws Error with one sentence when the server does not answer or is too old, or the database is from before 0.1.0.
 */
export async function migrate(url: string): Promise<void> {
  const client = await connectClient(url);
  try {
    const version = await client.query<{ server_version_num: string }>('show server_version_num');
    const problem = versionProblem(version.rows[0]?.server_version_num);
    if (problem !== null) throw new Error(problem);
    await inTurn(url, async () => {
      await refuseOlder(client);
      await runMigrations(drizzle(client), { migrationsFolder });
    });
  } finally {
    await client.end();
  }
}
