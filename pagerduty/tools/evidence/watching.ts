import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from '../../json.ts';
import type { Verdict, Watched, WriteTool } from '../../write-tool.ts';

export const yes: Verdict = { holds: true };

/** A refusal with its sentence. */
export const no = (because: string): Verdict => ({ holds: false, because });

/** For a tool whose call is right as long as nothing that it watches has changed. */
export const nothingElse = (): Verdict => yes;

/** One part of a thing, e.g. `visibility` of `the team "Data"`. */
export const watchedPart = (thing: string, part: string, value: Json, words: string, key = part): Watched => ({
  key,
  subject: `The ${part} of ${thing}`,
  value,
  words,
});

type Watching<Input, Before> = Pick<WriteTool<Input, Before>, 'watched'>;

/** The fields of what was read that are digested: what is watched, and nothing else. */
export function stateOf<Input, Before>(tool: Watching<Input, Before>, input: Input, before: Before): JsonObject {
  return Object.fromEntries(tool.watched(input, before).map(({ key, value }) => [key, value]));
}

/** Holds if nothing differs; otherwise says the first difference in words. */
function unchanged(before: Watched[], now: Watched[]): Verdict {
  const current = new Map(now.map((item) => [item.key, item]));
  for (const was of before) {
    const is = current.get(was.key);
    if (is === undefined) return no(`${was.subject} was ${was.words} when this was shown and can no longer be read.`);
    // What was stored comes back with its keys in another order.
    if (isDeepStrictEqual(is.value, was.value)) continue;
    // Where the words cut or redact, they would say that it is the same.
    if (is.words === was.words) return no(`${was.subject} was changed in a part that is not shown.`);
    return no(`${was.subject} was ${was.words} when this was shown and is ${is.words} now.`);
  }
  const known = new Set(before.map(({ key }) => key));
  const added = now.find(({ key }) => !known.has(key));
  return added ? no(`${added.subject} is ${added.words} now and was not there when this was shown.`) : yes;
}

/** Whether `now` still is what was shown, as far as the tool watches it, and all else that it asks for holds. */
export function stillHolds<Input, Before>(
  tool: Watching<Input, Before> & Pick<WriteTool<Input, Before>, 'alsoHolds'>,
  input: Input,
  before: Before,
  now: Before,
): Verdict {
  const same = unchanged(tool.watched(input, before), tool.watched(input, now));
  return same.holds ? tool.alsoHolds(input, before, now) : same;
}
