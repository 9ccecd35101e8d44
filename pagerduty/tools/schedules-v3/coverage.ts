import type { Summary, Verdict, Watched } from '../../write-tool.ts';
import { no, watchedPart, yes } from '../evidence/watching.ts';
import { clock, counted, duration, listed } from '../words/wording.ts';
import { planWords } from './recurrence.ts';
import { clipped, EMPTY, type EventFacts, type OnCallShift, type Period, type ShiftScheduleFacts } from './shifts.ts';

// Who is on call before and after a change of a shift-based schedule, in words.

/** Milliseconds; `to` is not part of it. */
type Stretch = [from: number, to: number];

const stretchOf = ({ start, end }: { start: string; end: string }): Stretch => [Date.parse(start), Date.parse(end)];
const lengthOf = (stretches: Stretch[]) => stretches.reduce((sum, [from, to]) => sum + to - from, 0);

/** In order, with what overlaps or touches made one. */
function merged(stretches: Stretch[]): Stretch[] {
  const result: Stretch[] = [];
  for (const [from, to] of stretches.filter(([a, b]) => a < b).sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** What of `all` is not in `taken`. */
function without(all: Stretch[], taken: Stretch[]): Stretch[] {
  return merged(taken).reduce<Stretch[]>(
    (rest, [from, to]) =>
      rest.flatMap(([a, b]): Stretch[] =>
        to <= a || from >= b
          ? [[a, b]]
          : [[a, Math.min(b, from)] as Stretch, [Math.max(a, to), b] as Stretch].filter(([c, d]) => c < d),
      ),
    merged(all),
  );
}

const windowOf = ({ since, until }: Period): Stretch => [Date.parse(since), Date.parse(until)];

/** Where nobody is on call in the window. */
export function gaps(shifts: OnCallShift[], window: Period): Period[] {
  return without([windowOf(window)], shifts.map(stretchOf)).map(([from, to]) => ({
    since: new Date(from).toISOString(),
    until: new Date(to).toISOString(),
  }));
}

/** How much of the window somebody is on call; whole percent, 100 and 0 only when it is really all or nothing. */
export function coveredPercent(shifts: OnCallShift[], window: Period): number {
  const [from, to] = windowOf(window);
  const open = lengthOf(without([[from, to]], shifts.map(stretchOf)));
  if (open === 0) return 100;
  if (open === to - from) return 0;
  return Math.min(99, Math.max(1, Math.round((1 - open / (to - from)) * 100)));
}

/** Names of those on call at that moment, each once; `nobody` when empty. */
export function onCallAt(shifts: OnCallShift[], at: string): string {
  const moment = Date.parse(at);
  const there = shifts.filter((one) => Date.parse(one.start) <= moment && moment < Date.parse(one.end));
  return listed([...new Map(there.map(({ user }) => [user.id, user.name])).values()]) || EMPTY;
}

/** Takes that stretch of time out of a shift: what is left of it, in up to two parts. */
export function cutOut(shift: OnCallShift, from: string, to: string): OnCallShift[] {
  return without([stretchOf(shift)], [[Date.parse(from), Date.parse(to)]]).map(([start, end]) => ({
    ...shift,
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
  }));
}

/** `Ana Lim: 4 d in 8 shifts, the first from … to …` */
function stretchWords(name: string, stretches: Stretch[], zone: string | null): string {
  const [first] = stretches;
  if (first === undefined) return name;
  const said = `from ${clock(new Date(first[0]).toISOString(), zone)} to ${clock(new Date(first[1]).toISOString(), zone)}`;
  return stretches.length === 1
    ? `${name}, ${duration(lengthOf(stretches))}, ${said}`
    : `${name}, ${duration(lengthOf(stretches))} in ${counted(stretches.length, 'shift')}, the first ${said}`;
}

/** Who is on call in `there` and not in `here`, one entry per person. */
function gained(here: OnCallShift[], there: OnCallShift[], zone: string | null): string {
  const people = new Map(there.map(({ user }) => [user.id, user.name]));
  const of = (shifts: OnCallShift[], userId: string) => shifts.filter(({ user }) => user.id === userId).map(stretchOf);
  const said = [...people].flatMap(([userId, name]) => {
    const stretches = without(of(there, userId), of(here, userId));
    return stretches.length === 0 ? [] : [stretchWords(name, stretches, zone)];
  });
  return (
    said.slice(0, 8).join('; ') +
    (said.length > 8 ? `; and ${counted(said.length - 8, 'more person', 'more people')}` : '')
  );
}

/** What pages through the schedule. */
export function reachWords({ policies, services }: Pick<ShiftScheduleFacts, 'policies' | 'services'>): string {
  if (policies.length === 0) return 'No escalation policy uses this schedule: nobody is paged through it.';
  const names = (list: { name: string }[]) => (list.length === 0 ? '' : ` (${listed(list.map(({ name }) => name))})`);
  const through = `${counted(policies.length, 'escalation policy', 'escalation policies')}${names(policies)}`;
  return `Pages through it: ${through} for ${counted(services.length, 'service')}${names(services)}.`;
}

/** How long the window is, from when: `the next 14 d` when it begins now. */
function windowWords(window: Period, readAt: string, zone: string | null): string {
  const length = duration(Date.parse(window.until) - Date.parse(window.since));
  return Date.parse(window.since) <= Date.parse(readAt)
    ? `In the next ${length}`
    : `In the ${length} from ${clock(window.since, zone)}`;
}

function gapWords(facts: ShiftScheduleFacts, after: OnCallShift[], current: OnCallShift[]): string[] {
  const { window, timeZone } = facts;
  const open = gaps(after, window);
  const [first] = open;
  if (first === undefined) return [];
  const more = open.length > 1 ? `, and in ${counted(open.length - 1, 'more gap')}` : '';
  const fresh = JSON.stringify(open) === JSON.stringify(gaps(current, window)) ? 'As before, nobody' : 'Nobody';
  return [`${fresh} is on call from ${clock(first.since, timeZone)} to ${clock(first.until, timeZone)}${more}.`];
}

/**
 * Who starts and stops being on call in the window that was read, what is left uncovered, and what pages through the
 * schedule. `after` null = it cannot be computed; the effect is then marked as not known.
 */
export function effectOn(facts: ShiftScheduleFacts, readAt: string, after: OnCallShift[] | null): Summary['effect'] {
  const { shifts: current, window, timeZone } = facts;
  if (current === null || after === null) {
    const now = current === null ? [] : [`On call now: ${onCallAt(current, readAt)}.`];
    return {
      known: false,
      lines: ['Who starts and stops being on call could not be computed.', ...now, reachWords(facts)],
    };
  }
  const starts = gained(current, after, timeZone);
  const stops = gained(after, current, timeZone);
  const during = windowWords(window, readAt, timeZone);
  const inWindow = Date.parse(window.since) <= Date.parse(readAt);
  const [now, then] = [onCallAt(current, readAt), onCallAt(after, readAt)];
  const [was, will] = [coveredPercent(current, window), coveredPercent(after, window)];
  return {
    known: true,
    lines: [
      `Starts being on call: ${starts || EMPTY}.`,
      `Stops being on call: ${stops || EMPTY}.`,
      ...(inWindow ? [`On call now: ${now}${now === then ? '; that stays' : `; right after it: ${then}`}.`] : []),
      was === will
        ? `${during} somebody is on call ${was} % of the time, before and after.`
        : `${during} somebody is on call ${was} % of the time now, ${will} % after.`,
      ...gapWords(facts, after, current),
      reachWords(facts),
    ],
  };
}

/** Whether the change leaves time uncovered that is covered now; null when that cannot be computed. */
export function opensGap({ shifts }: ShiftScheduleFacts, after: OnCallShift[] | null): boolean | null {
  if (shifts === null || after === null) return null;
  return without(shifts.map(stretchOf), after.map(stretchOf)).length > 0;
}

/** A recurring shift without what is only shown. */
function watchedEvent({ id, name, members, ...rest }: EventFacts, scheduleName: string): Watched {
  return {
    key: `event.${id}`,
    subject: `The recurring shift "${name}" of the schedule "${scheduleName}"`,
    value: { ...rest, members: members.map(({ userId }) => userId) },
    words: `"${name}: ${planWords({ name, members, ...rest })}"`,
  };
}

/** The time zone of the schedule itself. */
export const watchedZone = ({ name, timeZone }: Pick<ShiftScheduleFacts, 'name' | 'timeZone'>): Watched =>
  watchedPart(`the schedule "${name}"`, 'time zone', timeZone, timeZone ?? 'not set', 'zone');

/** The rotations of the schedule, and what uses it. */
export function watchedPlan({ name, rotations, policies }: ShiftScheduleFacts): Watched[] {
  const schedule = `the schedule "${name}"`;
  const events = rotations.flatMap((one) => one.events);
  const plan = rotations.map(({ id, events: own }) => ({ id, events: own.map((one) => one.id) }));
  const size = `${counted(rotations.length, 'rotation')} with ${counted(events.length, 'recurring shift')}`;
  const policyIds = policies.map(({ id }) => id).sort();
  const users = listed(policies.map((one) => `"${one.name}"`)) || 'empty';
  return [
    watchedPart(schedule, 'plan', plan, size, 'rotations'),
    ...events.map((one) => watchedEvent(one, name)),
    watchedPart(schedule, 'list of escalation policies', policyIds, users, 'policies'),
  ];
}

/** What must not change while a request about the schedule waits: its rotations, its time zone, what uses it. */
export const watchedSchedule = (schedule: ShiftScheduleFacts): Watched[] => [
  watchedZone(schedule),
  ...watchedPlan(schedule),
];

/** Who is on call from when to when, and through what: one entry per unbroken stretch, however PagerDuty cuts it. */
function duties(shifts: OnCallShift[], window: Period): Map<string, { name: string; stretch: Stretch }> {
  const groups = new Map<string, OnCallShift[]>();
  for (const one of shifts.flatMap((shift) => clipped(shift, window) ?? [])) {
    const key = [one.user.id, one.rotationId, one.customShiftId, one.overrideId].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  const entries = [...groups].flatMap(([key, [first, ...rest]]) =>
    first
      ? merged([first, ...rest].map(stretchOf)).map(
          (stretch) => [`${key} ${stretch.join(' ')}`, { name: first.user.name, stretch }] as const,
        )
      : [],
  );
  return new Map(entries);
}

/**
 * Holds if the same people are on call through the same things in all the time that both readings show. A window that
 * begins with the reading moves on: what only one of the two shows is no difference.
 */
export function sameCoverage(before: ShiftScheduleFacts, now: ShiftScheduleFacts): Verdict {
  if (before.shifts === null) return yes;
  const subject = `Who is on call on the schedule "${before.name}"`;
  if (now.shifts === null) return no(`${subject} was known when this was shown and cannot be read any more.`);
  const window = {
    since: before.window.since > now.window.since ? before.window.since : now.window.since,
    until: before.window.until < now.window.until ? before.window.until : now.window.until,
  };
  const [was, is] = [duties(before.shifts, window), duties(now.shifts, window)];
  const words = ({ name, stretch: [from, to] }: { name: string; stretch: Stretch }) =>
    `${name} from ${clock(new Date(from).toISOString(), now.timeZone)} to ${clock(new Date(to).toISOString(), now.timeZone)}`;
  const lost = [...was].find(([key]) => !is.has(key))?.[1];
  const fresh = [...is].find(([key]) => !was.has(key))?.[1];
  if (lost) {
    const instead = fresh ? `; there is ${words(fresh)} now` : '';
    return no(`${subject} has changed since this was shown: no longer ${words(lost)}${instead}.`);
  }
  return fresh ? no(`${subject} has changed since this was shown: there is ${words(fresh)} now.`) : yes;
}
