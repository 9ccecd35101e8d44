import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { authorization, createReadClient, oneLook, type Question, type ReadClientOptions } from './read-client.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server of our own: what is asked here is what goes over the wire. */
async function served(listener: RequestListener, options: Partial<ReadClientOptions> = {}) {
  const seen: { method: string; url: string; headers: NodeJS.Dict<string | string[]> }[] = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
    listener(request, response);
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
  return { client: createReadClient({ baseUrl, token: 'read-key', ...options }), seen, baseUrl };
}

const anything = z.object({ ok: z.boolean() });

describe('the read client', () => {
  test('POSTs the five questions that PagerDuty takes so, and nothing else', async () => {
    const { client, seen } = await served((_request, response) => response.end('{"ok":true}'));
    await client.pose('/analytics/metrics/incidents/all', anything, { filters: {} });
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/analytics/metrics/incidents/all' });
    for (const path of ['/incidents', '/analytics/metrics/incidents/all/../../../../incidents', '/analytics/raw']) {
      // The cast is the mistake that must not be enough.
      expect(() => client.pose(path as Question, anything, {})).toThrow('is not a question');
    }
    expect(seen).toHaveLength(1);
  });

  test('GETs with the read credential and lists as name[]', async () => {
    const { client, seen } = await served((_request, response) => response.end('{"ok":true}'));
    expect(Object.keys(client)).toEqual(['get', 'pose']);
    await client.get('/incidents', anything, {
      statuses: ['triggered', 'acknowledged'],
      limit: 5,
      none: null,
      gone: undefined,
    });
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      method: 'GET',
      url: '/incidents?statuses%5B%5D=triggered&statuses%5B%5D=acknowledged&limit=5',
      headers: { authorization: 'Token token=read-key', accept: 'application/vnd.pagerduty+json;version=2' },
    });
  });

  test('tells keys from OAuth tokens', () => {
    expect(authorization('abcdefghij0123456789')).toBe('Token token=abcdefghij0123456789');
    expect(authorization('pdus+_0ABC')).toBe('Bearer pdus+_0ABC');
    expect(authorization('eyJh.eyJi.c2ln')).toBe('Bearer eyJh.eyJi.c2ln');
  });

  test('tries again after a broken connection, a 5xx and a short 429', async () => {
    let calls = 0;
    const { client, seen } = await served((request, response) => {
      calls += 1;
      if (calls === 1) request.socket.destroy();
      else if (calls === 2) response.writeHead(500).end();
      else response.end('{"ok":true}');
    });
    await expect(client.get('/x', anything)).resolves.toEqual({ ok: true });
    expect(seen).toHaveLength(3);
    const limited = await served((_request, response) => {
      calls += 1;
      if (calls === 4) response.writeHead(429, { 'ratelimit-reset': '0' }).end();
      else response.end('{"ok":true}');
    });
    await expect(limited.client.get('/x', anything)).resolves.toEqual({ ok: true });
  });

  test('gives up at once when PagerDuty asks for a long pause or refuses', async () => {
    const long = await served((_request, response) => response.writeHead(429, { 'ratelimit-reset': '60' }).end());
    await expect(long.client.get('/x', anything)).rejects.toMatchObject({
      kind: 'rate_limited',
      retryAfterSeconds: 60,
    });
    expect(long.seen).toHaveLength(1);
    const missing = await served((_request, response) => response.writeHead(404).end());
    await expect(missing.client.get('/x', anything)).rejects.toMatchObject({ kind: 'not_found' });
    expect(missing.seen).toHaveLength(1);
  });

  test('follows no redirect: the credential would go along', async () => {
    const other = await served((_request, response) => response.end('{"ok":true}'));
    const { client } = await served(
      (_request, response) => response.writeHead(302, { location: other.baseUrl }).end(),
      { tries: 1 },
    );
    await expect(client.get('/x', anything)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(other.seen).toEqual([]);
  });

  test('names the place of an answer that has an unexpected shape', async () => {
    const odd = await served((_request, response) => response.end('{"ok":"yes"}'));
    await expect(odd.client.get('/x', anything)).rejects.toMatchObject({
      kind: 'unexpected',
      message: `PagerDuty's answer has an unexpected shape at "ok".`,
    });
    expect(odd.seen).toHaveLength(1);
    const broken = await served((_request, response) => response.end('<html>'), { tries: 1 });
    await expect(broken.client.get('/x', anything)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('does not wait for ever', async () => {
    const { client } = await served(() => undefined, { tries: 1, timeoutMs: 50 });
    await expect(client.get('/x', anything)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('one look', () => {
  test('asks once what is asked twice', async () => {
    const { client, seen } = await served((_request, response) => response.end('{"ok":true}'));
    const look = oneLook(client);
    await Promise.all([look.get('/x', anything), look.get('/x', anything), look.get('/x', anything, { limit: 1 })]);
    expect(seen.map(({ url }) => url)).toEqual(['/x', '/x?limit=1']);
  });

  test('asks along with the first reading what followed it the last time', async () => {
    const looks: { first: () => void; seen: string[] }[] = [];
    const { client } = await served((request, response) => {
      const answer = () => response.end('{"ok":true}');
      if (request.url === '/first') looks.push({ first: answer, seen: [] });
      else answer();
      const look = looks.at(-1);
      look?.seen.push(request.url ?? '');
      // From the second look on, the first reading is answered only after the other has come.
      if (looks.length === 1 || request.url === '/next') look?.first();
    });
    const read = async () => {
      const look = oneLook(client);
      await look.get('/first', anything);
      await look.get('/next', anything);
    };
    await read();
    await read();
    await read();
    expect(looks.map((look) => look.seen)).toEqual([
      ['/first', '/next'],
      ['/first', '/next'],
      ['/first', '/next'],
    ]);
  });

  test('at many things reads nothing ahead, and teaches no other look to', async () => {
    const { client } = await served((_request, response) => response.end('{"ok":true}'));
    const asked: string[] = [];
    const counting: typeof client = {
      ...client,
      get(path, schema, query) {
        asked.push(path);
        return client.get(path, schema, query);
      },
    };
    const read = async (options: { ahead?: boolean }, ...paths: string[]) => {
      const look = oneLook(counting, options);
      for (const path of paths) await look.get(path, anything);
    };
    await read({}, '/first', '/next');
    await read({ ahead: false }, '/first', '/other');
    await read({}, '/first');
    expect(asked).toEqual(['/first', '/next', '/first', '/other', '/first', '/next']);
  });

  test('follows what is asked now: a guess that is wrong, or refused, is forgotten', async () => {
    const { client } = await served((request, response) =>
      request.url === '/gone' ? response.writeHead(404).end() : response.end('{"ok":true}'),
    );
    let asked: string[] = [];
    const counting: typeof client = {
      ...client,
      get(path, schema, query) {
        asked.push(path);
        return client.get(path, schema, query);
      },
    };
    const read = async (next: string, query = {}) => {
      asked = [];
      const look = oneLook(counting);
      await look.get('/first', anything);
      await look.get(next, anything, query);
    };
    await expect(read('/gone')).rejects.toMatchObject({ kind: 'not_found' });
    await read('/other');
    expect(asked).toEqual(['/first', '/gone', '/other']);
    await read('/window', { since: '2026-01-01T00:00:00Z' });
    expect(asked).toEqual(['/first', '/other', '/window']);
    await read('/other');
    expect(asked).toEqual(['/first', '/other']);
  });
});
