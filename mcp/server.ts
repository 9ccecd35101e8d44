import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Changes } from '#approvals/changes.ts';
import type { Context } from '#approvals/context.ts';
import { Malformed, refuseHttp } from './door.ts';
import { createEndpoint } from './endpoint.ts';
import { createOpenWaits, WAITS, type Waits } from './waits.ts';

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
  /** How many calls are kept open at the moment. */
  waiting(): number;
  /** Answers what is open with how it stands, takes nothing new, and resolves within 1 s. */
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

/** Serves agents at `/mcp`, both protocol eras, and `/healthz`. It holds nothing but open calls: any number may run. */
export async function startMcpServer(options: McpServerOptions): Promise<McpServer> {
  const { ctx, changes, publicUrl, port = 0, host = '127.0.0.1', hosts = [] } = options;
  const waits = { ...WAITS, ...options.waits };
  const open = createOpenWaits(waits);
  const endpoint = createEndpoint(ctx, { changes, waits, open, publicUrl }, hosts);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?', 1)[0];
    if (path === '/healthz' && request.method === 'GET') return health(ctx, response);
    if (path === '/mcp') return endpoint.serve(request, response);
    refuseHttp(response, 404, { code: -32600, message: 'There is only /mcp here.' });
  }

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent || response.destroyed) return response.destroy();
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
      await endpoint.close();
    },
  };
}
