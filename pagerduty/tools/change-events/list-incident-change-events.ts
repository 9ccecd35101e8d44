import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { DEFAULT_LIMIT, incidentIdOrNumber, limit, toolInput } from '../input/parameters.ts';
import { listSentence } from '../words/answers.ts';
import { changeEventFields, relatedChangeEvent } from './events.ts';

const input = toolInput({ incident_id: incidentIdOrNumber, limit });

const relatedAnswer = z.object({ change_events: z.array(relatedChangeEvent), more: z.boolean().nullish() });

export const listIncidentChangeEvents = defineReadTool<z.infer<typeof input>>({
  name: 'list_incident_change_events',
  title: 'List the change events related to an incident',
  description: 'List deploys and other changes that PagerDuty relates to an incident, and why.',
  toolset: 'change_events',
  source: {
    operationId: 'listIncidentRelatedChangeEvents',
    path: '/incidents/{id}/related_change_events',
    scope: 'incidents.read',
  },
  reads: ['incidents.read'],
  input,
  example: { incident_id: '4821' },
  async run(pagerduty, { incident_id: id, limit: wanted = DEFAULT_LIMIT }) {
    // This list takes a limit, of at most 100, and no offset. One more than wanted tells whether there are more.
    const path = `/incidents/${encodeURIComponent(id)}/related_change_events`;
    const { change_events: events, more } = await pagerduty.get(path, relatedAnswer, {
      limit: Math.min(wanted + 1, 100),
    });
    const found = { items: events.slice(0, wanted), more: more === true || events.length > wanted };
    const shown = found.items.map((event) => ({
      ...changeEventFields(event),
      reason: event.correlation_reason?.reason ?? null,
    }));
    return { answer: { change_events: shown, more: found.more }, text: listSentence(found, 'change event') };
  },
});
