import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Environment } from '#process/settings/setting.ts';
import type { Pids, StackMessage } from './stack.ts';

/** A small program in the place of every role: listens if told a port, says ready, and does nothing else. */
const STAND_IN = `
import { createServer } from 'node:http';
const port = Number(process.argv[2]);
const ready = () => process.send({ ready: true });
if (port) createServer((_, answer) => answer.end('well')).listen(port, '127.0.0.1', ready);
else { setInterval(() => undefined, 1000); ready(); }
console.log(JSON.stringify({ level: 30, msg: 'I see', seen: Object.keys(process.env).join() }));
`;

/** The supervisor as \`npm start\` runs it, but with stand-ins for what the roles do. */
const entry = (standIn: string) => `
import { PLAYABLE_PAGERDUTY, PLAYABLE_SLACK, ROLES } from ${JSON.stringify(new URL('./roles.ts', import.meta.url).href)};
import { start } from ${JSON.stringify(new URL('./start.ts', import.meta.url).href)};
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

let home: string;
let port: number;
const started: ChildProcess[] = [];

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
});

afterEach(async () => {
  const running = started.splice(0).filter((child) => child.exitCode === null && child.signalCode === null);
  await Promise.all(running.map((child) => child.kill('SIGTERM') && once(child, 'exit')));
});

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

function launch(
  env: Environment = {},
  args: string[] = [],
): { child: ChildProcess; output(): string; pids(): Pids | null } {
  const options = ['--import', 'tsx', join(home, 'entry.mjs'), '--no-env-file', '--port', String(port)];
  const child = spawn(process.execPath, [...options, '--data', join(home, 'data'), ...args], {
    cwd: join(import.meta.dirname, '..'),
    env: { PATH: process.env.PATH, NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  started.push(child);
  let written = '';
  let pids: Pids | null = null;
  child.stdout?.on('data', (chunk) => {
    written += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    written += chunk;
  });
  child.on('message', (message: StackMessage) => {
    pids = message.pids;
  });
  return { child, output: () => written, pids: () => pids };
}

async function launchReady(env: Environment = {}): Promise<House> {
  const { child, output, pids } = launch(env);
  await vi.waitUntil(
    () => {
      if (child.exitCode !== null) throw new Error(output());
      return output().includes('Ctrl-C stops everything');
    },
    { timeout: 100_000 },
  );
  return { child, output, pids: () => pids() ?? { supervisor: 0 } };
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

async function everybody(house: House): Promise<number[]> {
  const lock = await readFile(join(home, 'data/postgres/cluster/postmaster.pid'), 'utf8');
  return [...Object.values(house.pids()), Number(lock.split('\n')[0])].filter((pid) => pid !== undefined);
}

describe('npm start', () => {
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
