import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { incidentIdOrNumber, optional, queryModel, toolInput } from '../input/parameters.ts';
import { counted } from '../words/wording.ts';
import { mention, mentionFields } from './insights.ts';

const DEFAULT_PAST = 5;

const input = toolInput({
  incident_id: incidentIdOrNumber,
  query_model: queryModel({
    limit: optional(z.int().min(1).max(100)).describe('How many to return at most; default 5, at most 100.'),
    total: optional(z.boolean()).describe('Also tell how many there are.'),
  }),
});

const pastAnswer = z.object({
  past_incidents: z.array(z.object({ incident: mention, score: z.number().nullish() })),
  total: z.number().nullish(),
});

export const getPastIncidents = defineReadTool<z.infer<typeof input>>({
  name: 'get_past_incidents',
  title: 'Find similar past incidents',
  description:
    'Find resolved incidents of the same service in the last six months that are like this one, most similar first. Needs the AIOps plan.',
  toolset: 'incidents',
  source: { operationId: 'getPastIncidents', path: '/incidents/{id}/past_incidents', scope: 'incidents.read' },
  reads: ['incidents.read'],
  input,
  example: { incident_id: '4821' },
  async run(pagerduty, { incident_id: id, query_model: filter = {} }) {
    const limit = filter.limit ?? DEFAULT_PAST;
    const path = `/incidents/${encodeURIComponent(id)}/past_incidents`;
    const found = await pagerduty.get(path, pastAnswer, { limit, total: filter.total });
    const past = found.past_incidents
      .slice(0, limit)
      .map(({ incident, score }) => ({ incident: mentionFields(incident), score: score ?? null }));
    return {
      answer: { past_incidents: past, total: found.total ?? null },
      text: past.length === 0 ? 'No past incidents.' : `${counted(past.length, 'past incident')}, most similar first.`,
    };
  },
});
