import { z } from 'zod';
import type { Incident } from '../incidents/state.ts';
import { parsedBody } from '../server/bodies.ts';
import { passes } from '../server/query.ts';
import { type Handle, type Incoming, invalid, type Route } from '../server/route.ts';
import type { Teams } from '../teams.ts';
import { inTimeZone } from '../time-zones.ts';
import {
  type Counted,
  figuresOfIncidents,
  figuresOfResponders,
  type IncidentFilter,
  incidentsIn,
  type Range,
  responderIdsOf,
} from './figures.ts';

type Seen = Counted & Teams;

const DAY_MS = 86_400_000;
const YEAR_MS = 366 * DAY_MS;

const ids = z.array(z.string()).optional();

const question = z.object({
  filters: z
    .object({
      created_at_start: z.string().optional(),
      created_at_end: z.string().optional(),
      date_range_start: z.string().optional(),
      date_range_end: z.string().optional(),
      urgency: z.enum(['high', 'low']).optional(),
      team_ids: ids,
      service_ids: ids,
      responder_ids: ids,
    })
    .default({}),
  time_zone: z.string().default('Etc/UTC'),
  order: z.enum(['asc', 'desc']).default('desc'),
  order_by: z.string().optional(),
  aggregate_unit: z.enum(['day', 'week', 'month']).nullish(),
});

type Question = z.infer<typeof question>;
type Row = Record<string, string | number | null>;

/** The last day where no range is given. @throws Refusal 400 for a range that is none, or longer than a year. */
function rangeOf({ filters }: Question, now: Date): Range {
  const [from, until] = [
    Date.parse(filters.created_at_start ?? filters.date_range_start ?? new Date(now.getTime() - DAY_MS).toISOString()),
    Date.parse(filters.created_at_end ?? filters.date_range_end ?? now.toISOString()),
  ];
  if (Number.isNaN(from) || Number.isNaN(until)) throw invalid('The range is not made of dates.');
  if (until < from) throw invalid('The end of the range must not be before its start.');
  if (until - from > YEAR_MS) throw invalid('The range may cover one year at most.');
  return { from, until };
}

function filterOf(asked: Question, now: Date): IncidentFilter {
  const { urgency, team_ids: teamIds, service_ids: serviceIds } = asked.filters;
  return {
    range: rangeOf(asked, now),
    urgency: urgency ?? null,
    teamIds: teamIds ?? null,
    serviceIds: serviceIds ?? null,
  };
}

/** Keys that belong to somebody, and OAuth tokens, must name teams or services. */
function narrowEnough({ filters }: Question, { principal }: Incoming): void {
  if (principal.kind === 'account' || filters.team_ids || filters.service_ids) return;
  throw invalid('A team_ids or service_ids filter is required.');
}

/** The start of the stretch an incident falls into, as local time without a zone. */
function stretchOf(createdAt: string, unit: 'day' | 'week' | 'month', zone: string): string {
  const day = inTimeZone(createdAt, zone).slice(0, 10);
  if (unit === 'month') return `${day.slice(0, 7)}-01T00:00:00`;
  const midnight = Date.parse(`${day}T00:00:00Z`);
  const back = unit === 'week' ? (new Date(midnight).getUTCDay() + 6) % 7 : 0;
  return new Date(midnight - back * DAY_MS).toISOString().slice(0, 19);
}

interface Group {
  names: Row;
  incidents: Incident[];
}

/** Splits groups by day, week or month where that was asked for. */
function inStretches(groups: Group[], { aggregate_unit: unit, time_zone: zone }: Question): Group[] {
  if (!unit) return groups;
  return groups.flatMap(({ names, incidents }) => {
    const starts = [...new Set(incidents.map(({ createdAt }) => stretchOf(createdAt, unit, zone)))];
    return starts.map((start) => ({
      names: { ...names, range_start: start },
      incidents: incidents.filter(({ createdAt }) => stretchOf(createdAt, unit, zone) === start),
    }));
  });
}

function ordered(rows: Row[], by: string, order: 'asc' | 'desc'): Row[] {
  const sign = order === 'asc' ? 1 : -1;
  return rows.toSorted((a, b) => {
    const [left, right] = [a[by] ?? 0, b[by] ?? 0];
    return (
      sign * (typeof left === 'number' && typeof right === 'number' ? left - right : `${left}` < `${right}` ? -1 : 1)
    );
  });
}

function answer(asked: Question, rows: Row[], by: string) {
  const { filters, time_zone, order, order_by = by, aggregate_unit } = asked;
  const data = ordered(rows, order_by, order);
  return { status: 200, body: { data, filters, time_zone, order, order_by, aggregate_unit: aggregate_unit ?? null } };
}

const incidentMetrics =
  (groupsOf: (state: Seen, incidents: Incident[]) => Group[]): Handle<Seen> =>
  (state, incoming) => {
    const asked = parsedBody(question, incoming.body ?? {});
    narrowEnough(asked, incoming);
    const filter = filterOf(asked, incoming.now);
    const groups = inStretches(groupsOf(state, incidentsIn(state, filter)), asked);
    const rows = groups.map(({ names, incidents }) => ({
      ...names,
      ...figuresOfIncidents(state, incidents, filter.range, incoming.now),
    }));
    return answer(asked, rows, 'total_incident_count');
  };

const bySpan = incidentMetrics((_state, incidents) => [{ names: {}, incidents }]);

const byService = incidentMetrics((state, incidents) =>
  state.services
    .map((service) => {
      const team = state.teams.find(({ id }) => service.teamIds.includes(id));
      return {
        names: {
          service_id: service.id,
          service_name: service.name,
          team_id: team?.id ?? null,
          team_name: team?.name ?? null,
        },
        incidents: incidents.filter(({ serviceId }) => serviceId === service.id),
      };
    })
    .filter((group) => group.incidents.length > 0),
);

const byTeam = incidentMetrics((state, incidents) =>
  state.teams
    .map((team) => {
      const owned = state.services.filter(({ teamIds }) => teamIds.includes(team.id)).map(({ id }) => id);
      return {
        names: { team_id: team.id, team_name: team.name },
        incidents: incidents.filter(({ serviceId }) => owned.includes(serviceId)),
      };
    })
    .filter((group) => group.incidents.length > 0),
);

type Load = Parameters<typeof figuresOfResponders>[2];

const responderMetrics =
  (rowsOf: (state: Seen, load: Load, filter: IncidentFilter, wanted: (id: string) => boolean) => Row[]): Handle<Seen> =>
  (state, incoming) => {
    const asked = parsedBody(question, incoming.body ?? {});
    const filter = filterOf(asked, incoming.now);
    const load = { incidents: incidentsIn(state, filter), range: filter.range, teamId: null, now: incoming.now };
    const rows = rowsOf(state, load, filter, (id) => passes(asked.filters.responder_ids ?? null, id));
    return answer(asked, rows, 'total_incident_count');
  };

/** One row for all of them together, without a name. */
const byEverybody = responderMetrics((state, load, _filter, wanted) => [
  figuresOfResponders(state, responderIdsOf(state, load.incidents).filter(wanted), load),
]);

const byResponder = responderMetrics((state, load, filter, wanted) =>
  state.teams
    .filter(({ id }) => passes(filter.teamIds, id))
    .flatMap((team) => {
      const own = { ...load, teamId: team.id, incidents: incidentsIn(state, { ...filter, teamIds: [team.id] }) };
      const people = responderIdsOf(state, own.incidents).filter(wanted);
      return people.map((id) => ({
        responder_id: id,
        responder_name: state.users.find((user) => user.id === id)?.name ?? null,
        team_id: team.id,
        team_name: team.name,
        ...figuresOfResponders(state, [id], own),
      }));
    }),
);

const asking = (path: string, handle: Handle<Seen>): Route<Seen> => ({
  method: 'POST',
  path: `/analytics/metrics/${path}`,
  scope: 'analytics.write',
  readsOnly: true,
  handle,
});

/** Questions that are asked by POST and change nothing. */
export const analyticsRoutes: Route<Seen>[] = [
  asking('incidents/all', bySpan),
  asking('incidents/services', byService),
  asking('incidents/teams', byTeam),
  asking('responders/all', byEverybody),
  asking('responders/teams', byResponder),
];
