import { expect, test } from 'vitest';
import { readsPagerDuty, writesPagerDuty } from './pagerduty.ts';
import { type Environment, readSettings } from './setting.ts';

const keys = { PAGERDUTY_READ_TOKEN: 'r', PAGERDUTY_WRITE_TOKEN: 'w' };
const reader = { PAGERDUTY_READ_CLIENT_ID: 'a', PAGERDUTY_READ_CLIENT_SECRET: 's', PAGERDUTY_ACCOUNT: 'us.acme' };
const writer = { PAGERDUTY_WRITE_CLIENT_ID: 'b', PAGERDUTY_WRITE_CLIENT_SECRET: 't', PAGERDUTY_ACCOUNT: 'us.acme' };

const reads = (env: Environment) => readSettings(readsPagerDuty, env);
const writes = (env: Environment) => readSettings(writesPagerDuty, env);

test('a key is enough', () => {
  expect(reads(keys)).toEqual({ toolsets: null, pagerdutyUrl: 'https://api.pagerduty.com', readToken: 'r' });
  expect(writes(keys)).toEqual({ writeToken: 'w' });
});

test('a credential that is missing is named', () => {
  expect(() => reads({ PAGERDUTY_WRITE_TOKEN: 'w' })).toThrow(/^PAGERDUTY_READ_TOKEN is not set\. It is a read-only/);
  expect(() => writes({ PAGERDUTY_READ_TOKEN: 'r' })).toThrow(/^PAGERDUTY_WRITE_TOKEN is not set\. It is the/);
});

test('the credential for writing is refused when it is the one for reading', () => {
  expect(() => writes({ ...keys, PAGERDUTY_WRITE_TOKEN: 'r' })).toThrow(
    /^PAGERDUTY_READ_TOKEN and PAGERDUTY_WRITE_TOKEN are the same: the first must not be able to write\.$/,
  );
  expect(() => writes({ ...reader, ...writer, PAGERDUTY_WRITE_CLIENT_ID: 'a' })).toThrow(
    /^PAGERDUTY_READ_CLIENT_ID and PAGERDUTY_WRITE_CLIENT_ID are the same/,
  );
});

test('an OAuth client stands in for a key, whole or not at all', () => {
  expect(reads(reader).readToken).toHaveProperty('get');
  expect(writes({ ...reader, ...writer }).writeToken).toHaveProperty('get');
  expect(() => reads({ ...keys, ...reader })).toThrow(
    /^PAGERDUTY_READ_TOKEN and PAGERDUTY_READ_CLIENT_ID are both set: set one of them\.$/,
  );
  for (const name of ['PAGERDUTY_READ_CLIENT_SECRET', 'PAGERDUTY_ACCOUNT']) {
    expect(() => reads({ ...reader, [name]: '' })).toThrow(new RegExp(`^${name} is not set\\. It is .+\\.$`));
  }
  expect(() => reads({ PAGERDUTY_READ_CLIENT_ID: 'a' })).toThrow(
    /^PAGERDUTY_READ_CLIENT_SECRET is not set.*\nPAGERDUTY_ACCOUNT is not set/,
  );
});

test('the secret of an OAuth client does not travel in the clear', () => {
  expect(() => reads({ ...reader, PAGERDUTY_OAUTH_URL: 'http://identity.example/oauth/token' })).toThrow(
    /^PAGERDUTY_OAUTH_URL must be https/,
  );
});
