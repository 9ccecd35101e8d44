import http, { type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http';
import https from 'node:https';
import { z } from 'zod';
import { PagerDutyError, parseError } from './errors.ts';
import type { JsonObject } from './json.ts';
import { type Token, textOf } from './token.ts';

export type Query = Record<string, string | number | boolean | readonly string[] | null | undefined>;

export interface ReadClientOptions {
  /** e.g. `https://api.pagerduty.com`. */
  baseUrl: string;
  /** A read-only REST key, or an OAuth token (`pdus+…` or a JWT), which is sent as Bearer; or where to get one. */
  token: Token;
  /** Per try; default 10,000 (10 s). */
  timeoutMs?: number;
  /** Tries in all for network errors, 429 and 5xx; default 3. Reads may be repeated; writes never are. */
  tries?: number;
}

/**
 * Questions that PagerDuty takes as POST. They change nothing, but their scope is `analytics.write`, and a key that may
 * only GET is refused.
 */
export type Question =
  `/analytics/metrics/${'incidents/all' | 'incidents/services' | 'incidents/teams' | 'responders/all' | 'responders/teams'}`;

const QUESTIONS: ReadonlySet<string> = new Set<Question>([
  '/analytics/metrics/incidents/all',
  '/analytics/metrics/incidents/services',
  '/analytics/metrics/incidents/teams',
  '/analytics/metrics/responders/all',
  '/analytics/metrics/responders/teams',
]);

/** The credential that can only read. It has no way to send a write: there is no method for one. */
export interface ReadClient {
  /**
   * GETs a path and parses the answer; array values repeat as `name[]=`.
   * @throws PagerDutyError whose `kind` says what to do.
   */
  get<T>(path: string, schema: z.ZodType<T>, query?: Query): Promise<T>;
  /**
   * POSTs one of the questions above and parses the answer; repeated like a GET.
   * @throws PagerDutyError as `get`; `forbidden` when the credential may only GET.
   */
  pose<T>(question: Question, schema: z.ZodType<T>, body: JsonObject): Promise<T>;
}

export const ACCEPT = 'application/vnd.pagerduty+json;version=2';

/** REST keys go as `Token token=`, OAuth tokens as `Bearer`. @see developer.pagerduty.com, Authentication */
export function authorization(token: string): string {
  const oauth = token.startsWith('pd') || token.split('.').length === 3;
  return oauth ? `Bearer ${token}` : `Token token=${token}`;
}

function withQuery(url: URL, query: Query): URL {
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined) continue;
    if (typeof value === 'object') for (const item of value) url.searchParams.append(`${name}[]`, item);
    else url.searchParams.set(name, String(value));
  }
  return url;
}

interface Answered {
  status: number;
  text: string;
  headers: IncomingHttpHeaders;
}

// Kept connections: without them each reading would pay for a handshake. Node's own client, because a card is made of
// up to a dozen readings and `fetch` costs a quarter of a millisecond more for each.
const agents = { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };

/** One exchange. A redirect is not followed: the credential would go along. @throws PagerDutyError `unavailable`. */
function exchange(
  url: URL,
  { headers, timeoutMs }: { headers: OutgoingHttpHeaders; timeoutMs: number },
  body: string | null,
): Promise<Answered> {
  const secure = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const lost = (cause: Error) => {
      clearTimeout(timer);
      request.destroy();
      reject(new PagerDutyError('unavailable', 'PagerDuty did not answer.', { cause }));
    };
    const request = (secure ? https : http).request(url, {
      method: body === null ? 'GET' : 'POST',
      agent: secure ? agents['https:'] : agents['http:'],
      headers,
    });
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    request.on('error', (error) => {
      // PagerDuty closed a kept connection while we took it up: a reading may be repeated on another.
      if (request.reusedSocket && 'code' in error && error.code === 'ECONNRESET') {
        clearTimeout(timer);
        exchange(url, { headers, timeoutMs }, body).then(resolve, reject);
      } else lost(error);
    });
    request.on('response', (response) => {
      const { statusCode: status = 0 } = response;
      if (status >= 300 && status < 400) return lost(new Error(`redirected with ${status}`));
      response.setEncoding('utf8');
      let text = '';
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', lost);
      response.on('end', () => {
        if (!response.complete) return lost(new Error('the answer ended early'));
        clearTimeout(timer);
        resolve({ status, text, headers: response.headers });
      });
    });
    request.end(body ?? undefined);
  });
}

function unexpectedShape({ issues }: z.ZodError): PagerDutyError {
  const where = issues[0]?.path.join('.') ?? '';
  return new PagerDutyError('unexpected', `PagerDuty's answer has an unexpected shape at "${where}".`);
}

/** Waits as long as PagerDuty asks, at most 5 s; a read that would take longer fails and says so. */
function waitMs(error: PagerDutyError, tried: number): number | null {
  if (error.kind === 'rate_limited') {
    const seconds = error.retryAfterSeconds ?? 1;
    return seconds > 5 ? null : seconds * 1000;
  }
  return error.kind === 'unavailable' ? 100 * 2 ** tried : null;
}

const whatever = z.unknown();

type Reading = readonly [path: string, query: Query | undefined];

/** By client and first reading: what the last look that began so read after it. */
const followers = new WeakMap<ReadClient, Map<string, Reading[]>>();
const MOST_FOLLOWED = 1_000;
/** Further pages of a long list are better read one after another. */
const MOST_AT_ONCE = 8;

function followersOf(client: ReadClient): Map<string, Reading[]> {
  const known = followers.get(client) ?? new Map<string, Reading[]>();
  if (known.size > MOST_FOLLOWED) known.clear();
  followers.set(client, known);
  return known;
}

/** A window that begins now is another one the next time. */
const isRepeatable = ([, query]: Reading) => query?.since === undefined;

/** One look at PagerDuty. */
export interface Look extends ReadClient {
  /**
   * The first reading so far that failed in a way that passes by itself, also where a tool goes on without it and says
   * that this part is not known; null = none did.
   */
  missed(): PagerDutyError | null;
}

const passes = (error: unknown): error is PagerDutyError =>
  error instanceof PagerDutyError && (error.kind === 'unavailable' || error.kind === 'rate_limited');

/**
 * The same client for one look at PagerDuty: whatever is read twice meanwhile is read once, so that all parts of a
 * card show the same reading. What the last look that began alike read next, who is on call for an incident say, is
 * read along with the first instead of after it: as freshly, and if nobody wants it, for nothing.
 * @param ahead default true; false for a look at many things, of which the first says nothing about the others.
 */
export function oneLook(client: ReadClient, { ahead = true } = {}): Look {
  const answers = new Map<string, Promise<unknown>>();
  const known = followersOf(client);
  const followed: Reading[] = [];
  let first: string | null = null;
  let missed: PagerDutyError | null = null;

  function read(...[path, query]: Reading): Promise<unknown> {
    const key = JSON.stringify([path, query]);
    const answer = answers.get(key) ?? client.get(path, whatever, query);
    answers.set(key, answer);
    return answer;
  }

  function follow(reading: Reading): void {
    if (first !== null) {
      if (isRepeatable(reading) && followed.length < MOST_AT_ONCE) followed.push(reading);
      return;
    }
    first = reading[0];
    const guesses = known.get(first) ?? [];
    known.set(first, followed);
    // Whoever wants it gets the refusal too; a guess that nobody wants may fail unheard.
    for (const guess of guesses) read(...guess).catch(() => undefined);
  }

  function miss(error: unknown): never {
    if (passes(error)) missed ??= error;
    throw error;
  }

  return {
    ...client,
    async get(path, schema, query) {
      const answer = read(path, query);
      if (ahead) follow([path, query]);
      const parsed = schema.safeParse(await answer.catch(miss));
      if (parsed.success) return parsed.data;
      throw unexpectedShape(parsed.error);
    },
    missed: () => missed,
  };
}

export function createReadClient(options: ReadClientOptions): ReadClient {
  const { baseUrl, token, timeoutMs = 10_000, tries = 3 } = options;

  async function once<T>(url: URL, schema: z.ZodType<T>, question: string | null): Promise<T> {
    const bearer = await textOf(token);
    const headers = {
      accept: ACCEPT,
      authorization: authorization(bearer),
      'user-agent': 'countersign',
      ...(question === null
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(question) }),
    };
    const { status, text, headers: answered } = await exchange(url, { headers, timeoutMs }, question);
    if (status === 401 && typeof token !== 'string') token.forget(bearer);
    if (status < 200 || status >= 300) throw parseError(status, text, answered);
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch (cause) {
      throw new PagerDutyError('unavailable', 'PagerDuty answered with something that is not JSON.', { cause });
    }
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw unexpectedShape(parsed.error);
    return parsed.data;
  }

  async function repeated<T>(url: URL, schema: z.ZodType<T>, question: string | null): Promise<T> {
    for (let tried = 1; ; tried++) {
      try {
        return await once(url, schema, question);
      } catch (error) {
        const wait = error instanceof PagerDutyError && tried < tries ? waitMs(error, tried) : null;
        if (wait === null) throw error;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  const at = (path: string) => new URL(baseUrl.replace(/\/$/, '') + path);
  return {
    get: (path, schema, query = {}) => repeated(withQuery(at(path), query), schema, null),
    pose(question, schema, body) {
      // The type says so already; a cast somewhere must not be enough to turn this into a way to write.
      if (!QUESTIONS.has(question)) throw new TypeError(`${question} is not a question.`);
      return repeated(at(question), schema, JSON.stringify(body));
    },
  };
}
