import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createMcpHandler, type McpHandlerRequestOptions } from '@modelcontextprotocol/server';
import type { Context } from '#approvals/context.ts';
import { authenticateAgent } from '#identity/agents.ts';
import { authInfoOf, createAgentServer } from './agent-server.ts';
import type { Serving } from './calls.ts';
import { BODY_BYTES, bearer, bodyOf, cancelledId, createAddressCheck, messageFrom, refuseHttp } from './door.ts';
import { waitKey } from './waits.ts';

/** The request as the protocol layer wants it, without its body: that was read and parsed before. */
function webRequest(request: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    // Nothing behind the door can leak a credential that it never sees.
    if (value !== undefined && name !== 'authorization') headers.set(name, String(value));
  }
  return new Request(`http://${request.headers.host}/mcp`, { method: request.method, headers, signal });
}

/** Headers leave together with what comes within this time, and then alone. */
const HEADERS_WITHIN_MS = 100;

/**
 * Writes an answer as it comes. Headers do not wait for a human: some clients give up when there is no first byte for
 * seconds.
 */
async function pass({ status, headers, body }: Response, response: ServerResponse, gone: AbortSignal): Promise<void> {
  response.writeHead(status, Object.fromEntries(headers));
  const alone = setTimeout(() => response.flushHeaders(), HEADERS_WITHIN_MS);
  try {
    for await (const chunk of body ?? []) {
      clearTimeout(alone);
      if (gone.aborted) return;
      if (!response.write(chunk)) await once(response, 'drain', { signal: gone }).catch(() => undefined);
    }
  } finally {
    clearTimeout(alone);
  }
  response.end();
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

export interface Endpoint {
  /** Lets a request in, or answers why not. @throws Malformed. */
  serve(request: IncomingMessage, response: ServerResponse): Promise<void>;
  close(): Promise<void>;
}

/** `/mcp` behind its checks, cheapest first: where it comes from, who it is, how large, what it says. */
export function createEndpoint(ctx: Omit<Context, 'actor'>, serving: Serving, hosts: readonly string[]): Endpoint {
  const note = (error: Error) => ctx.log.info('the protocol layer refused a message', { error: error.name });
  const handler = createMcpHandler(({ authInfo }) => createAgentServer(ctx, serving, authInfo), {
    legacy: 'stateless',
    responseMode: 'sse',
    // There is nothing to subscribe to, and an idle stream would cost memory.
    maxSubscriptions: 0,
    onerror: note,
  });

  async function hand(request: IncomingMessage, response: ServerResponse, options: McpHandlerRequestOptions) {
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    const answer = await handler.fetch(webRequest(request, gone.signal), options);
    return pass(answer, response, gone.signal);
  }

  const addressed = createAddressCheck(hosts);

  return {
    close: () => handler.close(),
    async serve(request, response) {
      if (!addressed(request, response)) return;
      const token = bearer(request);
      const agent = token === null ? null : await authenticateAgent(ctx, token);
      if (agent === null) return challenge(response, token);
      if (request.method !== 'POST') return hand(request, response, { authInfo: authInfoOf(agent, null) });
      const text = await bodyOf(request);
      if (text === null) {
        const message = `The body is larger than ${BODY_BYTES / 1024} KB.`;
        return refuseHttp(response, 413, { code: -32600, message }, { connection: 'close' });
      }
      const message = messageFrom(text);
      if (message.body.method === 'notifications/cancelled') {
        serving.open.cancel(waitKey(agent.id, cancelledId(message.body)));
      }
      const authInfo = authInfoOf(agent, message.kind === 'ambiguous' ? message.because : null);
      return hand(request, response, { authInfo, parsedBody: message.body });
    },
  };
}
