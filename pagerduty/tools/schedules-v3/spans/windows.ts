import { z } from 'zod';
import type { JsonObject } from '../../../json.ts';
import type { AttemptFacts, Evidence, Summary, Touches, Verdict, Watched } from '../../../write-tool.ts';
import { CLOCK_SKEW_MS } from '../../evidence/clocks.ts';
import { absence, isNear, type Trail } from '../../evidence/trail.ts';
import { no, yes } from '../../evidence/watching.ts';
import type { Risk } from '../../words/risks.ts';
import { clock, duration, listed } from '../../words/wording.ts';
import { effectOn, onCallAt, opensGap, reachWords, watchedSchedule } from '../coverage.ts';
import {
  clipped,
  EMPTY,
  type OnCallShift,
  type Period,
  policyIdsOf,
  type ShiftScheduleFacts,
  shiftScheduleFacts,
  windowFrom,
} from '../shifts.ts';

// What one-off shifts and overrides have in common: each covers one window of one schedule.

/** ISO times; `end` is not part of it. */
export interface Span {
  start: string;
  end: string;
}

/** Milliseconds. */
export const lengthOf = ({ start, end }: Span): number => Date.parse(end) - Date.parse(start);

export const onSchedule = z.object({ readAt: z.string(), schedule: shiftScheduleFacts });
export type OnSchedule = z.infer<typeof onSchedule>;

const DAY_MS = 86_400_000;
const FORTNIGHT_MS = 14 * DAY_MS;
/** Of a longer window only so much is looked at: PagerDuty computes every shift in it. */
const MOST_DAYS = 92;

export const sameInstant = (a: string, b: string, toleranceMs = 0) =>
  Math.abs(Date.parse(a) - Date.parse(b)) <= toleranceMs;

/** The window that holds all of these spans, at most 92 days long. It does not depend on the time of reading. */
export function windowAround(...spans: Span[]): Period {
  const since = Math.min(...spans.map(({ start }) => Date.parse(start)));
  const until = Math.min(since + MOST_DAYS * DAY_MS, Math.max(...spans.map(({ end }) => Date.parse(end))));
  return { since: new Date(since).toISOString(), until: new Date(until).toISOString() };
}

/** What is still ahead of the window: the past is nobody's to change. */
function fromNow({ readAt, schedule }: OnSchedule): ShiftScheduleFacts {
  const since = Date.parse(schedule.window.since) < Date.parse(readAt) ? readAt : schedule.window.since;
  const window = { ...schedule.window, since };
  const shifts = schedule.shifts?.flatMap((one) => clipped(one, window) ?? []) ?? null;
  return { ...schedule, window, shifts };
}

/** Who is on call in what is ahead of the window once `change` was made; null when that cannot be computed. */
export function afterwards(
  facts: OnSchedule,
  change: (shifts: OnCallShift[]) => OnCallShift[] | null,
): OnCallShift[] | null {
  const { shifts, window } = fromNow(facts);
  return (shifts && change(shifts)?.flatMap((one) => clipped(one, window) ?? [])) ?? null;
}

/** Who starts and stops being on call, for how long, and what pages through the schedule. */
export function effectOf(facts: OnSchedule, after: OnCallShift[] | null, timing: string): Summary['effect'] {
  const rest = fromNow(facts);
  const { since, until } = facts.schedule.window;
  const whole = Date.parse(until) - Date.parse(since) < MOST_DAYS * DAY_MS;
  const ahead = Date.parse(rest.window.since) < Date.parse(until);
  const { known, lines } = ahead
    ? effectOn(rest, facts.readAt, after)
    : { known: false, lines: ['Who starts and stops being on call could not be computed.', reachWords(rest)] };
  const limit = whole ? [] : [`Only the first ${MOST_DAYS} days were looked at.`];
  return { known: known && whole, lines: [timing, ...lines, ...limit] };
}

/** What the change does to coverage, beyond what every such change does. */
export function coverageRisks(facts: OnSchedule, after: OnCallShift[] | null): Risk[] {
  const rest = fromNow(facts);
  if (rest.shifts === null || after === null) return [];
  const [now, then] = [onCallAt(rest.shifts, facts.readAt), onCallAt(after, facts.readAt)];
  if (now !== then && then === EMPTY) {
    return [{ level: 'critical', reason: 'Leaves nobody on call on this schedule, at once.' }];
  }
  const found: Risk[] = [];
  if (now !== then) found.push({ level: 'high', reason: 'Changes who is on call now.' });
  // Nobody is on call now where the window lies ahead, so that alone says nothing about gaps.
  if (opensGap(rest, after)) found.push({ level: 'high', reason: 'Leaves time uncovered that is covered now.' });
  return found;
}

export function spanRisks(span: Span, readAt: string): Risk[] {
  const found: Risk[] = [];
  if (Date.parse(span.start) <= Date.parse(readAt)) found.push({ level: 'high', reason: 'Takes effect at once.' });
  if (lengthOf(span) > FORTNIGHT_MS) {
    found.push({ level: 'high', reason: 'Lasts longer than two weeks.' });
  }
  return found;
}

/** The range a read was asked for; 14 days from its start on, which is now unless given. */
export function rangeAsked(asked: { since?: string | undefined; until?: string | undefined }, now: Date) {
  const { since, until } = windowFrom(asked.since ?? now);
  return { since: asked.since ?? since, until: asked.until ?? until, overflow: true };
}

/** `Starts in 3 h and lasts 8 h.`; `running` when it goes on already and is only changed. */
export function timing({ start, end }: Span, readAt: string, running = false): string {
  const [from, until, shown] = [Date.parse(start), Date.parse(end), Date.parse(readAt)];
  const length = duration(until - from);
  if (from > shown) return `Starts in ${duration(from - shown)} and lasts ${length}.`;
  const begins = running ? 'It is running' : 'Starts at once';
  return `${begins}; of its ${length}, ${duration(until - shown)} are left.`;
}

export type Phase = 'has not started' | 'is running' | 'is over';

export function phaseOf({ start, end }: Span, readAt: string): Phase {
  if (Date.parse(end) <= Date.parse(readAt)) return 'is over';
  return Date.parse(start) <= Date.parse(readAt) ? 'is running' : 'has not started';
}

/** `from 2026-01-31 19:00 (Europe/Berlin) to …` */
export const spanWords = ({ start, end }: Span, zone: string | null) =>
  `from ${clock(start, zone)} to ${clock(end, zone)}`;

/** Everybody who is on call at some time of these shifts. */
export const namesIn = (shifts: OnCallShift[]): string =>
  listed([...new Map(shifts.map(({ user }) => [user.id, user.name])).values()]) || EMPTY;

/** Refuses a window that is empty or over. */
export function checkSpan({ start, end }: Span, { readAt, schedule }: OnSchedule): Verdict {
  if (Date.parse(end) <= Date.parse(start)) return no('The window must end after it starts.');
  if (Date.parse(end) > Date.parse(readAt)) return yes;
  return no(`The window ended already, at ${clock(end, schedule.timeZone)}.`);
}

/** The schedule and who is on call in the window, one-off shifts and overrides included. */
export function watchedWindow({ schedule }: OnSchedule): Watched[] {
  const { shifts, name, timeZone } = schedule;
  const said = (shifts ?? []).slice(0, 8).map((one) => `${one.user.name} ${spanWords(one, timeZone)}`);
  const more = (shifts ?? []).length > said.length ? ' and others' : '';
  const value =
    shifts?.map(({ user, start, end, ...source }) =>
      [user.id, start, end, source.rotationId, source.customShiftId, source.overrideId].join(' '),
    ) ?? null;
  return [
    ...watchedSchedule(schedule),
    {
      key: 'shifts',
      subject: `Who is on call in the window of the schedule "${name}"`,
      value: value?.sort() ?? null,
      words: shifts === null ? 'not known' : `${said.join(', ') || EMPTY}${more}`,
    },
  ];
}

/** Who may review, and what must not run at the same moment. */
export const scheduleTouches = ({ schedule }: OnSchedule): Touches => ({
  subjects: [`schedule:${schedule.id}`],
  escalationPolicyIds: policyIdsOf(schedule),
});

/** What is there still, and when PagerDuty was asked for it; null = gone. */
export interface Left {
  left: Span | null;
  readAt: string;
  trail: Trail;
}

/** Whether that moment is clearly later than the reading: nothing that arrived before can have moved it there. */
export const isAhead = (moment: string | null | undefined, readAt: string) =>
  !moment || Date.parse(moment) > Date.parse(readAt) + CLOCK_SKEW_MS;

/** Whether the call may have arrived at that moment; one that cannot be read proves nothing. */
export function mayBeOurs(moment: string, attempt: AttemptFacts): boolean {
  const at = Date.parse(moment);
  return !Number.isNaN(at) && isNear(at, attempt);
}

/**
 * Evidence for a deletion: ids are never given twice, and what was running is cut short instead of removed. Only what
 * has not started by the reading proves that nothing arrived; an end that may be natural proves nothing by itself.
 */
export function goneOrEnded({ left, readAt, trail }: Left, attempt: AttemptFacts, noun: string): Evidence {
  if (left === null) return { applied: true, because: `The ${noun} is no longer there.`, result: null };
  if (isAhead(left.start, readAt) && isAhead(left.end, readAt)) {
    return { applied: false, because: `The ${noun} is still there, and has not started.` };
  }
  if (isAhead(left.end, readAt)) return absence(trail, `The ${noun} is still there and has not been cut short.`);
  if (trail === 'changed' && mayBeOurs(left.end, attempt)) {
    const because = `The ${noun} ended when the call may have been on its way, and the audit trail shows a change then.`;
    return { applied: true, because, result: null };
  }
  return absence(trail, `The ${noun} is still there and has ended.`);
}

/** The ids that every answer about a part of a schedule is made of. */
export const partResult = (scheduleId: string, part: JsonObject): JsonObject => ({ schedule_id: scheduleId, ...part });
