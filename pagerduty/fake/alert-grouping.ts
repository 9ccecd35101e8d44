import type { Route } from './route.ts';

/** What the playable PagerDuty keeps of this domain. */
export type AlertGroupings = Record<string, never>;

export const emptyAlertGroupings = (): AlertGroupings => ({});

/** What Northwind Parcel has of it. */
export function seedAlertGroupings(_now: Date): AlertGroupings {
  return {};
}

export const alertGroupingRoutes: Route[] = [];
