import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate, versionProblem } from './migrate.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

let given: TestDatabase;
let empty: string;
let older: string;

async function inDatabase<T extends object>(url: string, statement: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(statement)).rows;
  } finally {
    await client.end();
  }
}

async function createEmpty(name: string): Promise<string> {
  await given.db.$client.query(`create database ${name}`);
  const url = new URL(given.url);
  url.pathname = `/${name}`;
  return url.href;
}

beforeAll(async () => {
  given = await createTestDatabase();
  empty = await createEmpty(`empty_${process.pid}`);
  older = await createEmpty(`older_${process.pid}`);
});

afterAll(async () => {
  for (const url of [empty, older]) {
    await given.db.$client.query(`drop database ${new URL(url).pathname.slice(1)} with (force)`);
  }
  await given.drop();
});

describe('migrate', () => {
  test('brings an empty database to the schema when eight start at once, each migration once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => migrate(empty)));
    const applied = await inDatabase<{ hash: string }>(empty, 'select hash from drizzle.__drizzle_migrations');
    expect(applied.length).toBeGreaterThan(0);
    expect(new Set(applied.map((row) => row.hash)).size).toBe(applied.length);
    expect(await inDatabase(empty, 'select * from approval_requests')).toEqual([]);
  });

  test('leaves a database that is up to date as it is', async () => {
    await expect(migrate(given.url)).resolves.toBeUndefined();
  });

  test('refuses a database from before 0.1.0 in a sentence that says what to do, and leaves it as it is', async () => {
    await inDatabase(
      older,
      `create schema drizzle;
       create table drizzle.__drizzle_migrations (id serial primary key, hash text not null, created_at bigint);
       insert into drizzle.__drizzle_migrations (hash, created_at) values ('${'0'.repeat(64)}', 1795402909535);
       create table approval_requests (id text primary key);
       insert into approval_requests values ('req_kept')`,
    );
    await expect(migrate(older)).rejects.toThrow(
      /^The database was made by a version before 0\.1\.0 and was left as it is: give an empty one in DATABASE_URL, [^.]+ \(\.countersign unless another was named\), and start again\.$/,
    );
    expect(await inDatabase(older, 'select * from approval_requests')).toEqual([{ id: 'req_kept' }]);
    expect(await inDatabase(older, `select tablename from pg_tables where schemaname = 'public'`)).toEqual([
      { tablename: 'approval_requests' },
    ]);
  });

  test('says in a sentence that the server cannot be reached, without the password', async () => {
    const failure = migrate('postgres://someone:hunter2@127.0.0.1:1/none');
    await expect(failure).rejects.toThrow(/^The database in DATABASE_URL cannot be reached: .+\.$/);
    await expect(failure).rejects.not.toThrow(/hunter2/);
  });

  test('refuses a PostgreSQL older than 15 in a sentence', () => {
    expect(versionProblem('140012')).toBe('The database is PostgreSQL 14; Countersign needs 15 or newer.');
    expect(versionProblem('150000')).toBeNull();
    expect(versionProblem('180004')).toBeNull();
    expect(versionProblem(undefined)).not.toBeNull();
  });

  test('says in a sentence that the password is wrong', async () => {
    const url = new URL(given.url);
    url.password = 'wrong';
    await expect(migrate(url.href)).rejects.toThrow(/cannot be reached: password authentication failed/);
  });
});

describe('a test database', () => {
  test('is migrated, empty and nobody else’s', async () => {
    const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    await one.db.$client.query(`insert into people (id, name, email) values ('a', 'A', 'a@example.test')`);
    expect((await one.db.$client.query('select * from people')).rowCount).toBe(1);
    expect((await two.db.$client.query('select * from people')).rowCount).toBe(0);
    await Promise.all([one.drop(), two.drop()]);
  });

  test('goes even while somebody is connected', async () => {
    const one = await createTestDatabase();
    const client = new Client({ connectionString: one.url });
    client.on('error', () => undefined);
    await client.connect();
    await one.drop();
    await expect(inDatabase(one.url, 'select 1')).rejects.toThrow(/does not exist/);
    await client.end();
  });
});
