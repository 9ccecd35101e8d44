import { z } from 'zod';
import { orGone } from '../../errors.ts';
import type { ReadClient } from '../../read-client.ts';
import { type PagerDutyService, service, serviceAnswer } from '../../schemas.ts';
import { collect } from './pages.ts';
import { named, namedFrom } from './people.ts';

/** A service that a write touches without being about it, and the policy of whoever answers for it. */
export const touchedService = named.extend({ policyId: z.string().nullable() });
export type TouchedService = z.infer<typeof touchedService>;

/** So many are read one by one; for more it is cheaper to go through the whole list. */
const ONE_BY_ONE = 20;
/** PagerDuty lists no more. */
const LISTED = 10_000;
/** So many services have policies in common often enough that somebody is on call for all of them. */
const FEW = 3;

const touched = (one: PagerDutyService): TouchedService => ({
  ...namedFrom(one),
  policyId: one.escalation_policy?.id ?? null,
});

async function readOne(pagerduty: ReadClient, serviceId: string): Promise<PagerDutyService[]> {
  const found = await orGone(pagerduty.get(`/services/${encodeURIComponent(serviceId)}`, serviceAnswer));
  return found === null ? [] : [found.service];
}

/**
 * These services in the order of their ids; those that do not exist are left out.
 * @throws PagerDutyError when they cannot be read.
 */
export async function readTouched(pagerduty: ReadClient, serviceIds: string[]): Promise<TouchedService[]> {
  const wanted = [...new Set(serviceIds)].sort();
  if (wanted.length <= ONE_BY_ONE) {
    return (await Promise.all(wanted.map((id) => readOne(pagerduty, id)))).flat().map(touched);
  }
  const { items } = await collect(
    pagerduty,
    { path: '/services', list: 'services', item: service },
    {},
    { limit: LISTED },
  );
  const all = new Map(items.map((one) => [one.id, one]));
  return wanted.flatMap((id) => all.get(id) ?? []).map(touched);
}

/**
 * The escalation policies whose people may review. A reviewer has to be on call for every one of them, which nobody is
 * once many services are touched: then the list is empty and the fallback group decides.
 */
export function reviewedBy(services: TouchedService[]): string[] {
  if (services.length > FEW) return [];
  return [...new Set(services.flatMap(({ policyId }) => policyId ?? []))].sort();
}
