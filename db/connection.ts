import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { Pool, types } from 'pg';
import * as schema from './schema.ts';

export type Database = NodePgDatabase<typeof schema> & {
  $client: Pool;
  /** Whether a connection keeps what was prepared on it until it is asked again; see `query.ts`. */
  prepares: boolean;
};
/** A transaction has everything a database has except its pool. */
export type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];

// bigint columns are our own counters, far below 2^53.
types.setTypeParser(types.builtins.INT8, Number);

/** Behind a proxy that pools by transaction the next one meets another connection, which was told nothing. */
const prepares = () => process.env.COUNTERSIGN_PREPARED !== 'off';

/**
 * Connects to PostgreSQL 15 or newer.
 *
 * @param url a `postgres://` URL.
 * @param options.max connections in the pool; default 10.
 * @param options.statementTimeoutMs how long one statement may take; default: as the database says.
 * @param options.prepares default: unless COUNTERSIGN_PREPARED is `off`.
 */
export function connect(
  url: string,
  options: { max?: number; statementTimeoutMs?: number; prepares?: boolean } = {},
): Database {
  const pool = new Pool({
    connectionString: url,
    max: options.max ?? 10,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    ...(options.statementTimeoutMs === undefined ? {} : { statement_timeout: options.statementTimeoutMs }),
    // A connection that falls silent without a reset would otherwise be waited for for ever, and a worker with it.
    query_timeout: 15_000,
    // What is asked at once goes out at once, instead of waiting for the answer before it.
    pipeline: true,
    allowExitOnIdle: true,
  });
  // A server that goes away raises `error` on idle and on checked-out clients; unheard, either would end the process.
  // Whoever runs a statement on a dead client still gets the rejection.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return Object.assign(drizzle(pool, { schema }), { prepares: options.prepares ?? prepares() });
}
