import canonicalize from 'canonicalize';
import { sha256 } from '#db/ids.ts';
import type { Json, JsonObject } from '#pagerduty/json.ts';
import { findAmbiguity } from '#pagerduty/strict-json.ts';
import { stateOf } from '#pagerduty/tools/evidence/watching.ts';
import type { Binding, WriteTool } from '#pagerduty/write-tool.ts';
import { ApprovalError } from '#process/errors.ts';

/** What is shown, decided on and sent. */
export interface Shown {
  tool: string;
  toolVersion: number;
  input: JsonObject;
  call: { method: string; path: string; body: JsonObject | null };
  before: JsonObject;
}

/**
 * RFC 8785 text of a value.
 * @throws ApprovalError `invalid` for what has no canonical form: lone surrogates, NaN, infinities.
 */
export function canonicalText(value: unknown): string {
  let text: string | undefined;
  try {
    text = canonicalize(value);
  } catch (cause) {
    throw new ApprovalError('invalid', 'The arguments hold text or numbers that JSON cannot carry exactly.', { cause });
  }
  if (text === undefined) throw new ApprovalError('invalid', 'The arguments are not JSON.');
  return text;
}

/** The text of a request: what a tool makes of an input and of what was read, with nothing else in it. */
export function canonicalOf(tool: WriteTool, input: unknown, before: unknown, binding: Binding): string {
  return canonicalText({
    tool: tool.name,
    toolVersion: tool.version,
    input,
    call: tool.call(input, binding, before),
    before: stateOf(tool, input, before),
  });
}

/** The digest that every review carries and the sender computes again. */
export function digestOf(canonical: string): string {
  return sha256(canonical);
}

export function shownFrom(canonical: string): Shown {
  return JSON.parse(canonical) as Shown;
}

/** The bytes of the HTTP body; null = none. */
export function bodyText(body: Json): string | null {
  return body === null ? null : canonicalText(body);
}

const refuse = (because: string): never => {
  throw new ApprovalError('invalid', because);
};

/**
 * Parses JSON from outside and refuses what two readers could understand differently: duplicate keys, integers
 * beyond 2^53, lone surrogates, `__proto__`.
 * @throws ApprovalError `invalid` with a sentence that says what to do.
 */
export function parseStrictJson(text: string): Json {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (cause) {
    throw new ApprovalError('invalid', 'The body is not valid JSON.', { cause });
  }
  const ambiguity = findAmbiguity(text);
  if (ambiguity !== null) refuse(ambiguity);
  if (!isWellFormed(value)) refuse('The text holds half of a surrogate pair, which is not a character.');
  return value;
}

function isWellFormed(value: Json): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  // Of a list the keys are its places. Unnoticed without `typeof value === 'object'`: a number has no entries.
  if (value !== null && typeof value === 'object') {
    return Object.entries(value).every(([key, inner]) => key.isWellFormed() && isWellFormed(inner));
  }
  return true;
}
