import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '#approvals/limits.ts';
import { storedTouched } from '#approvals/stored-touched.ts';
import { storedOnCall } from '#approvals/summons/stored-on-call.ts';
import { databaseClock } from '#db/clock.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { silentLog } from '#process/log.ts';
import { createSlackApp } from './app.ts';
import { MAX_BODY_BYTES, SignedReceiver } from './receiver.ts';

const SECRET = 'test-signing-secret';
let receiver: SignedReceiver;
let url: string;
let database: 'up' | 'down';
let store: TestDatabase;

beforeEach(async () => {
  database = 'up';
  store = await createTestDatabase();
  receiver = new SignedReceiver({
    signingSecret: SECRET,
    host: '127.0.0.1',
    port: 0,
    log: silentLog,
    healthy: async () => {
      if (database === 'down') throw new Error('connection refused');
    },
  });
  const own = { db: store.db, now: databaseClock, limits: LIMITS, log: silentLog };
  const ctx = { ...own, onCall: storedOnCall(own), touched: storedTouched(own) };
  const serving = { ctx, team: { id: async () => 'T1' }, channel: 'C1', publicUrl: 'http://localhost:4600' };
  createSlackApp({ receiver, serving, token: 'xoxb-test', apiUrl: 'http://127.0.0.1:1/api/' });
  url = await receiver.start();
});
afterEach(async () => {
  await receiver.stop();
  await store.drop();
});

const click = (actionId = 'req_open') => ({
  type: 'block_actions',
  team: { id: 'T1', domain: 'northwind' },
  user: { id: 'U1', team_id: 'T1' },
  api_app_id: 'A1',
  channel: { id: 'C1', name: 'approvals' },
  actions: [{ type: 'button', action_id: actionId, block_id: 'b', action_ts: '1' }],
});
const form = (payload: unknown) => new URLSearchParams({ payload: JSON.stringify(payload) }).toString();

interface Sending {
  body?: string;
  secret?: string;
  /** Seconds from now. */
  at?: number;
  headers?: Record<string, string>;
}

function send({ body = form(click()), secret = SECRET, at = 0, headers = {} }: Sending = {}) {
  const timestamp = String(Math.floor(Date.now() / 1000) + at);
  const signature = `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`;
  return fetch(`${url}/slack/events`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature,
      ...headers,
    },
  });
}

const statusOf = async (sending?: Sending) => (await send(sending)).status;

describe('a click', () => {
  test('on our link is acknowledged, with nothing in the answer', async () => {
    const response = await send();
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });

  test('sent again is acknowledged again, which does no harm', async () => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const body = form(click());
    const signature = `v0=${createHmac('sha256', SECRET).update(`v0:${timestamp}:${body}`).digest('hex')}`;
    const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature };
    expect(await statusOf({ body, headers })).toBe(200);
    expect(await statusOf({ body, headers: { ...headers, 'x-slack-retry-num': '1' } })).toBe(200);
  });

  test('on anything else is not taken for one on the link', async () => {
    expect(await statusOf({ body: form(click('something_else')) })).toBe(404);
  });
});

describe('work that failed', () => {
  test('is not acknowledged, so that Slack shows it', async () => {
    await store.db.execute('alter table slack_inbox rename to gone');
    expect(await statusOf()).toBe(500);
  });

  test('on an event is not acknowledged either, so that Slack sends it again', async () => {
    const event = { type: 'app_home_opened', user: 'U1', channel: 'D1', tab: 'home', event_ts: '1.0' };
    const body = JSON.stringify({ type: 'event_callback', team_id: 'T1', event_id: 'E1', event });
    const headers = { 'content-type': 'application/json' };
    await store.db.execute('alter table outbox rename to gone');
    expect(await statusOf({ body, headers })).toBe(500);
    await store.db.execute('alter table gone rename to outbox');
    expect(await statusOf({ body, headers })).toBe(200);
    expect(await store.db.query.outbox.findFirst()).toMatchObject({ target: 'home:U1' });
  });
});

describe('a signature', () => {
  test('by another secret is refused', async () => {
    expect(await statusOf({ secret: 'another' })).toBe(401);
  });

  test('of other bytes is refused', async () => {
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = `v0=${createHmac('sha256', SECRET).update(`v0:${timestamp}:payload=%7B%7D`).digest('hex')}`;
    const headers = { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': signature };
    expect(await statusOf({ headers })).toBe(401);
  });

  test('is refused when it is more than five minutes old, or from the future', async () => {
    expect(await statusOf({ at: -290 })).toBe(200);
    expect(await statusOf({ at: 290 })).toBe(200);
    expect(await statusOf({ at: -310 })).toBe(401);
    expect(await statusOf({ at: 310 })).toBe(401);
    expect(await statusOf({ at: 3600 })).toBe(401);
  });

  test.each([
    ['no time', { 'x-slack-request-timestamp': '' }],
    ['a time in another notation', { 'x-slack-request-timestamp': `${Date.now() / 1000}` }],
    ['no signature', { 'x-slack-signature': '' }],
    ['another version', { 'x-slack-signature': `v1=${'0'.repeat(64)}` }],
    ['half a signature', { 'x-slack-signature': 'v0=00' }],
  ])('with %s is refused', async (_, headers) => {
    expect(await statusOf({ headers })).toBe(401);
  });
});

describe('the door', () => {
  test('refuses what is too long before it reads it', async () => {
    expect(await statusOf({ body: 'x'.repeat(MAX_BODY_BYTES + 1) })).toBe(413);
  });

  test('cuts off who sends without end', async () => {
    const headers = { 'x-slack-request-timestamp': String(Math.floor(Date.now() / 1000)) };
    const endless = request(`${url}/slack/events`, { method: 'POST', headers });
    let bytes = 0;
    const more = () => {
      bytes += 64 * 1024;
      if (!endless.destroyed) endless.write(Buffer.alloc(64 * 1024), more);
    };
    more();
    await once(endless, 'error');
    expect(bytes).toBeGreaterThan(MAX_BODY_BYTES);
  });

  test('refuses signed text that is neither a form with JSON nor JSON', async () => {
    expect(await statusOf({ body: 'payload=%7B' })).toBe(400);
    expect(await statusOf({ body: '[]', headers: { 'content-type': 'application/json' } })).toBe(400);
    expect(await statusOf({ body: '{}', headers: { 'content-type': 'application/json' } })).toBe(404);
  });

  test('answers the question whether it is the right address only when it is signed', async () => {
    const body = JSON.stringify({ type: 'url_verification', challenge: 'abc' });
    const headers = { 'content-type': 'application/json' };
    expect(await (await send({ body, headers })).json()).toEqual({ challenge: 'abc' });
    expect(await statusOf({ body, headers, secret: 'another' })).toBe(401);
  });

  test('says whether it is well, and knows no other address', async () => {
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    database = 'down';
    expect((await fetch(`${url}/healthz`)).status).toBe(503);
    expect((await fetch(`${url}/slack/events`)).status).toBe(405);
    expect((await fetch(`${url}/`)).status).toBe(404);
  });
});
