import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { toolInput } from '../input/parameters.ts';
import { figures, incidentQuestion } from './figures.ts';

const input = toolInput(incidentQuestion);

export const getIncidentMetricsByService = defineReadTool<z.infer<typeof input>>({
  name: 'get_incident_metrics_by_service',
  title: 'Read incident figures per service',
  description:
    'Read, for each service, how many incidents there were and how soon they were acknowledged and resolved. Figures may lag by a day.',
  toolset: 'analytics',
  source: {
    operationId: 'getAnalyticsMetricsIncidentsService',
    path: '/analytics/metrics/incidents/services',
    scope: 'analytics.write',
  },
  reads: ['analytics.write'],
  input,
  example: { created_at_start: '2026-11-16T00:00:00Z', created_at_end: '2026-11-24T00:00:00Z' },
  run(pagerduty, { time_zone, order, order_by, ...filters }) {
    return figures(pagerduty, {
      question: '/analytics/metrics/incidents/services',
      about: 'incidents',
      per: { noun: 'service', plural: 'services' },
      range: { start: filters.created_at_start, end: filters.created_at_end },
      filters,
      settings: { time_zone, order, order_by },
    });
  },
});
