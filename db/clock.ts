import { type SQL, sql } from 'drizzle-orm';
import type { Database } from './connection.ts';

/**
 * The time, as SQL: in production the database's own clock, so that no two machines can disagree about an expiry;
 * in tests a literal.
 */
export type Clock = () => SQL<Date>;

export const databaseClock: Clock = () => sql<Date>`clock_timestamp()`;

/** The time for a SQL function that waits for a lock first: null = it reads the database's own clock after it. */
export const underLock = (now: Clock): SQL<Date | null> =>
  now === databaseClock ? sql<null>`null::timestamptz` : now();

/** The database and the time it goes by: what every verb needs, and many need no more. */
export interface Store {
  db: Database;
  now: Clock;
}

/** `now` plus some seconds, still computed by the database. */
export function later(now: Clock, seconds: number): SQL<Date> {
  return sql<Date>`${now()} + ${seconds}::double precision * interval '1 second'`;
}
