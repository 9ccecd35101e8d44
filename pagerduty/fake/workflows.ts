import type { Route } from './route.ts';

/** What the playable PagerDuty keeps of this domain. */
export type Workflows = Record<string, never>;

export const emptyWorkflows = (): Workflows => ({});

/** What Northwind Parcel has of it. */
export function seedWorkflows(_now: Date): Workflows {
  return {};
}

export const workflowRoutes: Route[] = [];
