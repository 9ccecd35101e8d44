import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, id, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { changeEvent, changeEventFields, filters, queryOf } from './events.ts';

const input = toolInput({ service_id: id('service'), ...filters });

export const listServiceChangeEvents = defineReadTool<z.infer<typeof input>>({
  name: 'list_service_change_events',
  title: 'List the change events of a service',
  description: 'List deploys and other changes of one service, newest first. Their texts come from other systems.',
  toolset: 'change_events',
  source: { operationId: 'listServiceChangeEvents', path: '/services/{id}/change_events', scope: 'services.read' },
  reads: ['services.read'],
  input,
  example: { service_id: 'PSCHKOT', limit: 10 },
  async run(pagerduty, { service_id: serviceId, ...request }) {
    const path = `/services/${encodeURIComponent(serviceId)}/change_events`;
    const source = { path, list: 'change_events', item: changeEvent };
    const wanted = { limit: request.limit ?? DEFAULT_LIMIT, offset: request.offset ?? 0 };
    const found = await collect(pagerduty, source, queryOf(request), wanted);
    return {
      answer: { change_events: found.items.map(changeEventFields), more: found.more },
      text: listSentence(found, 'change event'),
    };
  },
});
