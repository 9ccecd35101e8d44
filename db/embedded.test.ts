import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded.ts';
import { findPostgres } from './postgres-binaries.ts';

let home: string;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'countersign-embedded-'));
  await chmod(home, 0o755);
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

async function start(options: Partial<Parameters<typeof startEmbeddedPostgres>[0]> = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: join(home, 'data'), fsync: false, ...options });
  cleanups.push(() => server.stop());
  return server;
}

async function query<T extends object>(url: string, statement: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(statement)).rows;
  } finally {
    await client.end();
  }
}

async function postmasterPid(data = join(home, 'data')): Promise<number> {
  return Number((await readFile(join(data, 'cluster', 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Another process that runs the server, as `npm start` does; resolves with its first line of output, the URL. */
async function startElsewhere(options: object = {}): Promise<{ child: ChildProcess; url: string }> {
  const script = `
    import { startEmbeddedPostgres } from ${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)};
    const server = await startEmbeddedPostgres(${JSON.stringify({ dataDir: join(home, 'data'), fsync: false, ...options })});
    console.log(server.url);
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanups.push(async () => void child.kill('SIGKILL'));
  const url = await new Promise<string>((done, fail) => {
    child.stdout?.once('data', (line) => done(String(line).trim()));
    child.once('exit', () => fail(new Error('the other process ended')));
  });
  return { child, url };
}

describe('the embedded PostgreSQL', () => {
  test('keeps what was written from one start to the next, on the same address', async () => {
    const first = await start();
    await query(first.url, `drop table if exists kept; create table kept as select 42 as answer`);
    await first.stop();
    const second = await start();
    expect(await query(second.url, 'select answer from kept')).toEqual([{ answer: 42 }]);
    expect(second.url).toBe(first.url);
  });

  test('asks for its password and keeps it to its user', async () => {
    const server = await start();
    const wrong = new URL(server.url);
    wrong.password = 'guess';
    await expect(query(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/);
    const file = join(home, 'data', 'cluster', 'countersign-password');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await query(server.url, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  });

  test('syncs to disk unless told otherwise', async () => {
    const server = await start({ fsync: undefined });
    expect(await query(server.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
  });

  test('takes another port when its own was taken meanwhile', async () => {
    const first = await start();
    await first.stop();
    const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
    cleanups.push(async () => void squatter.close());
    const second = await start();
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
  });

  test('ends when the process that started it is killed', async () => {
    const { child } = await startElsewhere();
    const pid = await postmasterPid();
    child.kill('SIGKILL');
    await vi.waitUntil(() => !alive(pid), { timeout: 100_000 });
  });

  test('starts at once after a kill, whether or not the earlier server is gone yet', async () => {
    const { child, url } = await startElsewhere();
    await query(url, 'drop table if exists kept; create table kept as select 1 as one');
    // The process, not its server: as long as it lives, whoever starts is a guest of the server it started.
    child.kill('SIGKILL');
    await once(child, 'exit');
    const server = await start();
    expect(await query(server.url, 'select one from kept')).toEqual([{ one: 1 }]);
  });

  test('starts after the server itself was killed and left its lock', async () => {
    const first = await start();
    process.kill(await postmasterPid(), 'SIGKILL');
    await first.stop();
    const second = await start();
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('starts when the lock names a process that is something else now', async () => {
    const first = await start();
    await first.stop();
    await writeFile(join(home, 'data', 'cluster', 'postmaster.pid'), `${process.pid}\n/nowhere\n0\n1\n`);
    const second = await start();
    expect(await query(second.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('is shared with the living process that started it, and only that one stops it', async () => {
    const { url } = await startElsewhere();
    const guest = await start();
    expect(guest.url).toBe(url);
    await guest.stop();
    expect(await query(url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('leaves nothing behind when it was temporary, also after a kill', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'countersign-temporary-'));
    const { child } = await startElsewhere({ dataDir, removeAtStop: true });
    child.kill('SIGKILL');
    await vi.waitUntil(async () => !(await exists(dataDir)), { timeout: 100_000 });

    const server = await start({ dataDir: join(home, 'temporary'), removeAtStop: true });
    await server.stop();
    expect(await exists(join(home, 'temporary'))).toBe(false);
  });

  test.runIf(process.getuid?.() === 0)('runs as root from a folder that only root can enter', async () => {
    const closed = join(home, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const server = await start({ dataDir: join(closed, 'data') });
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    const location = await readFile(join(closed, 'data', 'location'), 'utf8');
    expect(location).toMatch(/^\/var\/tmp\//);
    await server.stop();
    await rm(location, { recursive: true });
  });

  test('says in a sentence that PG_BIN_DIR holds no PostgreSQL', async () => {
    vi.stubEnv('PG_BIN_DIR', home);
    cleanups.push(async () => void vi.unstubAllEnvs());
    await expect(findPostgres()).rejects.toThrow(`PG_BIN_DIR is ${home}, but there is no postgres in it.`);
  });

  test('says in a sentence that a port asked for is taken', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    cleanups.push(async () => void squatter.close());
    await new Promise((done) => squatter.once('listening', done));
    const address = squatter.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(start({ port })).rejects.toThrow(`Port ${port} for the embedded PostgreSQL is taken.`);
  });
});
