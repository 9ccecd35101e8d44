import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { SummaryLine } from '../../write-tool.ts';
import type { Named } from '../facts/people.ts';
import { id, toolInput } from '../input/parameters.ts';
import { clock } from '../words/wording.ts';
import { memberField, userIdOf } from './members.ts';
import {
  type MemberFacts,
  member,
  memberFacts,
  memberFrom,
  type OnCallShift,
  type PagerDutyMember,
  schedulePath,
} from './shifts.ts';
import type { SpanPart } from './spans.ts';
import { onSchedule, type Span } from './windows.ts';

// Custom shifts: one-off stretches on call beside the rotations.

export const customShift = z.object({
  id: z.string(),
  start_time: z.string(),
  end_time: z.string(),
  assignments: z.array(z.object({ member })).nullish(),
});
export type PagerDutyCustomShift = z.infer<typeof customShift>;
export const customShiftAnswer = z.object({ custom_shift: customShift });
export const customShiftsAnswer = z.object({ custom_shifts: z.array(customShift) });

export const customShiftFacts = z.object({
  id: z.string(),
  start: z.string(),
  end: z.string(),
  member: memberFacts,
});
export type CustomShiftFacts = z.infer<typeof customShiftFacts>;

export const customShiftsPath = (scheduleId: string) => `${schedulePath(scheduleId)}/custom_shifts`;
export const customShiftPath = (scheduleId: string, shiftId: string) =>
  `${customShiftsPath(scheduleId)}/${encodeURIComponent(shiftId)}`;

/** PagerDuty gives every custom shift exactly one assignment. */
const memberOf = ({ assignments }: PagerDutyCustomShift): PagerDutyMember =>
  assignments?.[0]?.member ?? { type: 'empty_member' };

export const takenBy = (shift: PagerDutyCustomShift): string | null => userIdOf(memberOf(shift));

export const customShiftFrom = (shift: PagerDutyCustomShift, people: Named[]): CustomShiftFacts => ({
  id: shift.id,
  start: shift.start_time,
  end: shift.end_time,
  member: memberFrom(memberOf(shift), people),
});

/** What agents see of a custom shift. */
export const customShiftFields = (shift: PagerDutyCustomShift, people: Named[]): JsonObject => ({
  id: shift.id,
  start_time: shift.start_time,
  end_time: shift.end_time,
  member: memberField(memberOf(shift), people),
});

/** Puts a custom shift where it will be; a new one has no id yet. An empty one puts nobody on call. */
export function withShift(shifts: OnCallShift[], shift: Span & { id: string | null; member: MemberFacts }) {
  const { id, member: who, start, end } = shift;
  const others = id === null ? shifts : withoutShift(shifts, id);
  if (who.userId === null) return others;
  const user = { id: who.userId, name: who.name };
  return [...others, { user, start, end, rotationId: null, customShiftId: id ?? 'new', overrideId: null }];
}

export const withoutShift = (shifts: OnCallShift[], shiftId: string) =>
  shifts.filter(({ customShiftId }) => customShiftId !== shiftId);

/** Whether an override lies on the shift, as far as the window shows. */
export const isOverridden = (shifts: OnCallShift[] | null, shiftId: string) =>
  shifts?.some((one) => one.customShiftId === shiftId && one.overrideId !== null) ?? false;

/** `the custom shift of Kenji Sato` */
export const shiftWords = ({ member: who }: CustomShiftFacts) =>
  who.userId === null ? 'the empty custom shift' : `the custom shift of ${who.name}`;

/** On call, from and until: what a custom shift is and will be; null for what does not change. */
export function shiftLines(
  now: CustomShiftFacts | null,
  after: { member?: MemberFacts; start?: string; end?: string },
  zone: string | null,
): SummaryLine[] {
  const lines: SummaryLine[] = [];
  if (after.member) lines.push({ label: 'On call', now: now?.member.name ?? null, after: after.member.name });
  if (after.start) lines.push({ label: 'From', now: now && clock(now.start, zone), after: clock(after.start, zone) });
  if (after.end) lines.push({ label: 'Until', now: now && clock(now.end, zone), after: clock(after.end, zone) });
  return lines;
}

/** Only the types: one custom shift as PagerDuty shows it and as a snapshot holds it. */
interface CustomShift {
  word: 'custom_shift';
  part: 'shift';
  taker: 'member';
  item: PagerDutyCustomShift;
  facts: CustomShiftFacts;
}

export const customShifts: SpanPart<CustomShift> = {
  word: 'custom_shift',
  part: 'shift',
  taker: 'member',
  item: customShift,
  answer: customShiftAnswer,
  answers: customShiftsAnswer,
  people: (shift) => [takenBy(shift)],
  facts: customShiftFrom,
  fields: customShiftFields,
  place: () => [],
  with: withShift,
  without: (shifts, { id }) => withoutShift(shifts, id),
};

export const customShiftPlace = toolInput({
  schedule_id: id('shift-based schedule'),
  custom_shift_id: id('custom shift'),
});

export const onCustomShift = onSchedule.extend({ shift: customShiftFacts });
