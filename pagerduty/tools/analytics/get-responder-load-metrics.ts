import type { z } from 'zod';
import { defineReadTool } from '../../read-tool.ts';
import { toolInput } from '../input/parameters.ts';
import { figures, responderQuestion } from './figures.ts';

const input = toolInput(responderQuestion);

export const getResponderLoadMetrics = defineReadTool<z.infer<typeof input>>({
  name: 'get_responder_load_metrics',
  title: 'Read the load of all responders together',
  description:
    'Read incidents, interruptions, time engaged and time on call of all responders together. Figures may lag by a day.',
  toolset: 'analytics',
  source: {
    operationId: 'getAnalyticsMetricsRespondersAll',
    path: '/analytics/metrics/responders/all',
    scope: 'analytics.write',
  },
  reads: ['analytics.write'],
  input,
  example: { date_range_start: '2026-11-16T00:00:00Z', date_range_end: '2026-11-24T00:00:00Z' },
  run(pagerduty, { time_zone, order, order_by, ...filters }) {
    return figures(pagerduty, {
      question: '/analytics/metrics/responders/all',
      about: 'responders',
      per: null,
      range: { start: filters.date_range_start, end: filters.date_range_end },
      filters,
      settings: { time_zone, order, order_by },
    });
  },
});
