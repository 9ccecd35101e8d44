import { createHash } from 'node:crypto';
import { getTableColumns, type SQL, sql } from 'drizzle-orm';
import { PgDialect, type PgTable } from 'drizzle-orm/pg-core';
import { escapeIdentifier } from 'pg';
import type { Database } from './connection.ts';

const dialect = new PgDialect();

/** A connection knows one text by one name for as long as it lives. */
const nameOf = (text: string) => `countersign_${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;

/**
 * Says what is said all the time: PostgreSQL plans it once on each connection, if the connection keeps it. Then the
 * text must be the same each time, so what changes is a value of the template.
 *
 * @param said selects its columns under the names that `Row` has for them.
 */
export async function query<Row extends object>(db: Database, said: SQL): Promise<Row[]> {
  const { sql: text, params: values } = dialect.sqlToQuery(said);
  const { rows } = await db.$client.query<Row>(db.prepares ? { name: nameOf(text), text, values } : { text, values });
  return rows;
}

/**
 * All columns of a table under the names they have in TypeScript.
 * @param row what has them in the statement, e.g. an alias of the table.
 */
export function columnsOf(table: PgTable, row: string): SQL {
  const columns = Object.entries(getTableColumns(table)).map(
    ([key, { name }]) => `${row}.${escapeIdentifier(name)} as ${escapeIdentifier(key)}`,
  );
  return sql.raw(columns.join(', '));
}

/** Values of a row as JSON by the names of its columns, for functions that make the row of it. */
export function rowAsJson<Table extends PgTable>(table: Table, values: Partial<Table['$inferInsert']>): string {
  const columns = getTableColumns(table);
  const named = Object.entries(values).map(([key, value]) => [columns[key]?.name, value]);
  return JSON.stringify(Object.fromEntries(named));
}
