import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { defineReadTool } from '../../read-tool.ts';
import { reference } from '../../schemas.ts';
import { incidentIdOrNumber, jsonText, optional, queryModel, toolInput } from '../input/parameters.ts';
import { ref } from '../words/answers.ts';
import { counted } from '../words/wording.ts';
import { mention, mentionFields } from './insights.ts';

const input = toolInput({
  incident_id: incidentIdOrNumber,
  query_model: queryModel({
    additional_details: optional(jsonText(z.array(z.literal('incident')).max(1))).describe(
      'Accepted for compatibility; the answer always has the same fields.',
    ),
  }),
});

// The document says lists, its example shows single objects.
const service = z.object({ id: z.string() });
const services = z.union([z.array(service), service.transform((one) => [one])]).nullish();

const relationship = z.object({
  type: z.string().nullish(),
  metadata: z
    .object({
      grouping_classification: z.string().nullish(),
      dependent_services: services,
      supporting_services: services,
    })
    .nullish(),
});

const relatedAnswer = z.object({
  related_incidents: z.array(
    z.object({
      incident: mention.extend({
        status: z.string().nullish(),
        urgency: z.string().nullish(),
        service: reference.nullish(),
      }),
      relationships: z.array(relationship).nullish(),
    }),
  ),
});

const reason = ({ type, metadata }: z.infer<typeof relationship>): JsonObject => ({
  type: type ?? null,
  classification: metadata?.grouping_classification ?? null,
  dependent_services: (metadata?.dependent_services ?? []).map(({ id }) => id),
  supporting_services: (metadata?.supporting_services ?? []).map(({ id }) => id),
});

export const getRelatedIncidents = defineReadTool<z.infer<typeof input>>({
  name: 'get_related_incidents',
  title: 'Find related incidents',
  description:
    'Find open incidents of other services that PagerDuty relates to this one, and why. Needs the AIOps plan.',
  toolset: 'incidents',
  source: { operationId: 'getRelatedIncidents', path: '/incidents/{id}/related_incidents', scope: 'incidents.read' },
  reads: ['incidents.read'],
  input,
  example: { incident_id: '4821' },
  async run(pagerduty, { incident_id: id }) {
    const path = `/incidents/${encodeURIComponent(id)}/related_incidents`;
    const found = await pagerduty.get(path, relatedAnswer, { additional_details: ['incident'] });
    const related = found.related_incidents.map(({ incident, relationships }) => ({
      incident: {
        ...mentionFields(incident),
        status: incident.status ?? null,
        urgency: incident.urgency ?? null,
        service: ref(incident.service),
      },
      relationships: (relationships ?? []).map(reason),
    }));
    return {
      answer: { related_incidents: related },
      text: related.length === 0 ? 'No related incidents.' : `${counted(related.length, 'related incident')}.`,
    };
  },
});
