import { z } from 'zod';
import type { Query, ReadClient } from '../../read-client.ts';

const PAGE_SIZE = 100;

export interface Collected<T> {
  items: T[];
  /** True when PagerDuty has more than was asked for. */
  more: boolean;
}

/** What a list of such items looks like, by item and name. Zod compiles a schema when it is first used: once, that is. */
const answers = new WeakMap<z.ZodType, Map<string, z.ZodType<Record<string, unknown>>>>();

function answerOf(list: string, item: z.ZodType): z.ZodType<Record<string, unknown>> {
  const known = answers.get(item) ?? new Map<string, z.ZodType<Record<string, unknown>>>();
  answers.set(item, known);
  const answer = known.get(list) ?? z.object({ [list]: z.array(item), more: z.boolean().nullish() });
  known.set(list, answer);
  return answer;
}

/**
 * Reads as many pages as it takes to have `limit` items and says whether there are more.
 * PagerDuty serves at most 10,000 items this way (limit plus offset).
 * @throws PagerDutyError when any page cannot be read.
 */
export async function collect<T>(
  pagerduty: ReadClient,
  source: { path: string; list: string; item: z.ZodType<T> },
  query: Query,
  wanted: { limit: number; offset?: number },
): Promise<Collected<T>> {
  const answer = answerOf(source.list, source.item);
  const items: T[] = [];
  let offset = wanted.offset ?? 0;
  for (;;) {
    const limit = Math.min(wanted.limit - items.length, PAGE_SIZE);
    const body = await pagerduty.get(source.path, answer, { ...query, limit, offset });
    // The computed key hides the list's type from TypeScript; the schema above has just checked it.
    const found = body[source.list] as T[];
    items.push(...found.slice(0, limit));
    const more = body.more === true || found.length > limit;
    if (!more || items.length >= wanted.limit || found.length === 0) return { items, more };
    offset += found.length;
  }
}
