import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tokens } from '#pagerduty/fake/company.ts';
import { type FakePagerDuty, startFakePagerDuty } from '#pagerduty/fake/server.ts';
import type { Log } from './log.ts';
import { checkCredentials, port, readSettings, refuseWriteToken, required, url, writeSettings } from './settings.ts';

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
  });
});

describe('credentials at start', () => {
  let fake: FakePagerDuty;
  beforeAll(async () => {
    fake = await startFakePagerDuty({});
  });
  afterAll(() => fake.close());

  const check = async (readToken: string, writeToken: string) => {
    const warnings: string[] = [];
    const log: Log = { info: () => undefined, warn: (message) => warnings.push(message), error: () => undefined };
    await checkCredentials({ databaseUrl: '', pagerdutyUrl: fake.url, readToken, writeToken }, log);
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
});
