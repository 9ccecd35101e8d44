import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { toolInput } from '../input/parameters.ts';
import { figures, incidentQuestion } from './figures.ts';

const input = toolInput(incidentQuestion);

export const getIncidentMetricsAll = defineReadTool<z.infer<typeof input>>({
  name: 'get_incident_metrics_all',
  title: 'Read incident figures of the account',
  description:
    'Read how many incidents there were in all, and how soon they were acknowledged and resolved, with percentiles. Figures may lag by a day.',
  toolset: 'analytics',
  source: {
    operationId: 'getAnalyticsMetricsIncidentsAll',
    path: '/analytics/metrics/incidents/all',
    scope: 'analytics.write',
  },
  reads: ['analytics.write'],
  input,
  example: { created_at_start: '2026-11-16T00:00:00Z', created_at_end: '2026-11-24T00:00:00Z' },
  run(pagerduty, { time_zone, order, order_by, ...filters }) {
    return figures(pagerduty, {
      question: '/analytics/metrics/incidents/all',
      about: 'incidents',
      per: null,
      range: { start: filters.created_at_start, end: filters.created_at_end },
      filters,
      settings: { time_zone, order, order_by },
    });
  },
});
