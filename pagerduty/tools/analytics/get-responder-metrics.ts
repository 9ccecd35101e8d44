import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { ids, toolInput } from '../input/parameters.ts';
import { figures, responderQuestion } from './figures.ts';

const input = toolInput({ ...responderQuestion, responder_ids: ids('user') });

export const getResponderMetrics = defineReadTool<z.infer<typeof input>>({
  name: 'get_responder_metrics',
  title: 'Read the load of each responder',
  description:
    'Read, for each responder and team, incidents, interruptions, time engaged and time on call. Figures may lag by a day.',
  toolset: 'analytics',
  source: {
    operationId: 'getAnalyticsMetricsRespondersTeam',
    path: '/analytics/metrics/responders/teams',
    scope: 'analytics.write',
  },
  reads: ['analytics.write'],
  input,
  example: { date_range_start: '2026-11-16T00:00:00Z', date_range_end: '2026-11-24T00:00:00Z', team_ids: ['PTCOMRC'] },
  run(pagerduty, { time_zone, order, order_by, ...filters }) {
    return figures(pagerduty, {
      question: '/analytics/metrics/responders/teams',
      about: 'responders',
      per: { noun: 'pair of responder and team', plural: 'pairs of responder and team' },
      range: { start: filters.date_range_start, end: filters.date_range_end },
      filters,
      settings: { time_zone, order, order_by },
    });
  },
});
