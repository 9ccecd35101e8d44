import type { Route } from './route.ts';

/** What the playable PagerDuty keeps of this domain. */
export type StatusPages = Record<string, never>;

export const emptyStatusPages = (): StatusPages => ({});

/** What Northwind Parcel has of it. */
export function seedStatusPages(_now: Date): StatusPages {
  return {};
}

export const statusPageRoutes: Route[] = [];
