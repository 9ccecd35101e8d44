import { createHash } from 'node:crypto';
import { Column, fillPlaceholders, is, Param, Placeholder, type SQL, sql } from 'drizzle-orm';
import { type PgColumn, PgDialect } from 'drizzle-orm/pg-core';
import type { Database, Transaction } from './connection.ts';

/** One statement as it goes to the database, and how its answer is read. */
interface Said<Row> {
  name: string;
  text: string;
  values: unknown[];
  read(rows: unknown[][]): Row[];
}

interface Written {
  name: string;
  text: string;
  params: unknown[];
}

type Clock = () => SQL<Date>;
type Fields<Row> = { [Key in keyof Row]: PgColumn | SQL };

const dialect = new PgDialect();

function write(name: string, query: SQL): Written {
  const { sql: text, params } = dialect.sqlToQuery(query);
  // A connection knows one text by one name for as long as it lives.
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 8);
  return { name: `${name}_${digest}`, text, params };
}

const isLeftOpen = (param: unknown) => is(param, Placeholder) || (is(param, Param) && is(param.value, Placeholder));

function reader<Row>(fields: Fields<Row>): (row: unknown[]) => Row {
  const columns = Object.entries<PgColumn | SQL>(fields).map(([key, field], index) => {
    return { key, index, map: is(field, Column) ? (value: unknown) => field.mapFromDriverValue(value) : null };
  });
  return (row) => {
    const found: Record<string, unknown> = {};
    for (const { key, index, map } of columns) {
      const value = row[index];
      found[key] = value === null || map === null ? value : map(value);
    }
    // The cast holds as far as the statement selects those fields in that order.
    return found as Row;
  };
}

/**
 * A statement that is asked all the time: written once for each clock, and planned by PostgreSQL once on each
 * connection. What changes from one time to the next is `sql.placeholder(name)`. With a value written into it, as by
 * the clock of a test, it is written anew each time.
 *
 * @param fields what it selects or returns: `columns`, in that order.
 */
export function statement<Row>(name: string, fields: Fields<Row>, query: (columns: SQL, now: SQL<Date>) => SQL) {
  const known = new WeakMap<Clock, Written>();
  const columns = sql.join(Object.values<PgColumn | SQL>(fields), sql`, `);
  const readRow = reader(fields);
  const read = (rows: unknown[][]) => rows.map(readRow);
  return (clock: Clock, given: Record<string, unknown>): Said<Row> => {
    const written = known.get(clock) ?? write(name, query(columns, clock()));
    if (written.params.every(isLeftOpen)) known.set(clock, written);
    return { name: written.name, text: written.text, values: fillPlaceholders(written.params, given), read };
  };
}

/** Says it on its own, or in a transaction that is open. */
export async function say<Row>(on: Pick<Database | Transaction, '_'>, said: Said<Row>): Promise<Row[]> {
  const { name, text, values, read } = said;
  const { session } = on._;
  return session
    .prepareQuery<{ execute: Row[]; all: never; values: never }>(
      { sql: text, params: values },
      undefined,
      name,
      true,
      read,
    )
    .execute();
}

/**
 * Says them one after the other in a transaction of their own, in one round trip: they are sent without waiting for
 * each other's answers. Each sees what was committed before it began, the later also what was while the first waited.
 * @returns the rows of the last. @throws what the first that failed said; then nothing was done.
 */
export async function sayTogether<Row>(db: Database, first: Said<unknown>, last: Said<Row>): Promise<Row[]> {
  const client = await db.$client.connect();
  try {
    const ask = ({ name, text, values }: Said<unknown>) =>
      client.query<unknown[]>({ name, text, values, rowMode: 'array' });
    const { stream } = client.connection;
    stream.cork();
    // A commit after a failure rolls back, so the connection is clean in any case.
    const answering = Promise.allSettled([client.query('begin'), ask(first), ask(last), client.query('commit')]);
    stream.uncork();
    const answers = await answering;
    const failed = answers.find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
    const [, , answer] = answers;
    return answer.status === 'fulfilled' ? last.read(answer.value.rows) : [];
  } finally {
    client.release();
  }
}
