import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { incident } from '../../schemas.ts';
import { collect } from '../facts/pages.ts';
import {
  DEFAULT_LIMIT,
  ids,
  jsonText,
  limit,
  optional,
  since,
  toolInput,
  until,
  urgency,
} from '../input/parameters.ts';
import { incidentFields, listSentence } from '../words/answers.ts';

const input = toolInput({
  request_scope: optional(
    z
      .string()
      .refine(
        (scope) => scope === 'all',
        'Only "all" works here: the credential belongs to no person, so "mine" has no meaning. Filter with user_ids.',
      ),
  ).describe('"all"; for one person\'s incidents use user_ids.'),
  statuses: optional(jsonText(z.array(z.enum(['triggered', 'acknowledged', 'resolved'])).max(3))).describe(
    'Only these statuses.',
  ),
  since,
  until,
  urgencies: optional(jsonText(z.array(urgency).max(2))).describe('Only these urgencies.'),
  priorities: ids('priority'),
  service_ids: ids('service'),
  user_ids: ids('assigned user'),
  limit,
});

export const listIncidents = defineReadTool<z.infer<typeof input>>({
  name: 'list_incidents',
  title: 'List incidents',
  description:
    'List incidents by status, time, urgency, priority, service or assignee, newest first. Without a range: the last month.',
  toolset: 'incidents',
  source: { operationId: 'listIncidents', path: '/incidents', scope: 'incidents.read' },
  reads: ['incidents.read'],
  input,
  example: { statuses: ['triggered', 'acknowledged'], service_ids: ['PSCHKOT'] },
  async run(pagerduty, request) {
    const source = { path: '/incidents', list: 'incidents', item: incident };
    const query = {
      statuses: request.statuses,
      since: request.since,
      until: request.until,
      urgencies: request.urgencies,
      priority_ids: request.priorities,
      service_ids: request.service_ids,
      user_ids: request.user_ids,
      sort_by: 'created_at:desc',
    };
    const found = await collect(pagerduty, source, query, { limit: request.limit ?? DEFAULT_LIMIT });
    return {
      answer: { incidents: found.items.map(incidentFields), more: found.more },
      text: listSentence(found, 'incident'),
    };
  },
});
