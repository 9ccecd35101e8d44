import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, id, limit, optional, queryModel, toolInput } from '../input/parameters.ts';
import { line, listSentence } from '../words/answers.ts';
import { pagePath } from './page.ts';
import { pageWord } from './shapes.ts';

/** What the three lists of words of a page are asked with. */
export const wordsInput = toolInput({
  status_page_id: id('status page'),
  query_model: queryModel({ post_type: optional(z.enum(['incident', 'maintenance'])), limit }),
});

/**
 * One list of words of a page.
 * @throws PagerDutyError when there is no such page.
 */
export async function listWords(
  pagerduty: ReadClient,
  {
    status_page_id: pageId,
    query_model: { post_type: type, limit: wanted = DEFAULT_LIMIT } = {},
  }: z.infer<typeof wordsInput>,
  { list, noun }: { list: 'statuses' | 'severities' | 'impacts'; noun: string },
) {
  const source = { path: `${pagePath(pageId)}/${list}`, list, item: pageWord };
  const found = await collect(pagerduty, source, { post_type: type }, { limit: wanted });
  const words = found.items.map((one) => ({
    id: one.id,
    name: line(one.description),
    post_type: one.post_type ?? null,
  }));
  return { answer: { [list]: words, more: found.more }, text: listSentence(found, noun, list) };
}
