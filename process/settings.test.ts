import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oauthClients, tokens } from '#pagerduty/fake/company.ts';
import { type FakePagerDuty, startFakePagerDuty } from '#pagerduty/fake/server/server.ts';
import { scopesNeeded } from '#pagerduty/scopes.ts';
import { oauthTokens, type Token } from '#pagerduty/token.ts';
import type { Toolset } from '#pagerduty/toolsets.ts';
import type { Log } from './log.ts';
import {
  checkCredentials,
  port,
  readSettings,
  refuseWriteToken,
  required,
  secretsKey,
  url,
  writeSettings,
} from './settings.ts';

const env = { DATABASE_URL: 'postgres://x', PAGERDUTY_READ_TOKEN: 'r', PAGERDUTY_WRITE_TOKEN: 'w' };

describe('a setting', () => {
  test('that is missing is named, with what it is for', () => {
    expect(() => required({}, 'DATABASE_URL', 'the database')).toThrow('DATABASE_URL is not set. It is the database.');
    expect(() => required({ DATABASE_URL: ' ' }, 'DATABASE_URL', 'the database')).toThrow('not set');
  });

  test('that is wrong is named, with what it must be', () => {
    expect(() => url({ A: 'ftp://x' }, 'A', 'https://api.pagerduty.com')).toThrow(
      'A must be a URL such as https://api.pagerduty.com',
    );
    expect(url({}, 'A', 'https://api.pagerduty.com/')).toBe('https://api.pagerduty.com');
    expect(() => port({ P: '0x' }, 'P', 1)).toThrow('P must be a port');
    expect(() => port({ P: '70000' }, 'P', 1)).toThrow('P must be a port');
    expect(port({}, 'P', 4600)).toBe(4600);
  });

  test('for writing is refused when it is the one for reading, and outside the worker at all', () => {
    expect(readSettings(env)).toEqual({
      toolsets: null,
      databaseUrl: 'postgres://x',
      pagerdutyUrl: 'https://api.pagerduty.com',
      readToken: 'r',
    });
    expect(() => writeSettings({ ...env, PAGERDUTY_WRITE_TOKEN: 'r' })).toThrow('are the same');
    expect(() => writeSettings({ ...env, PAGERDUTY_WRITE_TOKEN: undefined })).toThrow(
      'PAGERDUTY_WRITE_TOKEN is not set',
    );
    expect(() => refuseWriteToken(env, 'mcp')).toThrow('The mcp role must not be given PAGERDUTY_WRITE_TOKEN');
    expect(() => refuseWriteToken({}, 'mcp')).not.toThrow();
    expect(() => refuseWriteToken({ PAGERDUTY_WRITE_CLIENT_SECRET: 's' }, 'web')).toThrow(
      'The web role must not be given PAGERDUTY_WRITE_CLIENT_SECRET',
    );
  });

  test('for an OAuth client stands in for a key, whole or not at all', () => {
    const client = { PAGERDUTY_READ_CLIENT_ID: 'a', PAGERDUTY_READ_CLIENT_SECRET: 's', PAGERDUTY_ACCOUNT: 'us.acme' };
    const without = { DATABASE_URL: 'postgres://x', PAGERDUTY_WRITE_TOKEN: 'w' };
    expect(readSettings({ ...without, ...client }).readToken).toHaveProperty('get');
    expect(() => readSettings({ ...env, ...client })).toThrow(
      'PAGERDUTY_READ_TOKEN and PAGERDUTY_READ_CLIENT_ID are both set',
    );
    for (const [name, value] of Object.entries({ ...client, PAGERDUTY_READ_CLIENT_ID: undefined })) {
      if (value === undefined) continue;
      expect(() => readSettings({ ...without, ...client, [name]: '' })).toThrow(`${name} is not set`);
    }
    const writer = { PAGERDUTY_WRITE_TOKEN: '', PAGERDUTY_WRITE_CLIENT_ID: 'a', PAGERDUTY_WRITE_CLIENT_SECRET: 't' };
    expect(() => writeSettings({ ...without, ...client, ...writer })).toThrow('are the same');
  });
});

describe('the key for secrets', () => {
  const key = (text?: string) => () => secretsKey({ COUNTERSIGN_SECRETS_KEY: text });

  test('is 32 bytes in base64, and anything else is refused without telling it', () => {
    const good = Buffer.alloc(32, 7).toString('base64');
    expect(key(good)().symmetricKeySize).toBe(32);
    expect(key(` ${good}\n`)().symmetricKeySize).toBe(32);
    const sentence = 'COUNTERSIGN_SECRETS_KEY must be 32 bytes in base64, as "openssl rand -base64 32" prints them.';
    for (const bad of [
      good.slice(1),
      `${good}AAAA`,
      `${good.slice(0, 20)}!${good.slice(20)}`,
      'hunter2',
      'ab'.repeat(32),
    ]) {
      expect(key(bad)).toThrow(sentence);
    }
  });

  test('that is missing is one sentence', () => {
    expect(key()).toThrow(/^COUNTERSIGN_SECRETS_KEY is not set\. It is what encrypts signing secrets/);
  });
});

describe('credentials at start', () => {
  let fake: FakePagerDuty;
  beforeAll(async () => {
    fake = await startFakePagerDuty({});
  });
  afterAll(() => fake.close());

  const check = async (readToken: Token, writeToken: Token, toolsets: readonly Toolset[] | null = null) => {
    const warnings: string[] = [];
    const log: Log = { info: () => undefined, warn: (message) => warnings.push(message), error: () => undefined };
    await checkCredentials({ databaseUrl: '', pagerdutyUrl: fake.url, readToken, writeToken, toolsets }, log);
    return warnings;
  };

  test('that fit are silent', async () => {
    expect(await check(tokens.accountRead, tokens.accountFull)).toEqual([]);
  });

  test('that may do too much or too little are one sentence each', async () => {
    expect(await check(tokens.accountFull, tokens.accountRead)).toEqual([
      expect.stringContaining('PAGERDUTY_READ_TOKEN can write'),
      expect.stringContaining('PAGERDUTY_WRITE_TOKEN can only read'),
    ]);
  });

  test('that PagerDuty refuses keep the role from starting', async () => {
    await expect(check('nonsense', tokens.accountFull)).rejects.toMatchObject({
      name: 'SettingError',
      message: expect.stringContaining('refuses PAGERDUTY_READ_TOKEN'),
    });
  });

  test('of OAuth clients are compared with what the toolsets need, scope by scope', async () => {
    const source = (client: { clientId: string; clientSecret: string }, scopes: readonly string[]) =>
      oauthTokens({ ...client, account: 'us.northwind', scopes, tokenUrl: `${fake.url}/oauth/token` });
    const { read, write } = scopesNeeded(null);
    const [reader, writer] = [source(oauthClients.reader, read), source(oauthClients.writer, write)];
    expect(await check(reader, writer, ['incidents'])).toEqual([
      expect.stringMatching(
        /^PAGERDUTY_WRITE_CLIENT_ID has the OAuth scopes escalation_policies\.write, .*do not need/,
      ),
    ]);
    expect(await check(reader, reader, ['teams'])).toEqual([
      expect.stringMatching(/^PAGERDUTY_WRITE_CLIENT_ID lacks the OAuth scopes teams\.write: /),
    ]);
    // It is asked for reading only; but whoever has its secret can ask for more.
    expect(await check(source(oauthClients.writer, read), tokens.accountFull)).toEqual([
      expect.stringMatching(
        /^PAGERDUTY_READ_CLIENT_ID has the OAuth scopes .*incidents\.write.*takes this process over/,
      ),
    ]);
    const wrong = source({ clientId: 'northwind-reader', clientSecret: 'no' }, read);
    await expect(check(wrong, writer)).rejects.toThrow(/^PAGERDUTY_READ_CLIENT_ID: PagerDuty’s token service refuses/);
  });
});
