import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { oauthClients } from './fake/company.ts';
import { type FakePagerDuty, startFakePagerDuty } from './fake/server/server.ts';
import { createReadClient } from './read-client.ts';
import { oauthTokens } from './token.ts';
import { createWriteClient } from './write-client.ts';

let fake: FakePagerDuty;
beforeAll(async () => {
  fake = await startFakePagerDuty({});
});
beforeEach(() => fake.reset());
afterAll(() => fake.close());

const client = (change: object = {}) => ({
  ...oauthClients.reader,
  account: 'us.northwind',
  scopes: ['teams.read', 'teams.write'],
  tokenUrl: `${fake.url}/oauth/token`,
  ...change,
});
const teams = z.object({ teams: z.array(z.object({ id: z.string() })) });

describe('tokens of an OAuth client', () => {
  test('are asked for once, and tell what PagerDuty granted of what was asked', async () => {
    const tokens = oauthTokens(client());
    const [one, two] = await Promise.all([tokens.get(), tokens.get()]);
    expect(one).toEqual({ token: expect.stringMatching(/^pdus\+_/), scopes: ['teams.read'] });
    expect(two.token).toBe(one.token);
    expect(fake.state().oauthTokens).toHaveLength(1);
  });

  test('are taken by PagerDuty as Bearer, and only for their scopes', async () => {
    const reads = createReadClient({ baseUrl: fake.url, token: oauthTokens(client()) });
    expect((await reads.get('/teams', teams)).teams.length).toBeGreaterThan(0);
    await expect(reads.get('/users', z.unknown())).rejects.toMatchObject({ kind: 'forbidden' });
  });

  test('that PagerDuty no longer takes are asked for anew at the next call', async () => {
    const reads = createReadClient({ baseUrl: fake.url, token: oauthTokens(client()) });
    await reads.get('/teams', teams);
    fake.change((state) => {
      state.oauthTokens = [];
    });
    await expect(reads.get('/teams', teams)).rejects.toMatchObject({ kind: 'unauthorized' });
    expect((await reads.get('/teams', teams)).teams.length).toBeGreaterThan(0);
  });

  test('are asked for again before they end', async () => {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end(JSON.stringify({ access_token: `t${asked}`, scope: 'teams.read', expires_in: 200 }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const tokens = oauthTokens(client({ tokenUrl: `http://127.0.0.1:${port}` }));
    // 200 s are less than the margin: each of these may end while a call is on its way.
    expect([(await tokens.get()).token, (await tokens.get()).token]).toEqual(['t1', 't2']);
    server.close();
  });

  test('of a wrong client are refused with a sentence, and the next try asks again', async () => {
    const tokens = oauthTokens(client({ clientSecret: 'wrong' }));
    await expect(tokens.get()).rejects.toMatchObject({ kind: 'unauthorized' });
    await expect(tokens.get()).rejects.toMatchObject({ kind: 'unauthorized' });
    const gone = oauthTokens(client({ tokenUrl: 'http://127.0.0.1:9' }));
    await expect(gone.get()).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('that cannot be had keep a write from being sent, for certain', async () => {
    const writes = createWriteClient({ baseUrl: fake.url, token: oauthTokens(client({ clientSecret: 'wrong' })) });
    const outcome = await writes.send({
      method: 'POST',
      path: '/teams',
      body: '{}',
      from: 'marco.bellini@northwind.example',
      stillAllowed: () => true,
    });
    expect(outcome).toMatchObject({ kind: 'rejected', because: expect.stringMatching(/Nothing was sent\.$/) });
    expect(fake.requests()).toEqual([]);
  });
});
