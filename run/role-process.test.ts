import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { keepRunning, type RoleProcess, reachableHost } from './role-process.ts';
import type { Role } from './roles.ts';

/** Does at each start what it is told for that one, and at later ones what it is told last. */
const STAND_IN = `
import { appendFileSync, readFileSync } from 'node:fs';
const [file, ...starts] = process.argv.slice(2);
appendFileSync(file, 'x');
const mine = starts[Math.min(readFileSync(file, 'utf8').length, starts.length) - 1];
if (mine === 'refuse') process.exit(78);
process.send({ ready: true }, () => mine === 'work-then-refuse' && setTimeout(() => process.exit(78), 100));
setInterval(() => undefined, 1000);
`;

const LISTENER = `
import { createServer } from 'node:http';
createServer((_, answer) => answer.end('well')).listen(Number(process.argv[2]), process.argv[3]);
`;

let home: string;
let running: RoleProcess[] = [];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'countersign-role-'));
  await writeFile(join(home, 'stand-in.mjs'), STAND_IN);
  await writeFile(join(home, 'listener.mjs'), LISTENER);
});
afterEach(async () => {
  await Promise.all(running.map((role) => role.stop()));
  running = [];
});
afterAll(() => rm(home, { recursive: true }));

function keep(part: Pick<Role, 'command' | 'ready'>, place = { host: '127.0.0.1', port: 1 }) {
  const said: string[] = [];
  const role: Role = {
    name: 'worker',
    portOffset: null,
    sees: [],
    tells: () => ({}),
    wanted: () => true,
    ...part,
  };
  const watching = {
    line: () => undefined,
    say: (_: string, text: string) => said.push(text),
    changed: () => undefined,
  };
  const started = keepRunning(role, { PATH: process.env.PATH }, { ...place, dev: false }, watching);
  running.push(started);
  return { ...started, said };
}

function standIn(name: string, ...starts: ('work' | 'refuse' | 'work-then-refuse')[]) {
  return keep({ command: () => [join(home, 'stand-in.mjs'), join(home, name), ...starts], ready: 'message' });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '0.0.0.0', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('there is no port');
  return address.port;
}

describe('a role that refuses its settings', () => {
  test('is not started again when it never worked with them', async () => {
    const role = standIn('never', 'refuse');
    await expect(role.ready).rejects.toThrow('The role worker cannot work with these settings; it says above why.');
    expect(await readFile(join(home, 'never'), 'utf8')).toBe('x');
    expect(role.said).toEqual([]);
  });

  test('is started again, ever more patiently, when it had worked with them', async () => {
    const role = standIn('once', 'work-then-refuse', 'refuse', 'work');
    await vi.waitUntil(() => role.said.filter((text) => text.startsWith('ready')).length === 2, { timeout: 100_000 });
    const refused = 'ended (refused the settings it had worked with), starts again in';
    expect(role.said.filter((text) => !text.startsWith('ready'))).toEqual([`${refused} 0.5 s`, `${refused} 1 s`]);
  });
});

describe('a role that answers on its port', () => {
  // Elsewhere this machine has only one address of its own without being told so.
  test.runIf(process.platform === 'linux')('is looked for where it listens', async () => {
    const port = await freePort();
    const place = { host: '127.0.0.2', port };
    const listener = () => [join(home, 'listener.mjs'), String(port), '127.0.0.2'];
    await expect(keep({ command: listener, ready: 'healthz' }, place).ready).resolves.toBeUndefined();
  });

  test('is looked for on this machine when it listens everywhere', async () => {
    const port = await freePort();
    const place = { host: '0.0.0.0', port };
    const listener = () => [join(home, 'listener.mjs'), String(port), '0.0.0.0'];
    await expect(keep({ command: listener, ready: 'healthz' }, place).ready).resolves.toBeUndefined();
  });

  test.each([
    ['0.0.0.0', '127.0.0.1'],
    ['::', '127.0.0.1'],
    ['::1', '[::1]'],
    ['10.1.2.3', '10.1.2.3'],
    ['countersign.example', 'countersign.example'],
  ])('on %s is reached at %s', (host, reached) => {
    expect(reachableHost(host)).toBe(reached);
  });
});
