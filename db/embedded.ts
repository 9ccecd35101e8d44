import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { chmod, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { findPostgres, type PostgresBinaries } from './postgres-binaries.ts';
import { createCluster, PASSWORD_FILE, placeData, spawnOptions, USER } from './postgres-cluster.ts';

export interface EmbeddedOptions {
  /** Made if missing. Holds the cluster, its password (0600) and the log of the last start. */
  dataDir: string;
  /** Default: the port of the last start if it is free, else any free one. */
  port?: number;
  /** Default true. False loses data in a power cut and is for tests. */
  fsync?: boolean;
  /** Default false. True deletes `dataDir` when the server ends, even if this process was killed. */
  removeAtStop?: boolean;
}

export interface EmbeddedPostgres {
  /** A `postgres://` URL with the password in it. */
  url: string;
  /** Fast shutdown; resolves within about 2 s. Does nothing to a server that another live process started. */
  stop(): Promise<void>;
  /** Resolves when the server ended without being asked to; never for one that another process started. */
  ended: Promise<void>;
}

const POLL_MS = 25;
const START_TIMEOUT_MS = 60_000;

/**
 * Keeps the server's life tied to ours: when this process ends in any way, also by SIGKILL, its end of the pipe on
 * stdin closes and `cat` returns. Descriptor 3 is that pipe, because a shell gives background jobs no stdin.
 */
const WATCHER = `
exec 3<&0 </dev/null
dir="$1"; shift
"$@" 3<&- &
server=$!
{ cat <&3 >/dev/null; kill -INT $server 2>/dev/null; sleep 3; kill -QUIT $server 2>/dev/null; } &
watch=$!
wait $server
status=$?
kill $watch 2>/dev/null
[ -z "$dir" ] || rm -rf -- "$dir"
exit $status`;

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, as somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function freePort(wanted: number): Promise<number | null> {
  return await new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(null));
    server.listen({ host: '127.0.0.1', port: wanted, exclusive: true }, () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : null));
    });
  });
}

async function choosePort(cluster: string, wanted: number | undefined): Promise<number> {
  if (wanted !== undefined) {
    if ((await freePort(wanted)) === null) throw new Error(`Port ${wanted} for the embedded PostgreSQL is taken.`);
    return wanted;
  }
  const remembered = Number(await readFile(join(cluster, 'countersign-port'), 'utf8').catch(() => '0'));
  const port = (await freePort(remembered || 0)) ?? (await freePort(0));
  if (port === null) throw new Error('The embedded PostgreSQL found no free port on 127.0.0.1.');
  return port;
}

function serverUrl(password: string, port: number, database: string): string {
  return `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
}

/** What the server with our password on this port says its data folder is; null if there is none. */
async function readDataDir(password: string, port: number): Promise<string | null> {
  const client = new Client({
    connectionString: serverUrl(password, port, 'postgres'),
    connectionTimeoutMillis: 2_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const answer = await client.query<{ data_directory: string }>('show data_directory');
    return answer.rows[0]?.data_directory ?? null;
  } catch {
    return null;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function isPostgres(pid: number): Promise<boolean> {
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  return command === null || command.includes('postgres');
}

interface Running {
  pid: number;
  port: number;
}

async function readLock(cluster: string): Promise<Running | null> {
  const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, port: Number(lines[3]) } : null;
}

/**
 * Deals with a server that is still there: waits for one that is going, ends an orphan, removes a lock nobody holds.
 *
 * @returns its port if it answers and the process that started it lives; then we are its guest.
 */
async function settleEarlierServer(cluster: string, password: string): Promise<number | null> {
  const until = Date.now() + 15_000;
  for (let signalled = false; ; await pause(POLL_MS * 4)) {
    const lock = await readLock(cluster);
    if (lock === null) return null;
    if (!alive(lock.pid) || !(await isPostgres(lock.pid))) {
      await rm(join(cluster, 'postmaster.pid'), { force: true });
      return null;
    }
    const owner = Number(await readFile(join(cluster, 'countersign-owner'), 'utf8').catch(() => '0'));
    const ownerLives = owner > 0 && owner !== process.pid && alive(owner);
    if (ownerLives && (await readDataDir(password, lock.port)) === cluster) return lock.port;
    if (!ownerLives && !signalled) {
      signalled = true;
      process.kill(lock.pid, 'SIGINT');
    }
    if (Date.now() > until)
      throw new Error(`Another PostgreSQL (process ${lock.pid}) holds ${cluster} and will not go.`);
  }
}

function serverArguments(cluster: string, port: number, fsync: boolean): string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    `port=${port}`,
    'max_connections=200',
    'log_min_messages=warning',
    ...(fsync ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'autovacuum=off']),
  ];
  return ['-D', cluster, ...settings.flatMap((setting) => ['-c', setting])];
}

function spawnServer(data: string, port: number, binaries: PostgresBinaries, options: EmbeddedOptions): ChildProcess {
  const command = [
    join(binaries.binDir, 'postgres'),
    ...serverArguments(join(data, 'cluster'), port, options.fsync ?? true),
  ];
  const log = openSync(join(data, 'postgres.log'), 'w');
  // Its own session: Ctrl-C in the terminal must not stop the database under the roles that still use it.
  const base = { ...spawnOptions(binaries), detached: process.platform !== 'win32' };
  try {
    const [file, ...args] =
      process.platform === 'win32'
        ? command
        : ['/bin/sh', '-c', WATCHER, 'countersign-postgres', options.removeAtStop ? data : '', ...command];
    const child = spawn(file ?? '', args, { ...base, stdio: ['pipe', log, log] });
    child.on('error', () => undefined);
    child.stdin?.on('error', () => undefined);
    return child;
  } finally {
    closeSync(log);
  }
}

async function logTail(data: string): Promise<string> {
  const lines = (await readFile(join(data, 'postgres.log'), 'utf8').catch(() => '')).trim().split('\n');
  return lines.find((line) => /FATAL|error while loading/.test(line)) ?? lines.at(-1) ?? '';
}

async function untilReady(child: ChildProcess, data: string, password: string, port: number): Promise<void> {
  const cluster = join(data, 'cluster');
  const until = Date.now() + START_TIMEOUT_MS;
  while ((await readDataDir(password, port)) !== cluster) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      throw new Error(`The embedded PostgreSQL did not start: ${await logTail(data)}`);
    }
    if (Date.now() > until) {
      child.stdin?.destroy();
      throw new Error(`The embedded PostgreSQL did not answer in time: ${await logTail(data)}`);
    }
    await pause(POLL_MS);
  }
}

async function stopServer(child: ChildProcess, cluster: string, fast: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  const gone = new Promise<void>((done) => {
    if (child.exitCode !== null || child.signalCode !== null) done();
    else child.once('exit', () => done());
  });
  const pid = (await readLock(cluster))?.pid;
  const signal = (name: NodeJS.Signals) => {
    if (pid !== undefined && child.exitCode === null && alive(pid)) process.kill(pid, name);
  };
  signal(fast);
  // An immediate shutdown loses nothing: the next start replays the log.
  const firmer = setTimeout(() => signal('SIGQUIT'), 1_500);
  await gone;
  clearTimeout(firmer);
  child.stdin?.destroy();
}

async function ensureDatabase(password: string, port: number): Promise<void> {
  const client = new Client({ connectionString: serverUrl(password, port, 'postgres') });
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [USER]);
    if (found.rowCount === 0) await client.query(`create database ${USER}`);
  } finally {
    await client.end();
  }
}

/**
 * Starts the PostgreSQL that comes with the npm package, for development, demonstrations and tests; the first start
 * makes the cluster. It listens on 127.0.0.1 only, asks for a password, and ends when this process ends.
 *
 * @throws Error with one sentence that says what to do.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const binaries = await findPostgres();
  const data = await placeData(resolve(options.dataDir), binaries.owner);
  const cluster = join(data, 'cluster');
  if (!(await stat(cluster).catch(() => null))) await createCluster(data, binaries, options.fsync ?? true);
  const password = await readFile(join(cluster, PASSWORD_FILE), 'utf8');

  const hostPort = await settleEarlierServer(cluster, password);
  if (hostPort !== null) {
    const never = new Promise<void>(() => undefined);
    return { url: serverUrl(password, hostPort, USER), stop: async () => undefined, ended: never };
  }

  const port = await choosePort(cluster, options.port);
  await writeFile(join(cluster, 'countersign-port'), String(port));
  await writeFile(join(cluster, 'countersign-owner'), String(process.pid));
  await chmod(join(cluster, PASSWORD_FILE), 0o600);
  const child = spawnServer(data, port, binaries, options);
  await untilReady(child, data, password, port);
  await ensureDatabase(password, port);
  child.unref();
  // A pipe keeps the event loop alive like a socket, which it is.
  if (child.stdin && 'unref' in child.stdin && typeof child.stdin.unref === 'function') child.stdin.unref();

  let stopping: Promise<void> | null = null;
  const ended = new Promise<void>((done) => child.once('exit', () => stopping ?? done()));
  return {
    url: serverUrl(password, port, USER),
    ended,
    stop: () => {
      child.ref();
      // A temporary cluster needs no last checkpoint.
      stopping ??= stopServer(child, cluster, options.removeAtStop ? 'SIGQUIT' : 'SIGINT').then(async () => {
        if (options.removeAtStop) await rm(data, { recursive: true, force: true });
      });
      return stopping;
    },
  };
}
