import { createServer, type IncomingMessage } from 'node:http';

export interface SlackCall {
  method: string;
  token: string | undefined;
  /** As they are on the wire: everything is text. */
  arguments: Record<string, string>;
  /** Whether the message was really posted or updated. */
  done: boolean;
}

/** What the next calls meet. `done` calls take effect although the caller does not hear so. */
export type Fault =
  | { kind: 'rate_limited'; retryAfterSeconds: number }
  | { kind: 'status'; status: number; done: boolean }
  | { kind: 'error'; error: string }
  | { kind: 'page' }
  | { kind: 'reset'; done: boolean }
  | { kind: 'silent'; done: boolean };

interface FakeMessage {
  channel: string;
  text: string;
  blocks: unknown[];
}

async function argumentsOf(request: IncomingMessage): Promise<Record<string, string>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
}

/** A Slack that knows `chat.postMessage` and `chat.update`, over real HTTP. */
export async function startFakeSlack() {
  const calls: SlackCall[] = [];
  const faults: Fault[] = [];
  const messages = new Map<string, FakeMessage>();

  function act(method: string, given: Record<string, string>): Record<string, unknown> {
    const { channel = '', text = '', blocks = '[]', ts: known = '' } = given;
    const content = { channel, text, blocks: JSON.parse(blocks) as unknown[] };
    if (method === 'chat.postMessage') {
      const ts = `1780000000.${String(messages.size + 1).padStart(6, '0')}`;
      messages.set(ts, content);
      return { ok: true, channel, ts };
    }
    if (method === 'chat.update' && messages.get(known)?.channel === channel) {
      messages.set(known, content);
      return { ok: true, channel, ts: known };
    }
    return { ok: false, error: method === 'chat.update' ? 'message_not_found' : 'unknown_method' };
  }

  const server = createServer(async (request, response) => {
    const method = request.url?.replace(/^\/api\//, '') ?? '';
    const given = await argumentsOf(request);
    const fault = faults.shift();
    const done = fault === undefined || ('done' in fault && fault.done);
    calls.push({ method, token: request.headers.authorization, arguments: given, done });
    const result = done ? act(method, given) : {};
    response.setHeader('content-type', 'application/json');
    switch (fault?.kind) {
      case undefined:
        return response.end(JSON.stringify(result));
      case 'rate_limited':
        return response.writeHead(429, { 'retry-after': String(fault.retryAfterSeconds) }).end();
      case 'status':
        return response.writeHead(fault.status).end('upstream connect error');
      case 'error':
        return response.end(JSON.stringify({ ok: false, error: fault.error }));
      case 'page':
        return response.setHeader('content-type', 'text/html').end('<h1>Please sign in</h1>');
      case 'reset':
        return request.socket.destroy();
      case 'silent':
        return;
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');

  return {
    apiUrl: `http://127.0.0.1:${address.port}/api/`,
    /** Every call so far, in order. */
    calls: (method?: string) => calls.filter((call) => method === undefined || call.method === method),
    /** The messages as people see them. */
    messages: () => [...messages.values()],
    /** Meets the next call, one fault a call, in order. */
    meet: (...next: Fault[]) => faults.push(...next),
    /** As somebody in the channel would. */
    deleteAll: () => messages.clear(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export type FakeSlack = Awaited<ReturnType<typeof startFakeSlack>>;
