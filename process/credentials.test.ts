import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oauthClients, tokens } from '#pagerduty/fake/company.ts';
import { type FakePagerDuty, startFakePagerDuty } from '#pagerduty/fake/server/server.ts';
import { scopesNeeded } from '#pagerduty/scopes.ts';
import { oauthTokens, type Token } from '#pagerduty/token.ts';
import type { Toolset } from '#pagerduty/toolsets.ts';
import { checkCredentials } from './credentials.ts';
import type { Log } from './log.ts';

describe('credentials at start', () => {
  let fake: FakePagerDuty;
  beforeAll(async () => {
    fake = await startFakePagerDuty({});
  });
  afterAll(() => fake.close());

  const check = async (readToken: Token, writeToken: Token, toolsets: readonly Toolset[] | null = null) => {
    const warnings: string[] = [];
    const log: Log = { info: () => undefined, warn: (message) => warnings.push(message), error: () => undefined };
    await checkCredentials({ pagerdutyUrl: fake.url, readToken, writeToken, toolsets }, log);
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
