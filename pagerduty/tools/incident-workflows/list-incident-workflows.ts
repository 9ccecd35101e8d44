import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { defineReadTool } from '../../read-tool.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, jsonText, limit, optional, query, toolInput } from '../input/parameters.ts';
import { line, listSentence, ref, shownName } from '../words/answers.ts';
import { incidentWorkflow, type PagerDutyWorkflow, stepsOf } from './workflows.ts';

const input = toolInput({
  limit,
  query,
  include: optional(jsonText(z.array(z.enum(['steps', 'team'])).max(2))).describe('What to tell in addition.'),
});

function shown(workflow: PagerDutyWorkflow): JsonObject {
  const steps = stepsOf(workflow);
  return {
    id: workflow.id,
    name: shownName(workflow),
    description: line(workflow.description),
    enabled: workflow.is_enabled ?? null,
    team: ref(workflow.team),
    created_at: workflow.created_at ?? null,
    ...(steps === null
      ? {}
      : { steps: steps.map(({ number, name, action }) => ({ number, name: line(name), action: line(action) })) }),
  };
}

export const listIncidentWorkflows = defineReadTool<z.infer<typeof input>>({
  name: 'list_incident_workflows',
  title: 'List incident workflows',
  description: 'List the workflows that can be run on an incident; get_incident_workflow tells what their steps do.',
  toolset: 'incident_workflows',
  source: { operationId: 'listIncidentWorkflows', path: '/incident_workflows', scope: 'incident_workflows.read' },
  reads: ['incident_workflows.read'],
  input,
  example: { query: 'major' },
  async run(pagerduty, { limit: wanted = DEFAULT_LIMIT, query: name, include }) {
    const source = { path: '/incident_workflows', list: 'incident_workflows', item: incidentWorkflow };
    const found = await collect(pagerduty, source, { query: name, include }, { limit: wanted });
    return {
      answer: { incident_workflows: found.items.map(shown), more: found.more },
      text: listSentence(found, 'incident workflow'),
    };
  },
});
