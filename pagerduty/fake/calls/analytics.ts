import { company } from '../company.ts';
import type { DrivenCall } from './call.ts';

const { teams, services } = company;
const [start, end] = [-7 * 86_400_000, 3_600_000].map((offset) => new Date(Date.now() + offset).toISOString());
const created = { created_at_start: start, created_at_end: end };
const range = { date_range_start: start, date_range_end: end };

export const analyticsCalls: DrivenCall[] = [
  ['POST', '/analytics/metrics/incidents/services', { filters: { ...created, service_ids: [services.checkout.id] } }],
  [
    'POST',
    '/analytics/metrics/incidents/teams',
    { filters: { ...created, urgency: 'high' }, aggregate_unit: 'day', time_zone: 'Europe/Berlin', order: 'asc' },
  ],
  ['POST', '/analytics/metrics/responders/all', { filters: range }],
  ['POST', '/analytics/metrics/responders/teams', { filters: { ...range, team_ids: [teams.commerce.id] } }],
];
