import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Held {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** A way to PagerDuty on which the connection breaks at once and the call arrives when it is told to. */
export interface SlowLine {
  url: string;
  /** Lets the oldest call through. @throws when there is none. */
  deliver(): Promise<void>;
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

const KEPT = ['accept', 'authorization', 'content-type', 'from'] as const;

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    KEPT.map((name) => [name, String(request.headers[name] ?? '')]).filter(([, value]) => value),
  );
}

export async function openSlowLine(target: () => string): Promise<SlowLine> {
  const held: Held[] = [];
  const server = createServer((request, response) => {
    const { method = 'GET', url = '/' } = request;
    bodyOf(request)
      .then((body) => held.push({ method, path: url, headers: headersOf(request), body }))
      .finally(() => response.destroy())
      .catch(() => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A listening TCP server has an AddressInfo; the other types of `address()` are for pipes and closed servers.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async deliver() {
      const call = held.shift();
      if (call === undefined) throw new Error('Nothing is on the slow line.');
      const { method, path, headers, body } = call;
      const answer = await fetch(target() + path, { method, headers, body: body === '' ? null : body });
      await answer.arrayBuffer();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
