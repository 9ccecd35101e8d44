import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { switchOffAgent } from '#approvals/switch-off.ts';
import { issueCredential, revokeCredentials } from '#identity/agents.ts';
import { createStage, resolvePayments, type Stage } from './testing/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
}

/** One raw HTTP exchange: fetch would not let a test choose its Host. */
function exchange(options: { headers?: Record<string, string>; body?: string; path?: string; method?: string }) {
  const { headers = {}, body, path = '/mcp', method = 'POST' } = options;
  return new Promise<Reply>((resolve, reject) => {
    const sent = request(new URL(path, stage.server.url), { method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

const plain = (token: string | null) => ({
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
  ...(token === null ? {} : { authorization: `Bearer ${token}` }),
});
const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
const callText = (args: string, name = 'manage_incidents') =>
  `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"${name}","arguments":${args}}}`;

/** The JSON-RPC message in an answer, alone or as the only event of a stream. */
function messageIn({ text }: Pick<Reply, 'text'>) {
  const data = text.split('\n').find((line) => line.startsWith('data: {'));
  return JSON.parse(data === undefined ? text : data.slice(6));
}

describe('a credential', () => {
  test('lets its agent in', async () => {
    const reply = await exchange({ headers: plain(stage.tokens.triage), body: list });
    expect(reply.status).toBe(200);
    expect(messageIn(reply).result.tools.length).toBeGreaterThan(10);
  });

  test.each([
    ['none', null],
    ['a wrong one', `csa_${'0'.repeat(52)}`],
    ['a session of a person', 'css_0123'],
  ])('that is %s gets a challenge', async (_, token) => {
    const reply = await exchange({ headers: plain(token), body: list });
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toMatch(/^Bearer realm="countersign"/);
    expect(messageIn(reply)).toMatchObject({ id: null, error: { code: -32001 } });
  });

  test('in the address of the request is not looked at', async () => {
    const path = `/mcp?access_token=${stage.tokens.triage}&token=${stage.tokens.triage}`;
    expect((await exchange({ path, headers: plain(null), body: list })).status).toBe(401);
  });

  test('ends when it is revoked, and when its agent is switched off', async () => {
    const store = { db: stage.db, now: stage.clock.now };
    await revokeCredentials(store, 'other-bot');
    expect((await exchange({ headers: plain(stage.tokens.other), body: list })).status).toBe(401);
    const fresh = await issueCredential(store, 'other-bot');
    expect((await exchange({ headers: plain(fresh), body: list })).status).toBe(200);
    await switchOffAgent(stage.system, 'other-bot');
    expect((await exchange({ headers: plain(fresh), body: list })).status).toBe(401);
  });
});

describe('where a request comes from', () => {
  test.each([
    ['a foreign Host', { host: 'evil.example' }, 403],
    ['a foreign Origin', { origin: 'https://evil.example' }, 403],
    ['an opaque Origin', { origin: 'null' }, 403],
    ['its public Host', { host: 'countersign.example' }, 200],
    ['a page of this machine', { origin: 'http://localhost:6274' }, 200],
  ])('%s is answered rightly, whatever the credential', async (_, extra, status) => {
    const headers = { ...plain(stage.tokens.triage), ...extra };
    expect((await exchange({ headers, body: list })).status).toBe(status);
  });
});

describe('a body', () => {
  const say = async (body: string) => exchange({ headers: plain(stage.tokens.triage), body });

  test.each([
    ['no JSON', '{', -32700],
    ['no message', '"tools/list"', -32600],
    ['a batch', `[${list},${list}]`, -32600],
    ['a key twice, outside of a call', '{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}', -32600],
    ['nesting without end', `${'['.repeat(60_000)}${']'.repeat(60_000)}`, -32600],
  ])('with %s is refused', async (_, body, code) => {
    const reply = await say(body);
    expect(reply.status).toBe(400);
    expect(messageIn(reply)).toMatchObject({ id: null, error: { code } });
  });

  test('that is too large is not read', async () => {
    const reply = await say(callText(JSON.stringify({ note: 'x'.repeat(128 * 1024) })));
    expect(reply.status).toBe(413);
    expect(messageIn(reply).error.message).toBe('The body is larger than 128 KB.');
  });

  test('that is as large as allowed is answered in words', async () => {
    const reply = await say(
      callText(JSON.stringify({ incident_id: 'Q1', note: 'x'.repeat(130_000) }), 'add_note_to_incident'),
    );
    expect(messageIn(reply).result).toMatchObject({ isError: true, structuredContent: { status: 'not_held' } });
  });

  test.each([
    [
      'a key twice',
      '{"manage_request":{"incident_ids":["Q2PAYMENTHOOK1"],"status":"resolved","status":"acknowledged"}}',
      'given twice',
    ],
    ['a hidden prototype', '{"__proto__":{"a":1}}', '__proto__'],
    ['a number that cannot be kept', '{"x":12345678901234567890}', 'too large'],
    ['half a character', '{"x":"\\ud83d"}', 'half of a surrogate pair'],
    ['nesting without end', `{"x":${'['.repeat(60_000)}${']'.repeat(60_000)}}`, 'nested deeper than'],
  ])('whose call has %s is a refused call with the reason, and nothing is held', async (_, args, because) => {
    const reply = await say(callText(args));
    const { id, result } = messageIn(reply);
    expect(id).toBe(7);
    expect(result).toMatchObject({ isError: true, structuredContent: { status: 'not_held', executed: false } });
    expect(result.content[0].text).toContain(because);
    expect(await stage.held()).toEqual([]);
  });
});

test('sessions and streams of older protocols are not kept', async () => {
  const headers = plain(stage.tokens.triage);
  expect((await exchange({ method: 'GET', headers })).status).toBe(405);
  expect((await exchange({ method: 'DELETE', headers })).status).toBe(405);
});

test('other paths do not exist', async () => {
  expect((await exchange({ path: '/', headers: plain(stage.tokens.triage), body: list })).status).toBe(404);
});

test('health tells whether the database answers, to anybody', async () => {
  const reply = await exchange({ method: 'GET', path: '/healthz', headers: { host: '10.1.2.3' } });
  expect(reply).toMatchObject({ status: 200, text: '{"ok":true}' });
});

test('the first byte comes before the decision', async () => {
  const headers = plain(stage.tokens.triage);
  await exchange({ headers, body: callText(JSON.stringify(resolvePayments)) });
  const row = await stage.waiting();
  const text = await new Promise<string>((resolve, reject) => {
    const sent = request(stage.server.url, { method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
      stage.deny(row).catch(reject);
    });
    sent.on('error', reject);
    sent.end(callText(JSON.stringify({ request_id: row.id }), 'wait_for_approval'));
  });
  expect(messageIn({ text }).result.structuredContent).toMatchObject({ status: 'denied', request_id: row.id });
});
