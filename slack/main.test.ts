import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { until } from '#approvals/testing/until.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { startFakeSlack } from './fake/server.ts';
import { freePort } from './testing/free-port.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
let children: ChildProcess[] = [];
let database: TestDatabase | null = null;

afterEach(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  children = [];
  await database?.drop();
  database = null;
});

const SETTINGS = {
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
  SLACK_BOT_TOKEN: 'xoxb-test',
  SLACK_SIGNING_SECRET: 'test-signing-secret',
  SLACK_CHANNEL: 'C0CHANNEL',
  SLACK_API_URL: 'http://127.0.0.1:1/api/',
};

function start(env: Record<string, string>) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'slack/main.ts'], {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  children.push(child);
  let output = '';
  child.stdout?.on('data', (chunk) => {
    output += String(chunk);
  });
  return { child, output: () => output, exit: once(child, 'exit').then(([code]) => code as number | null) };
}

describe('the slack role', () => {
  test('starts without anything of PagerDuty, answers, and ends when it is told to', async () => {
    database = await createTestDatabase();
    const port = await freePort();
    const { child, exit, output } = start({ ...SETTINGS, DATABASE_URL: database.url, PORT: String(port) });
    const [ready] = await once(child, 'message');
    expect(ready).toEqual({ ready: true });
    // It must answer soon, which a busy machine may not manage at first.
    await until(async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
    child.kill('SIGTERM');
    expect(await exit).toBe(0);
    expect(output()).not.toMatch(/xoxb-test|test-signing-secret/);
  });

  test('ends when its supervisor is gone', async () => {
    database = await createTestDatabase();
    const { child, exit } = start({ ...SETTINGS, DATABASE_URL: database.url, PORT: String(await freePort()) });
    await once(child, 'message');
    child.disconnect();
    expect(await exit).toBe(0);
  });

  test('says in one sentence that Slack refuses its token', async () => {
    database = await createTestDatabase();
    const slack = await startFakeSlack();
    try {
      const env = { DATABASE_URL: database.url, SLACK_API_URL: slack.apiUrl, PORT: String(await freePort()) };
      const { exit, output } = start({ ...SETTINGS, ...env });
      expect(await exit).toBe(78);
      expect(output()).toContain('Slack refuses SLACK_BOT_TOKEN (invalid_auth).');
      expect(output()).not.toContain('xoxb-test');
      const right = start({ ...SETTINGS, ...env, SLACK_BOT_TOKEN: slack.tokens.bot });
      const [ready] = await once(right.child, 'message');
      expect(ready).toEqual({ ready: true });
      expect(right.output()).not.toContain('"level":40');
    } finally {
      await slack.close();
    }
  });

  test.each([
    ['write credential', 'PAGERDUTY_WRITE_TOKEN'],
    ['key for secrets', 'COUNTERSIGN_SECRETS_KEY'],
  ])('says in one sentence that it must not be given the %s', async (_, name) => {
    const { exit, output } = start({ ...SETTINGS, [name]: 'w' });
    expect(await exit).toBe(78);
    expect(output().trim().split('\n')).toHaveLength(1);
    expect(output()).toContain(`must not be given ${name}`);
  });
});
