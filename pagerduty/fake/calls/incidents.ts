import { incidents } from '../company.ts';
import type { DrivenCall } from './call.ts';

export const incidentsCalls: DrivenCall[] = [
  ['GET', `/incidents/${incidents.checkout5xx.id}/outlier_incident?since=2026-10-01T00:00:00Z`],
  ['GET', `/incidents/${incidents.trackingLag.id}/outlier_incident?additional_details[]=incident`],
  ['GET', `/incidents/${incidents.checkout5xx.id}/past_incidents?limit=5&total=true`],
  ['GET', `/incidents/${incidents.checkout5xx.id}/related_incidents`],
  ['GET', `/incidents/${incidents.checkout5xx.id}/related_incidents?additional_details[]=incident`],
];
