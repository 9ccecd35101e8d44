import { z } from 'zod';
import { type Counter, instant } from '../ids.ts';
import type { Names } from '../references.ts';
import { parsedBody } from '../server/bodies.ts';
import { paged } from '../server/query.ts';
import { found, type Handle, type Incoming, invalid, type Route, refusal } from '../server/route.ts';
import { isTimeZone } from '../time-zones.ts';
import { memberFrom, newPartId, partMember } from './parts.ts';
import { renderEvent, renderRotation, shiftScheduleOf } from './shift-schedules.ts';
import type { ShiftEvent, ShiftSchedules } from './state.ts';

type Seen = Counter & ShiftSchedules & Names<'users' | 'schedules'>;

const MOST_ROTATIONS = 10;
const MOST_EVENTS = 5;

function shortPage<T>(incoming: Incoming, records: T[]) {
  const { records: shown, page } = paged(incoming, records);
  return { shown, page: { limit: page.limit, offset: page.offset, more: page.more } };
}

const listRotations: Handle<Seen> = (state, incoming) => {
  const schedule = shiftScheduleOf(state, incoming.params.id);
  const { shown, page } = shortPage(incoming, schedule.rotations);
  return { status: 200, body: { rotations: shown.map((one) => renderRotation(schedule, one)), ...page } };
};

const getRotation: Handle<Seen> = (state, { params }) => {
  const schedule = shiftScheduleOf(state, params.id);
  const rotation = found(schedule.rotations, params.rotation_id);
  return { status: 200, body: { rotation: renderRotation(schedule, rotation) } };
};

const postRotation: Handle<Seen> = (state, { params, body }) => {
  const schedule = shiftScheduleOf(state, params.id);
  if (body !== null && typeof body === 'object' && Object.keys(body).length > 0) {
    throw invalid('rotation: the body must be empty.');
  }
  if (schedule.rotations.length >= MOST_ROTATIONS) {
    throw invalid(`schedule.rotations: at most ${MOST_ROTATIONS} active rotations`);
  }
  const rotation = { id: newPartId(state), events: [] };
  schedule.rotations.push(rotation);
  return { status: 201, body: { rotation: renderRotation(schedule, rotation) } };
};

const deleteRotation: Handle<Seen> = (state, { params }) => {
  const schedule = shiftScheduleOf(state, params.id);
  const rotation = found(schedule.rotations, params.rotation_id);
  schedule.rotations = schedule.rotations.filter(({ id }) => id !== rotation.id);
  schedule.overrides = schedule.overrides.filter(({ rotationId }) => rotationId !== rotation.id);
  return { status: 204 };
};

const time = z.string().refine((value) => !Number.isNaN(Date.parse(value)), 'is not a date');
const zonedTime = z.object({ date_time: time, time_zone: z.string().refine(isTimeZone, 'is not a time zone') });
const recurrence = z
  .array(z.string())
  .refine((lines) => lines.filter((one) => one.startsWith('RRULE:')).length === 1, 'must contain exactly one RRULE');
const strategy = z
  .object({
    type: z.enum(['rotating_member_assignment_strategy', 'every_member_assignment_strategy']),
    shifts_per_member: z.int().min(1).optional(),
    members: z.array(partMember).min(1).max(20),
  })
  .refine(
    ({ type, shifts_per_member: each }) => type === 'every_member_assignment_strategy' || each !== undefined,
    'shifts_per_member is required',
  );

const newEvent = z.object({
  name: z.string().min(1).max(255),
  start_time: zonedTime,
  end_time: zonedTime,
  effective_since: time,
  effective_until: time.nullish(),
  recurrence,
  assignment_strategy: strategy,
});
const withNewEvent = z.object({ event: newEvent });
const withEvent = z.object({ event: newEvent.partial() });
type EventFields = z.infer<typeof withEvent>['event'];

const utc = (at: string) => instant(new Date(at));

/** Events of one rotation take turns as a whole: their effective ranges must not overlap, whatever they repeat. */
function checkEvent(event: ShiftEvent, others: ShiftEvent[]) {
  const range = ({ effectiveSince, effectiveUntil }: ShiftEvent): [number, number] => [
    Date.parse(effectiveSince),
    effectiveUntil === null ? Number.POSITIVE_INFINITY : Date.parse(effectiveUntil),
  ];
  const [since, until] = range(event);
  if (Date.parse(event.endTime) <= Date.parse(event.startTime))
    throw invalid('event.end_time: must be after start_time');
  if (until <= since) throw invalid('event.effective_until: must be after effective_since');
  const overlaps = others.some((other) => {
    const [from, to] = range(other);
    return since < to && until > from;
  });
  if (overlaps) throw invalid('event.effective_since: overlaps with another event of the rotation');
}

function changeEvent(state: Seen, event: ShiftEvent, fields: EventFields, now: Date) {
  if (fields.name !== undefined) event.name = fields.name;
  if (fields.start_time !== undefined) event.startTime = utc(fields.start_time.date_time);
  if (fields.end_time !== undefined) event.endTime = utc(fields.end_time.date_time);
  if (fields.effective_since !== undefined) {
    const since = Math.max(Date.parse(fields.effective_since), now.getTime());
    event.effectiveSince = instant(new Date(since));
  }
  if (fields.effective_until !== undefined) {
    event.effectiveUntil = fields.effective_until === null ? null : utc(fields.effective_until);
  }
  if (fields.recurrence !== undefined) event.recurrence = fields.recurrence;
  if (fields.assignment_strategy !== undefined) {
    event.strategy = fields.assignment_strategy.type;
    event.shiftsPerMember = fields.assignment_strategy.shifts_per_member ?? 1;
    event.members = fields.assignment_strategy.members.map((one) => memberFrom(state, one));
  }
}

const isOver = ({ effectiveUntil }: ShiftEvent, now: Date) =>
  effectiveUntil !== null && Date.parse(effectiveUntil) <= now.getTime();
const isRunning = (event: ShiftEvent, now: Date) =>
  !isOver(event, now) && Date.parse(event.effectiveSince) <= now.getTime();

const rotationOf = (state: Seen, { params }: Incoming) => {
  const schedule = shiftScheduleOf(state, params.id);
  return { schedule, rotation: found(schedule.rotations, params.rotation_id) };
};

const listEvents: Handle<Seen> = (state, incoming) => {
  const { schedule, rotation } = rotationOf(state, incoming);
  const inOrder = rotation.events.toSorted((a, b) => Date.parse(a.startTime) - Date.parse(b.startTime));
  const { shown, page } = shortPage(incoming, inOrder);
  return { status: 200, body: { events: shown.map((event) => renderEvent(schedule, event)), ...page } };
};

const getEvent: Handle<Seen> = (state, incoming) => {
  const { schedule, rotation } = rotationOf(state, incoming);
  return { status: 200, body: { event: renderEvent(schedule, found(rotation.events, incoming.params.event_id)) } };
};

const postEvent: Handle<Seen> = (state, incoming) => {
  const { schedule, rotation } = rotationOf(state, incoming);
  const fields = parsedBody(withNewEvent, incoming.body).event;
  if (rotation.events.length >= MOST_EVENTS) throw invalid(`rotation.events: at most ${MOST_EVENTS} events`);
  const event: ShiftEvent = {
    id: newPartId(state),
    name: fields.name,
    startTime: '',
    endTime: '',
    effectiveSince: '',
    effectiveUntil: null,
    recurrence: [],
    strategy: 'rotating_member_assignment_strategy',
    shiftsPerMember: 1,
    members: [],
  };
  changeEvent(state, event, fields, incoming.now);
  checkEvent(event, rotation.events);
  rotation.events.push(event);
  return { status: 201, body: { event: renderEvent(schedule, event) } };
};

const putEvent: Handle<Seen> = (state, incoming) => {
  const { schedule, rotation } = rotationOf(state, incoming);
  const { now } = incoming;
  const event = found(rotation.events, incoming.params.event_id);
  const fields = parsedBody(withEvent, incoming.body).event;
  if (isOver(event, now)) throw invalid('event: past events cannot be modified');
  const others = Object.keys(fields).filter((name) => name !== 'effective_until');
  if (isRunning(event, now) && others.length > 0) {
    throw invalid(...others.map((name) => `event.${name}: cannot be modified, only effective_until can`));
  }
  if (fields.effective_until != null && Date.parse(fields.effective_until) < now.getTime()) {
    throw invalid('event.effective_until: must be in the future');
  }
  changeEvent(state, event, fields, now);
  checkEvent(
    event,
    rotation.events.filter(({ id }) => id !== event.id),
  );
  return { status: 200, body: { event: renderEvent(schedule, event) } };
};

/** A future event disappears; a running one ends now; a past one stays. */
const deleteEvent: Handle<Seen> = (state, incoming) => {
  const { rotation } = rotationOf(state, incoming);
  const event = found(rotation.events, incoming.params.event_id);
  if (isOver(event, incoming.now)) throw refusal(400, 2001, 'Past events cannot be deleted.');
  if (isRunning(event, incoming.now)) event.effectiveUntil = instant(incoming.now);
  else rotation.events = rotation.events.filter(({ id }) => id !== event.id);
  return { status: 204 };
};

const rotations = '/v3/schedules/{id}/rotations' as const;
const rotation = `${rotations}/{rotation_id}` as const;
const event = `${rotation}/events/{event_id}` as const;
const update = { root: 'schedules', action: 'update' } as const;

export const rotationRoutes: Route<Seen>[] = [
  { method: 'GET', path: rotations, scope: null, handle: listRotations },
  { method: 'POST', path: rotations, scope: null, audit: update, handle: postRotation },
  { method: 'GET', path: rotation, scope: null, handle: getRotation },
  { method: 'DELETE', path: rotation, scope: null, audit: update, handle: deleteRotation },
  { method: 'GET', path: `${rotation}/events`, scope: null, handle: listEvents },
  { method: 'POST', path: `${rotation}/events`, scope: null, audit: update, handle: postEvent },
  { method: 'GET', path: event, scope: null, handle: getEvent },
  { method: 'PUT', path: event, scope: null, audit: update, handle: putEvent },
  { method: 'DELETE', path: event, scope: null, audit: update, handle: deleteEvent },
];
