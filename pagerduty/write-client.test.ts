import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { incidents, people, tokens } from './fake/company.ts';
import { startFakePagerDuty } from './fake/server/server.ts';
import { createWriteClient, type WriteRequest } from './write-client.ts';

const play = await startFakePagerDuty();
afterAll(() => play.close());
beforeEach(() => play.reset());

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Odd spacing and an escaped character: whatever re-serialises the body changes it. */
const note = '{ "note":{"content":"caf\\u00e9 – ok"}  }';
const request = (change: Partial<WriteRequest> = {}): WriteRequest => ({
  method: 'POST',
  path: `/incidents/${incidents.checkout5xx.id}/notes`,
  body: note,
  from: people.marco.email,
  stillAllowed: () => true,
  ...change,
});
const send = (change: Partial<WriteRequest> = {}, timeoutMs?: number) =>
  createWriteClient({ baseUrl: play.url, token: tokens.accountFull, timeoutMs }).send(request(change));

/** A listener of our own, for what no PagerDuty would do. */
async function listening(listener: RequestListener) {
  const seen: string[] = [];
  const server = createServer((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url}`);
    listener(incoming, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { seen, baseUrl, send: () => createWriteClient({ baseUrl, token: 'key' }).send(request()) };
}

describe('a write that PagerDuty answers', () => {
  test('is applied once, with exactly the bytes that were given and in the name of the approver', async () => {
    const outcome = await send();
    expect(outcome).toMatchObject({
      kind: 'applied',
      httpStatus: expect.any(Number),
      pagerdutyRequestId: expect.any(String),
    });
    expect(play.requests()).toHaveLength(1);
    expect(play.requests()[0]).toMatchObject({ bodyText: note, from: people.marco.email, outcome: 'applied' });
  });

  test('is applied without a body too', async () => {
    const { send: sendThere } = await listening((_incoming, response) => response.writeHead(204).end());
    expect(await sendThere()).toEqual({ kind: 'applied', httpStatus: 204, body: null, pagerdutyRequestId: null });
  });

  test.each(['refuse', 'rate_limit_json', 'rate_limit_html'] as const)('is rejected after %s', async (kind) => {
    play.faults.add({ kind });
    expect((await send()).kind).toBe('rejected');
    expect(play.ledger()).toEqual([]);
    expect(play.requests()).toHaveLength(1);
  });

  test('is rejected with a credential that may not write, in PagerDuty’s words', async () => {
    const client = createWriteClient({ baseUrl: play.url, token: tokens.accountRead });
    expect(await client.send(request())).toMatchObject({
      kind: 'rejected',
      httpStatus: 403,
      because: 'PagerDuty answered 403: "Access Denied"',
    });
  });
});

describe('a write whose fate cannot be known', () => {
  test.each(['drop_before', 'drop_after', 'error_before', 'error_after', 'garbage'] as const)(
    'is unknown after %s and is never repeated',
    async (kind) => {
      play.faults.add({ kind, times: 5 });
      expect((await send()).kind).toBe('unknown');
      expect(play.requests()).toHaveLength(1);
      expect(play.ledger()).toHaveLength(kind.endsWith('before') ? 0 : 1);
    },
  );

  test('is unknown when the answer takes too long, though it was applied', async () => {
    play.faults.add({ kind: 'slow', delayMs: 60_000 });
    // Long enough to connect on a busy machine.
    expect(await send({}, 2_000)).toMatchObject({ kind: 'unknown', because: 'PagerDuty did not answer within 2 s.' });
    expect(play.ledger()).toHaveLength(1);
  });

  test('is unknown when it is applied only after the connection broke', async () => {
    play.faults.add({ kind: 'late_apply', delayMs: 20 });
    expect((await send()).kind).toBe('unknown');
    await expect.poll(() => play.ledger().length).toBe(1);
  });

  test.each([301, 302, 307, 308])('is unknown after a redirect %i, which is not followed', async (status) => {
    const { send: sendThere, seen } = await listening((_incoming, response) =>
      response.writeHead(status, { location: `${play.url}/incidents` }).end(),
    );
    expect(await sendThere()).toMatchObject({ kind: 'unknown', httpStatus: status });
    expect(seen).toHaveLength(1);
    expect(play.requests()).toEqual([]);
  });

  test('is unknown after 408, which can follow a write that had begun', async () => {
    const { send: sendThere } = await listening((_incoming, response) => response.writeHead(408).end());
    expect((await sendThere()).kind).toBe('unknown');
  });

  test('is unknown when the connection breaks inside the answer', async () => {
    const { send: sendThere } = await listening((_incoming, response) => {
      response.writeHead(201, { 'content-length': '100' });
      response.write('{"note"', () => response.socket?.destroy());
    });
    expect(await sendThere()).toMatchObject({
      kind: 'unknown',
      because: 'The connection to PagerDuty broke inside its answer.',
    });
  });
});

describe('a write of which nothing was sent', () => {
  test('is rejected when nobody listens', async () => {
    const { baseUrl } = await listening(() => undefined);
    for (const close of closing.splice(0)) await close();
    const client = createWriteClient({ baseUrl, token: 'key' });
    expect(await client.send(request())).toEqual({
      kind: 'rejected',
      httpStatus: null,
      because: 'PagerDuty could not be reached. Nothing was sent.',
      pagerdutyRequestId: null,
    });
  });

  test('is rejected when the time to send has passed, without a single byte', async () => {
    const bytes: Buffer[] = [];
    const sockets: Socket[] = [];
    const server = createSocketServer((socket) => {
      sockets.push(socket);
      socket.on('data', (chunk) => bytes.push(chunk));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => server.close(() => resolve())));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const outcome = await createWriteClient({ baseUrl, token: 'key' }).send(request({ stillAllowed: () => false }));
    expect(outcome).toMatchObject({ kind: 'rejected', because: 'The time to send had passed. Nothing was sent.' });
    await expect.poll(() => sockets.every((socket) => socket.destroyed || socket.readableEnded)).toBe(true);
    expect(Buffer.concat(bytes).toString()).toBe('');
  });
});
