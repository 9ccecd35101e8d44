import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, limit, offset, optional, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { orchestration, orchestrationFields } from './fields.ts';

const input = toolInput({
  limit,
  offset,
  sort_by: optional(
    z.enum(['name:asc', 'name:desc', 'routes:asc', 'routes:desc', 'created_at:asc', 'created_at:desc']),
  ),
});

export const listEventOrchestrations = defineReadTool<z.infer<typeof input>>({
  name: 'list_event_orchestrations',
  title: 'List event orchestrations',
  description: 'List global event orchestrations, which take events and route them to services.',
  toolset: 'event_orchestrations',
  source: { operationId: 'listEventOrchestrations', path: '/event_orchestrations', scope: 'event_orchestrations.read' },
  reads: ['event_orchestrations.read'],
  input,
  example: { sort_by: 'routes:desc' },
  async run(pagerduty, { limit: wanted = DEFAULT_LIMIT, offset: skip = 0, sort_by: order }) {
    const source = { path: '/event_orchestrations', list: 'orchestrations', item: orchestration };
    const found = await collect(pagerduty, source, { sort_by: order }, { limit: wanted, offset: skip });
    return {
      answer: { orchestrations: found.items.map(orchestrationFields), more: found.more },
      text: listSentence(found, 'event orchestration'),
    };
  },
});
