import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { escalationPolicy } from '../../schemas.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, ids, include, limit, query, toolInput } from '../input/parameters.ts';
import { listSentence, policyFields } from '../words/answers.ts';

const input = toolInput({ query, user_ids: ids('user'), team_ids: ids('team'), include, limit });

export const listEscalationPolicies = defineReadTool<z.infer<typeof input>>({
  name: 'list_escalation_policies',
  title: 'List escalation policies',
  description: 'List escalation policies with their levels, by name, user or team.',
  toolset: 'escalation_policies',
  source: { operationId: 'listEscalationPolicies', path: '/escalation_policies', scope: 'escalation_policies.read' },
  reads: ['escalation_policies.read'],
  input,
  example: { query: 'checkout' },
  async run(pagerduty, request) {
    const source = { path: '/escalation_policies', list: 'escalation_policies', item: escalationPolicy };
    const filter = { query: request.query, user_ids: request.user_ids, team_ids: request.team_ids };
    const found = await collect(pagerduty, source, filter, { limit: request.limit ?? DEFAULT_LIMIT });
    return {
      answer: { escalation_policies: found.items.map(policyFields), more: found.more },
      text: listSentence(found, 'escalation policy', 'escalation policies'),
    };
  },
});
