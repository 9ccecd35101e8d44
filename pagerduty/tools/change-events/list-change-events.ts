import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { changeEvent, changeEventFields, filters, queryOf } from './events.ts';

const input = toolInput(filters);

export const listChangeEvents = defineReadTool<z.infer<typeof input>>({
  name: 'list_change_events',
  title: 'List change events',
  description: 'List deploys and other changes of the account, newest first. Their texts come from other systems.',
  toolset: 'change_events',
  source: { operationId: 'listChangeEvents', path: '/change_events', scope: 'change_events.read' },
  reads: ['change_events.read'],
  input,
  example: { since: '2026-11-23T00:00:00Z', limit: 10 },
  async run(pagerduty, request) {
    const source = { path: '/change_events', list: 'change_events', item: changeEvent };
    const wanted = { limit: request.limit ?? DEFAULT_LIMIT, offset: request.offset ?? 0 };
    const found = await collect(pagerduty, source, queryOf(request), wanted);
    return {
      answer: { change_events: found.items.map(changeEventFields), more: found.more },
      text: listSentence(found, 'change event'),
    };
  },
});
