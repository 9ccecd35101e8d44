import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, limit, optional, queryModel, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { pageFields } from './page.ts';
import { statusPage } from './shapes.ts';

const input = toolInput({
  query_model: queryModel({
    status_page_type: optional(z.enum(['public', 'private', 'audience_specific'])),
    limit,
  }),
});

export const listStatusPages = defineReadTool<z.infer<typeof input>>({
  name: 'list_status_pages',
  title: 'List status pages',
  description: 'List the status pages of the account: id, name, type, URL.',
  toolset: 'status_pages',
  source: { operationId: 'listStatusPages', path: '/status_pages', scope: 'status_pages.read' },
  reads: ['status_pages.read'],
  input,
  example: { query_model: { status_page_type: 'public' } },
  async run(pagerduty, { query_model: { status_page_type: type, limit: wanted = DEFAULT_LIMIT } = {} }) {
    const source = { path: '/status_pages', list: 'status_pages', item: statusPage };
    const found = await collect(pagerduty, source, { status_page_type: type }, { limit: wanted });
    return {
      answer: { status_pages: found.items.map(pageFields), more: found.more },
      text: listSentence(found, 'status page'),
    };
  },
});
