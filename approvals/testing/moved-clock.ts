import { sql } from 'drizzle-orm';
import type { Clock } from '#db/clock.ts';
import type { Database } from '#db/connection.ts';

/** The database's own clock, ahead by what a test has let pass: for tests of several processes, which share a database. */
export const movedClock: Clock = () => sql<Date>`moved_clock()`;

/** Makes that clock, which goes with the machine's at first. */
export async function makeMovedClock(db: Database): Promise<void> {
  await db.execute(sql`create table passed (time interval not null)`);
  await db.execute(sql`insert into passed values ('0')`);
  await db.execute(sql`
    create function moved_clock() returns timestamptz language sql volatile
    as $$ select clock_timestamp() + time from passed $$`);
}

/** Lets time pass for every process at once. */
export async function letPass(db: Database, seconds: number): Promise<void> {
  await db.execute(sql`update passed set time = time + ${seconds}::double precision * interval '1 second'`);
}
