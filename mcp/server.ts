import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type NodeServerResponseLike, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { authenticateAgent } from '#approvals/agents.ts';
import type { Changes } from '#approvals/changes.ts';
import type { Context } from '#approvals/context.ts';
import { authInfoOf, createAgentServer } from './agent-server.ts';
import {
  BODY_BYTES,
  bearer,
  bodyOf,
  cancelledId,
  createAddressCheck,
  Malformed,
  messageFrom,
  refuseHttp,
} from './door.ts';
import { createOpenWaits, WAITS, type Waits, waitKey } from './waits.ts';

export interface McpServerOptions {
  /** All of a context but the actor: that is the agent who calls. */
  ctx: Omit<Context, 'actor'>;
  changes: Changes;
  /** Base of the pages where humans decide, without a slash at the end. */
  publicUrl: string;
  /** Default 0 = any free port. */
  port?: number;
  /** Default 127.0.0.1. */
  host?: string;
  /** Host names, besides those of this machine, under which agents reach it. */
  hosts?: readonly string[];
  /** Default {@link WAITS}. */
  waits?: Partial<Waits>;
}

export interface McpServer {
  /** Of `/mcp`. */
  url: string;
  /** How many calls are held at the moment. */
  waiting(): number;
  /** Answers what is held with how it stands, takes nothing new, and resolves within 1 s. */
  close(): Promise<void>;
}

const CLOSE_WITHIN_MS = 500;
const HEALTH_WITHIN_MS = 2_000;

async function health(ctx: McpServerOptions['ctx'], response: ServerResponse): Promise<void> {
  const late = new Promise<never>((_, fail) => setTimeout(fail, HEALTH_WITHIN_MS).unref());
  const status = await Promise.race([ctx.db.$client.query('select 1'), late]).then(
    () => 200,
    () => 503,
  );
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ ok: status === 200 }));
}

/** Sends headers when they are known: some clients give up when there is no first byte for seconds. */
function prompt(response: ServerResponse): NodeServerResponseLike {
  return {
    writeHead: (status, headers) => response.writeHead(status, headers).flushHeaders(),
    write: (chunk) => response.write(chunk),
    end: (chunk) => response.end(chunk),
    on: (event, listener) => response.on(event, listener),
    get destroyed() {
      return response.destroyed;
    },
  };
}

function challenge(response: ServerResponse, token: string | null): void {
  const error = token === null ? '' : ', error="invalid_token"';
  const message =
    token === null
      ? 'A credential is needed: Authorization: Bearer …, as made by "npm run agents".'
      : 'This credential is not accepted: it is wrong or revoked, or its agent is switched off.';
  const headers = { 'www-authenticate': `Bearer realm="countersign"${error}` };
  refuseHttp(response, 401, { code: -32001, message }, headers);
}

/** Serves agents at `/mcp`, both protocol eras, and `/healthz`. It holds nothing but open calls: any number may run. */
export async function startMcpServer(options: McpServerOptions): Promise<McpServer> {
  const { ctx, changes, publicUrl, port = 0, host = '127.0.0.1', hosts = [] } = options;
  const waits = { ...WAITS, ...options.waits };
  const open = createOpenWaits(waits.progressEveryMs);
  const serving = { changes, waits, open, publicUrl };
  const note = (error: Error) => ctx.log.info('the protocol layer refused a message', { error: error.name });
  const handler = createMcpHandler(({ authInfo }) => createAgentServer(ctx, serving, authInfo), {
    legacy: 'stateless',
    responseMode: 'sse',
    // There is nothing to subscribe to, and an idle stream would cost memory.
    maxSubscriptions: 0,
    onerror: note,
  });
  const handle = toNodeHandler(handler, { onerror: note });
  const addressed = createAddressCheck(hosts);

  async function mcp(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!addressed(request, response)) return;
    const token = bearer(request);
    const agent = token === null ? null : await authenticateAgent(ctx, token);
    if (agent === null) return challenge(response, token);
    // Nothing behind this line can leak what it never sees.
    delete request.headers.authorization;
    if (request.method !== 'POST') {
      return handle(Object.assign(request, { auth: authInfoOf(agent, null) }), prompt(response));
    }
    const text = await bodyOf(request);
    if (text === null) {
      const message = `The body is larger than ${BODY_BYTES} bytes.`;
      return refuseHttp(response, 413, { code: -32600, message }, { connection: 'close' });
    }
    const message = messageFrom(text);
    if (message.body.method === 'notifications/cancelled') open.cancel(waitKey(agent.id, cancelledId(message.body)));
    const auth = authInfoOf(agent, message.kind === 'ambiguous' ? message.because : null);
    return handle(Object.assign(request, { auth }), prompt(response), message.body);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0];
    if (path === '/healthz' && request.method === 'GET') return health(ctx, response);
    if (path === '/mcp') return mcp(request, response);
    refuseHttp(response, 404, { code: -32600, message: 'There is only /mcp here.' });
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent || request.destroyed) return response.destroy();
      if (error instanceof Malformed) {
        return refuseHttp(response, 400, { code: error.code, message: error.message });
      }
      ctx.log.error('a request failed', { error: error instanceof Error ? error.name : 'unknown' });
      refuseHttp(response, 500, { code: -32603, message: 'Countersign failed. Try again.' });
    });
  });
  // Longer than what proxies and clients keep, so that they close first and lose no request.
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : port;

  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}/mcp`,
    waiting: open.count,
    async close() {
      open.endAll();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), CLOSE_WITHIN_MS);
      await closed;
      clearTimeout(cut);
      await handler.close();
    },
  };
}
