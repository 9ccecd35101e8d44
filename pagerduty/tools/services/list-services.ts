import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { service } from '../../schemas.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, ids, limit, query, toolInput } from '../input/parameters.ts';
import { listSentence, serviceFields } from '../words/answers.ts';

const input = toolInput({ query, teams_ids: ids('team'), limit });

export const listServices = defineReadTool<z.infer<typeof input>>({
  name: 'list_services',
  title: 'List services',
  description: 'List technical services by name and team.',
  toolset: 'services',
  source: { operationId: 'listServices', path: '/services', scope: 'services.read' },
  reads: ['services.read'],
  input,
  example: { query: 'checkout' },
  async run(pagerduty, { query: name, teams_ids: teams, limit: wanted = DEFAULT_LIMIT }) {
    const source = { path: '/services', list: 'services', item: service };
    const found = await collect(pagerduty, source, { query: name, team_ids: teams }, { limit: wanted });
    return {
      answer: { services: found.items.map(serviceFields), more: found.more },
      text: listSentence(found, 'service'),
    };
  },
});
