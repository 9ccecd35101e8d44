import { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { optional, toolInput } from '../input/parameters.ts';
import { figures, incidentQuestion } from './figures.ts';

const input = toolInput({ ...incidentQuestion, aggregate_unit: optional(z.enum(['day', 'week', 'month'])) });

export const getIncidentMetricsByTeam = defineReadTool<z.infer<typeof input>>({
  name: 'get_incident_metrics_by_team',
  title: 'Read incident figures per team',
  description:
    'Read, for each team, how many incidents there were and how soon they were acknowledged and resolved, per day, week or month if asked. Figures may lag by a day.',
  toolset: 'analytics',
  source: {
    operationId: 'getAnalyticsMetricsIncidentsTeam',
    path: '/analytics/metrics/incidents/teams',
    scope: 'analytics.write',
  },
  reads: ['analytics.write'],
  input,
  example: { created_at_start: '2026-11-16T00:00:00Z', created_at_end: '2026-11-24T00:00:00Z' },
  run(pagerduty, { time_zone, order, order_by, aggregate_unit, ...filters }) {
    return figures(pagerduty, {
      question: '/analytics/metrics/incidents/teams',
      about: 'incidents',
      per: aggregate_unit === undefined ? { noun: 'team', plural: 'teams' } : { noun: 'row', plural: 'rows' },
      range: { start: filters.created_at_start, end: filters.created_at_end },
      filters,
      settings: { time_zone, order, order_by, aggregate_unit },
    });
  },
});
