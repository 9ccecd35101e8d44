import { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import type { ReadClient } from '../../read-client.ts';
import { type PagerDutyService, reference, service } from '../../schemas.ts';
import type { Watched } from '../../write-tool.ts';
import { watchedPart } from '../evidence/watching.ts';
import { type Dependencies, readDependencies } from '../facts/dependencies.ts';
import { type Named, named, namedFrom } from '../facts/people.ts';
import { counted, listed, oneLine, sameName } from '../words/wording.ts';

// What decides how a service behaves, besides its name, description, status, escalation policy and teams.
const SETTINGS = [
  'auto_resolve_timeout',
  'acknowledgement_timeout',
  'incident_urgency_rule',
  'support_hours',
  'scheduled_actions',
  'alert_creation',
  'alert_grouping',
  'alert_grouping_timeout',
  'alert_grouping_parameters',
  'auto_pause_notifications_parameters',
] as const;

/** A service as a human must see it, and as complete as undo needs it. */
export const serviceFacts = z.object({
  id: z.string(),
  name: z.string(),
  /** Word for word, for undo; the shown name is `name`. */
  exactName: z.string(),
  description: z.string().nullable(),
  /** Warning, critical and maintenance come and go by themselves; only `disabled` is somebody's decision. */
  enabled: z.boolean(),
  policy: named.nullable(),
  teams: z.array(named),
  integrationIds: z.array(z.string()),
  addonIds: z.array(z.string()),
  /** The remaining configuration, as JSON text. */
  settings: z.record(z.string(), z.string()),
});
export type ServiceFacts = z.infer<typeof serviceFacts>;

const configured = service
  .extend({ integrations: z.array(reference).nullish(), addons: z.array(reference).nullish() })
  .loose();
export const configuredServiceAnswer = z.object({ service: configured });

/** Without labels and addresses, which may change while nothing is configured. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (value === null || typeof value !== 'object') return value;
  const kept = Object.entries(value).filter(([key]) => !['self', 'html_url', 'summary'].includes(key));
  return Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, bare(inner)]));
}

const idsOf = (list: { id: string }[] | null | undefined) => (list ?? []).map(({ id }) => id).sort();

export function factsFrom(found: z.infer<typeof configured>): ServiceFacts {
  return {
    ...namedFrom(found),
    exactName: found.name ?? found.summary ?? found.id,
    description: found.description ?? null,
    enabled: found.status !== 'disabled',
    policy: found.escalation_policy ? namedFrom(found.escalation_policy) : null,
    teams: (found.teams ?? []).map(namedFrom),
    integrationIds: idsOf(found.integrations),
    addonIds: idsOf(found.addons),
    settings: Object.fromEntries(SETTINGS.map((name) => [name, JSON.stringify(bare(found[name]) ?? null)])),
  };
}

/** @throws PagerDutyError when it cannot be read. */
export async function readService(pagerduty: ReadClient, serviceId: string): Promise<ServiceFacts> {
  const path = `/services/${encodeURIComponent(serviceId)}`;
  return factsFrom((await pagerduty.get(path, configuredServiceAnswer)).service);
}

const servicesAnswer = z.object({ services: z.array(service) });

/** Every service of exactly this name. */
export async function readNamesakes(pagerduty: ReadClient, name: string): Promise<PagerDutyService[]> {
  const { services } = await pagerduty.get('/services', servicesAnswer, { name: name.trim(), limit: 100 });
  return services.filter((one) => sameName(name, one.name));
}

/** A reading that only adds to the card: null when this plan, key or moment does not allow it. */
async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof PagerDutyError && error.kind !== 'unauthorized') return null;
    throw error;
  }
}

const countAnswer = z.object({ incidents: z.array(z.unknown()), total: z.number().nullish() });

/** How many incidents are open on the service; null when PagerDuty does not tell. */
export function readOpenCount(pagerduty: ReadClient, serviceId: string): Promise<number | null> {
  const query = {
    service_ids: [serviceId],
    statuses: ['triggered', 'acknowledged'],
    date_range: 'all',
    limit: 1,
    total: true,
  };
  return orNull(pagerduty.get('/incidents', countAnswer, query).then(({ total }) => total ?? null));
}

export const readDependents = (pagerduty: ReadClient, serviceId: string): Promise<Dependencies | null> =>
  orNull(readDependencies(pagerduty, 'technical_service', serviceId));

const namesOf = (list: Named[]) => listed(list.map(({ name }) => `"${name}"`)) || 'none';

/** `the service "Checkout API"` */
export const serviceWords = ({ name }: ServiceFacts) => `the service "${name}"`;

/** All of the configuration that update_service cannot change. */
export function watchedConfiguration(facts: ServiceFacts): Watched[] {
  const service = serviceWords(facts);
  const teamIds = facts.teams.map(({ id }) => id).sort();
  const integrations = `"${counted(facts.integrationIds.length, 'integration')}"`;
  const addons = `"${counted(facts.addonIds.length, 'add-on')}"`;
  return [
    watchedPart(service, 'team', teamIds, namesOf(facts.teams), 'teams'),
    watchedPart(service, 'list of integrations', facts.integrationIds, integrations, 'integrations'),
    watchedPart(service, 'list of add-ons', facts.addonIds, addons, 'addons'),
    ...Object.entries(facts.settings).map(([name, text]) =>
      watchedPart(service, `setting "${name}"`, text, oneLine(text), name),
    ),
  ];
}
