import type { Route } from './route.ts';

/** What the playable PagerDuty keeps of this domain. */
export type Webhooks = Record<string, never>;

export const emptyWebhooks = (): Webhooks => ({});

/** What Northwind Parcel has of it. */
export function seedWebhooks(_now: Date): Webhooks {
  return {};
}

export const webhookRoutes: Route[] = [];
