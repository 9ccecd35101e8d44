import { offsetMinutes } from '../time-zones.ts';
import type { Layer, Override, Restriction, Schedule } from './state.ts';

/** One stretch of time on a schedule. Milliseconds; `end` is not part of it. */
export interface Shift {
  start: number;
  end: number;
  userId: string;
  overrideId: string | null;
}

const DAY_MS = 86_400_000;

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
        shifts.push({ start, end, userId, overrideId: null });
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
  };
}

export const touches =
  (from: number, to: number) =>
  (span: { start: number; end: number }): boolean =>
    span.start < to && span.end > from;

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
