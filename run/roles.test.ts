import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { PLAYABLE_PAGERDUTY, ROLES, type Role, roleEnvironment } from './roles.ts';

const run = promisify(execFile);

const SECRETS = {
  DATABASE_URL: 'postgres://a:b@127.0.0.1/c',
  PAGERDUTY_READ_TOKEN: 'read',
  PAGERDUTY_READ_CLIENT_SECRET: 'read app',
  PAGERDUTY_WRITE_TOKEN: 'write',
  PAGERDUTY_WRITE_CLIENT_SECRET: 'write app',
  SLACK_BOT_TOKEN: 'xoxb',
  SLACK_SIGNING_SECRET: 'signing',
  COUNTERSIGN_SECRETS_KEY: 'secrets',
  COUNTERSIGN_SESSION_KEY: 'misnamed',
  COUNTERSIGN_SIGNING_SECRET: 'misnamed too',
  AWS_SECRET_ACCESS_KEY: 'somebody else’s',
  GITHUB_TOKEN: 'somebody else’s',
};
const env = { ...SECRETS, PATH: process.env.PATH, COUNTERSIGN_PUBLIC_URL: 'http://localhost:4600', TZ: 'UTC' };

/** What a process really sees that is started as this role. */
async function seenBy(role: Role): Promise<Record<string, string>> {
  const place = { host: '127.0.0.1', port: 4600, dev: false };
  const options = { env: roleEnvironment(role, env, place) };
  const { stdout } = await run(process.execPath, ['-p', 'JSON.stringify(process.env)'], options);
  return JSON.parse(stdout);
}

async function secretsOf(role: Role): Promise<string[]> {
  return Object.keys(await seenBy(role))
    .filter((name) => name in SECRETS)
    .sort();
}

describe('each role', () => {
  test('gets its own secrets and no other', async () => {
    const reads = ['DATABASE_URL', 'PAGERDUTY_READ_CLIENT_SECRET', 'PAGERDUTY_READ_TOKEN'];
    expect(await secretsOf(ROLES.web)).toEqual(['COUNTERSIGN_SECRETS_KEY', ...reads]);
    expect(await secretsOf(ROLES.mcp)).toEqual(reads);
    expect(await secretsOf(ROLES.worker)).toEqual([
      'COUNTERSIGN_SECRETS_KEY',
      ...reads,
      'PAGERDUTY_WRITE_CLIENT_SECRET',
      'PAGERDUTY_WRITE_TOKEN',
    ]);
    expect(await secretsOf(ROLES.slack)).toEqual(['DATABASE_URL', 'SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET']);
    expect(await secretsOf(PLAYABLE_PAGERDUTY)).toEqual([]);
  });

  test('gets the common settings and where to listen', async () => {
    const seen = await seenBy(ROLES.mcp);
    expect(seen).toMatchObject({
      COUNTERSIGN_PUBLIC_URL: 'http://localhost:4600',
      COUNTERSIGN_HOST: '127.0.0.1',
      PORT: '4600',
      NODE_ENV: 'production',
      TZ: 'UTC',
    });
  });

  test('except the worker does not know the write credential under any name', () => {
    for (const role of [ROLES.web, ROLES.mcp, ROLES.slack, PLAYABLE_PAGERDUTY]) {
      const values = Object.values(roleEnvironment(role, env, { host: '127.0.0.1', port: 1, dev: true }));
      expect(values).not.toContain(SECRETS.PAGERDUTY_WRITE_TOKEN);
    }
  });
});

test('what Next finds in a .env by itself does not reach the web role', async () => {
  // The very code with which Next reads such files; it is Next's dependency and not ours.
  const { resolve } = createRequire(createRequire(import.meta.url).resolve('next/package.json'));
  const load = `require(${JSON.stringify(resolve('@next/env'))}).loadEnvConfig(process.cwd(), false)`;
  const cwd = await mkdtemp(join(tmpdir(), 'countersign-env-'));
  try {
    await writeFile(join(cwd, '.env'), 'PAGERDUTY_WRITE_TOKEN=from-the-file\n');
    const told = roleEnvironment(ROLES.web, env, { host: '127.0.0.1', port: 1, dev: false });
    const look = ['-p', `${load}; String(process.env.PAGERDUTY_WRITE_TOKEN)`];
    const seen = async (env: NodeJS.ProcessEnv) => (await run(process.execPath, look, { cwd, env })).stdout.trim();
    expect(await seen(told)).toBe('undefined');
    const { __NEXT_PROCESSED_ENV: _, ...without } = told;
    expect(await seen({ ...without, NODE_ENV: 'production' })).toBe('from-the-file');
  } finally {
    await rm(cwd, { recursive: true });
  }
});
