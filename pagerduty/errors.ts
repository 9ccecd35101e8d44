import type { IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';
import { visible } from './visible-text.ts';

/** `unexpected` = answered 2xx, but not in a shape we know. */
export type PagerDutyErrorKind =
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'invalid'
  | 'rate_limited'
  | 'unavailable'
  | 'unexpected';

/** A read that failed. `message` is a sentence that may be shown; PagerDuty's own words in it are made visible. */
export class PagerDutyError extends Error {
  readonly kind: PagerDutyErrorKind;
  readonly status: number | null;
  readonly code: number | null;
  readonly retryAfterSeconds: number | null;

  constructor(
    kind: PagerDutyErrorKind,
    message: string,
    facts: { status?: number; code?: number | null; retryAfterSeconds?: number | null; cause?: unknown } = {},
  ) {
    super(message, { cause: facts.cause });
    this.name = 'PagerDutyError';
    this.kind = kind;
    this.status = facts.status ?? null;
    this.code = facts.code ?? null;
    this.retryAfterSeconds = facts.retryAfterSeconds ?? null;
  }
}

/** What was asked for, or null where PagerDuty does not know it. */
export async function orGone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof PagerDutyError && error.kind === 'not_found') return null;
    throw error;
  }
}

// Seen in the wild: an object, a plain string (users/me with an account key), `errors` as list, text or object of lists.
const errorBody = z.object({
  error: z
    .union([
      z.string(),
      z.object({ message: z.string().nullish(), code: z.coerce.number().nullish(), errors: z.unknown().optional() }),
    ])
    .optional(),
  errors: z.unknown().optional(),
});

function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  if (value !== null && typeof value === 'object') {
    return Object.entries(value).flatMap(([field, inner]) => texts(inner).map((text) => `${field}: ${text}`));
  }
  return [];
}

/** What PagerDuty said went wrong, from any of its error shapes; `said` is null for HTML, empty and unknown bodies. */
export function errorText(text: string): { said: string | null; code: number | null } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { said: null, code: null };
  }
  const parsed = errorBody.safeParse(body);
  if (!parsed.success) return { said: null, code: null };
  const { error, errors } = parsed.data;
  const inner = typeof error === 'object' ? error : undefined;
  const parts = [typeof error === 'string' ? error : (inner?.message ?? ''), ...texts(inner?.errors), ...texts(errors)];
  const said = parts.filter((part) => part !== '').join(' – ');
  return {
    said: said === '' ? null : visible(said, { maxCharacters: 300, maxLines: 3 }).text,
    code: inner?.code ?? null,
  };
}

const KINDS: Record<number, PagerDutyErrorKind> = {
  401: 'unauthorized',
  402: 'forbidden',
  403: 'forbidden',
  404: 'not_found',
  408: 'unavailable',
  429: 'rate_limited',
};

const SENTENCES: Record<PagerDutyErrorKind, string> = {
  unauthorized: 'PagerDuty refused the credential (wrong key, or the other service region).',
  forbidden: 'PagerDuty says this credential or plan may not do that.',
  not_found: 'PagerDuty does not know that object.',
  invalid: 'PagerDuty refused the request as invalid.',
  rate_limited: 'PagerDuty asks to slow down (rate limit).',
  unavailable: 'PagerDuty did not answer.',
  unexpected: 'PagerDuty answered in an unexpected way.',
};

export function parseError(status: number, text: string, headers: IncomingHttpHeaders): PagerDutyError {
  const kind = KINDS[status] ?? (status >= 500 ? 'unavailable' : status >= 400 ? 'invalid' : 'unexpected');
  const { said, code } = errorText(text);
  const reset = Number(headers['ratelimit-reset'] ?? headers['retry-after'] ?? Number.NaN);
  return new PagerDutyError(kind, said === null ? SENTENCES[kind] : `${SENTENCES[kind]} It says: "${said}"`, {
    status,
    code,
    retryAfterSeconds: Number.isFinite(reset) ? reset : null,
  });
}
