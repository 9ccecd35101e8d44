import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createStage, modernClient, resolvePayments, type Stage } from './testing/stage.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
let stage: Stage;
const roles: ChildProcess[] = [];
beforeAll(async () => {
  stage = await createStage();
});
afterEach(() => {
  for (const role of roles.splice(0)) role.kill('SIGKILL');
});
afterAll(() => stage.close());

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function start(change: Record<string, string>) {
  const env = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: stage.url,
    PAGERDUTY_API_URL: stage.fake.url,
    PAGERDUTY_READ_TOKEN: stage.fake.company.tokens.accountRead,
    ...change,
  };
  const role = spawn(process.execPath, ['--import', 'tsx', 'mcp/main.ts'], {
    cwd: root,
    env: { ...env, NODE_ENV: 'test' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  roles.push(role);
  let said = '';
  for (const stream of [role.stdout, role.stderr]) {
    stream?.on('data', (chunk) => {
      said += chunk;
    });
  }
  return { role, said: () => said };
}

test.each([
  ['the write credential', { PAGERDUTY_WRITE_TOKEN: 'w' }, 'must not be given PAGERDUTY_WRITE_TOKEN'],
  ['the key for secrets', { COUNTERSIGN_SECRETS_KEY: 'k' }, 'must not be given COUNTERSIGN_SECRETS_KEY'],
  // Whoever says so has to log at a level all the same.
  ['a wrong level', { LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of trace, debug,'],
])('with %s the role does not start and says why', async (_, change, words) => {
  const { role, said } = start(change);
  const [code] = await once(role, 'close');
  expect(code).not.toBe(0);
  expect(said()).toContain(words);
  expect(said().trim().split('\n')).toHaveLength(1);
});

test('the role says when it is ready, answers its held calls when it is told to stop, and logs no credential', async () => {
  const port = await freePort();
  const { role, said } = start({ PORT: String(port) });
  expect(await once(role, 'message')).toMatchObject([{ ready: true }, undefined]);
  const client = await modernClient(`http://127.0.0.1:${port}/mcp`, stage.tokens.triage);
  const asked = client.call('manage_incidents', resolvePayments, { onprogress: () => {} });
  const row = await stage.waiting();
  role.kill('SIGTERM');
  expect((await asked).envelope).toMatchObject({ status: 'pending', request_id: row.id });
  expect(await once(role, 'exit')).toEqual([0, null]);
  expect(said()).not.toContain(stage.tokens.triage);
  expect(said()).not.toContain(stage.fake.company.tokens.accountRead);
});

test('the role ends when whoever started it is gone', async () => {
  const { role } = start({ PORT: String(await freePort()) });
  await once(role, 'message');
  role.disconnect();
  expect(await once(role, 'exit')).toEqual([0, null]);
});

test('a taken port is said in one sentence', async () => {
  const port = new URL(stage.server.url).port;
  const { role, said } = start({ PORT: port });
  const [code] = await once(role, 'close');
  expect(code).not.toBe(0);
  expect(said()).toContain(`Port ${port} cannot be listened on`);
});
