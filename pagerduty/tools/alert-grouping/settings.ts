import { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { Query, ReadClient } from '../../read-client.ts';
import { incident, reference } from '../../schemas.ts';
import type { Watched } from '../../write-tool.ts';
import { changeTable, descriptionForAgents, equal, sameIds } from '../evidence/changing.ts';
import { watchedPart } from '../evidence/watching.ts';
import type { Collected } from '../facts/pages.ts';
import { collect } from '../facts/pages.ts';
import { type Named, named, namedFrom } from '../facts/people.ts';
import { clock, counted, duration, listed, oneLine, sameName, whole, wholeOrEmpty } from '../words/wording.ts';

const PAGE_SIZE = 100;

const answeredConfig = z.object({
  aggregate: z.string().nullish(),
  fields: z.array(z.string()).nullish(),
  time_window: z.number().nullish(),
  recommended_time_window: z.number().nullish(),
  timeout: z.number().nullish(),
  iag_fields: z.array(z.string()).nullish(),
});

export const setting = z.object({
  id: z.string(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  type: z.string(),
  config: answeredConfig,
  services: z.array(reference.extend({ name: z.string().nullish() })).nullish(),
  created_at: z.string().nullish(),
  updated_at: z.string().nullish(),
});
type PagerDutySetting = z.infer<typeof setting>;

export const settingAnswer = z.object({ alert_grouping_setting: setting });

const cursor = z.string().nullish();
const settingsAnswer = z.object({
  alert_grouping_settings: z.array(setting),
  after: cursor,
  before: cursor,
  total: z.number().nullish(),
});

/** How alerts are grouped, as complete as undo needs it. */
const groupingFacts = z.object({
  type: z.string(),
  config: z.object({
    aggregate: z.string().optional(),
    fields: z.array(z.string()).optional(),
    time_window: z.number().optional(),
    timeout: z.number().optional(),
    iag_fields: z.array(z.string()).optional(),
  }),
  /** Seconds; what `time_window: 0` stands for at the moment. */
  recommendedWindow: z.number().nullable(),
});
export type GroupingFacts = z.infer<typeof groupingFacts>;

export const settingFacts = groupingFacts.extend({
  id: z.string(),
  /** Word for word, for undo. */
  name: z.string().nullable(),
  description: z.string().nullable(),
  services: z.array(named),
  createdAt: z.string().nullable(),
  updatedAt: z.string().nullable(),
});
export type SettingFacts = z.infer<typeof settingFacts>;

export function factsOf(answered: PagerDutySetting): SettingFacts {
  const { recommended_time_window: recommended, ...config } = answered.config;
  const told = Object.entries(config).filter(([, value]) => value !== null && value !== undefined);
  return {
    id: answered.id,
    name: answered.name ?? null,
    description: answered.description ?? null,
    type: answered.type,
    config: groupingFacts.shape.config.parse(Object.fromEntries(told)),
    recommendedWindow: recommended ?? null,
    services: (answered.services ?? []).map(namedFrom).sort((a, b) => a.id.localeCompare(b.id)),
    createdAt: answered.created_at ?? null,
    updatedAt: answered.updated_at ?? null,
  };
}

/** @throws PagerDutyError when it cannot be read. */
export async function readSetting(pagerduty: ReadClient, settingId: string): Promise<SettingFacts> {
  const path = `/alert_grouping_settings/${encodeURIComponent(settingId)}`;
  return factsOf((await pagerduty.get(path, settingAnswer)).alert_grouping_setting);
}

interface CollectedSettings extends Collected<PagerDutySetting> {
  after: string | null;
  before: string | null;
  total: number | null;
}

/**
 * As many pages as it takes to have `limit` settings; the cursors lead on from there and back.
 * @throws PagerDutyError when any page cannot be read.
 */
export async function collectSettings(
  pagerduty: ReadClient,
  query: Query,
  wanted: { limit: number; after?: string | undefined; before?: string | undefined },
): Promise<CollectedSettings> {
  const found: CollectedSettings = { items: [], more: false, after: null, before: null, total: null };
  let { after } = wanted;
  for (;;) {
    const limit = Math.min(wanted.limit - found.items.length, PAGE_SIZE);
    const cursors = found.items.length === 0 ? { after, before: wanted.before } : { after };
    const page = await pagerduty.get('/alert_grouping_settings', settingsAnswer, { ...query, ...cursors, limit });
    if (found.items.length === 0) Object.assign(found, { before: page.before ?? null, total: page.total ?? null });
    found.items.push(...page.alert_grouping_settings.slice(0, limit));
    found.after = page.after ?? null;
    found.more = found.after !== null || page.alert_grouping_settings.length > limit;
    // Back from a cursor there is one page only: what follows it is where the reader came from.
    const ends = found.after === null || page.alert_grouping_settings.length === 0 || wanted.before !== undefined;
    if (ends || found.items.length >= wanted.limit) return found;
    after = found.after ?? undefined;
  }
}

/** The settings that these services have, each once. */
export async function readSettingsOf(pagerduty: ReadClient, serviceIds: string[]): Promise<SettingFacts[]> {
  const { items } = await collectSettings(pagerduty, { service_ids: serviceIds }, { limit: 250 });
  return items.map(factsOf).sort((a, b) => a.id.localeCompare(b.id));
}

/** What a month brought to some services; null when PagerDuty could not tell. */
export const monthLoad = z.object({ incidents: z.number(), alerts: z.number(), more: z.boolean() }).nullable();
type MonthLoad = z.infer<typeof monthLoad>;

/** The newest 100 incidents and the alerts behind them; a month is how far PagerDuty looks back unasked. Never throws for PagerDuty. */
export async function readMonth(pagerduty: ReadClient, serviceIds: string[]): Promise<MonthLoad> {
  const source = { path: '/incidents', list: 'incidents', item: incident };
  const query = { service_ids: serviceIds, sort_by: 'created_at:desc' };
  try {
    const { items, more } = await collect(pagerduty, source, query, { limit: 100 });
    const alerts = items.reduce((sum, one) => sum + (one.alert_counts?.all ?? 0), 0);
    return { incidents: items.length, alerts, more };
  } catch (error) {
    if (error instanceof PagerDutyError) return null;
    throw error;
  }
}

export function monthWords(load: MonthLoad): string {
  if (load === null) return 'How many alerts these services have could not be read.';
  const least = load.more ? 'at least ' : '';
  return `In the last month: ${least}${counted(load.alerts, 'alert')} in ${least}${counted(load.incidents, 'incident')}.`;
}

/** `the alert grouping setting "Checkout by component"` */
export const settingWords = ({ name, id }: { name: string | null; id: string }) =>
  `the alert grouping setting ${name ? `"${oneLine(name)}"` : id}`;

/** Exact: a duration in words is cut to minutes. */
const seconds = (value: number) => (value % 60 === 0 ? duration(value * 1_000) : `${value} s`);

function windowWords({ config: { time_window: window }, recommendedWindow }: GroupingFacts): string {
  if (window === undefined) return 'within a window that PagerDuty does not tell';
  if (window > 0) return `within ${seconds(window)} of the one before`;
  const now = recommendedWindow === null ? '' : ` (${seconds(recommendedWindow)} now)`;
  return `within the window that PagerDuty recommends${now}`;
}

function contentWords({ aggregate, fields = [] }: GroupingFacts['config']): string {
  const names = listed(fields.map(whole), fields.length);
  if (fields.length === 1) return `the same ${names}`;
  return aggregate === 'any' ? `at least one of these the same: ${names}` : `all of these the same: ${names}`;
}

/** Which alerts join one incident, in words; a type that is new to us is named as it is. */
export function groupingWords(facts: GroupingFacts): string {
  const { type, config } = facts;
  const alike = `alike to PagerDuty${config.iag_fields ? ` by ${listed(config.iag_fields.map(whole), 50)}` : ''}`;
  if (type === 'time') {
    const { timeout } = config;
    return timeout ? `all alerts within ${seconds(timeout)}` : 'all alerts until the incident is resolved';
  }
  if (type === 'content_based') return `alerts with ${contentWords(config)}, ${windowWords(facts)}`;
  if (type === 'intelligent') return `alerts that look ${alike}, ${windowWords(facts)}`;
  if (type === 'content_based_intelligent') {
    return `alerts that look ${alike} and have ${contentWords(config)}, ${windowWords(facts)}`;
  }
  return `the type ${oneLine(type)}`;
}

/** A setting, and names of services that it does not have yet. */
interface State {
  setting: SettingFacts;
  services: Named[];
}

interface Change {
  name?: string | undefined;
  description?: string | undefined;
  services?: { id: string }[] | undefined;
}

const serviceNames = (list: Named[], atMost: number) =>
  listed(
    list.map(({ name }) => name),
    atMost,
  );

/** What can be changed of a setting besides its rule, which is asked for each time. */
export const settingChange = changeTable<Change, State>('setting', {
  name: {
    label: 'Name',
    now: ({ setting: { name } }) => name ?? '',
    said: wholeOrEmpty,
    same: sameName,
    watched: ({ setting: one }) => watchedPart(settingWords(one), 'name', one.name, `"${whole(one.name ?? '')}"`),
  },
  description: {
    label: 'Description',
    now: ({ setting: { description } }) => description ?? '',
    said: wholeOrEmpty,
    same: equal,
    watched: ({ setting: one }) =>
      watchedPart(settingWords(one), 'description', one.description, descriptionForAgents(one.description)),
  },
  services: {
    label: 'Services',
    now: (state) => state.setting.services.map(({ id }) => ({ id })),
    said(wanted, state) {
      const known = [...state.setting.services, ...state.services];
      const found = (wanted ?? []).map(({ id }) => known.find((one) => one.id === id) ?? { id, name: id });
      return serviceNames(found, 250) || 'none';
    },
    same: sameIds,
    watched({ setting: one }) {
      const ids = one.services.map(({ id }) => id);
      return watchedPart(
        settingWords(one),
        'list of services',
        ids,
        serviceNames(one.services, 8) || 'empty',
        'services',
      );
    },
  },
});

/** Everything of one setting that must not change until the call is sent. */
export function watchedSetting(facts: SettingFacts): Watched[] {
  const { type, config, updatedAt } = facts;
  const changed = updatedAt === null ? 'not told' : clock(updatedAt);
  return [
    ...settingChange.watched({ setting: facts, services: [] }),
    watchedPart(settingWords(facts), 'rule', { type, config }, `"${groupingWords(facts)}"`, 'grouping'),
    watchedPart(settingWords(facts), 'time of the last change', updatedAt, changed, 'stamp'),
  ];
}

interface Wanted extends Change {
  type: string;
  config: GroupingFacts['config'];
}

const set = (list: string[]) => JSON.stringify([...list].sort());

/** PagerDuty's own default. @see its OpenAPI document, `iag_fields` */
const DEFAULT_IAG_FIELDS = ['summary'];

/** The config with what PagerDuty means where it tells nothing. */
export function wholeConfig({ type, config }: Pick<SettingFacts, 'type' | 'config'>): GroupingFacts['config'] {
  return type === 'intelligent' ? { iag_fields: DEFAULT_IAG_FIELDS, ...config } : config;
}

/** Whether the setting has everything that was asked for; what was not asked for is not compared. */
export function isAsWanted(wanted: Wanted, there: SettingFacts): boolean {
  const config = wholeConfig(there);
  const sameConfig = Object.entries(wanted.config).every(([part, value]) => {
    const is = Object.entries(config).find(([name]) => name === part)?.[1];
    return Array.isArray(value) && Array.isArray(is) ? set(value) === set(is) : value === is;
  });
  return (
    sameConfig &&
    wanted.type === there.type &&
    settingChange.differing(wanted, { setting: there, services: [] }).length === 0
  );
}

/**
 * As `isAsWanted`, but takes the recommended window for what 0 asks for, since PagerDuty may answer with the window that
 * 0 stands for. A fixed window of the same length looks alike, so by itself it proves no change.
 */
export function mayBeAsWanted(wanted: Wanted, there: SettingFacts): boolean {
  const resolved = wanted.config.time_window === 0 && there.config.time_window === there.recommendedWindow;
  return isAsWanted(wanted, resolved ? { ...there, config: { ...there.config, time_window: 0 } } : there);
}

export const serviceReferences = (services: { id: string }[]): JsonObject[] =>
  services.map(({ id }) => ({ id, type: 'service_reference' }));

/** The config as it is sent: without what was not given. */
export const configBody = (config: object): JsonObject =>
  Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
