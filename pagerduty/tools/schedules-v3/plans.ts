import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { AttemptFacts } from '../../write-tool.ts';
import { isDuring } from '../evidence/clocks.ts';
import type { Named } from '../facts/people.ts';
import { id, instant, jsonText, optional, text } from '../input/parameters.ts';
import { whole } from '../words/wording.ts';
import { memberAsked, memberBody, memberFactsFrom, toMember } from './members.ts';
import type { Plan } from './recurrence.ts';
import type { EventFacts, PagerDutyShiftEvent } from './shifts.ts';
import { sameInstant } from './spans/windows.ts';

// Recurring shifts of rotations ("events" in PagerDuty's API): as agents write them, compare and show.

export const rotationId = id('rotation');
export const eventId = id('rotation event');

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

export const zone = z.string().max(60).refine(isTimeZone, 'Must be an IANA time zone, like Europe/Berlin.');

const zoned = jsonText(z.strictObject({ date_time: instant, time_zone: zone }));

const RULE = /^(RRULE:|EXDATE[:;]|RDATE[:;])[\x20-\x7E]+$/;

const recurrence = jsonText(
  z
    .array(
      z.string().refine((line) => line.length <= 500 && RULE.test(line), 'Must begin with RRULE:, EXDATE or RDATE.'),
    )
    .min(1)
    .max(20)
    .refine(
      (lines) => lines.filter((line) => line.startsWith('RRULE:')).length === 1,
      'Give exactly one RRULE, like RRULE:FREQ=WEEKLY;BYDAY=MO.',
    ),
);

const strategy = jsonText(
  z
    .strictObject({
      type: z.enum(['rotating_member_assignment_strategy', 'every_member_assignment_strategy']),
      members: jsonText(z.array(memberAsked).min(1).max(20)),
      shifts_per_member: optional(z.int().min(1)),
    })
    .refine(
      ({ type, shifts_per_member: each }) => type === 'every_member_assignment_strategy' || each !== undefined,
      'shifts_per_member is required when members rotate.',
    ),
);

/** PagerDuty's fields of a recurring shift. */
export const eventShape = {
  name: text({ max: 255 }),
  start_time: zoned.describe('Start of the first shift.'),
  end_time: zoned.describe('End of the first shift.'),
  effective_since: instant.describe('Makes shifts from then on; the past means at once.'),
  recurrence: recurrence.describe('RFC 5545, exactly one RRULE.'),
  assignment_strategy: strategy,
};
export const effectiveUntil = instant.describe('Makes no shifts from then on; left out: no end.');

export type EventAsked = z.infer<z.ZodObject<typeof eventShape>> & { effective_until?: string | undefined };
/** Only what is to change; `never` takes an end away. */
export type EventChange = { [Field in keyof EventAsked]?: EventAsked[Field] | undefined };
export type Field = keyof EventAsked;

export const NEVER = 'never';

/** The shift as it will be: what is asked over what is there. */
export function planAfter(now: Plan, asked: EventChange, people: Named[]): Plan {
  const { start_time: start, end_time: end, assignment_strategy: strategyAsked, effective_until: until } = asked;
  return {
    name: asked.name === undefined ? now.name : whole(asked.name),
    start: start?.date_time ?? now.start,
    timeZone: start?.time_zone ?? now.timeZone,
    end: end?.date_time ?? now.end,
    endTimeZone: end?.time_zone ?? now.endTimeZone,
    effectiveSince: asked.effective_since ?? now.effectiveSince,
    effectiveUntil: until === undefined ? now.effectiveUntil : until === NEVER ? null : until,
    recurrence: asked.recurrence ?? now.recurrence,
    strategy: strategyAsked?.type ?? now.strategy,
    shiftsPerMember: strategyAsked ? (strategyAsked.shifts_per_member ?? null) : now.shiftsPerMember,
    members: strategyAsked?.members.map((one) => memberFactsFrom(one, people)) ?? now.members,
  };
}

function sameStrategy(asked: EventAsked['assignment_strategy'], now: PagerDutyShiftEvent['assignment_strategy']) {
  const members = (list: { type: string; user_id?: string | null | undefined }[]) =>
    list.map((one) => (one.type === 'user_member' ? (one.user_id ?? '') : '-')).join(' ');
  const rotating = asked.type === 'rotating_member_assignment_strategy';
  const each = !rotating || asked.shifts_per_member === (now.shifts_per_member ?? 1);
  return asked.type === now.type && each && members(asked.members) === members(now.members);
}

const sameZoned = (asked: EventAsked['start_time'], now: PagerDutyShiftEvent['start_time']) =>
  sameInstant(asked.date_time, now.date_time) && (now.time_zone ?? asked.time_zone) === asked.time_zone;

function sameUntil(asked: string, now: string | null | undefined): boolean {
  if (asked === NEVER || !now) return asked === NEVER && !now;
  return sameInstant(asked, now, 1_000);
}

/** A start in the past becomes the moment of the call. */
function sameSince(asked: string, now: string, attempt: AttemptFacts | null): boolean {
  if (sameInstant(asked, now, 1_000)) return true;
  if (attempt === null || Date.parse(asked) > attempt.lostAt.getTime()) return false;
  return isDuring(Date.parse(now), attempt);
}

/** Fields whose asked value differs from what PagerDuty shows; with an attempt, a start that it moved is no difference. */
export function differing(asked: EventChange, now: PagerDutyShiftEvent, attempt: AttemptFacts | null = null): Field[] {
  const found: Field[] = [];
  if (asked.name !== undefined && asked.name !== now.name) found.push('name');
  if (asked.start_time && !sameZoned(asked.start_time, now.start_time)) found.push('start_time');
  if (asked.end_time && !sameZoned(asked.end_time, now.end_time)) found.push('end_time');
  if (asked.effective_since && !sameSince(asked.effective_since, now.effective_since, attempt)) {
    found.push('effective_since');
  }
  if (asked.effective_until && !sameUntil(asked.effective_until, now.effective_until)) found.push('effective_until');
  if (asked.recurrence && asked.recurrence.join('\n') !== now.recurrence.join('\n')) found.push('recurrence');
  if (asked.assignment_strategy && !sameStrategy(asked.assignment_strategy, now.assignment_strategy)) {
    found.push('assignment_strategy');
  }
  return found;
}

/** The same for a shift of the snapshot. */
export const changedFields = (asked: EventChange, now: EventFacts): Field[] =>
  differing(asked, {
    id: now.id,
    name: now.exactName,
    start_time: { date_time: now.start, time_zone: now.timeZone },
    end_time: { date_time: now.end, time_zone: now.endTimeZone },
    effective_since: now.effectiveSince,
    effective_until: now.effectiveUntil,
    recurrence: now.recurrence,
    assignment_strategy: {
      type: now.strategy,
      shifts_per_member: now.shiftsPerMember,
      members: now.members.map(({ userId }) => ({
        type: userId === null ? 'empty_member' : 'user_member',
        user_id: userId,
      })),
    },
  });

/** The asked fields as PagerDuty takes them; `only` those, if given. */
export function eventBody(asked: EventChange, only?: Field[]): JsonObject {
  const { assignment_strategy: strategyAsked, effective_until: until, ...rest } = asked;
  const each = strategyAsked?.shifts_per_member;
  const all: JsonObject = {
    ...(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as JsonObject),
    ...(until === undefined ? {} : { effective_until: until === NEVER ? null : until }),
    ...(strategyAsked === undefined
      ? {}
      : {
          assignment_strategy: {
            type: strategyAsked.type,
            members: strategyAsked.members.map(memberBody),
            ...(each === undefined ? {} : { shifts_per_member: each }),
          },
        }),
  };
  return Object.fromEntries(Object.entries(all).filter(([field]) => only?.some((one) => one === field) ?? true));
}

/** The shift as it would have to be asked for again. */
export function askedLike(now: EventFacts): JsonObject {
  return {
    name: now.exactName || now.name,
    start_time: { date_time: now.start, time_zone: now.timeZone ?? 'UTC' },
    end_time: { date_time: now.end, time_zone: now.endTimeZone ?? now.timeZone ?? 'UTC' },
    effective_since: now.effectiveSince,
    ...(now.effectiveUntil === null ? {} : { effective_until: now.effectiveUntil }),
    recurrence: now.recurrence,
    assignment_strategy: {
      type: now.strategy,
      members: now.members.map(toMember),
      ...(now.strategy === 'rotating_member_assignment_strategy'
        ? { shifts_per_member: now.shiftsPerMember ?? 1 }
        : {}),
    },
  };
}
