import type { Route } from './route.ts';

/** What the playable PagerDuty keeps of this domain. */
export type Orchestrations = Record<string, never>;

export const emptyOrchestrations = (): Orchestrations => ({});

/** What Northwind Parcel has of it. */
export function seedOrchestrations(_now: Date): Orchestrations {
  return {};
}

export const orchestrationRoutes: Route[] = [];
