import { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { Query, ReadClient } from '../../read-client.ts';
import type { Watched } from '../../write-tool.ts';
import { type Collected, collect } from '../facts/pages.ts';
import { named } from '../facts/people.ts';
import { block, line } from '../words/answers.ts';
import { shareable } from '../words/secrets.ts';
import { counted, listed, oneLine } from '../words/wording.ts';
import {
  type PagerDutyPostUpdate,
  type PagerDutyStatusPage,
  pageService,
  pageSubscription,
  pageWord,
  postUpdate,
  statusPage,
} from './shapes.ts';

const MOST_ITEMS = 500;
const MOST_SUBSCRIBERS = 1_000;

export const pagePath = (pageId: string) => `/status_pages/${encodeURIComponent(pageId)}`;

export const postPath = (pageId: string, postId: string) => `${pagePath(pageId)}/posts/${encodeURIComponent(postId)}`;

/** A list of a page, each item once: limit and offset are not documented there, so a page may come twice. */
export async function collectOnce<T extends { id: string }>(
  pagerduty: ReadClient,
  source: { path: string; list: string; item: z.ZodType<T> },
  query: Query = {},
  limit = MOST_ITEMS,
): Promise<Collected<T>> {
  const { items, more } = await collect(pagerduty, source, query, { limit });
  const once = [...new Map(items.map((item) => [item.id, item])).values()];
  return { items: once, more: more || once.length < items.length };
}

/** A status, severity or impact in the words of its page. */
export const word = named.extend({ postType: z.string().nullable() });
export type Word = z.infer<typeof word>;

export const pageFacts = z.object({
  id: z.string(),
  name: z.string(),
  /** `public`, `private` or `audience_specific`; null when PagerDuty did not tell. */
  type: z.string().nullable(),
  url: z.string().nullable(),
  statuses: z.array(word),
  severities: z.array(word),
  impacts: z.array(word),
  services: z.array(named),
});
export type PageFacts = z.infer<typeof pageFacts>;
export type PageWords = Pick<PageFacts, 'statuses' | 'severities' | 'impacts' | 'services'>;

/**
 * The words and services of a page, by which its posts are understood.
 * @throws PagerDutyError when there is no such page.
 */
export async function readWords(pagerduty: ReadClient, pageId: string): Promise<PageWords> {
  const path = pagePath(pageId);
  const wordsOf = async (list: 'statuses' | 'severities' | 'impacts'): Promise<Word[]> => {
    const { items } = await collectOnce(pagerduty, { path: `${path}/${list}`, list, item: pageWord });
    return items.map((one) => ({
      id: one.id,
      name: oneLine(one.description ?? one.id),
      postType: one.post_type ?? null,
    }));
  };
  const [statuses, severities, impacts, services] = await Promise.all([
    wordsOf('statuses'),
    wordsOf('severities'),
    wordsOf('impacts'),
    collectOnce(pagerduty, { path: `${path}/services`, list: 'services', item: pageService }),
  ]);
  const namedServices = services.items.map((one) => ({ id: one.id, name: oneLine(one.name ?? one.id) }));
  return { statuses, severities, impacts, services: namedServices };
}

/**
 * A page with everything that a post on it refers to.
 * @throws PagerDutyError when there is no such page.
 */
export async function readPage(pagerduty: ReadClient, pageId: string): Promise<PageFacts> {
  const [words, pages] = await Promise.all([
    readWords(pagerduty, pageId),
    collectOnce(pagerduty, { path: '/status_pages', list: 'status_pages', item: statusPage }),
  ]);
  const page = pages.items.find(({ id }) => id === pageId);
  return {
    id: pageId,
    name: oneLine(page?.name ?? pageId),
    type: page?.status_page_type ?? null,
    url: page?.url ?? null,
    ...words,
  };
}

/** The name of a word or service; its id where the page does not have it. */
export const nameIn = (words: { id: string; name: string }[], id: string): string =>
  words.find((one) => one.id === id)?.name ?? id;

/** Who is told of an update, by channel. */
export const subscribers = z.object({
  email: z.number(),
  webhook: z.number(),
  slack: z.number(),
  /** False when there are more than could be read. */
  complete: z.boolean(),
});
export type Subscribers = z.infer<typeof subscribers>;

/**
 * Counts the active subscribers of the page itself, of these services and of this post; null when PagerDuty cannot
 * tell.
 */
export async function readSubscribers(
  pagerduty: ReadClient,
  pageId: string,
  about: { serviceIds: string[]; postId: string | null },
): Promise<Subscribers | null> {
  const source = { path: `${pagePath(pageId)}/subscriptions`, list: 'subscriptions', item: pageSubscription };
  try {
    const { items, more } = await collectOnce(pagerduty, source, { status: 'active' }, MOST_SUBSCRIBERS);
    const told = items.filter(({ subscribable_object: object }) => {
      if (object?.type === 'status_page_service') return about.serviceIds.includes(object.id ?? '');
      return object?.type !== 'status_page_post' || object.id === about.postId;
    });
    const via = (channel: string) => told.filter((one) => one.channel === channel).length;
    return { email: via('email'), webhook: via('webhook'), slack: via('slack'), complete: !more };
  } catch (error) {
    if (error instanceof PagerDutyError && error.kind !== 'unauthorized') return null;
    throw error;
  }
}

/** `5 subscribers (4 by mail and 1 by webhook)`. */
export function subscriberWords({ email, webhook, slack, complete }: Subscribers): string {
  const ways: [number, string][] = [
    [email, 'by mail'],
    [webhook, 'by webhook'],
    [slack, 'in Slack'],
  ];
  const said = listed(ways.filter(([count]) => count > 0).map(([count, way]) => `${count} ${way}`));
  const all = counted(email + webhook + slack, 'subscriber');
  return `${complete ? '' : 'at least '}${all}${said === '' ? '' : ` (${said})`}`;
}

/** `the public status page "Northwind Parcel Status"`. */
export const pageWordsOf = ({ name, type }: PageFacts): string =>
  `the ${type === null ? '' : `${type.replaceAll('_', ' ')} `}status page "${name}"`;

/** The page and the words of it that a post uses. */
export function watchedPage(page: PageFacts, used: { label: string; id: string; name: string }[]): Watched[] {
  const value: Json = { name: page.name, type: page.type, url: page.url };
  return [
    { key: 'page', subject: 'The status page', value, words: `"${shareable(page.name)}" (${page.type ?? 'unknown'})` },
    ...used.map(({ label, id, name }) => ({
      key: `${label} ${id}`,
      subject: `The name of the ${label}`,
      value: name,
      words: `"${shareable(name)}"`,
    })),
  ];
}

const urlOf = (url: string | null | undefined) => (url ? oneLine(url, 300) : null);

export const pageFields = (page: PagerDutyStatusPage): JsonObject => ({
  id: page.id,
  name: line(page.name),
  type: page.status_page_type ?? null,
  url: urlOf(page.url),
  published_at: page.published_at ?? null,
});

/** An update with names; a reference that PagerDuty did not expand has null for most. */
export function updateFields(update: PagerDutyPostUpdate, words: PageWords): JsonObject {
  const say = (list: { id: string; name: string }[], pointer: { id: string } | null | undefined): Json =>
    pointer ? { id: pointer.id, name: shareable(nameIn(list, pointer.id)) } : null;
  return {
    id: update.id,
    message: block(update.message),
    status: say(words.statuses, update.status),
    severity: say(words.severities, update.severity),
    impacted_services: (update.impacted_services ?? []).map(({ service, impact }) => ({
      service: say(words.services, service),
      impact: say(words.impacts, impact),
    })),
    update_frequency_ms: update.update_frequency_ms ?? null,
    notify_subscribers: update.notify_subscribers ?? null,
    reviewed_status: update.reviewed_status ?? null,
    reported_at: update.reported_at ?? null,
  };
}

/** The updates of a post, the oldest first. */
export async function readUpdates(pagerduty: ReadClient, pageId: string, postId: string) {
  const source = { path: `${postPath(pageId, postId)}/post_updates`, list: 'post_updates', item: postUpdate };
  const { items, more } = await collectOnce(pagerduty, source);
  const at = ({ reported_at: reportedAt }: PagerDutyPostUpdate) => Date.parse(reportedAt ?? '') || 0;
  return { items: items.toSorted((a, b) => at(a) - at(b)), more };
}
