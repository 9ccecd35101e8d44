import type { z } from 'zod';
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
  ask<T>(question: Question, schema: z.ZodType<T>, body: JsonObject): Promise<T>;
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

/** Waits as long as PagerDuty asks, at most 5 s; a read that would take longer fails and says so. */
function waitMs(error: PagerDutyError, tried: number): number | null {
  if (error.kind === 'rate_limited') {
    const seconds = error.retryAfterSeconds ?? 1;
    return seconds > 5 ? null : seconds * 1000;
  }
  return error.kind === 'unavailable' ? 100 * 2 ** tried : null;
}

export function createReadClient(options: ReadClientOptions): ReadClient {
  const { baseUrl, token, timeoutMs = 10_000, tries = 3 } = options;

  async function once<T>(url: URL, schema: z.ZodType<T>, question: string | null): Promise<T> {
    const bearer = await textOf(token);
    let response: Response;
    let text: string;
    try {
      response = await fetch(url, {
        ...(question === null ? {} : { method: 'POST', body: question }),
        headers: {
          accept: ACCEPT,
          authorization: authorization(bearer),
          'user-agent': 'countersign',
          ...(question === null ? {} : { 'content-type': 'application/json' }),
        },
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
      });
      text = await response.text();
    } catch (cause) {
      throw new PagerDutyError('unavailable', 'PagerDuty did not answer.', { cause });
    }
    if (response.status === 401 && typeof token !== 'string') token.forget(bearer);
    if (!response.ok) throw parseError(response.status, text, response.headers);
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch (cause) {
      throw new PagerDutyError('unavailable', 'PagerDuty answered with something that is not JSON.', { cause });
    }
    const parsed = schema.safeParse(body);
    if (!parsed.success) {
      const where = parsed.error.issues[0]?.path.join('.') ?? '';
      throw new PagerDutyError('unexpected', `PagerDuty's answer has an unexpected shape at "${where}".`);
    }
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
    ask(question, schema, body) {
      // The type says so already; a cast somewhere must not be enough to turn this into a way to write.
      if (!QUESTIONS.has(question)) throw new TypeError(`${question} is not a question.`);
      return repeated(at(question), schema, JSON.stringify(body));
    },
  };
}
