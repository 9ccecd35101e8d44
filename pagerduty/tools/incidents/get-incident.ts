import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { incidentAnswer } from '../../schemas.ts';
import { incidentIdOrNumber, include, queryModel, toolInput } from '../input/parameters.ts';
import { block, incidentFields, ref } from '../words/answers.ts';

const input = toolInput({ incident_id: incidentIdOrNumber, query_model: queryModel({ include }) });

export const getIncident = defineReadTool<z.infer<typeof input>>({
  name: 'get_incident',
  title: 'Read an incident',
  description:
    'Read one incident by its id or number: status, urgency, priority, service, assignees, alerts, responders.',
  toolset: 'incidents',
  source: { operationId: 'getIncident', path: '/incidents/{id}', scope: 'incidents.read' },
  reads: ['incidents.read'],
  input,
  example: { incident_id: '4821' },
  async run(pagerduty, { incident_id: id }) {
    const { incident } = await pagerduty.get(`/incidents/${encodeURIComponent(id)}`, incidentAnswer);
    const responders = (incident.incidents_responders ?? []).map((responder) => ({
      user: ref(responder.user),
      state: responder.state ?? null,
      message: block(responder.message),
    }));
    const pending = (incident.pending_actions ?? []).map(({ type, at }) => ({ type: type ?? null, at: at ?? null }));
    return {
      answer: { incident: { ...incidentFields(incident), pending_actions: pending, responders } },
      text: `Incident #${incident.incident_number ?? incident.id} is ${incident.status}.`,
    };
  },
});
