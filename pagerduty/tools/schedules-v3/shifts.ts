import { z } from 'zod';
import { orGone, PagerDutyError } from '../../errors.ts';
import type { ReadClient } from '../../read-client.ts';
import { escalationPolicyAnswer, reference } from '../../schemas.ts';
import { type Named, named, namedFrom, readUser } from '../facts/people.ts';
import { oneLine } from '../words/wording.ts';

// Shift-based schedules: what we read of PagerDuty's answers, and what a human must know before one is changed.
// Who is on call before and after a change, in words, is computed in `coverage.ts`.

const text = z.string().nullish();

export const member = z.object({ type: z.string(), user_id: text });
export type PagerDutyMember = z.infer<typeof member>;

export const zonedTime = z.object({ date_time: z.string(), time_zone: text });

export const shiftEvent = z.object({
  id: z.string(),
  name: text,
  start_time: zonedTime,
  end_time: zonedTime,
  effective_since: z.string(),
  effective_until: text,
  recurrence: z.array(z.string()),
  assignment_strategy: z.object({
    type: z.string(),
    shifts_per_member: z.number().nullish(),
    members: z.array(member),
  }),
});
export type PagerDutyShiftEvent = z.infer<typeof shiftEvent>;
export const shiftEventAnswer = z.object({ event: shiftEvent });

export const rotation = z.object({ id: z.string(), events: z.array(shiftEvent).nullish() });
export type PagerDutyRotation = z.infer<typeof rotation>;
export const rotationAnswer = z.object({ rotation });

export const computedShift = z.object({
  start_time: z.string(),
  end_time: z.string(),
  member,
  source: z.object({ type: z.string(), rotation_id: text, shift_id: text, override_id: text }).nullish(),
});

const fullShiftSchedule = z.object({
  id: z.string(),
  name: text,
  summary: text,
  description: text,
  time_zone: text,
  teams: z.array(reference).nullish(),
  escalation_policies: z.array(reference).nullish(),
  users: z.array(reference).nullish(),
  rotations: z.array(rotation).nullish(),
  final_schedule: z
    .object({
      rendered_coverage_percentage: z.number().nullish(),
      computed_shift_assignments: z.array(computedShift).nullish(),
    })
    .nullish(),
});
export const fullShiftScheduleAnswer = z.object({ schedule: fullShiftSchedule });

/** Who takes a shift; without a user the shift is left empty on purpose. */
export const memberFacts = z.object({ userId: z.string().nullable(), name: z.string() });
export type MemberFacts = z.infer<typeof memberFacts>;

/** A recurring shift as it is shown, watched and, where possible, made again. */
export const eventFacts = z.object({
  id: z.string(),
  name: z.string(),
  exactName: z.string(),
  /** The first occurrence, as PagerDuty wrote it. */
  start: z.string(),
  end: z.string(),
  timeZone: z.string().nullable(),
  endTimeZone: z.string().nullable(),
  effectiveSince: z.string(),
  effectiveUntil: z.string().nullable(),
  recurrence: z.array(z.string()),
  strategy: z.string(),
  shiftsPerMember: z.number().nullable(),
  members: z.array(memberFacts),
});
export type EventFacts = z.infer<typeof eventFacts>;

export const rotationFacts = z.object({ id: z.string(), events: z.array(eventFacts) });
export type RotationFacts = z.infer<typeof rotationFacts>;

/** One person on call for a while, cut at the window; times in UTC. */
export const onCallShift = z.object({
  user: named,
  start: z.string(),
  end: z.string(),
  rotationId: z.string().nullable(),
  customShiftId: z.string().nullable(),
  overrideId: z.string().nullable(),
});
export type OnCallShift = z.infer<typeof onCallShift>;

/** ISO times in UTC; `until` is not part of it. */
export const period = z.object({ since: z.string(), until: z.string() });
export type Period = z.infer<typeof period>;

/** A shift-based schedule as a human must see it, and as complete as undo needs it. */
export const shiftScheduleFacts = z.object({
  id: z.string(),
  name: z.string(),
  /** Word for word, for undo; the shown name is `name`. */
  exactName: z.string(),
  description: z.string().nullable(),
  timeZone: z.string().nullable(),
  teams: z.array(named),
  rotations: z.array(rotationFacts),
  /** The window in which `shifts` were read. */
  window: period,
  /** Who is on call in the window, by start; null when PagerDuty did not compute it. */
  shifts: z.array(onCallShift).nullable(),
  /** Escalation policies that page through the schedule, and the services behind them. */
  policies: z.array(named),
  services: z.array(named),
});
export type ShiftScheduleFacts = z.infer<typeof shiftScheduleFacts>;

/** The scopes that `readShiftSchedule` needs; the v3 addresses themselves have none. */
export const SCHEDULE_SCOPES = ['escalation_policies.read', 'users.read'] as const;

const DAY_MS = 86_400_000;
/** So far ahead a change of a schedule is shown; PagerDuty computes it, and people plan it, in weeks. */
export const DAYS_AHEAD = 14;

/**
 * The window of a card: from that second on, 14 days unless told otherwise. PagerDuty's times have no fractions, so a
 * shift that it cuts at a window with fractions would end elsewhere than the same shift in a later window.
 */
export function windowFrom(start: Date | string, days = DAYS_AHEAD): Period {
  const since = new Date(Math.floor(new Date(start).getTime() / 1000) * 1000);
  return { since: since.toISOString(), until: new Date(since.getTime() + days * DAY_MS).toISOString() };
}

export const schedulePath = (scheduleId: string) => `/v3/schedules/${encodeURIComponent(scheduleId)}`;
export const rotationPath = (scheduleId: string, rotationId: string) =>
  `${schedulePath(scheduleId)}/rotations/${encodeURIComponent(rotationId)}`;
export const eventPath = (scheduleId: string, rotationId: string, eventId: string) =>
  `${rotationPath(scheduleId, rotationId)}/events/${encodeURIComponent(eventId)}`;

/** PagerDuty's own refusal when a layer-based schedule is asked for at the shift-based address. */
const isLayerBasedRefusal = (error: unknown): error is PagerDutyError =>
  error instanceof PagerDutyError && error.status === 400 && /layer-based schedule/i.test(error.message);

/**
 * The answer about one schedule, with who is on call in the window.
 * @throws PagerDutyError `invalid` with a sentence of ours for a layer-based schedule.
 */
async function readFull(pagerduty: ReadClient, scheduleId: string, window: Period) {
  const query = { ...window, include: ['final_schedule'] };
  try {
    return (await pagerduty.get(schedulePath(scheduleId), fullShiftScheduleAnswer, query)).schedule;
  } catch (error) {
    if (!isLayerBasedRefusal(error)) throw error;
    const because = 'This schedule is layer-based; this tool works on shift-based schedules only.';
    throw new PagerDutyError('invalid', because, { status: 400, cause: error });
  }
}

/** Names of people, each once; those whom PagerDuty does not know are listed apart. */
export async function readPeople(pagerduty: ReadClient, userIds: (string | null | undefined)[]) {
  const wanted = [...new Set(userIds.filter((userId) => typeof userId === 'string'))];
  const answers = await Promise.all(wanted.map((userId) => orGone(readUser(pagerduty, userId))));
  const missing = wanted.filter((_userId, index) => answers[index] === null);
  return { found: answers.filter((one) => one !== null), missing: missing.sort() };
}

/** What stands where nobody is put on call on purpose. */
export const EMPTY = 'nobody';

/** A person's name where it is known, else the id. */
const nameIn = (people: Named[], userId: string) => people.find((one) => one.id === userId)?.name ?? userId;

export function memberFrom({ type, user_id: userId }: PagerDutyMember, people: Named[]): MemberFacts {
  if (type !== 'user_member' || !userId) return { userId: null, name: EMPTY };
  return { userId, name: nameIn(people, userId) };
}

export function eventFrom(event: PagerDutyShiftEvent, people: Named[]): EventFacts {
  const { assignment_strategy: strategy } = event;
  return {
    id: event.id,
    name: oneLine(event.name ?? event.id),
    exactName: event.name ?? '',
    start: event.start_time.date_time,
    end: event.end_time.date_time,
    timeZone: event.start_time.time_zone ?? null,
    endTimeZone: event.end_time.time_zone ?? null,
    effectiveSince: event.effective_since,
    effectiveUntil: event.effective_until ?? null,
    recurrence: event.recurrence,
    strategy: strategy.type,
    shiftsPerMember: strategy.shifts_per_member ?? null,
    members: strategy.members.map((one) => memberFrom(one, people)),
  };
}

/** Cuts a shift at the window; null when they do not touch. */
export function clipped<T extends { start: string; end: string }>(shift: T, { since, until }: Period): T | null {
  const start = Math.max(Date.parse(shift.start), Date.parse(since));
  const end = Math.min(Date.parse(shift.end), Date.parse(until));
  if (!(start < end)) return null;
  return { ...shift, start: new Date(start).toISOString(), end: new Date(end).toISOString() };
}

function shiftFrom(shift: z.infer<typeof computedShift>, people: Named[], window: Period): OnCallShift[] {
  const { userId, name } = memberFrom(shift.member, people);
  if (userId === null) return [];
  const cut = clipped({ start: shift.start_time, end: shift.end_time }, window);
  if (cut === null) return [];
  const { rotation_id: rotationId, shift_id: shiftId, override_id: overrideId } = shift.source ?? {};
  return [
    {
      user: { id: userId, name },
      ...cut,
      rotationId: rotationId ?? null,
      customShiftId: shiftId ?? null,
      overrideId: overrideId ?? null,
    },
  ];
}

/**
 * One shift-based schedule: its rotations, who is on call in the window, and what pages through it.
 * @throws PagerDutyError when it cannot be read, or `invalid` when it is layer-based.
 */
export async function readShiftSchedule(
  pagerduty: ReadClient,
  scheduleId: string,
  window: Period,
): Promise<ShiftScheduleFacts> {
  const schedule = await readFull(pagerduty, scheduleId, window);
  const rotations = schedule.rotations ?? [];
  const computed = schedule.final_schedule?.computed_shift_assignments;
  const policies = (schedule.escalation_policies ?? []).map(namedFrom);
  const known = (schedule.users ?? []).map(namedFrom);
  const members = rotations.flatMap(({ events }) => (events ?? []).flatMap((one) => one.assignment_strategy.members));
  const everybody = [...members, ...(computed ?? []).map((one) => one.member)];
  const nameless = everybody.map((one) => one.user_id).filter((userId) => !known.some(({ id }) => id === userId));
  const [details, { found }] = await Promise.all([
    Promise.all(
      policies.map(({ id }) => pagerduty.get(`/escalation_policies/${encodeURIComponent(id)}`, escalationPolicyAnswer)),
    ),
    readPeople(pagerduty, nameless),
  ]);
  const people = [...known, ...found];
  const services = details.flatMap(({ escalation_policy: policy }) => (policy.services ?? []).map(namedFrom));
  const shifts = computed?.flatMap((one) => shiftFrom(one, people, window)) ?? null;
  return {
    ...namedFrom(schedule),
    exactName: schedule.name ?? schedule.summary ?? schedule.id,
    description: schedule.description ?? null,
    timeZone: schedule.time_zone ?? null,
    teams: (schedule.teams ?? []).map(namedFrom),
    rotations: rotations.map(({ id, events }) => ({ id, events: (events ?? []).map((one) => eventFrom(one, people)) })),
    window,
    shifts: shifts?.sort((a, b) => Date.parse(a.start) - Date.parse(b.start)) ?? null,
    policies,
    services: [...new Map(services.map((one) => [one.id, one])).values()],
  };
}

/** Ids of the policies whose on-call people may review a change of the schedule. */
export const policyIdsOf = ({ policies }: ShiftScheduleFacts): string[] => policies.map(({ id }) => id).sort();
