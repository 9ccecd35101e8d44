import http from 'node:http';
import https from 'node:https';
import { errorText, PagerDutyError } from './errors.ts';
import type { Json } from './json.ts';
import type { CallOutcome } from './outcome.ts';
import { ACCEPT, authorization } from './read-client.ts';
import { type Token, textOf } from './token.ts';

export interface WriteClientOptions {
  baseUrl: string;
  /** The credential that may write. Only the worker has one. */
  token: Token;
  /** From the first byte to the whole answer; default 30,000 (30 s). */
  timeoutMs?: number;
}

export interface WriteRequest {
  method: string;
  path: string;
  /** Exactly these bytes are sent; null = no body. */
  body: string | null;
  /** Login e-mail for `From`. */
  from: string;
  /** Asked at the last moment before the first byte; false = too late, nothing is sent. */
  stillAllowed(): boolean;
}

/** The credential that can write. One call is one HTTP request on a connection of its own: no retry, no redirect. */
export interface WriteClient {
  /** Never throws for what the network does: every ending is an outcome. */
  send(request: WriteRequest): Promise<CallOutcome>;
}

// Answers that PagerDuty gives before it touches anything. 408 is not among them: it can follow a started write.
const CERTAIN_REFUSALS = new Set([400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 422, 429]);

/** Header values are bytes; Node throws for anything else. */
const isLatin1 = (text: string) => !/[^\u0020-\u007e\u00a0-\u00ff]/.test(text);

function classify(status: number, text: string, pagerdutyRequestId: string | null): CallOutcome {
  if (status >= 200 && status < 300) {
    if (text.trim() === '') return { kind: 'applied', httpStatus: status, body: null, pagerdutyRequestId };
    try {
      return { kind: 'applied', httpStatus: status, body: JSON.parse(text) as Json, pagerdutyRequestId };
    } catch {
      const because = `PagerDuty answered ${status} with a body that could not be read.`;
      return { kind: 'unknown', httpStatus: status, because, pagerdutyRequestId };
    }
  }
  const { said } = errorText(text);
  const because = `PagerDuty answered ${status}${said === null ? '.' : `: "${said}"`}`;
  const kind = CERTAIN_REFUSALS.has(status) ? 'rejected' : 'unknown';
  return { kind, httpStatus: status, because, pagerdutyRequestId };
}

export function createWriteClient(options: WriteClientOptions): WriteClient {
  const { token, timeoutMs = 30_000 } = options;
  const base = new URL(options.baseUrl.replace(/\/$/, ''));
  const transport = base.protocol === 'https:' ? https : http;
  const connected = base.protocol === 'https:' ? 'secureConnect' : 'connect';

  const rejected = (because: string): CallOutcome => ({
    kind: 'rejected',
    httpStatus: null,
    because,
    pagerdutyRequestId: null,
  });

  const exchange = (call: WriteRequest, bearer: string): Promise<CallOutcome> =>
    new Promise((resolve) => {
      const never = (because: string) => resolve(rejected(because));
      let bytesMayHaveLeft = false;
      if (!isLatin1(call.from)) return never('The sender’s e-mail cannot stand in an HTTP header. Nothing was sent.');
      const request = transport.request(new URL(base.href.replace(/\/$/, '') + call.path), {
        method: call.method,
        agent: false,
        headers: {
          accept: ACCEPT,
          authorization: authorization(bearer),
          from: call.from,
          'user-agent': 'countersign',
          ...(call.body === null
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(call.body) }),
        },
      });
      const lost = (because: string) => {
        clearTimeout(timer);
        request.destroy();
        if (!bytesMayHaveLeft) never(`${because} Nothing was sent.`);
        else resolve({ kind: 'unknown', httpStatus: null, because, pagerdutyRequestId: null });
      };
      const timer = setTimeout(() => lost(`PagerDuty did not answer within ${timeoutMs / 1000} s.`), timeoutMs);
      request.on('error', () => {
        lost(
          bytesMayHaveLeft
            ? 'The connection to PagerDuty broke before it answered.'
            : 'PagerDuty could not be reached.',
        );
      });
      // Node buffers header and body until end(); connecting first makes "no byte has left" a fact we can state.
      request.on('socket', (socket) => {
        socket.once(connected, () => {
          if (!call.stillAllowed()) return lost('The time to send had passed.');
          bytesMayHaveLeft = true;
          request.end(call.body ?? undefined);
        });
      });
      request.on('response', (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', () => lost('The connection to PagerDuty broke inside its answer.'));
        response.on('aborted', () => lost('The connection to PagerDuty broke inside its answer.'));
        response.on('end', () => {
          if (!response.complete) return lost('The connection to PagerDuty broke inside its answer.');
          clearTimeout(timer);
          const id = response.headers['x-request-id'];
          const text = Buffer.concat(chunks).toString('utf8');
          resolve(classify(response.statusCode ?? 0, text, typeof id === 'string' ? id : null));
        });
      });
    });

  return {
    async send(call) {
      let bearer: string;
      try {
        bearer = await textOf(token);
      } catch (error) {
        if (!(error instanceof PagerDutyError)) throw error;
        return rejected(`${error.message} Nothing was sent.`);
      }
      const outcome = await exchange(call, bearer);
      if (outcome.httpStatus === 401 && typeof token !== 'string') token.forget(bearer);
      return outcome;
    },
  };
}
