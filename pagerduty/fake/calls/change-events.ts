import { changeEvents } from '../change-events.ts';
import { incidents, services, teams } from '../company.ts';
import type { DrivenCall } from './call.ts';

export const changeEventsCalls: DrivenCall[] = [
  ['GET', `/change_events?team_ids[]=${teams.commerce.id}&since=2020-01-01T00:00:00Z&limit=2&total=true`],
  ['GET', `/change_events/${changeEvents.providerKey.id}`],
  ['GET', `/services/${services.checkout.id}/change_events?integration_ids[]=PSCHKOC&until=2099-01-01T00:00:00Z`],
  ['GET', `/incidents/${incidents.checkout5xx.id}/related_change_events?limit=5`],
];
