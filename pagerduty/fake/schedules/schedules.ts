import { z } from 'zod';
import { type Counter, instant, newId } from '../ids.ts';
import { type Names, policyReference, reference, teamReferences, userReference } from '../references.ts';
import { idOf, parsedBody } from '../server/bodies.ts';
import { includes, list, moment, nameMatches, paged, passes } from '../server/query.ts';
import { found, type Handle, type Incoming, invalid, type Route, refusal } from '../server/route.ts';
import { inTimeZone } from '../time-zones.ts';
import { type Memberships, renderUser, type Users } from '../users.ts';
import { finalShifts, layerShifts, type Shift } from './shifts.ts';
import type { Override, Schedule, Schedules } from './state.ts';

/** Escalation policies as far as schedules are shown with them: each of either kind may be a target. */
export interface Paging {
  escalationPolicies: readonly {
    id: string;
    name: string;
    rules: readonly { targets: readonly { id: string }[] }[];
  }[];
}

type Seen = Counter & Schedules & Names<'shiftSchedules'> & Paging & Users & Memberships;

const WEEK_MS = 7 * 86_400_000;

/** Ids of the policies that have this schedule among their targets. */
export const policiesPaging = ({ escalationPolicies }: Paging, scheduleId: string): string[] =>
  escalationPolicies
    .filter(({ rules }) => rules.some(({ targets }) => targets.some(({ id }) => id === scheduleId)))
    .map(({ id }) => id);

/** A layer-based schedule. @throws Refusal 404, or the 400 that sends the caller to the v3 address. */
function scheduleOf(state: Seen, id: string | undefined): Schedule {
  if (state.shiftSchedules.some((shifts) => shifts.id === id)) {
    throw refusal(400, 2001, 'This is a shift-based schedule. Use the v3 Schedules API to access it.');
  }
  return found(state.schedules, id);
}

function userIdsOf(schedule: Schedule): string[] {
  return [
    ...new Set([
      ...schedule.layers.flatMap(({ userIds }) => userIds),
      ...schedule.overrides.map(({ userId }) => userId),
    ]),
  ];
}

function windowOf(query: URLSearchParams, now: Date) {
  const from = moment(query, 'since') ?? now;
  const until = moment(query, 'until') ?? new Date(from.getTime() + WEEK_MS);
  if (until.getTime() < from.getTime()) throw invalid('The until parameter must be after the since parameter.');
  return { from: from.getTime(), until: until.getTime() };
}

function renderSchedule(state: Seen, schedule: Schedule) {
  return {
    ...reference('schedule', schedule.id, schedule.name),
    name: schedule.name,
    time_zone: schedule.timeZone,
    description: schedule.description,
    escalation_policies: policiesPaging(state, schedule.id).map((id) => policyReference(state, id)),
    users: userIdsOf(schedule).map((id) => userReference(state, id)),
    teams: teamReferences(state, schedule.teamIds),
  };
}

/** Layers, overrides and the final schedule, drawn for the window; entries are cut at its ends unless `overflow`. */
function renderEntries(state: Seen, schedule: Schedule, { query, now }: Incoming) {
  const { from, until } = windowOf(query, now);
  const zone = query.get('time_zone') ?? schedule.timeZone;
  const overflow = query.get('overflow') === 'true';
  const rendered = (shifts: Shift[]) => {
    const cut = shifts.map((shift) => ({
      ...shift,
      start: overflow ? shift.start : Math.max(shift.start, from),
      end: overflow ? shift.end : Math.min(shift.end, until),
    }));
    const covered = cut.reduce((sum, { start, end }) => sum + Math.min(end, until) - Math.max(start, from), 0);
    return {
      rendered_schedule_entries: cut.map(({ start, end, userId, overrideId }) => ({
        ...(overrideId === null ? {} : { id: overrideId }),
        start: inTimeZone(start, zone),
        end: inTimeZone(end, zone),
        user: userReference(state, userId),
      })),
      rendered_coverage_percentage:
        until > from ? Math.min(100, Math.round((covered * 1000) / (until - from)) / 10) : 0,
    };
  };
  const final = finalShifts(schedule, from, until);
  return {
    schedule_layers: schedule.layers.map((layer) => ({
      id: layer.id,
      name: layer.name,
      start: inTimeZone(layer.start, zone),
      end: layer.end === null ? null : inTimeZone(layer.end, zone),
      rotation_virtual_start: inTimeZone(layer.rotationVirtualStart, zone),
      rotation_turn_length_seconds: layer.turnLengthSeconds,
      users: layer.userIds.map((id) => ({ user: userReference(state, id) })),
      restrictions: layer.restrictions.map((restriction) => ({
        type: restriction.type,
        start_time_of_day: restriction.startTimeOfDay,
        duration_seconds: restriction.durationSeconds,
        ...(restriction.startDayOfWeek === undefined ? {} : { start_day_of_week: restriction.startDayOfWeek }),
      })),
      ...rendered(layerShifts(layer, schedule.timeZone, from, until)),
    })),
    overrides_subschedule: { name: 'Overrides', ...rendered(final.filter(({ overrideId }) => overrideId !== null)) },
    final_schedule: { name: 'Final Schedule', ...rendered(final) },
  };
}

const listSchedules: Handle<Seen> = (state, incoming) => {
  const { query } = incoming;
  const matching = state.schedules.filter(
    ({ name, teamIds }) => nameMatches(query, name) && passes(list(query, 'team_ids'), ...teamIds),
  );
  const { records, page } = paged(incoming, matching);
  const detailed = ['schedule_layers', 'overrides_subschedule', 'final_schedule'].some((what) => includes(query, what));
  const schedules = records.map((schedule) => ({
    ...renderSchedule(state, schedule),
    ...(detailed ? renderEntries(state, schedule, incoming) : {}),
  }));
  return { status: 200, body: { schedules, ...page } };
};

const getSchedule: Handle<Seen> = (state, incoming) => {
  const schedule = scheduleOf(state, incoming.params.id);
  const body = { ...renderSchedule(state, schedule), ...renderEntries(state, schedule, incoming) };
  return { status: 200, body: { schedule: body } };
};

const listScheduleUsers: Handle<Seen> = (state, { params, query, now }) => {
  const schedule = scheduleOf(state, params.id);
  const { from, until } = windowOf(query, now);
  const limited = query.has('since') || query.has('until');
  const ids = limited ? finalShifts(schedule, from, until).map(({ userId }) => userId) : userIdsOf(schedule);
  const users = state.users.filter(({ id }) => ids.includes(id)).map((user) => renderUser(state, user));
  return { status: 200, body: { users } };
};

const renderOverride = (state: Seen, schedule: Schedule, override: Override) => ({
  id: override.id,
  start: inTimeZone(override.start, schedule.timeZone),
  end: inTimeZone(override.end, schedule.timeZone),
  user: userReference(state, override.userId),
});

const listOverrides: Handle<Seen> = (state, { params, query }) => {
  const schedule = scheduleOf(state, params.id);
  const since = moment(query, 'since');
  const until = moment(query, 'until');
  if (since === null || until === null) throw invalid('Since and until are required.');
  const overrides = schedule.overrides
    .filter(({ start, end }) => Date.parse(start) < until.getTime() && Date.parse(end) > since.getTime())
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start))
    .map((override) => renderOverride(state, schedule, override));
  return { status: 200, body: { overrides } };
};

const newOverride = z.object({ start: z.string(), end: z.string(), user: idOf });
const newOverrides = z.union([
  z.object({ overrides: z.array(newOverride).min(1) }),
  z.object({ override: newOverride }).transform(({ override }) => ({ overrides: [override] })),
]);

function overrideErrors(state: Seen, wanted: z.infer<typeof newOverride>, now: Date): string[] {
  const start = Date.parse(wanted.start);
  const end = Date.parse(wanted.end);
  if (Number.isNaN(start) || Number.isNaN(end)) return ['Start and end must be dates.'];
  return [
    ...(end <= start ? ['Override must end after its start'] : []),
    ...(end <= now.getTime() ? ['Override must end in the future'] : []),
    ...(state.users.some(({ id }) => id === wanted.user.id) ? [] : ['User not found']),
  ];
}

/** A 201 may hold refusals: each override has a status of its own. */
const postOverrides: Handle<Seen> = (state, { params, body, now }) => {
  const schedule = scheduleOf(state, params.id);
  const results = parsedBody(newOverrides, body).overrides.map((wanted) => {
    const errors = overrideErrors(state, wanted, now);
    if (errors.length > 0) return { status: 400, errors, override: wanted };
    const override: Override = {
      id: newId(state, 'Q'),
      start: instant(new Date(wanted.start)),
      end: instant(new Date(wanted.end)),
      userId: wanted.user.id,
    };
    schedule.overrides.push(override);
    return { status: 201, override: renderOverride(state, schedule, override) };
  });
  return { status: 201, body: results };
};

/** A future override disappears (204); a running one ends now (200); a past one stays. */
const deleteOverride: Handle<Seen> = (state, { params, now }) => {
  const schedule = scheduleOf(state, params.id);
  const override = found(schedule.overrides, params.override_id);
  if (Date.parse(override.end) <= now.getTime()) throw invalid('Past overrides cannot be deleted.');
  if (Date.parse(override.start) <= now.getTime()) {
    override.end = instant(now);
    return { status: 200 };
  }
  schedule.overrides = schedule.overrides.filter(({ id }) => id !== override.id);
  return { status: 204 };
};

export const scheduleRoutes: Route<Seen>[] = [
  { method: 'GET', path: '/schedules', scope: 'schedules.read', handle: listSchedules },
  { method: 'GET', path: '/schedules/{id}', scope: 'schedules.read', handle: getSchedule },
  { method: 'GET', path: '/schedules/{id}/users', scope: 'users.read', handle: listScheduleUsers },
  { method: 'GET', path: '/schedules/{id}/overrides', scope: 'schedules.read', handle: listOverrides },
  {
    method: 'POST',
    path: '/schedules/{id}/overrides',
    scope: 'schedules.write',
    audit: { root: 'schedules', action: 'update' },
    handle: postOverrides,
  },
  {
    method: 'DELETE',
    path: '/schedules/{id}/overrides/{override_id}',
    scope: 'schedules.write',
    audit: { root: 'schedules', action: 'update' },
    handle: deleteOverride,
  },
];
