import { clock, counted, duration, listed, perZone, whole } from '../words/wording.ts';
import { clipped, type EventFacts, type OnCallShift, type Period } from './shifts.ts';

// Recurrence rules of shifts (RFC 5545), as far as people use them: in words, and as the shifts they make.

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A rule that would have to be followed over more steps is not followed at all. */
const MAX_STEPS = 100_000;

const DAYS: Record<string, string> = {
  MO: 'Monday',
  TU: 'Tuesday',
  WE: 'Wednesday',
  TH: 'Thursday',
  FR: 'Friday',
  SA: 'Saturday',
  SU: 'Sunday',
};
const CODES = Object.keys(DAYS);
const UNITS: Record<string, string> = { HOURLY: 'hour', DAILY: 'day', WEEKLY: 'week' };

interface Rule {
  unit: 'hour' | 'day' | 'week';
  interval: number;
  /** 0 = Monday; null = not limited to days. */
  days: number[] | null;
  /** Milliseconds. */
  until: number | null;
  count: number | null;
  /** Moments that are left out. */
  except: Set<number>;
}

/** `20261123T090000Z`; null for the other forms of a date. */
function stamp(text: string): number | null {
  const match = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second] = match;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(at) ? null : at;
}

const wholeNumber = (text: string) => (/^[1-9]\d{0,4}$/.test(text) ? Number(text) : null);

/** Takes one part of a rule over; false when the part is none that is followed here. */
function take(rule: Rule, name: string, value: string): boolean {
  if (name === 'FREQ') {
    const unit = UNITS[value];
    if (unit === 'hour' || unit === 'day' || unit === 'week') rule.unit = unit;
    return unit !== undefined;
  }
  if (name === 'INTERVAL' || name === 'COUNT') {
    const found = wholeNumber(value);
    if (found !== null) rule[name === 'COUNT' ? 'count' : 'interval'] = found;
    return found !== null;
  }
  if (name === 'UNTIL') {
    rule.until = stamp(value);
    return rule.until !== null;
  }
  if (name === 'BYDAY') {
    rule.days = value.split(',').map((code) => CODES.indexOf(code));
    return !rule.days.includes(-1);
  }
  return name === 'WKST' && value === 'MO';
}

/** The rule, if it is one that is followed here; null for all others. */
function ruleOf(recurrence: string[]): Rule | null {
  const rule: Rule = { unit: 'day', interval: 1, days: null, until: null, count: null, except: new Set() };
  let rules = 0;
  for (const line of recurrence) {
    if (line.startsWith('EXDATE:')) {
      for (const date of line.slice('EXDATE:'.length).split(',')) {
        const at = stamp(date);
        if (at === null) return null;
        rule.except.add(at);
      }
      continue;
    }
    if (!line.startsWith('RRULE:')) return null;
    rules += 1;
    const parts = line
      .slice('RRULE:'.length)
      .split(';')
      .map((part) => part.split('='));
    if (!parts.some(([name]) => name === 'FREQ')) return null;
    if (!parts.every(([name = '', value = '']) => take(rule, name, value))) return null;
  }
  return rules === 1 && !(rule.unit === 'hour' && rule.days !== null) ? rule : null;
}

/** `every 2 weeks on Monday and Thursday, 10 times`; null for a rule that has no words here. */
export function recurrenceWords(recurrence: string[], timeZone: string | null): string | null {
  const rule = ruleOf(recurrence);
  if (rule === null) return null;
  const every = rule.interval === 1 ? `every ${rule.unit}` : `every ${rule.interval} ${rule.unit}s`;
  const on = rule.days === null ? '' : ` on ${listed(rule.days.map((day) => DAYS[CODES[day] ?? ''] ?? ''))}`;
  const until = rule.until === null ? '' : `, until ${clock(new Date(rule.until).toISOString(), timeZone)}`;
  const times = rule.count === null ? '' : `, ${counted(rule.count, 'time')}`;
  const except = rule.except.size === 0 ? '' : `, left out ${counted(rule.except.size, 'time')}`;
  return `${every}${on}${until}${times}${except}`;
}

const offsetIn = perZone('en-US', { timeZoneName: 'longOffset' });

/** How far a time zone is ahead of UTC at that moment, in milliseconds; 0 for a zone this machine does not know. */
function ahead(at: number, timeZone: string): number {
  try {
    const match = /GMT([+-])(\d{2}):(\d{2})/.exec(offsetIn(timeZone).format(at));
    return match === null ? 0 : (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) * 60_000;
  } catch {
    return 0;
  }
}

/** The moment at which clocks of the zone show this local time. */
function moment(local: number, timeZone: string): number {
  const guess = local - ahead(local, timeZone);
  return local - ahead(guess, timeZone);
}

const weekday = (local: number) => (Math.floor(local / DAY_MS) + 3) % 7;

function matches(rule: Rule, step: number, first: number, local: number): boolean {
  if (rule.unit === 'hour') return step % rule.interval === 0;
  if (rule.unit === 'day')
    return step % rule.interval === 0 && (rule.days === null || rule.days.includes(weekday(local)));
  const week = Math.floor((step + weekday(first)) / 7);
  return week % rule.interval === 0 && (rule.days ?? [weekday(first)]).includes(weekday(local));
}

interface Occurrence {
  at: number;
  /** How many there were before it. */
  index: number;
}

/** Occurrences from somewhat before the window until its end, in order; null when there are too many steps. */
function occurrences(
  rule: Rule,
  first: number,
  timeZone: string,
  window: { since: number; until: number },
): Occurrence[] | null {
  const size = rule.unit === 'hour' ? HOUR_MS : DAY_MS;
  const origin = first + (rule.unit === 'hour' ? 0 : ahead(first, timeZone));
  const last = Math.min(window.until, rule.until ?? window.until);
  if ((last - first) / size > MAX_STEPS) return null;
  // Clocks are asked for each: where all count and nobody is on call yet, none need be.
  const early = rule.except.size > 0 ? Number.NEGATIVE_INFINITY : Math.min(window.since, last);
  const found: Occurrence[] = [];
  let index = 0;
  for (let step = 0, seen = 0; rule.count === null || seen < rule.count; step++) {
    const local = origin + step * size;
    // No clock is more than a day from UTC.
    if (local - DAY_MS > last) break;
    if (!matches(rule, step, origin, local)) continue;
    seen += 1;
    if (local + DAY_MS < early) {
      index += 1;
      continue;
    }
    const at = rule.unit === 'hour' ? local : moment(local, timeZone);
    if (at > last) break;
    if (rule.except.has(at)) continue;
    found.push({ at, index });
    index += 1;
  }
  return found;
}

/** A recurring shift without its id. */
export type Plan = Omit<EventFacts, 'id' | 'exactName'>;

/** `Lena Fischer and Tomáš Novák in turn, 2 shifts each` */
export function memberWords({ members, strategy, shiftsPerMember }: Plan): string {
  const names = listed(
    members.map(({ name }) => name),
    20,
  );
  if (strategy === 'every_member_assignment_strategy') return members.length > 1 ? `${names}, all at once` : names;
  const each = shiftsPerMember === null || shiftsPerMember === 1 ? '' : `, ${shiftsPerMember} shifts each`;
  return members.length > 1 ? `${names} in turn${each}` : names;
}

/** `2026-01-05 09:00 to 2026-01-12 09:00 (Europe/Berlin), 7 d` */
export function timesWords({ start, end, timeZone, endTimeZone }: Plan): string {
  const length = duration(Date.parse(end) - Date.parse(start));
  return `${clock(start, timeZone)} to ${clock(end, endTimeZone ?? timeZone)}, ${length}`;
}

/** The rule in words and as it is written; only as written where it has no words here. */
export function repeatWords({ recurrence, timeZone }: Plan): string {
  const words = recurrenceWords(recurrence, timeZone);
  const written = whole(recurrence.join(' '));
  return words === null ? written : `${words} (${written})`;
}

/** Members take turns from the first shift on; one that comes into force later may begin with anybody. */
export function turnWords({ members, strategy, end, effectiveSince }: Plan): string[] {
  const turns = strategy === 'rotating_member_assignment_strategy' && members.length > 1;
  if (!turns || Date.parse(effectiveSince) < Date.parse(end)) return [];
  return ['Turns are counted from its first shift here; PagerDuty may let somebody else of them begin.'];
}

/** From when until when it makes shifts. */
export const sinceWords = ({ effectiveSince, timeZone }: Plan) => clock(effectiveSince, timeZone);
export const untilWords = ({ effectiveUntil, timeZone }: Plan) =>
  effectiveUntil === null ? 'no end' : clock(effectiveUntil, timeZone);

/** A recurring shift in one line. */
export const planWords = (plan: Plan): string =>
  `${memberWords(plan)}; ${timesWords(plan)}; ${recurrenceWords(plan.recurrence, plan.timeZone) ?? whole(plan.recurrence.join(' '))}; in force from ${sinceWords(plan)}, ${plan.effectiveUntil === null ? 'no end' : `until ${untilWords(plan)}`}`;

/**
 * Who would be on call in the window through one recurring shift; members take turns from its first occurrence on.
 * Null for a rule that cannot be followed here, so nobody knows before PagerDuty has computed it.
 */
export function shiftsOf(plan: Plan, rotationId: string, window: Period): OnCallShift[] | null {
  const rule = ruleOf(plan.recurrence);
  const first = Date.parse(plan.start);
  const length = Date.parse(plan.end) - first;
  const around = { since: Date.parse(window.since) - length, until: Date.parse(window.until) };
  const begins = rule && occurrences(rule, first, plan.timeZone ?? 'UTC', around);
  if (!begins) return null;
  const effective: Period = { since: plan.effectiveSince, until: plan.effectiveUntil ?? window.until };
  return begins.flatMap(({ at, index }) => {
    const whole = { start: new Date(at).toISOString(), end: new Date(at + length).toISOString() };
    const inForce = clipped(whole, effective);
    const shift = inForce && clipped(inForce, window);
    if (!shift) return [];
    const turn = plan.members[Math.floor(index / (plan.shiftsPerMember ?? 1)) % plan.members.length];
    const members = plan.strategy === 'every_member_assignment_strategy' ? plan.members : turn ? [turn] : [];
    return members.flatMap(({ userId, name }) =>
      userId === null
        ? []
        : [{ user: { id: userId, name }, ...shift, rotationId, customShiftId: null, overrideId: null }],
    );
  });
}
