import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { problemsOf, type RoleName, roleSettings, settingsOf } from './roles.ts';
import type { Environment } from './setting.ts';

const COUNTERSIGN_SECRETS_KEY = Buffer.alloc(32, 1).toString('base64');
const reading = { DATABASE_URL: 'postgres://x', PAGERDUTY_READ_TOKEN: 'r' };
const good = { ...reading, COUNTERSIGN_SECRETS_KEY };
const app = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_SIGNING_SECRET: 's', SLACK_CHANNEL: 'C0123456789' };
const slack = { DATABASE_URL: 'postgres://x', ...app };

describe('the settings of the web process', () => {
  const web = (change: Environment) => () => roleSettings('web', { ...good, ...change });

  test('keep only the origin of the public URL', () => {
    expect(web({ COUNTERSIGN_PUBLIC_URL: 'https://c.example/some/path/' })().publicOrigin).toBe('https://c.example');
  });

  test('refuse a public URL that is none', () => {
    expect(web({ COUNTERSIGN_PUBLIC_URL: 'javascript:alert(1)' })).toThrow(/^COUNTERSIGN_PUBLIC_URL must be a URL/);
  });

  test('refuse a missing key for secrets, and one that was cut, in a sentence without the key', () => {
    expect(web({ COUNTERSIGN_SECRETS_KEY: undefined })).toThrow(
      /^COUNTERSIGN_SECRETS_KEY is not set\. It is what encrypts signing secrets/,
    );
    const cut = COUNTERSIGN_SECRETS_KEY.slice(0, 20);
    expect(web({ COUNTERSIGN_SECRETS_KEY: cut })).toThrow(
      /^COUNTERSIGN_SECRETS_KEY must be 32 bytes in base64, as "openssl rand -base64 32" prints them\.$/,
    );
  });

  test('let people become each other only when told so exactly', () => {
    const playable = { PAGERDUTY_API_URL: 'http://127.0.0.1:4603' };
    expect(web({ ...playable, COUNTERSIGN_PLAY: '1' })().play).toBe(true);
    expect(web({ COUNTERSIGN_PLAY: 'yes' })().play).toBe(false);
    expect(web({})().play).toBe(false);
  });

  test.each([undefined, 'https://api.pagerduty.com', 'https://localhost.example'])(
    'do not let people become each other where PagerDuty is %s',
    (PAGERDUTY_API_URL) => {
      expect(web({ PAGERDUTY_API_URL, COUNTERSIGN_PLAY: '1' })).toThrow(
        /^COUNTERSIGN_PLAY lets anybody become anybody/,
      );
    },
  );
});

describe('the key for secrets', () => {
  const key = (text?: string) => () => roleSettings('web', { ...good, COUNTERSIGN_SECRETS_KEY: text }).secretsKey;

  test('is 32 bytes in base64, and anything else is refused without telling it', () => {
    const right = Buffer.alloc(32, 7).toString('base64');
    expect(key(right)().symmetricKeySize).toBe(32);
    expect(key(` ${right}\n`)().symmetricKeySize).toBe(32);
    const sentence = 'COUNTERSIGN_SECRETS_KEY must be 32 bytes in base64, as "openssl rand -base64 32" prints them.';
    for (const bad of [
      right.slice(1),
      `${right}AAAA`,
      `${right.slice(0, 20)}!${right.slice(20)}`,
      'hunter2',
      'ab'.repeat(32),
    ]) {
      expect(key(bad)).toThrow(sentence);
    }
  });
});

test.each<[RoleName, string, Environment]>([
  ['web', 'worker', { ...good, PAGERDUTY_WRITE_TOKEN: 'w' }],
  ['web', 'worker', { ...good, PAGERDUTY_WRITE_CLIENT_SECRET: 'w' }],
  ['mcp', 'worker', { ...reading, PAGERDUTY_WRITE_TOKEN: 'w' }],
  ['mcp', 'web and worker', { ...reading, COUNTERSIGN_SECRETS_KEY }],
  ['slack', 'worker', { ...slack, PAGERDUTY_WRITE_TOKEN: 'w' }],
  ['slack', 'web and worker', { ...slack, COUNTERSIGN_SECRETS_KEY }],
])('the %s role refuses what is for %s alone', (role, rightful, env) => {
  const name = Object.keys(env).at(-1);
  expect(() => roleSettings(role, env)).toThrow(
    `The ${role} role must not be given ${name}. It is for ${rightful} alone.`,
  );
  // Whoever starts it picks its own out of everybody's.
  expect(problemsOf(role, env)).toEqual([]);
});

describe('the settings of the mcp process', () => {
  const mcp = (change: Environment) => () => roleSettings('mcp', { ...reading, ...change });

  test('let agents come under every name it has', () => {
    const COUNTERSIGN_MCP_HOSTS = 'a.example, ,b.example';
    const { hosts, port } = mcp({ COUNTERSIGN_PUBLIC_URL: 'https://c.example', COUNTERSIGN_MCP_HOSTS })();
    expect({ hosts, port }).toEqual({ hosts: ['c.example', 'localhost', 'a.example', 'b.example'], port: 4601 });
    expect(mcp({ COUNTERSIGN_MCP_URL: 'https://m.example/mcp' })().hosts).toEqual(['localhost', 'm.example']);
  });

  test.each([
    ['no database', { DATABASE_URL: '' }, /^DATABASE_URL is not set\./],
    ['no read credential', { PAGERDUTY_READ_TOKEN: '' }, /^PAGERDUTY_READ_TOKEN is not set\./],
    ['a wrong public address', { COUNTERSIGN_PUBLIC_URL: 'countersign' }, /^COUNTERSIGN_PUBLIC_URL must be a URL/],
    ['a wrong port', { PORT: 'x' }, /^PORT must be a port/],
    ['a level nobody logs at', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of trace, .*; it is "loud"\.$/],
  ])('refuse %s', (_, change, sentence) => {
    expect(mcp(change)).toThrow(sentence);
  });
});

describe('the settings of the slack process', () => {
  const told = (change: Environment) => () => roleSettings('slack', { ...slack, ...change });

  test('have how clicks come in, and the address of Slack with a slash at its end', () => {
    expect(told({})()).toMatchObject({
      apiUrl: 'https://slack.com/api/',
      inbound: { mode: 'http', signingSecret: 's' },
      port: 4602,
    });
    expect(told({ SLACK_MODE: 'socket', SLACK_APP_TOKEN: 'xapp-1' })().inbound).toEqual({
      mode: 'socket',
      appToken: 'xapp-1',
    });
  });

  test.each([
    ['no channel', { SLACK_CHANNEL: '' }, /^SLACK_CHANNEL is not set\. It is the id of the channel/],
    ['the name of a channel', { SLACK_CHANNEL: '#approvals' }, /^SLACK_CHANNEL must be the id of a channel/],
    ['another token', { SLACK_BOT_TOKEN: 'xapp-1' }, /^SLACK_BOT_TOKEN must be .* begin with xoxb-\.$/],
    ['no signing secret', { SLACK_SIGNING_SECRET: ' ' }, /^SLACK_SIGNING_SECRET is not set\./],
    ['no token for a socket', { SLACK_MODE: 'socket' }, /^SLACK_APP_TOKEN is not set\./],
    ['another mode', { SLACK_MODE: 'sockets' }, /^SLACK_MODE must be one of http, socket; it is "sockets"\.$/],
    ['an open way to Slack', { SLACK_API_URL: 'http://slack.example/api/' }, /^SLACK_API_URL must be https/],
  ])('refuse %s', (_, change, sentence) => {
    expect(told(change)).toThrow(sentence);
  });
});

/** What nobody sets but the supervisor or whoever works on Countersign. */
const UNDOCUMENTED = ['COUNTERSIGN_PLAY', 'PAGERDUTY_OAUTH_URL', 'PORT', 'SLACK_API_URL'];

test('README says of each setting which role sees it', () => {
  const roles: RoleName[] = ['web', 'mcp', 'slack', 'worker'];
  const seers = (name: string) => roles.filter((role) => settingsOf(role).includes(name));
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [table = ''] = readme.slice(readme.indexOf('| setting | for | who sees it |')).split('\n\n');
  const rows = table.split('\n').slice(2);
  const said = rows.flatMap((row) => {
    const [, names = '', what = '', who = ''] = row.split('|');
    const seen = who.includes('every role') ? roles : roles.filter((role) => who.includes(`\`${role}\``));
    return [...`${names}${what}`.matchAll(/`([A-Z]+_[A-Z_]+)`/g)].map(([, name = '']) => ({ name, seen }));
  });
  expect(said).toEqual(said.map(({ name }) => ({ name, seen: seers(name) })));
  const unsaid = roles.flatMap(settingsOf).filter((name) => !said.some((each) => each.name === name));
  expect([...new Set(unsaid)].sort()).toEqual(UNDOCUMENTED);
});
