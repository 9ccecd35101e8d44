import { z } from 'zod';
import { type Counter, newId } from '../ids.ts';
import { type Names, policyReference, scheduleReference, teamReferences, userReference } from '../references.ts';
import { type Paging, policiesPaging } from '../schedules/schedules.ts';
import { idOf, parsedBody } from '../server/bodies.ts';
import { includes, list, moment, nameMatches, paged, passes } from '../server/query.ts';
import { found, type Handle, invalid, type Route, refusal } from '../server/route.ts';
import { inTimeZone, isTimeZone } from '../time-zones.ts';
import { type SourcedShift, shiftScheduleShifts } from './duties.ts';
import { renderMember } from './parts.ts';
import type { ShiftEvent, ShiftSchedule, ShiftSchedules } from './state.ts';

type Seen = Counter & ShiftSchedules & Names<'users' | 'teams' | 'schedules'> & Paging;

const WEEK_MS = 7 * 86_400_000;
const MOST_PER_PAGE = 1000;

type Rotation = ShiftSchedule['rotations'][0];

export function renderEvent({ timeZone }: ShiftSchedule, event: ShiftEvent) {
  const zoned = (at: string) => ({ date_time: inTimeZone(at, timeZone), time_zone: timeZone });
  return {
    id: event.id,
    type: 'schedule_event',
    name: event.name,
    start_time: zoned(event.startTime),
    end_time: zoned(event.endTime),
    effective_since: event.effectiveSince,
    effective_until: event.effectiveUntil,
    recurrence: event.recurrence,
    assignment_strategy: {
      type: event.strategy,
      shifts_per_member: event.shiftsPerMember,
      members: event.members.map(renderMember),
    },
  };
}

export const renderRotation = (schedule: ShiftSchedule, { id, events }: Rotation) => ({
  id,
  type: 'schedule_rotation',
  events: events.map((event) => renderEvent(schedule, event)),
});

function renderShiftSchedule(state: Seen, schedule: ShiftSchedule) {
  const events = schedule.rotations.flatMap((rotation) => rotation.events);
  const members = events.flatMap((event) => event.members);
  const userIds = new Set(members.flatMap((member) => (member.type === 'user_member' ? [member.userId] : [])));
  return {
    id: schedule.id,
    type: 'schedule_v3',
    name: schedule.name,
    summary: schedule.name,
    time_zone: schedule.timeZone,
    description: schedule.description ?? '',
    teams: teamReferences(state, schedule.teamIds),
    escalation_policies: policiesPaging(state, schedule.id).map((id) => policyReference(state, id)),
    users: [...userIds].map((id) => userReference(state, id)),
    rotations: schedule.rotations.map((rotation) => renderRotation(schedule, rotation)),
  };
}

/** A shift-based schedule. @throws Refusal 404, or the 400 that sends the caller to the v2 address. */
export function shiftScheduleOf(state: ShiftSchedules & Names<'schedules'>, id: string | undefined): ShiftSchedule {
  if (state.schedules.some((layers) => layers.id === id)) {
    throw refusal(400, 2001, 'This is a layer-based schedule. Use the v2 Schedules API to access it.');
  }
  return found(state.shiftSchedules, id);
}

function sourceOf({ rotationId, customShiftId, overrideId }: SourcedShift) {
  const [type, source] =
    rotationId === null
      ? ['custom_shift', { shift_id: customShiftId }]
      : ['schedule_rotation', { rotation_id: rotationId }];
  return overrideId === null ? { type, ...source } : { type: `${type}_override`, ...source, override_id: overrideId };
}

function finalSchedule(schedule: ShiftSchedule, from: number, until: number, zone: string) {
  const shifts = shiftScheduleShifts(schedule, from, until);
  return {
    type: 'final_schedule',
    rendered_coverage_percentage: shifts.length > 0 ? 100 : 0,
    computed_shift_assignments: shifts.map((shift) => ({
      type: 'computed_shift_assignment',
      start_time: inTimeZone(Math.max(shift.start, from), zone),
      end_time: inTimeZone(Math.min(shift.end, until), zone),
      member: { type: 'user_member', user_id: shift.userId },
      source: sourceOf(shift),
    })),
  };
}

const listShiftSchedules: Handle<Seen> = (state, { query }) => {
  const matching = state.shiftSchedules.filter(
    ({ name, teamIds }) => nameMatches(query, name) && passes(list(query, 'team_ids'), ...teamIds),
  );
  const { records, page } = paged({ query }, matching, MOST_PER_PAGE);
  return {
    status: 200,
    body: { schedules: records.map(({ id }) => scheduleReference(state, 'schedule_v3_reference', id)), ...page },
  };
};

const getShiftSchedule: Handle<Seen> = (state, { params, query, now }) => {
  const schedule = shiftScheduleOf(state, params.id);
  const from = moment(query, 'since') ?? now;
  const until = moment(query, 'until') ?? new Date(from.getTime() + WEEK_MS);
  const final = includes(query, 'final_schedule')
    ? {
        final_schedule: finalSchedule(
          schedule,
          from.getTime(),
          until.getTime(),
          query.get('time_zone') ?? schedule.timeZone,
        ),
      }
    : {};
  return { status: 200, body: { schedule: { ...renderShiftSchedule(state, schedule), ...final } } };
};

/** What PagerDuty answers to the parts of a schedule that have addresses of their own. */
function refuseParts(body: unknown) {
  const schedule: unknown = body !== null && typeof body === 'object' && 'schedule' in body ? body.schedule : null;
  if (schedule === null || typeof schedule !== 'object') return;
  for (const part of ['rotations', 'escalation_policies']) {
    if (part in schedule) throw invalid(`schedule.${part}: is not accepted here.`);
  }
}

const scheduleFields = z.object({
  name: z.string().min(1).max(255).optional(),
  time_zone: z.string().optional(),
  description: z.string().max(1_024).optional(),
  teams: z.array(idOf).optional(),
});
const withSchedule = z.object({ schedule: scheduleFields });
const withNewSchedule = z.object({ schedule: scheduleFields.required({ name: true, time_zone: true }) });

function change(state: Seen, schedule: ShiftSchedule, fields: z.infer<typeof scheduleFields>) {
  if (fields.name !== undefined) schedule.name = fields.name;
  if (fields.description !== undefined) schedule.description = fields.description;
  if (fields.time_zone !== undefined) {
    if (!isTimeZone(fields.time_zone)) throw invalid('schedule.time_zone: is not a time zone.');
    schedule.timeZone = fields.time_zone;
  }
  if (fields.teams !== undefined) {
    for (const { id } of fields.teams) if (!state.teams.some((team) => team.id === id)) throw invalid('Team not found');
    schedule.teamIds = fields.teams.map(({ id }) => id);
  }
}

const postSchedule: Handle<Seen> = (state, { body }) => {
  refuseParts(body);
  const fields = parsedBody(withNewSchedule, body).schedule;
  const schedule: ShiftSchedule = {
    id: newId(state, 'P'),
    name: '',
    description: null,
    timeZone: 'UTC',
    teamIds: [],
    rotations: [],
    customShifts: [],
    overrides: [],
  };
  change(state, schedule, fields);
  state.shiftSchedules.push(schedule);
  return { status: 201, body: { schedule: renderShiftSchedule(state, schedule) } };
};

const putSchedule: Handle<Seen> = (state, { params, body }) => {
  refuseParts(body);
  const schedule = shiftScheduleOf(state, params.id);
  change(state, schedule, parsedBody(withSchedule, body).schedule);
  return { status: 200, body: { schedule: renderShiftSchedule(state, schedule) } };
};

const deleteSchedule: Handle<Seen> = (state, { params }) => {
  const schedule = shiftScheduleOf(state, params.id);
  if (policiesPaging(state, schedule.id).length > 0) {
    throw invalid("Schedule can't be deleted if it's being used by escalation policies");
  }
  state.shiftSchedules = state.shiftSchedules.filter(({ id }) => id !== schedule.id);
  return { status: 204 };
};

const schedules = '/v3/schedules' as const;
const root = 'schedules' as const;

export const shiftScheduleRoutes: Route<Seen>[] = [
  { method: 'GET', path: schedules, scope: null, handle: listShiftSchedules },
  { method: 'POST', path: schedules, scope: null, audit: { root, action: 'create' }, handle: postSchedule },
  { method: 'GET', path: `${schedules}/{id}`, scope: null, handle: getShiftSchedule },
  { method: 'PUT', path: `${schedules}/{id}`, scope: null, audit: { root, action: 'update' }, handle: putSchedule },
  {
    method: 'DELETE',
    path: `${schedules}/{id}`,
    scope: null,
    audit: { root, action: 'delete' },
    handle: deleteSchedule,
  },
];
