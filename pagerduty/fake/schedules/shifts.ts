import type { Layer, Member, Override, Restriction, Schedule, ShiftOverride, ShiftSchedule } from '../state.ts';

/** One stretch of time on a schedule. Milliseconds; `end` is not part of it. */
export interface Shift {
  start: number;
  end: number;
  userId: string;
  overrideId: string | null;
  rotationId: string | null;
  customShiftId: string | null;
}

const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();

/** Minutes that a time zone is ahead of UTC at this moment. */
function offsetMinutes(at: number, timeZone: string): number {
  if (timeZone === 'UTC') return 0;
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  formats.set(timeZone, format);
  const match = /GMT([+-])(\d{2}):(\d{2})/.exec(format.format(at));
  if (match === null) return 0;
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}

/** An instant the way PagerDuty renders it for people: local time with its offset. */
export function inTimeZone(at: number | string, timeZone: string): string {
  const moment = new Date(at).getTime();
  const minutes = offsetMinutes(moment, timeZone);
  const local = new Date(moment + minutes * 60_000).toISOString().slice(0, 19);
  if (minutes === 0) return `${local}Z`;
  const two = (value: number) => String(value).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${local}${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Start of each local day that touches the window, as if it were UTC, with the real instant of a time of that day. */
function localDays(from: number, to: number, timeZone: string) {
  const first = Math.floor((from + offsetMinutes(from, timeZone) * 60_000) / DAY_MS) - 8;
  const last = Math.floor((to + offsetMinutes(to, timeZone) * 60_000) / DAY_MS) + 1;
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const midnight = (first + index) * DAY_MS;
    return {
      weekday: ((first + index + 3) % 7) + 1,
      at: (millisecondsOfDay: number) => {
        const guess = midnight + millisecondsOfDay;
        return guess - offsetMinutes(guess - offsetMinutes(guess, timeZone) * 60_000, timeZone) * 60_000;
      },
    };
  });
}

function allowed(restriction: Restriction, from: number, to: number, timeZone: string): [number, number][] {
  const [hours = 0, minutes = 0, seconds = 0] = restriction.startTimeOfDay.split(':').map(Number);
  const ofDay = ((hours * 60 + minutes) * 60 + seconds) * 1000;
  return localDays(from, to, timeZone)
    .filter(({ weekday }) => restriction.type === 'daily_restriction' || weekday === restriction.startDayOfWeek)
    .map(({ at }): [number, number] => [at(ofDay), at(ofDay) + restriction.durationSeconds * 1000]);
}

/** The turns of one layer that touch the window, cut by its restrictions. */
export function layerShifts(layer: Layer, timeZone: string, from: number, to: number): Shift[] {
  const turn = layer.turnLengthSeconds * 1000;
  const zero = Date.parse(layer.rotationVirtualStart);
  const opens = Date.parse(layer.start);
  const closes = layer.end === null ? Number.POSITIVE_INFINITY : Date.parse(layer.end);
  const windows: [number, number][] =
    layer.restrictions.length === 0
      ? [[Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]]
      : layer.restrictions.flatMap((restriction) => allowed(restriction, from, to, timeZone));
  const shifts: Shift[] = [];
  for (let index = Math.floor((from - zero) / turn); zero + index * turn < to; index++) {
    const size = layer.userIds.length;
    const userId = layer.userIds[((index % size) + size) % size];
    if (userId === undefined) break;
    for (const [opening, closing] of windows) {
      const start = Math.max(zero + index * turn, opens, opening);
      const end = Math.min(zero + (index + 1) * turn, closes, closing);
      if (start < end && start < to && end > from) {
        shifts.push({ start, end, userId, overrideId: null, rotationId: null, customShiftId: null });
      }
    }
  }
  return shifts;
}

function overrideShift(override: Override): Shift {
  return {
    start: Date.parse(override.start),
    end: Date.parse(override.end),
    userId: override.userId,
    overrideId: override.id,
    rotationId: null,
    customShiftId: null,
  };
}

const touches = (from: number, to: number) => (shift: Shift) => shift.start < to && shift.end > from;

/** Lays `upper` over `lower`: what is covered above disappears below. */
function over(upper: Shift[], lower: Shift[]): Shift[] {
  let rest = lower;
  for (const top of upper) {
    rest = rest.flatMap((shift) =>
      shift.start >= top.end || shift.end <= top.start
        ? [shift]
        : [
            { ...shift, end: top.start },
            { ...shift, start: top.end },
          ].filter(({ start, end }) => start < end),
    );
  }
  return [...upper, ...rest];
}

/**
 * Who is on call on a layer-based schedule: every shift that touches the window, in full length, by start.
 * Overrides win, the last created first; then the first layer.
 */
export function finalShifts(schedule: Schedule, from: number, to: number): Shift[] {
  const own = schedule.overrides.map(overrideShift).filter(touches(from, to));
  const longestTurn = Math.max(DAY_MS, ...schedule.layers.map(({ turnLengthSeconds }) => turnLengthSeconds * 1000));
  const early = Math.min(from, ...own.map(({ start }) => start)) - longestTurn;
  const late = Math.max(to, ...own.map(({ end }) => end)) + longestTurn;
  const overrides = schedule.overrides.map(overrideShift).filter(touches(early, late)).reverse();
  const stack = [
    ...overrides.map((override) => [override]),
    ...schedule.layers.map((layer) => layerShifts(layer, schedule.timeZone, early, late)),
  ];
  const shifts = stack.reduceRight<Shift[]>((lower, upper) => over(upper, lower), []);
  return shifts.filter(touches(from, to)).sort((a, b) => a.start - b.start);
}

/** A stretch of a shift-based schedule before anybody asks who it is: its place may be empty. */
type Duty = Omit<Shift, 'userId'> & { member: Member };

function rotationDuties(schedule: ShiftSchedule, from: number, to: number): Duty[] {
  const duties: Duty[] = [];
  for (const rotation of schedule.rotations) {
    for (const event of rotation.events) {
      const zero = Date.parse(event.startTime);
      const length = Date.parse(event.endTime) - zero;
      const every = event.recurrence.some((rule) => rule.includes('FREQ=WEEKLY')) ? 7 * DAY_MS : DAY_MS;
      const opens = Date.parse(event.effectiveSince);
      const closes = event.effectiveUntil === null ? Number.POSITIVE_INFINITY : Date.parse(event.effectiveUntil);
      for (let index = Math.max(0, Math.floor((from - zero - length) / every)); zero + index * every < to; index++) {
        const start = Math.max(zero + index * every, opens);
        const end = Math.min(zero + index * every + length, closes);
        const turn = event.members[Math.floor(index / event.shiftsPerMember) % event.members.length];
        const members = event.strategy === 'every_member_assignment_strategy' ? event.members : turn ? [turn] : [];
        if (start >= end) continue;
        for (const member of members) {
          duties.push({ start, end, member, overrideId: null, rotationId: rotation.id, customShiftId: null });
        }
      }
    }
  }
  return duties;
}

function customDuties({ customShifts }: ShiftSchedule): Duty[] {
  return customShifts.flatMap(({ id, start, end, members }) =>
    members.map((member) => ({
      start: Date.parse(start),
      end: Date.parse(end),
      member,
      overrideId: null,
      rotationId: null,
      customShiftId: id,
    })),
  );
}

const sameMember = (a: Member, b: Member) =>
  a.type === 'user_member' && b.type === 'user_member' ? a.userId === b.userId : a.type === b.type;

/** Puts the overriding member in the place of the overridden one, in the window of the override only. */
function swapped(duties: Duty[], override: ShiftOverride): Duty[] {
  const [opens, closes] = [Date.parse(override.start), Date.parse(override.end)];
  return duties.flatMap((duty) => {
    const meant = override.rotationId === null ? duty.customShiftId : duty.rotationId;
    const wanted = override.rotationId ?? override.customShiftId;
    if (meant !== wanted || !sameMember(duty.member, override.overridden)) return [duty];
    const [start, end] = [Math.max(duty.start, opens), Math.min(duty.end, closes)];
    if (start >= end) return [duty];
    const parts = [
      { ...duty, end: start },
      { ...duty, start, end, member: override.overriding, overrideId: override.id },
      { ...duty, start: end },
    ];
    return parts.filter((part) => part.start < part.end);
  });
}

/** The same for a shift-based schedule; several people can be on call at once. Overrides apply in order of creation. */
export function shiftScheduleShifts(schedule: ShiftSchedule, from: number, to: number): Shift[] {
  const duties = [...rotationDuties(schedule, from, to), ...customDuties(schedule)];
  return schedule.overrides
    .reduce(swapped, duties)
    .flatMap(({ member, ...duty }) => (member.type === 'user_member' ? [{ ...duty, userId: member.userId }] : []))
    .filter(touches(from, to))
    .sort((a, b) => a.start - b.start);
}
