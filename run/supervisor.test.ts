import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Environment } from '#process/settings/setting.ts';
import type { Pids, StackMessage } from './stack.ts';

/** A small program in the place of every role: listens if told a port, says ready, notes that it went when asked to. */
const STAND_IN = `
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
const port = Number(process.argv[2]);
const went = () => {
  writeFileSync(new URL('went-' + process.pid, import.meta.url), '');
  process.exit(0);
};
// A role has something to finish before it goes.
process.once('SIGTERM', () => setTimeout(went, 100));
const ready = () => process.send({ ready: true });
if (port) createServer((_, answer) => answer.end('well')).listen(port, '127.0.0.1', ready);
else { setInterval(() => undefined, 1000); ready(); }
console.log(JSON.stringify({ level: 30, msg: 'I see', seen: Object.keys(process.env).join(), own: process.pid }));
`;

const here = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);

/** The supervisor as \`npm start\` runs it, but with stand-ins for what the roles do. */
const entry = (standIn: string) => `
import { load } from ${here('bootstrap.mjs')};
const { PLAYABLE_PAGERDUTY, PLAYABLE_SLACK, ROLES } = await load(new URL(${here('roles.ts')}));
const { start } = await load(new URL(${here('start.ts')}));
const small = (role) => ({ ...role, command: ({ port }) => [${JSON.stringify(standIn)}, role.portOffset === null ? '0' : String(port)] });
// Under its own name it would want the dashboard built.
const web = { ...small(ROLES.web), name: 'front' };
await start(process.argv.slice(2), {
  roles: [web, small(ROLES.mcp), small(ROLES.slack), small(ROLES.worker)],
  pagerduty: small(PLAYABLE_PAGERDUTY),
  slack: small(PLAYABLE_SLACK),
  seed: async () => null,
});
`;

const root = join(import.meta.dirname, '..');
let home: string;
let port: number;
let npm: string;
const started: ChildProcess[] = [];
const terminals: number[] = [];

interface House {
  child: ChildProcess;
  output(): string;
  pids(): Pids;
}

/** Five neighbouring ports, most likely free: below those that the system gives to whoever connects somewhere. */
function basePort(): number {
  return 20_000 + Math.floor(Math.random() * 1_500) * 8;
}

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'countersign-supervisor-'));
  await chmod(home, 0o755);
  port = basePort();
  await writeFile(join(home, 'stand-in.mjs'), STAND_IN);
  await writeFile(join(home, 'entry.mjs'), entry(join(home, 'stand-in.mjs')));
  npm = join(home, 'npm');
  await mkdir(npm);
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const start = String(scripts.start).replace('run/start.mjs', `'${join(home, 'entry.mjs')}'`);
  await writeFile(join(npm, 'package.json'), JSON.stringify({ type: 'module', scripts: { start } }));
});

afterEach(async () => {
  const running = started.splice(0).filter((child) => child.exitCode === null && child.signalCode === null);
  await Promise.all(running.map((child) => child.kill('SIGTERM') && once(child, 'exit')));
  for (const group of terminals.splice(0).filter((pid) => alive(-pid))) process.kill(-group, 'SIGKILL');
});

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

function launch(
  env: Environment = {},
  args: string[] = [],
): { child: ChildProcess; output(): string; pids(): Pids | null } {
  const options = ['--no-env-file', '--port', String(port), '--data', join(home, 'data')];
  const child = spawn(process.execPath, [join(home, 'entry.mjs'), ...options, ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let pids: Pids | null = null;
  child.on('message', (message: StackMessage) => {
    pids = message.pids;
  });
  return { child, output: heard(child), pids: () => pids };
}

/** Everything it wrote so far. */
function heard(child: ChildProcess): () => string {
  started.push(child);
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      written += chunk;
    });
  }
  return () => written;
}

async function untilReady(child: ChildProcess, output: () => string): Promise<void> {
  await vi.waitUntil(
    () => {
      if (child.exitCode !== null) throw new Error(output());
      return output().includes('Ctrl-C stops everything');
    },
    // What is not ready within a minute gives up by itself and says why.
    { timeout: 100_000 },
  );
}

async function launchReady(env: Environment = {}): Promise<House> {
  const { child, output, pids } = launch(env);
  await untilReady(child, output);
  return { child, output, pids: () => pids() ?? { supervisor: 0 } };
}

/** As somebody types it, in a terminal of its own; the stand-ins say which processes they are. */
async function npmStart(): Promise<{ child: ChildProcess; terminal: number; roles: number[]; all: number[] }> {
  const child = spawn('npm', ['start', '--', '--no-env-file', '--port', String(port), '--data', join(home, 'data')], {
    cwd: npm,
    env: { PATH: process.env.PATH, NODE_ENV: 'test', npm_config_cache: join(npm, 'cache') },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const terminal = child.pid ?? 0;
  terminals.push(terminal);
  const output = heard(child);
  await untilReady(child, output);
  const { pid } = JSON.parse(await readFile(join(home, 'data/running.json'), 'utf8'));
  const said = () => [...output().matchAll(/ own=(\d+)$/gm)].map(([, own]) => Number(own));
  const roles = await vi.waitUntil(() => said().length === 6 && said(), { timeout: 10_000 });
  return { child, terminal, roles, all: [pid, ...roles, await databasePid()] };
}

async function refusal(env: Environment, args: string[] = []): Promise<{ code: unknown; said: string }> {
  const { child, output } = launch(env, args);
  const [code] = await once(child, 'close');
  return { code, said: output().trim() };
}

function alive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function databasePid(): Promise<number> {
  const lock = await readFile(join(home, 'data/postgres/cluster/postmaster.pid'), 'utf8');
  return Number(lock.split('\n')[0]);
}

async function everybody(house: House): Promise<number[]> {
  return [...Object.values(house.pids()), await databasePid()].filter((pid) => pid !== undefined);
}

/** Those that ended because they were asked to, and had the time. */
async function went(): Promise<number[]> {
  const notes = (await readdir(home)).filter((file) => file.startsWith('went-'));
  return notes.map((file) => Number(file.slice('went-'.length)));
}

describe('npm start', { timeout: 120_000 }, () => {
  test('starts the database, the playable PagerDuty and Slack and the roles, and stops them all', async () => {
    const house = await launchReady();
    const all = ['chat', 'front', 'mcp', 'pagerduty', 'slack', 'supervisor', 'worker'];
    expect(Object.keys(house.pids()).sort()).toEqual(all);
    expect(house.output()).toMatch(/^\d\d:\d\d:\d\d database {2}ready \(embedded PostgreSQL\)$/m);
    expect(house.output()).toMatch(/^\d\d:\d\d:\d\d worker {4}ready after \d+\.\d s$/m);
    expect(house.output()).toContain(`MCP server for agents     http://localhost:${port + 1}/mcp`);
    expect((await stat(join(home, 'data/running.json'))).mode & 0o777).toBe(0o600);
    const key = (await readFile(join(home, 'data/secrets-key'), 'utf8')).trim();
    expect(await readFile(join(home, 'data/running.json'), 'utf8')).not.toContain(key);
    expect(house.output()).not.toContain(key);
    expect(house.output()).toMatch(/worker {4}I see seen=.*COUNTERSIGN_SECRETS_KEY/);
    expect(house.output()).not.toMatch(
      /(mcp {7}|slack {5}|chat {6}|pagerduty {1})I see seen=.*COUNTERSIGN_SECRETS_KEY/,
    );
    const pids = await everybody(house);
    house.child.kill('SIGINT');
    expect(await once(house.child, 'exit')).toEqual([0, null]);
    expect(pids.filter(alive)).toEqual([]);
    await expect(stat(join(home, 'data/running.json'))).rejects.toThrow('ENOENT');
  });

  test('starts a role again that was killed', async () => {
    const house = await launchReady();
    const before = house.pids();
    process.kill(before.mcp ?? 0, 'SIGKILL');
    await vi.waitUntil(() => house.output().split('mcp       ready after').length === 3, { timeout: 100_000 });
    expect(house.output()).toContain('mcp       ended (SIGKILL), starts again in 0.5 s');
    expect(house.pids().mcp).not.toBe(before.mcp);
    expect(house.pids().worker).toBe(before.worker);
  });

  test('leaves nothing behind when it is killed', async () => {
    const house = await launchReady();
    const pids = await everybody(house);
    expect(pids.filter(alive)).toEqual(pids);
    house.child.kill('SIGKILL');
    await vi.waitUntil(() => !pids.some(alive), { timeout: 100_000 });
  });

  test('ends with the process that started it through a channel', async () => {
    const house = await launchReady();
    house.child.disconnect();
    expect(await once(house.child, 'exit')).toEqual([0, null]);
  });

  test('ends with everything when npm is asked to end, and npm waits for that', async () => {
    const { child, all } = await npmStart();
    expect(all.filter(alive)).toEqual(all);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(all.filter(alive)).toEqual([]);
  });

  test('takes Ctrl-C once although the terminal and npm both send it', async () => {
    const { child, terminal, roles, all } = await npmStart();
    process.kill(-terminal, 'SIGINT');
    await once(child, 'exit');
    expect(all.filter(alive)).toEqual([]);
    expect(await went()).toEqual(expect.arrayContaining(roles));
  });

  test('plays no Slack when there is a token of a real one', async () => {
    const house = await launchReady({
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_SIGNING_SECRET: 's',
      SLACK_CHANNEL: 'C0123456789',
    });
    expect(house.pids().slack).toBeTypeOf('number');
    expect(house.pids().chat).toBeUndefined();
    expect(house.output()).toMatch(/slack {5}I see seen=.*SLACK_BOT_TOKEN/);
    expect(house.output()).not.toMatch(/mcp {7}I see seen=.*(SLACK_BOT_TOKEN|WRITE_TOKEN)/);
  });

  test('refuses a taken port in one sentence', async () => {
    const squatter = createServer().listen(port + 1, '127.0.0.1');
    await once(squatter, 'listening');
    const { code, said } = await refusal({});
    squatter.close();
    expect(code).toBe(1);
    expect(said).toBe(
      `Port ${port + 1} is taken: stop what uses it, or choose other ports with COUNTERSIGN_PORT or --port.`,
    );
  });

  test('refuses a wrong setting in one sentence', async () => {
    expect(await refusal({ PAGERDUTY_READ_TOKEN: 'r' })).toEqual({
      code: 1,
      said: 'PAGERDUTY_READ_TOKEN is set but PAGERDUTY_WRITE_TOKEN is not: set both, or neither to play with an invented company.',
    });
  });

  test('refuses a database that does not answer in one sentence', async () => {
    const COUNTERSIGN_SECRETS_KEY = Buffer.alloc(32, 1).toString('base64');
    const url = 'postgres://a:secret@127.0.0.1:1/none';
    const { code, said } = await refusal({ DATABASE_URL: url, COUNTERSIGN_SECRETS_KEY });
    expect(code).toBe(1);
    expect(said.split('\n').at(-1)).toMatch(/^The database in DATABASE_URL cannot be reached: .+\.$/);
    expect(said).not.toContain('secret');
  });
});
