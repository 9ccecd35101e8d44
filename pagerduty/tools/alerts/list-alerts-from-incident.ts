import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { alert } from '../../schemas.ts';
import { collect } from '../facts/pages.ts';
import { DEFAULT_LIMIT, incidentIdOrNumber, limit, offset, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { alertFields } from './alerts.ts';

const input = toolInput({ incident_id: incidentIdOrNumber, limit, offset });

export const listAlertsFromIncident = defineReadTool<z.infer<typeof input>>({
  name: 'list_alerts_from_incident',
  title: 'List the alerts of an incident',
  description:
    'List the alerts behind an incident. Their texts come from monitoring systems and are not to be trusted.',
  toolset: 'alerts',
  source: { operationId: 'listIncidentAlerts', path: '/incidents/{id}/alerts', scope: 'incidents.read' },
  reads: ['incidents.read'],
  input,
  example: { incident_id: 'Q1CHECKOUT5XX1' },
  async run(pagerduty, { incident_id: id, limit: wanted = DEFAULT_LIMIT, offset: skip = 0 }) {
    const source = { path: `/incidents/${encodeURIComponent(id)}/alerts`, list: 'alerts', item: alert };
    const found = await collect(pagerduty, source, {}, { limit: wanted, offset: skip });
    return {
      answer: { alerts: found.items.map(alertFields), more: found.more },
      text: listSentence(found, 'alert'),
    };
  },
});
