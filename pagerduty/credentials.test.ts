import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inspectReadCredential, inspectWriteCredential } from './credentials.ts';
import { tokens } from './fake/company.ts';
import { type FakePagerDuty, startFakePagerDuty } from './fake/server/server.ts';
import type { Token } from './token.ts';

let fake: FakePagerDuty;
beforeAll(async () => {
  fake = await startFakePagerDuty({});
});
afterAll(async () => {
  // Looking at a credential must change nothing.
  expect(fake.ledger()).toEqual([]);
  await fake.close();
});
const credential = (token: Token) => ({ baseUrl: fake.url, token, scopes: ['incidents.read'] });

describe('the read credential', () => {
  test('fits when it is a read-only key', async () => {
    expect(await inspectReadCredential(credential(tokens.accountRead))).toEqual({ kind: 'fits' });
  });

  test('is over-privileged when it is a key with full access', async () => {
    expect(await inspectReadCredential(credential(tokens.accountFull))).toMatchObject({
      kind: 'over_privileged',
      because: expect.stringMatching(/^PAGERDUTY_READ_TOKEN can write.*read-only API key/),
    });
  });

  test('is over-privileged when it is the key of a user who may write', async () => {
    expect(await inspectReadCredential(credential(tokens.userMarco))).toMatchObject({
      kind: 'over_privileged',
      because: expect.stringContaining('role'),
    });
  });

  test('is refused when it is the wrong one', async () => {
    expect(await inspectReadCredential(credential('nonsense'))).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('wrong or revoked'),
    });
  });

  test('is used unchecked when PagerDuty cannot be reached', async () => {
    expect(await inspectReadCredential({ baseUrl: 'http://127.0.0.1:9', token: 'x', scopes: [] })).toMatchObject({
      kind: 'unreachable',
    });
  });
});

describe('the write credential', () => {
  test('fits when it may write', async () => {
    expect(await inspectWriteCredential(credential(tokens.accountFull))).toEqual({ kind: 'fits' });
  });

  test('is under-privileged when it may only read', async () => {
    expect(await inspectWriteCredential(credential(tokens.accountRead))).toMatchObject({ kind: 'under_privileged' });
  });

  test('is refused when it is wrong', async () => {
    expect(await inspectWriteCredential(credential('nonsense'))).toMatchObject({
      kind: 'refused',
      because: expect.stringContaining('PAGERDUTY_WRITE_TOKEN'),
    });
  });
});
