import { z } from 'zod';
import { orGone } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import { serviceAnswer, teamAnswer } from '../../schemas.ts';
import type { Watched } from '../../write-tool.ts';
import { changeTable, descriptionForAgents, equal } from '../evidence/changing.ts';
import { watchedPart } from '../evidence/watching.ts';
import { nameOf } from '../facts/people.ts';
import { id, jsonText, optional } from '../input/parameters.ts';
import { line } from '../words/answers.ts';
import { shareable, withoutSecrets } from '../words/secrets.ts';
import { listed, oneLine, wholeOrEmpty } from '../words/wording.ts';
import { addressForAgents, hostForAgents } from './destination.ts';
import { type PagerDutySubscription, subscriptionAnswer } from './shapes.ts';

export const subscriptionPath = (subscriptionId: string) =>
  `/webhook_subscriptions/${encodeURIComponent(subscriptionId)}`;

/** Scopes that reading a subscription and the name of its filter needs. */
export const SUBSCRIPTION_SCOPES = ['services.read', 'teams.read', 'webhook_subscriptions.read'];

export const eventsAsked = jsonText(
  z
    .array(
      z
        .string()
        .max(80)
        .regex(/^[a-z_]+(\.[a-z_]+)+$/, 'Must be an event type, like incident.triggered.'),
    )
    .min(1)
    .max(60)
    .transform((events) => [...new Set(events)]),
).describe('Event types, like incident.triggered.');

export const filterAsked = jsonText(
  z
    .strictObject({
      type: z.enum(['account_reference', 'service_reference', 'team_reference']),
      id: optional(id('service or team')),
    })
    .superRefine(({ type, id: target }, ctx) => {
      const wanted = type !== 'account_reference';
      if (wanted === (target !== undefined)) return;
      const message = wanted
        ? `A ${type} needs the id of the ${type === 'team_reference' ? 'team' : 'service'}.`
        : 'An account_reference covers the whole account and has no id.';
      ctx.addIssue({ code: 'custom', message, path: ['id'] });
    }),
);
export type FilterAsked = z.infer<typeof filterAsked>;

export const scope = z.object({
  type: z.string(),
  id: z.string().nullable(),
  /** Null for the whole account. */
  name: z.string().nullable(),
});
export type Scope = z.infer<typeof scope>;

/**
 * What a filter covers, by name.
 * @throws PagerDutyError when there is no such service or team.
 */
export async function readScope(pagerduty: ReadClient, filter: FilterAsked): Promise<Scope> {
  const { type, id: target } = filter;
  if (target === undefined) return { type, id: null, name: null };
  const of = encodeURIComponent(target);
  const name =
    type === 'team_reference'
      ? nameOf((await pagerduty.get(`/teams/${of}`, teamAnswer)).team)
      : nameOf((await pagerduty.get(`/services/${of}`, serviceAnswer)).service);
  return { type, id: target, name };
}

const KINDS: Record<string, string> = { service_reference: 'service', team_reference: 'team' };

/** `the whole account`, `the service "Checkout API"`. */
export const scopeWords = ({ type, id: target, name }: Scope): string =>
  type === 'account_reference'
    ? 'the whole account'
    : `the ${KINDS[type] ?? type} "${withoutSecrets(name ?? target ?? 'unknown')}"`;

/** The filter as it is sent. */
export const filterBody = ({ type, id: target }: FilterAsked): JsonObject =>
  target === undefined ? { type } : { type, id: target };

export const sameFilter = (
  a: { type: string; id?: string | null | undefined },
  b: { type: string; id?: string | null | undefined },
): boolean => a.type === b.type && (a.type === 'account_reference' || a.id === b.id);

export const sameEvents = (a: string[], b: string[]): boolean => {
  const [one, other] = [new Set(a), new Set(b)];
  return one.size === other.size && [...one].every((event) => other.has(event));
};

export const subscriptionFacts = z.object({
  id: z.string(),
  description: z.string().nullable(),
  active: z.boolean(),
  url: z.string(),
  events: z.array(z.string()),
  scope,
  headerNames: z.array(z.string()),
  /** PagerDuty switched the delivery off for a while, because the receiver refused it. */
  temporarilyDisabled: z.boolean(),
});
export type SubscriptionFacts = z.infer<typeof subscriptionFacts>;

/** Everything that an answer tells; the name of the filter is not in it. */
export function factsOf(one: PagerDutySubscription, named: Scope | null = null): SubscriptionFacts {
  const { delivery_method: delivery, filter } = one;
  return {
    id: one.id,
    description: one.description ?? null,
    active: one.active ?? true,
    url: delivery.url,
    events: [...(one.events ?? [])].sort(),
    scope: named ?? { type: filter.type, id: filter.id ?? null, name: null },
    headerNames: (delivery.custom_headers ?? []).map(({ name }) => name),
    temporarilyDisabled: delivery.temporarily_disabled ?? false,
  };
}

/** A filter may outlive its service or team: then its id has to do. */
async function readScopeIfThere(pagerduty: ReadClient, { type, id: target }: Scope): Promise<Scope> {
  const known = filterAsked.safeParse({ type, id: target });
  if (!known.success) return { type, id: target, name: null };
  return (await orGone(readScope(pagerduty, known.data))) ?? { type, id: target, name: null };
}

/** @throws PagerDutyError when there is no such subscription. */
export async function readSubscription(pagerduty: ReadClient, subscriptionId: string): Promise<SubscriptionFacts> {
  const { webhook_subscription: found } = await pagerduty.get(subscriptionPath(subscriptionId), subscriptionAnswer);
  const facts = factsOf(found);
  return { ...facts, scope: await readScopeIfThere(pagerduty, facts.scope) };
}

/** `"Event ledger" to events.northwind.example`; agents read it in titles, refusals and answers. */
export function subscriptionWords({ description, url }: SubscriptionFacts): string {
  const host = oneLine(hostForAgents(url));
  const said = oneLine(shareable(description ?? ''));
  return said === '' ? `to ${host}` : `"${said}" to ${host}`;
}

export const onOff = (active: boolean): string => (active ? 'on' : 'off');

export const eventWords = (events: string[]): string => listed([...events].sort(), 60) || 'none';

interface Change {
  active?: boolean | undefined;
  events?: string[] | undefined;
  filter?: { type: string; id?: string | undefined } | undefined;
  description?: string | undefined;
}

/** A subscription, and what a filter that is asked for covers. */
interface State {
  subscription: SubscriptionFacts;
  newScope: Scope | null;
}

const partOf = ({ subscription }: State, part: string, value: Json, words: string, key: string) =>
  watchedPart(`the subscription ${subscriptionWords(subscription)}`, part, value, words, key);

export const subscriptionChange = changeTable<Change, State>('subscription', {
  active: {
    label: 'Switched',
    now: ({ subscription }) => subscription.active,
    said: (active) => onOff(active === true),
    same: equal,
    watched: (state) => partOf(state, 'switch', state.subscription.active, onOff(state.subscription.active), 'active'),
  },
  events: {
    label: 'Events',
    now: ({ subscription }) => subscription.events,
    said: (events) => eventWords(events ?? []),
    same: sameEvents,
    watched: (state) =>
      partOf(state, 'list of events', state.subscription.events, eventWords(state.subscription.events), 'events'),
  },
  filter: {
    label: 'About',
    now: ({ subscription: { scope: covered } }) =>
      covered.id === null || covered.type === 'account_reference'
        ? { type: covered.type }
        : { type: covered.type, id: covered.id },
    said: (filter, { subscription, newScope }) =>
      scopeWords(filter && newScope && sameFilter(filter, newScope) ? newScope : subscription.scope),
    same: sameFilter,
    watched(state) {
      const { type, id: target } = state.subscription.scope;
      return partOf(state, 'scope', { type, id: target }, scopeWords(state.subscription.scope), 'filter');
    },
  },
  description: {
    label: 'Description',
    now: ({ subscription }) => subscription.description ?? '',
    said: wholeOrEmpty,
    same: equal,
    watched(state) {
      const { description } = state.subscription;
      return partOf(state, 'description', description, descriptionForAgents(description), 'description');
    },
  },
});

/** The whole subscription: PagerDuty keeps no stamp of its last change. */
export function watchedSubscription(facts: SubscriptionFacts): Watched[] {
  const state: State = { subscription: facts, newScope: null };
  const headers = listed(facts.headerNames.map((name) => oneLine(name))) || 'none';
  return [
    partOf(state, 'URL', facts.url, addressForAgents(facts.url), 'url'),
    ...subscriptionChange.watched(state),
    partOf(state, 'list of custom headers', facts.headerNames, headers, 'headers'),
  ];
}

/** What agents see of a subscription. */
export function subscriptionFields(one: PagerDutySubscription): JsonObject {
  const facts = factsOf(one);
  return {
    id: facts.id,
    description: line(facts.description),
    active: facts.active,
    temporarily_disabled: facts.temporarilyDisabled,
    address: oneLine(addressForAgents(facts.url), 300),
    custom_header_names: facts.headerNames.map((name) => oneLine(name)),
    events: facts.events.map((event) => oneLine(event)),
    filter: { type: facts.scope.type, id: facts.scope.id },
  };
}
