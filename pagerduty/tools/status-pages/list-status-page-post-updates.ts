import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, id, limit, optional, queryModel, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { postPath, readWords, updateFields } from './page.ts';
import { postUpdate } from './shapes.ts';

const input = toolInput({
  status_page_id: id('status page'),
  post_id: id('post'),
  query_model: queryModel({ reviewed_status: optional(z.enum(['approved', 'not_reviewed'])), limit }),
});

export const listStatusPagePostUpdates = defineReadTool<z.infer<typeof input>>({
  name: 'list_status_page_post_updates',
  title: 'List the updates of a post',
  description: 'List what a post on a status page has said so far.',
  toolset: 'status_pages',
  source: {
    operationId: 'listStatusPagePostUpdates',
    path: '/status_pages/{id}/posts/{post_id}/post_updates',
    scope: 'status_pages.read',
  },
  reads: ['status_pages.read'],
  input,
  example: { status_page_id: 'PWCUSTM', post_id: 'PWPCHKT' },
  async run(pagerduty, { status_page_id: pageId, post_id: postId, query_model: filters = {} }) {
    const { reviewed_status: reviewed, limit: wanted = DEFAULT_LIMIT } = filters;
    const source = { path: `${postPath(pageId, postId)}/post_updates`, list: 'post_updates', item: postUpdate };
    const [found, words] = await Promise.all([
      collect(pagerduty, source, { reviewed_status: reviewed }, { limit: wanted }),
      readWords(pagerduty, pageId),
    ]);
    return {
      answer: { post_updates: found.items.map((one) => updateFields(one, words)), more: found.more },
      text: listSentence(found, 'update'),
    };
  },
});
