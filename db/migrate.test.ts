import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrate, versionProblem } from './migrate.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

let given: TestDatabase;
let empty: string;

async function inDatabase<T extends object>(url: string, statement: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(statement)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  given = await createTestDatabase();
  const name = `empty_${process.pid}`;
  await given.db.$client.query(`create database ${name}`);
  const url = new URL(given.url);
  url.pathname = `/${name}`;
  empty = url.href;
});

afterAll(async () => {
  await given.db.$client.query(`drop database ${new URL(empty).pathname.slice(1)} with (force)`);
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
