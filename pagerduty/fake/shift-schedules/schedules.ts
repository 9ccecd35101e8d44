import { policyReference, scheduleReference, teamReferences, userReference } from '../references.ts';
import { inTimeZone, type Shift, shiftScheduleShifts } from '../schedules/shifts.ts';
import { includes, list, moment, nameMatches, paged, passes } from '../server/query.ts';
import { found, type Handle, type Route, refusal } from '../server/route.ts';
import type { Member, ShiftEvent, ShiftSchedule, State } from '../state.ts';

const WEEK_MS = 7 * 86_400_000;
const MOST_PER_PAGE = 1000;

export const renderMember = (member: Member) =>
  member.type === 'user_member' ? { type: member.type, user_id: member.userId } : { type: member.type };

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

export function renderShiftSchedule(state: State, schedule: ShiftSchedule) {
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
    escalation_policies: state.escalationPolicies
      .filter(({ rules }) => rules.some(({ targets }) => targets.some(({ id }) => id === schedule.id)))
      .map(({ id }) => policyReference(state, id)),
    users: [...userIds].map((id) => userReference(state, id)),
    rotations: schedule.rotations.map((rotation) => renderRotation(schedule, rotation)),
  };
}

/** A shift-based schedule. @throws Refusal 404, or the 400 that sends the caller to the v2 address. */
export function shiftScheduleOf(state: State, id: string | undefined): ShiftSchedule {
  if (state.schedules.some((layers) => layers.id === id)) {
    throw refusal(400, 2001, 'This is a layer-based schedule. Use the v2 Schedules API to access it.');
  }
  return found(state.shiftSchedules, id);
}

function sourceOf({ rotationId, customShiftId, overrideId }: Shift) {
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

const listShiftSchedules: Handle = (state, { query }) => {
  const matching = state.shiftSchedules.filter(
    ({ name, teamIds }) => nameMatches(query, name) && passes(list(query, 'team_ids'), ...teamIds),
  );
  const { records, page } = paged({ query }, matching, MOST_PER_PAGE);
  return {
    status: 200,
    body: { schedules: records.map(({ id }) => scheduleReference(state, 'schedule_v3_reference', id)), ...page },
  };
};

const getShiftSchedule: Handle = (state, { params, query, now }) => {
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

export const shiftScheduleRoutes: Route[] = [
  { method: 'GET', path: '/v3/schedules', scope: null, handle: listShiftSchedules },
  { method: 'GET', path: '/v3/schedules/{id}', scope: null, handle: getShiftSchedule },
];
