import { describe, expect, test } from 'vitest';
import type { Environment } from '#process/settings/setting.ts';
import { checkEnvironment, nodeWarning, readSettings } from './settings.ts';

const OWN_DATABASE = {
  DATABASE_URL: 'postgres://a@b/c',
  COUNTERSIGN_SECRETS_KEY: Buffer.alloc(32, 1).toString('base64'),
};
const KEYS = { PAGERDUTY_READ_TOKEN: 'r', PAGERDUTY_WRITE_TOKEN: 'w' };
const CLIENTS = {
  PAGERDUTY_ACCOUNT: 'us.acme',
  PAGERDUTY_READ_CLIENT_ID: 'x',
  PAGERDUTY_READ_CLIENT_SECRET: 's',
  PAGERDUTY_WRITE_CLIENT_SECRET: 't',
};

const check = (env: Environment, argv: string[] = []) => checkEnvironment(readSettings(argv, env), env);

describe('settings', () => {
  test('have defaults that need nothing', () => {
    const settings = readSettings([], {});
    expect(settings).toMatchObject({ port: 4600, host: '127.0.0.1', publicUrl: 'http://localhost:4600' });
    expect(settings.mcpUrl).toBe('http://localhost:4601/mcp');
    expect(() => check({})).not.toThrow();
  });

  test('follow another base port', () => {
    expect(readSettings([], { COUNTERSIGN_PORT: '5000' }).mcpUrl).toBe('http://localhost:5001/mcp');
    expect(readSettings(['--port', '6000'], { COUNTERSIGN_PORT: '5000' }).publicUrl).toBe('http://localhost:6000');
  });

  test.each<[string, Environment, string[], RegExp]>([
    [
      'a port that is no number',
      { COUNTERSIGN_PORT: 'http' },
      [],
      /^COUNTERSIGN_PORT must be a port from 1 to 65531; it is "http"\.$/,
    ],
    ['a port that is too large', {}, ['--port', '65535'], /^--port must be a port from 1 to 65531; it is "65535"\.$/],
    ['an unknown argument', {}, ['--prot', '1'], /^Unknown option '--prot'\.\nnpm start -- \[--port N\]/],
    ['an unknown role', {}, ['--role', 'boss'], /^There is no role "boss": it is one of web, mcp, slack, worker\.$/],
    [
      'a public address that is none',
      { COUNTERSIGN_PUBLIC_URL: 'here' },
      [],
      /^COUNTERSIGN_PUBLIC_URL must be a URL such as http/,
    ],
    [
      'a database that is not PostgreSQL',
      { ...OWN_DATABASE, DATABASE_URL: 'mysql://x' },
      [],
      /^DATABASE_URL must be a URL such as postgres:\/\//,
    ],
    [
      'a read credential alone',
      { PAGERDUTY_READ_TOKEN: 'r' },
      [],
      /^PAGERDUTY_READ_TOKEN is set but PAGERDUTY_WRITE_TOKEN is not/,
    ],
    [
      'a write credential alone',
      { PAGERDUTY_WRITE_TOKEN: 'w' },
      [],
      /^PAGERDUTY_WRITE_TOKEN is set but PAGERDUTY_READ_TOKEN is not/,
    ],
    [
      'an OAuth app for reading alone',
      { PAGERDUTY_READ_CLIENT_ID: 'r' },
      [],
      /^PAGERDUTY_READ_CLIENT_ID is set but PAGERDUTY_WRITE_TOKEN is not/,
    ],
    [
      'one OAuth app for both',
      { ...CLIENTS, PAGERDUTY_WRITE_CLIENT_ID: 'x' },
      [],
      /^PAGERDUTY_READ_CLIENT_ID and PAGERDUTY_WRITE_CLIENT_ID are the same/,
    ],
    [
      'one credential for both',
      { PAGERDUTY_READ_TOKEN: 'x', PAGERDUTY_WRITE_TOKEN: 'x' },
      [],
      /are the same: the first must not be able to write\.$/,
    ],
    [
      'PagerDuty in the clear',
      { ...KEYS, PAGERDUTY_API_URL: 'http://pagerduty.example' },
      [],
      /^PAGERDUTY_API_URL must be https/,
    ],
    [
      'playing with a real PagerDuty',
      { ...KEYS, COUNTERSIGN_PLAY: '1' },
      [],
      /^COUNTERSIGN_PLAY lets anybody become anybody/,
    ],
    ['a level nobody logs at', { LOG_LEVEL: 'loud' }, [], /^LOG_LEVEL must be one of trace, .*; it is "loud"\.$/],
    [
      'an address without keys',
      { PAGERDUTY_API_URL: 'https://api.eu.pagerduty.com' },
      [],
      /^PAGERDUTY_API_URL is set, but/,
    ],
    [
      'Slack without a channel',
      { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 's' },
      [],
      /^SLACK_CHANNEL is not set\. It is .+\.$/,
    ],
    [
      'Slack without its bot',
      { SLACK_CHANNEL: 'C0123456789' },
      [],
      /^SLACK_BOT_TOKEN is not set.*\nSLACK_SIGNING_SECRET is not set/,
    ],
    ['a way into the playable Slack that it has not', { SLACK_MODE: 'socket' }, [], /^SLACK_APP_TOKEN is not set/],
    [
      'a toolset that there is not',
      { COUNTERSIGN_TOOLSETS: 'on-call' },
      [],
      /^COUNTERSIGN_TOOLSETS must name toolsets/,
    ],
    ['production without PagerDuty', { NODE_ENV: 'production' }, [], /^In production PAGERDUTY_READ_TOKEN/],
    [
      'a worker without anything',
      {},
      ['--role', 'worker'],
      /^DATABASE_URL is .*\nCOUNTERSIGN_SECRETS_KEY is .*\nPAGERDUTY_WRITE_TOKEN is .*\nPAGERDUTY_READ_TOKEN is not set\. .*$/,
    ],
    [
      'a web role without a database',
      { PAGERDUTY_READ_TOKEN: 'r' },
      ['--role', 'web'],
      /^DATABASE_URL is not set\. .*\nCOUNTERSIGN_SECRETS_KEY is not set\. .*$/,
    ],
    [
      'a database of one’s own without a key for secrets',
      { DATABASE_URL: 'postgres://a@b/c' },
      [],
      /^COUNTERSIGN_SECRETS_KEY is not set\. It is .* as "openssl rand -base64 32" prints them\.$/,
    ],
    [
      'a key for secrets that was cut, without telling it',
      { COUNTERSIGN_SECRETS_KEY: 'dG9vIHNob3J0' },
      [],
      /^COUNTERSIGN_SECRETS_KEY must be 32 bytes in base64, as "openssl rand -base64 32" prints them\.$/,
    ],
  ])('refuse %s in one sentence', (_, env, argv, sentence) => {
    expect(() => check(env, argv)).toThrow(sentence);
  });

  test('are right when they are those of one’s own PagerDuty, database and Slack', () => {
    const slack = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 's', SLACK_CHANNEL: 'C0123456789' };
    expect(() => check({ ...OWN_DATABASE, ...KEYS, ...slack })).not.toThrow();
    expect(() => check({ ...OWN_DATABASE, ...CLIENTS, PAGERDUTY_WRITE_CLIENT_ID: 'y' })).not.toThrow();
  });

  test('let a role other than the worker do without the write credential', () => {
    const env = { DATABASE_URL: 'postgres://a@b/c', PAGERDUTY_READ_TOKEN: 'r' };
    expect(() => check(env, ['--role', 'mcp'])).not.toThrow();
  });
});

describe('the warning about Node', () => {
  test('comes when a version is out of support', () => {
    expect(nodeWarning('20.20.2', new Date('2026-11-22'))).toContain('run production on Node 24');
    expect(nodeWarning('20.20.2', new Date('2026-03-01'))).toBeNull();
    expect(nodeWarning('24.1.0', new Date('2026-11-22'))).toBeNull();
  });
});
