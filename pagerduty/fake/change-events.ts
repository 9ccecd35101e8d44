import type { Route } from './route.ts';

/** What the playable PagerDuty keeps of this domain. */
export type ChangeEvents = Record<string, never>;

export const emptyChangeEvents = (): ChangeEvents => ({});

/** What Northwind Parcel has of it. */
export function seedChangeEvents(_now: Date): ChangeEvents {
  return {};
}

export const changeEventRoutes: Route[] = [];
