import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oauthClients, tokens } from './fake/company.ts';
import { type FakePagerDuty, startFakePagerDuty } from './fake/server/server.ts';
import { createReadClient } from './read-client.ts';
import { compareScopes, probeScopes, scopesNeeded } from './scopes.ts';
import { oauthTokens } from './token.ts';

let fake: FakePagerDuty;
beforeAll(async () => {
  fake = await startFakePagerDuty({});
});
afterAll(async () => {
  // Finding out what a credential may do must change nothing.
  expect(fake.ledger()).toEqual([]);
  await fake.close();
});

describe('the scopes that are needed', () => {
  test('follow the toolsets, beside what Countersign itself reads', () => {
    expect(scopesNeeded([])).toEqual({ read: ['escalation_policies.read', 'oncalls.read', 'users.read'], write: [] });
    expect(scopesNeeded(['oncall']).read).toContain('oncalls.read');
    expect(scopesNeeded(['incidents']).write).toEqual(['incidents.write']);
    expect(scopesNeeded(['oncall']).write).toEqual([]);
  });

  test('of every toolset hold the write scopes apart from the reading ones, but for the questions that are POSTs', () => {
    const { read, write } = scopesNeeded(null);
    expect(read.filter((scope) => !scope.endsWith('.read'))).toEqual(['analytics.write']);
    expect(write.filter((scope) => !scope.endsWith('.write'))).toEqual([]);
    expect(write).toContain('incident_workflows:instances.write');
  });

  test('are compared with what was granted', () => {
    expect(compareScopes(['a', 'b'], ['b', 'c'])).toEqual({ lacking: ['a'], excess: ['c'] });
  });

  test('are found out by reading one item each', async () => {
    const all = scopesNeeded(null).read;
    const key = createReadClient({ baseUrl: fake.url, token: tokens.accountRead });
    expect(compareScopes(all, await probeScopes(key, all)).lacking).toEqual(['analytics.write']);
    const scopes = ['teams.read', 'users.read'];
    const source = oauthTokens({
      ...oauthClients.reader,
      account: 'us.northwind',
      scopes,
      tokenUrl: `${fake.url}/oauth/token`,
    });
    const narrow = createReadClient({ baseUrl: fake.url, token: source });
    expect(await probeScopes(narrow, all)).toEqual(scopes);
  });
});
