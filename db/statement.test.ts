import { type SQL, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { people } from './schema.ts';
import { say, sayTogether, statement } from './statement.ts';
import { createTestDatabase, openConnections, type TestDatabase } from './test-database.ts';

const clock = () => sql<Date>`clock_timestamp()`;
const named = (id: string) => ({ id, name: `Name of ${id}`, email: `${id}@northwind.example` });
const { id, name, createdAt } = people;

const FIND = statement<{ id: string; name: string; createdAt: Date }>(
  'find',
  { id, name, createdAt },
  (columns) => sql`select ${columns} from ${people} where ${id} = ${sql.placeholder('id')}`,
);
const ADD = statement<{ id: string }>(
  'add',
  { id },
  (columns) => sql`insert into ${people} (id, name, email)
    values (${sql.placeholder('id')}, ${sql.placeholder('name')}, ${sql.placeholder('email')}) returning ${columns}`,
);
const COUNT = statement<{ count: number }>(
  'count',
  { count: sql`count(*)::int` },
  (columns) => sql`select ${columns} from ${people}`,
);
const LOCK = statement<object>('lock', {}, () => sql`select pg_advisory_xact_lock(${sql.placeholder('lock')}::bigint)`);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => database.db.delete(people));

describe('a statement', () => {
  test('is told once by its name and gives rows as the schema says', async () => {
    await say(database.db, ADD(clock, named('prs_1')));
    const [found] = await say(database.db, FIND(clock, { id: 'prs_1' }));
    expect(found).toEqual({ id: 'prs_1', name: 'Name of prs_1', createdAt: expect.any(Date) });
    expect(await say(database.db, FIND(clock, { id: 'prs_2' }))).toEqual([]);
    const prepared = await database.db.$client.query(`select name from pg_prepared_statements where name like 'find%'`);
    expect(prepared.rows).toEqual([{ name: FIND(clock, { id: '' }).name }]);
  });

  test('has another name when its text is another, so that one connection can know both', async () => {
    const other = statement<{ name: string }>('find', { name }, (columns) => sql`select ${columns} from ${people}`);
    expect(other(clock, {}).name).not.toBe(FIND(clock, { id: '' }).name);
    expect(await say(database.db, other(clock, {}))).toEqual([]);
    expect(await say(database.db, FIND(clock, { id: '' }))).toEqual([]);
  });

  test('tells the time of a clock that moves', async () => {
    let now = '2026-01-01T00:00:00.000Z';
    const moving = (): SQL<Date> => sql<Date>`${now}::timestamptz`;
    const TIME = statement<{ at: number }>(
      'time',
      { at: sql`at` },
      (columns, at) => sql`select ${columns} from (select extract(epoch from ${at})::float8 as at) as told`,
    );
    for (const next of ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z']) {
      now = next;
      expect(await say(database.db, TIME(moving, {}))).toEqual([{ at: Date.parse(next) / 1000 }]);
    }
  });

  test('takes part in a transaction', async () => {
    const undone = database.db.transaction(async (tx) => {
      await say(tx, ADD(clock, named('prs_1')));
      expect(await say(tx, COUNT(clock, {}))).toEqual([{ count: 1 }]);
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await say(database.db, COUNT(clock, {}))).toEqual([{ count: 0 }]);
  });

  test('refuses to be told without a value that it leaves open', () => {
    expect(() => FIND(clock, {})).toThrow('No value for placeholder "id"');
  });

  test('knows nothing of another database', async () => {
    const second = await createTestDatabase();
    try {
      await say(database.db, ADD(clock, named('prs_1')));
      expect(await say(second.db, COUNT(clock, {}))).toEqual([{ count: 0 }]);
      expect(await say(database.db, COUNT(clock, {}))).toEqual([{ count: 1 }]);
    } finally {
      await second.drop();
    }
  });
});

describe('statements said together', () => {
  test('are one transaction: when the last one fails nothing was done, and the connection goes on', async () => {
    await say(database.db, ADD(clock, named('prs_1')));
    const failing = sayTogether(database.db, ADD(clock, named('prs_2')), ADD(clock, named('prs_1')));
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await say(database.db, COUNT(clock, {}))).toEqual([{ count: 1 }]);
    expect(await sayTogether(database.db, ADD(clock, named('prs_2')), COUNT(clock, {}))).toEqual([{ count: 2 }]);
  });

  test('when the first one fails the last one is not done either', async () => {
    await say(database.db, ADD(clock, named('prs_1')));
    const failing = sayTogether(database.db, ADD(clock, named('prs_1')), ADD(clock, named('prs_2')));
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect(await say(database.db, COUNT(clock, {}))).toEqual([{ count: 1 }]);
  });

  test('the last sees what was committed while the first waited for a lock', async () => {
    const lock = { lock: '4711' };
    const waiting = await database.db.transaction(async (tx) => {
      await say(tx, LOCK(clock, lock));
      const counting = sayTogether(database.db, LOCK(clock, lock), COUNT(clock, {}));
      await expect
        .poll(async () => (await database.db.$client.query('select from pg_locks where not granted')).rowCount)
        .toBe(1);
      await say(tx, ADD(clock, named('prs_1')));
      return { counting };
    });
    expect(await waiting.counting).toEqual([{ count: 1 }]);
  });

  test('lets many at once through one after the other', async () => {
    const lock = { lock: '4712' };
    await openConnections(database.db, 10);
    const counts = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const ADD_AND_COUNT = statement<{ count: number }>(
          'add_and_count',
          { count: sql`(select count(*)::int from people)` },
          (columns) => sql`insert into ${people} (id, name, email)
            values (${sql.placeholder('id')}, ${sql.placeholder('name')}, ${sql.placeholder('email')})
            returning ${columns}`,
        );
        const [row] = await sayTogether(database.db, LOCK(clock, lock), ADD_AND_COUNT(clock, named(`prs_${index}`)));
        return row?.count;
      }),
    );
    expect(counts.sort((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  });
});
