import { z } from 'zod';
import { type Counter, instant } from '../ids.ts';
import type { Names } from '../references.ts';
import { parsedBody } from '../server/bodies.ts';
import { moment, paged } from '../server/query.ts';
import { found, type Handle, type Incoming, invalid, type Route } from '../server/route.ts';
import { inTimeZone } from '../time-zones.ts';
import { memberFrom, newPartId, partMember, renderMember } from './parts.ts';
import { shiftScheduleOf } from './shift-schedules.ts';
import type { CustomShift, ShiftOverride, ShiftSchedule, ShiftSchedules } from './state.ts';

type Seen = Counter & ShiftSchedules & Names<'users' | 'schedules'>;

const MOST_PER_PAGE = 1000;

const time = z.string().refine((value) => !Number.isNaN(Date.parse(value)), 'is not a date');
const assignments = z.array(z.object({ type: z.literal('shift_assignment'), member: partMember })).length(1);

const newShift = z.object({ type: z.literal('custom_shift'), start_time: time, end_time: time, assignments });
const newShifts = z.object({ custom_shifts: z.array(newShift).min(1) });
const shiftChange = z.object({ custom_shift: newShift.omit({ type: true }).partial() });

const newOverride = z.object({
  type: z.literal('override_shift'),
  rotation_id: z.string().optional(),
  custom_shift_id: z.string().optional(),
  start_time: time,
  end_time: time,
  overridden_member: partMember,
  overriding_member: partMember,
});
const newOverrides = z.object({ overrides: z.array(newOverride).min(1) });
const overrideChange = z.object({
  override: newOverride.pick({ start_time: true, end_time: true, overriding_member: true }).partial(),
});

/** @throws Refusal 400 when the window is empty or over. */
function checkWindow({ start, end }: { start: string; end: string }, now: Date) {
  if (Date.parse(end) <= Date.parse(start)) throw invalid('end_time must be after start_time.');
  if (Date.parse(end) < now.getTime()) throw invalid('end_time must be in the future.');
}

const started = ({ start }: { start: string }, now: Date) => Date.parse(start) <= now.getTime();
const ended = ({ end }: { end: string }, now: Date) => Date.parse(end) <= now.getTime();
const utc = (time: string) => instant(new Date(time));

const renderShift = (zone: string, { id, start, end, members }: CustomShift) => ({
  id,
  type: 'custom_shift',
  start_time: inTimeZone(start, zone),
  end_time: inTimeZone(end, zone),
  assignments: members.map((one) => ({
    id: `${id.slice(0, 24)}AA`,
    type: 'shift_assignment',
    member: renderMember(one),
  })),
});

const renderOverride = (zone: string, override: ShiftOverride) => ({
  id: override.id,
  type: 'override_shift',
  ...(override.rotationId === null
    ? { custom_shift_id: override.customShiftId }
    : { rotation_id: override.rotationId }),
  start_time: inTimeZone(override.start, zone),
  end_time: inTimeZone(override.end, zone),
  overridden_member: renderMember(override.overridden),
  overriding_member: renderMember(override.overriding),
});

/** Those of the asked range, by start; what reaches beyond it only with `overflow`. */
function ofRange<T extends { start: string; end: string }>(records: T[], { query }: Incoming) {
  const [since, until] = [moment(query, 'since'), moment(query, 'until')];
  if (since === null || until === null) throw invalid('since and until are required.');
  const [from, to] = [since.getTime(), until.getTime()];
  const overflow = query.get('overflow') === 'true';
  const inside = records
    .filter(({ start, end }) => Date.parse(start) < to && Date.parse(end) > from)
    .filter(({ start, end }) => overflow || (Date.parse(start) >= from && Date.parse(end) <= to))
    .sort((a, b) => Date.parse(a.start) - Date.parse(b.start));
  const { records: shown, page } = paged({ query }, inside, MOST_PER_PAGE);
  return { shown, page: { limit: page.limit, offset: page.offset, more: page.more } };
}

const zoneOf = (schedule: ShiftSchedule, { query }: Incoming) => query.get('time_zone') ?? schedule.timeZone;

const listShifts: Handle<Seen> = (state, incoming) => {
  const schedule = shiftScheduleOf(state, incoming.params.id);
  const { shown, page } = ofRange(schedule.customShifts, incoming);
  const zone = zoneOf(schedule, incoming);
  return { status: 200, body: { custom_shifts: shown.map((shift) => renderShift(zone, shift)), ...page } };
};

const getShift: Handle<Seen> = (state, { params }) => {
  const schedule = shiftScheduleOf(state, params.id);
  const shift = found(schedule.customShifts, params.custom_shift_id);
  return { status: 200, body: { custom_shift: renderShift(schedule.timeZone, shift) } };
};

const postShifts: Handle<Seen> = (state, { params, body, now }) => {
  const schedule = shiftScheduleOf(state, params.id);
  const made = parsedBody(newShifts, body).custom_shifts.map((wanted): CustomShift => {
    const window = { start: utc(wanted.start_time), end: utc(wanted.end_time) };
    checkWindow(window, now);
    const members = wanted.assignments.map((one) => memberFrom(state, one.member));
    return { id: newPartId(state), ...window, members };
  });
  schedule.customShifts.push(...made);
  return { status: 201, body: { custom_shifts: made.map((shift) => renderShift(schedule.timeZone, shift)) } };
};

/** Once it has started only its end can change; once it has ended nothing can. */
const putShift: Handle<Seen> = (state, { params, body, now }) => {
  const schedule = shiftScheduleOf(state, params.id);
  const shift = found(schedule.customShifts, params.custom_shift_id);
  const change = parsedBody(shiftChange, body).custom_shift;
  if (ended(shift, now)) throw invalid('The custom shift has already ended.');
  const start = change.start_time === undefined ? shift.start : utc(change.start_time);
  const members = change.assignments?.map((one) => memberFrom(state, one.member)) ?? shift.members;
  const other = start !== shift.start || JSON.stringify(members) !== JSON.stringify(shift.members);
  if (started(shift, now) && other) throw invalid('Only end_time can be modified once the custom shift has started.');
  const end = change.end_time === undefined ? shift.end : utc(change.end_time);
  checkWindow({ start, end }, now);
  Object.assign(shift, { start, end, members });
  return { status: 200, body: { custom_shift: renderShift(schedule.timeZone, shift) } };
};

/** A future shift disappears, with the overrides on it; a running one ends now; an ended one stays. */
const deleteShift: Handle<Seen> = (state, { params, now }) => {
  const schedule = shiftScheduleOf(state, params.id);
  const shift = found(schedule.customShifts, params.custom_shift_id);
  if (ended(shift, now)) throw invalid('The custom shift has already ended.');
  if (started(shift, now)) shift.end = instant(now);
  else {
    schedule.customShifts = schedule.customShifts.filter(({ id }) => id !== shift.id);
    schedule.overrides = schedule.overrides.filter(({ customShiftId }) => customShiftId !== shift.id);
  }
  return { status: 204 };
};

const listOverrides: Handle<Seen> = (state, incoming) => {
  const schedule = shiftScheduleOf(state, incoming.params.id);
  const { shown, page } = ofRange(schedule.overrides, incoming);
  const zone = zoneOf(schedule, incoming);
  return { status: 200, body: { overrides: shown.map((override) => renderOverride(zone, override)), ...page } };
};

const getOverride: Handle<Seen> = (state, { params }) => {
  const schedule = shiftScheduleOf(state, params.id);
  const override = found(schedule.overrides, params.override_id);
  return { status: 200, body: { override: renderOverride(schedule.timeZone, override) } };
};

const postOverrides: Handle<Seen> = (state, { params, body, now }) => {
  const schedule = shiftScheduleOf(state, params.id);
  const made = parsedBody(newOverrides, body).overrides.map((wanted): ShiftOverride => {
    const { rotation_id: rotationId = null, custom_shift_id: customShiftId = null } = wanted;
    if ((rotationId === null) === (customShiftId === null)) {
      throw invalid('Exactly one of rotation_id and custom_shift_id is required.');
    }
    const exists = [...schedule.rotations, ...schedule.customShifts].some(
      ({ id }) => id === (rotationId ?? customShiftId),
    );
    if (!exists) throw invalid(rotationId === null ? 'Custom shift not found.' : 'Rotation not found.');
    const window = { start: utc(wanted.start_time), end: utc(wanted.end_time) };
    checkWindow(window, now);
    return {
      id: newPartId(state),
      rotationId,
      customShiftId,
      ...window,
      overridden: memberFrom(state, wanted.overridden_member),
      overriding: memberFrom(state, wanted.overriding_member),
    };
  });
  schedule.overrides.push(...made);
  return { status: 201, body: { overrides: made.map((override) => renderOverride(schedule.timeZone, override)) } };
};

const putOverride: Handle<Seen> = (state, { params, body, now }) => {
  const schedule = shiftScheduleOf(state, params.id);
  const override = found(schedule.overrides, params.override_id);
  const change = parsedBody(overrideChange, body).override;
  if (ended(override, now)) throw invalid('The override has already ended.');
  const start = change.start_time === undefined ? override.start : utc(change.start_time);
  const end = change.end_time === undefined ? override.end : utc(change.end_time);
  checkWindow({ start, end }, now);
  const overriding = change.overriding_member ? memberFrom(state, change.overriding_member) : override.overriding;
  Object.assign(override, { start, end, overriding });
  return { status: 200, body: { override: renderOverride(schedule.timeZone, override) } };
};

/** PagerDuty describes no refusal here, so a running override disappears like a future one. */
const deleteOverride: Handle<Seen> = (state, { params }) => {
  const schedule = shiftScheduleOf(state, params.id);
  const override = found(schedule.overrides, params.override_id);
  schedule.overrides = schedule.overrides.filter(({ id }) => id !== override.id);
  return { status: 204 };
};

const shifts = '/v3/schedules/{id}/custom_shifts' as const;
const overrides = '/v3/schedules/{id}/overrides' as const;
const audit = { root: 'schedules', action: 'update' } as const;

export const oneOffRoutes: Route<Seen>[] = [
  { method: 'GET', path: shifts, scope: null, handle: listShifts },
  { method: 'POST', path: shifts, scope: null, audit, handle: postShifts },
  { method: 'GET', path: `${shifts}/{custom_shift_id}`, scope: null, handle: getShift },
  { method: 'PUT', path: `${shifts}/{custom_shift_id}`, scope: null, audit, handle: putShift },
  { method: 'DELETE', path: `${shifts}/{custom_shift_id}`, scope: null, audit, handle: deleteShift },
  { method: 'GET', path: overrides, scope: null, handle: listOverrides },
  { method: 'POST', path: overrides, scope: null, audit, handle: postOverrides },
  { method: 'GET', path: `${overrides}/{override_id}`, scope: null, handle: getOverride },
  { method: 'PUT', path: `${overrides}/{override_id}`, scope: null, audit, handle: putOverride },
  { method: 'DELETE', path: `${overrides}/{override_id}`, scope: null, audit, handle: deleteOverride },
];
