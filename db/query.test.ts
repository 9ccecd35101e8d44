import { type SQL, sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { connect, type Database } from './connection.ts';
import { columnsOf, query, rowAsJson } from './query.ts';
import { people } from './schema.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

type Person = typeof people.$inferSelect;

const find = (id: string) => sql`select ${columnsOf(people, 'p')} from ${people} p where p.id = ${id}`;
const add = (id: string) =>
  sql`insert into ${people} (id, name, email) values (${id}, ${`Name of ${id}`}, ${`${id}@northwind.example`})
    returning id`;

/** What the only connection of a database was told to keep. */
async function kept(db: Database): Promise<string[]> {
  const { rows } = await db.$client.query<{ statement: string }>('select statement from pg_prepared_statements');
  return rows.map(({ statement }) => statement);
}

let database: TestDatabase;
let one: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.delete(people);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await one.$client.end();
});

describe.each([{ prepares: true }, { prepares: false }])('a query, with $prepares for prepared statements', (given) => {
  beforeEach(() => {
    one = connect(database.url, { max: 1, ...given });
  });

  test('gives rows as the schema says', async () => {
    expect(await query(one, add('prs_1'))).toEqual([{ id: 'prs_1' }]);
    const [found] = await query<Person>(one, find('prs_1'));
    expect(found).toEqual(await one.query.people.findFirst());
    expect(found).toMatchObject({ id: 'prs_1', pagerdutyUserId: null, active: true, createdAt: expect.any(Date) });
    expect(await query(one, find('prs_2'))).toEqual([]);
  });

  test('is kept by the connection, once, or not at all', async () => {
    for (const id of ['prs_1', 'prs_2', 'prs_3']) await query(one, find(id));
    expect(await kept(one)).toEqual(
      given.prepares ? [expect.stringMatching(/^select p\."id" as "id", .+ where p\.id = \$1$/)] : [],
    );
    await query(one, sql`select p.name from ${people} p where p.id = ${'prs_1'}`);
    expect(await kept(one)).toHaveLength(given.prepares ? 2 : 0);
  });

  test('tells the time of a clock that moves', async () => {
    let now = '';
    const moving = (): SQL<Date> => sql<Date>`${now}::timestamptz`;
    for (const next of ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z']) {
      now = next;
      expect(await query(one, sql`select ${moving()} as at`)).toEqual([{ at: new Date(next) }]);
    }
  });
});

describe('without prepared statements', () => {
  test('a query does not mind that the connection forgot what it was told, as behind a proxy', async () => {
    one = connect(database.url, { max: 1, prepares: false });
    await query(one, add('prs_1'));
    for (let time = 0; time < 3; time++) {
      expect(await query(one, find('prs_1'))).toHaveLength(1);
      await one.$client.query('deallocate all');
    }
  });

  test.each([
    { setting: 'off', prepares: false },
    { setting: 'on', prepares: true },
    { setting: undefined, prepares: true },
  ])('is what COUNTERSIGN_PREPARED=$setting says: $prepares', async ({ setting, prepares }) => {
    vi.stubEnv('COUNTERSIGN_PREPARED', setting);
    one = connect(database.url, { max: 1 });
    await query(one, find('prs_1'));
    expect(await kept(one)).toHaveLength(prepares ? 1 : 0);
  });
});

test('a row is told by the names of its columns', async () => {
  one = connect(database.url, { max: 1 });
  const told = rowAsJson(people, { id: 'prs_1', name: 'N', email: 'e', pagerdutyUserId: 'PU1', fallback: true });
  expect(JSON.parse(told)).toEqual({ id: 'prs_1', name: 'N', email: 'e', pagerduty_user_id: 'PU1', fallback: true });
  const [made] = await query<Person>(
    one,
    sql`select ${columnsOf(people, 'p')} from jsonb_populate_record(null::people, ${told}) p`,
  );
  expect(made).toMatchObject({ id: 'prs_1', pagerdutyUserId: 'PU1', fallback: true });
});
