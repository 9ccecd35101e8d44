import type { Route } from './route.ts';

/** What the playable PagerDuty keeps of this domain. */
export type BusinessServices = Record<string, never>;

export const emptyBusinessServices = (): BusinessServices => ({});

/** What Northwind Parcel has of it. */
export function seedBusinessServices(_now: Date): BusinessServices {
  return {};
}

export const businessServiceRoutes: Route[] = [];
