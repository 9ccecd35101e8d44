import { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import { defineReadTool } from '../../read-tool.ts';
import { schedule, shiftSchedule, shiftScheduleAnswer } from '../../schemas.ts';
import { type Collected, collect } from '../facts/pages.ts';
import { ids, include, limit, optional, query, queryModel, toolInput } from '../input/parameters.ts';
import { line, listSentence, refs, shownName } from '../words/answers.ts';

/** Shift-based schedules come as bare references; so many of them are looked up for their names. */
const MAX_LOOKUPS = 50;

const input = toolInput({
  query_model: queryModel({ query, team_ids: ids('team'), user_ids: ids('user'), include, limit }),
  enrich: optional(z.boolean()).describe('Look up names that the list leaves out; default true.'),
});
type Filter = NonNullable<z.infer<typeof input>['query_model']>;

interface Source {
  status: 'ok' | 'failed' | 'left_out';
  because: string | null;
  found: Collected<JsonObject>;
}

async function layerBased(pagerduty: ReadClient, filter: Filter, wanted: number): Promise<Collected<JsonObject>> {
  const source = { path: '/schedules', list: 'schedules', item: schedule };
  // PagerDuty has no filter for users here, so with one all schedules are read and sifted.
  const sifted = filter.user_ids !== undefined;
  const asked = { query: filter.query, team_ids: filter.team_ids };
  const { items, more } = await collect(pagerduty, source, asked, { limit: sifted ? 1_000 : wanted });
  const kept = items.filter(({ users }) => !sifted || users?.some(({ id }) => filter.user_ids?.includes(id)));
  return {
    more: more || kept.length > wanted,
    items: kept.slice(0, wanted).map((item) => ({
      id: item.id,
      kind: 'layer_based',
      name: shownName(item),
      description: line(item.description),
      time_zone: item.time_zone ?? null,
      escalation_policies: refs(item.escalation_policies),
      users: refs(item.users),
      teams: refs(item.teams),
    })),
  };
}

async function shiftBased(pagerduty: ReadClient, filter: Filter, wanted: number, enrich: boolean) {
  const source = { path: '/v3/schedules', list: 'schedules', item: shiftSchedule };
  const asked = { query: filter.query, team_ids: filter.team_ids };
  const { items, more } = await collect(pagerduty, source, asked, { limit: wanted });
  const complete = await Promise.all(
    items.map(async (item, index) => {
      if (!enrich || index >= MAX_LOOKUPS || (item.name && item.time_zone)) return item;
      const path = `/v3/schedules/${encodeURIComponent(item.id)}`;
      return { ...item, ...(await pagerduty.get(path, shiftScheduleAnswer)).schedule };
    }),
  );
  return {
    more,
    items: complete.map(
      (item): JsonObject => ({
        id: item.id,
        kind: 'shift_based',
        name: shownName(item),
        description: line(item.description),
        time_zone: item.time_zone ?? null,
        escalation_policies: refs(item.escalation_policies),
        users: null,
        teams: refs(item.teams),
      }),
    ),
  };
}

const NOTHING: Collected<JsonObject> = { items: [], more: false };

/** One source may fail without hiding the other; anything that is not PagerDuty's doing still throws. */
async function attempted(found: Promise<Collected<JsonObject>>): Promise<Source> {
  try {
    return { status: 'ok', because: null, found: await found };
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    return { status: 'failed', because: error.message, found: NOTHING };
  }
}

export const listSchedules = defineReadTool<z.infer<typeof input>>({
  name: 'list_schedules',
  title: 'List schedules',
  description:
    'List on-call schedules, layer-based and shift-based in one list, and say for each kind whether it could be read.',
  toolset: 'schedules',
  source: { operationId: 'listSchedules', path: '/schedules', scope: 'schedules.read' },
  reads: ['schedules.read'],
  input,
  example: { query_model: { query: 'checkout' } },
  async run(pagerduty, { query_model: filter = {}, enrich = true }) {
    const wanted = filter.limit ?? 20;
    const byUser: Source = { status: 'left_out', because: 'PagerDuty cannot filter these by user.', found: NOTHING };
    const [layers, shifts] = await Promise.all([
      attempted(layerBased(pagerduty, filter, wanted)),
      filter.user_ids ? byUser : attempted(shiftBased(pagerduty, filter, wanted, enrich)),
    ]);
    if (layers.status === 'failed' && shifts.status !== 'ok') {
      throw new PagerDutyError('unavailable', `No schedules could be read. ${layers.because}`);
    }
    const all = [...layers.found.items, ...shifts.found.items];
    const found = {
      items: all.slice(0, wanted),
      more: layers.found.more || shifts.found.more || all.length > wanted,
    };
    const told = ({ status, because, found: { items } }: Source) => ({ status, because, count: items.length });
    const degraded = layers.status === 'failed' || shifts.status === 'failed';
    const half = degraded ? ' One kind of schedule could not be read.' : '';
    return {
      answer: {
        schedules: found.items,
        more: found.more,
        sources: { layer_based: told(layers), shift_based: told(shifts) },
        degraded,
      },
      text: `${listSentence(found, 'schedule')}${half}`,
    };
  },
});
