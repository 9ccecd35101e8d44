import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { App, Receiver } from '@slack/bolt';
import { z } from 'zod';
import type { Log } from '#process/log.ts';
import { answer, answerHealth } from './health.ts';
import { isSigned, isTimely } from './signature.ts';

/** Far above anything Slack sends; Bolt's default is 4 MB. */
export const MAX_BODY_BYTES = 1024 * 1024;

export interface ReceiverOptions {
  host: string;
  /** 0 = any free one. */
  port: number;
  signingSecret: string;
  log: Log;
  /** Resolves when this process can do its work. */
  healthy: () => Promise<unknown>;
}

const payload = z.record(z.string(), z.unknown());
const challenge = z.object({ type: z.literal('url_verification'), challenge: z.string().max(1000) });

/** The bytes, or null when there are too many; one that does not say its length is then cut off. */
async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) return null;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What Slack said: clicks come as a form with one JSON field, events as JSON. Null when it is neither. */
function parseBody(contentType: string, body: string): Record<string, unknown> | null {
  try {
    if (!contentType.startsWith('application/x-www-form-urlencoded')) return payload.parse(JSON.parse(body));
    const form = new URLSearchParams(body);
    const json = form.get('payload');
    return json === null ? Object.fromEntries(form) : payload.parse(JSON.parse(json));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
    throw error;
  }
}

/** What Slack is told in the same answer: nothing, a text, or a message or view. */
function acknowledge(response: ServerResponse, reply: unknown): void {
  const said = typeof reply === 'string' && reply !== '' ? { text: reply } : reply;
  answer(response, 200, said || null);
}

/**
 * Slack's door over plain HTTP. Stricter than Bolt's own: the signature is of the raw bytes, neither old nor from the
 * future, and nothing is parsed before it holds.
 */
export class SignedReceiver implements Receiver {
  readonly #options: ReceiverOptions;
  readonly #server: Server;
  #app: App | null = null;

  constructor(options: ReceiverOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        options.log.error('a message of Slack could not be handled', {
          error: error instanceof Error ? error.name : 'unknown',
        });
        answer(response, 500);
      });
    });
    this.#server.headersTimeout = 5_000;
    this.#server.requestTimeout = 10_000;
  }

  init(app: App): void {
    this.#app = app;
  }

  /** @returns the address it listens on. */
  async start(): Promise<string> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, host, resolve);
    });
    const address = this.#server.address();
    return `http://${host}:${typeof address === 'object' && address !== null ? address.port : port}`;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url?.split('?')[0];
    if (path === '/healthz' && request.method === 'GET') return answerHealth(response, this.#options.healthy);
    if (path !== '/slack/events') return answer(response, 404);
    if (request.method !== 'POST') return answer(response, 405);
    await this.#receive(request, response);
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const header = (name: string) => request.headers[name]?.toString();
    const signed = { timestamp: header('x-slack-request-timestamp'), signature: header('x-slack-signature') };
    if (!isTimely(signed.timestamp, Date.now() / 1000)) return answer(response, 401);
    const body = await readBody(request);
    if (body === null) return answer(response, 413);
    if (!isSigned(this.#options.signingSecret, signed, body, Date.now() / 1000)) return answer(response, 401);
    const said = parseBody(header('content-type') ?? '', body.toString('utf8'));
    if (said === null) return answer(response, 400);
    const challenged = challenge.safeParse(said);
    if (challenged.success) return answer(response, 200, { challenge: challenged.data.challenge });
    // Bolt acknowledges an event before anybody has heard of it; Slack is to send it again when that fails.
    const isEvent = said.type === 'event_callback';
    let heard = false;
    const ack = async (reply?: unknown) => {
      heard = true;
      if (!isEvent) acknowledge(response, reply);
    };
    await this.#app?.processEvent({ body: said, ack });
    if (heard) return answer(response, 200);
    // Nobody here listens to this kind of message; Slack shows the person that nothing happened.
    answer(response, 404);
  }
}
