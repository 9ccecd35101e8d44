import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { incidentIdOrNumber, queryModel, since, toolInput } from '../input/parameters.ts';
import { line } from '../words/answers.ts';
import { mention, mentionFields } from './insights.ts';

const input = toolInput({ incident_id: incidentIdOrNumber, query_model: queryModel({ since }) });

const occurrence = z.object({
  count: z.number().nullish(),
  frequency: z.number().nullish(),
  category: z.string().nullish(),
  since: z.string().nullish(),
  until: z.string().nullish(),
});

const outlier = z.object({
  incident: mention.extend({ occurrence: occurrence.nullish() }).nullish(),
  incident_template: z.object({ mined_text: z.string().nullish() }).nullish(),
});

// PagerDuty answers an empty list where it has worked nothing out.
const outlierAnswer = z.union([z.object({ outlier_incident: outlier.nullish() }), z.array(z.unknown())]);

export const getOutlierIncident = defineReadTool<z.infer<typeof input>>({
  name: 'get_outlier_incident',
  title: 'Tell how usual an incident is',
  description: 'Tell whether incidents like this one are rare or frequent on its service. Needs the AIOps plan.',
  toolset: 'incidents',
  source: { operationId: 'getOutlierIncident', path: '/incidents/{id}/outlier_incident', scope: 'incidents.read' },
  reads: ['incidents.read'],
  input,
  example: { incident_id: '4821' },
  async run(pagerduty, { incident_id: id, query_model: filter = {} }) {
    const path = `/incidents/${encodeURIComponent(id)}/outlier_incident`;
    const found = await pagerduty.get(path, outlierAnswer, { since: filter.since });
    const { incident, incident_template: template } = ('outlier_incident' in found && found.outlier_incident) || {};
    const occurred = incident?.occurrence;
    const category = line(occurred?.category);
    return {
      answer: {
        outlier_incident: incident
          ? {
              incident: mentionFields(incident),
              category,
              count: occurred?.count ?? null,
              frequency: occurred?.frequency ?? null,
              since: occurred?.since ?? null,
              until: occurred?.until ?? null,
              pattern: line(template?.mined_text),
            }
          : null,
      },
      text:
        category === null
          ? 'PagerDuty has not worked out how usual this incident is.'
          : `PagerDuty calls incidents like this one "${category}" on its service.`,
    };
  },
});
