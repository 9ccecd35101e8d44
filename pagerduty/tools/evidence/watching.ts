import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from '../../json.ts';
import type { Verdict } from '../../write-tool.ts';

/** One thing that must not change between showing and sending: how it is compared, and how it is said. */
export interface Watched {
  /** Unique within the request, e.g. `Q1ABC.status`. */
  key: string;
  /** Who or what, as the start of a sentence: `Incident #4821`. */
  subject: string;
  value: Json;
  /** What it is, as the end of that sentence: `"triggered"`. */
  words: string;
}

/** The digested fields. State and precondition come from the same list, so they cannot disagree. */
export function stateOf(watched: Watched[]): JsonObject {
  return Object.fromEntries(watched.map(({ key, value }) => [key, value]));
}

/** Holds if nothing differs; otherwise says the first difference in words. */
export function unchanged(before: Watched[], now: Watched[]): Verdict {
  const current = new Map(now.map((item) => [item.key, item]));
  for (const was of before) {
    const is = current.get(was.key);
    if (is === undefined) return no(`${was.subject} was ${was.words} when this was shown and can no longer be read.`);
    // What was stored comes back with its keys in another order.
    if (isDeepStrictEqual(is.value, was.value)) continue;
    return no(`${was.subject} was ${was.words} when this was shown and is ${is.words} now.`);
  }
  return yes;
}

export const yes: Verdict = { holds: true };

/** A refusal with its sentence. */
export const no = (because: string): Verdict => ({ holds: false, because });
