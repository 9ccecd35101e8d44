import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { Named } from '../facts/people.ts';
import { id, toolInput } from '../input/parameters.ts';
import { memberField, userIdOf } from './members.ts';
import { member, memberFacts, memberFrom, type OnCallShift, type PagerDutyMember } from './shifts.ts';
import type { SpanPart } from './spans.ts';
import { onSchedule } from './windows.ts';

// Custom shifts: one-off stretches on call beside the rotations.

const customShift = z.object({
  id: z.string(),
  start_time: z.string(),
  end_time: z.string(),
  assignments: z.array(z.object({ member })).nullish(),
});
type PagerDutyCustomShift = z.infer<typeof customShift>;
const customShiftAnswer = z.object({ custom_shift: customShift });
const customShiftsAnswer = z.object({ custom_shifts: z.array(customShift) });

export const customShiftFacts = z.object({
  id: z.string(),
  start: z.string(),
  end: z.string(),
  member: memberFacts,
});
export type CustomShiftFacts = z.infer<typeof customShiftFacts>;

/** PagerDuty gives every custom shift exactly one assignment. */
const memberOf = ({ assignments }: PagerDutyCustomShift): PagerDutyMember =>
  assignments?.[0]?.member ?? { type: 'empty_member' };

const takenBy = (shift: PagerDutyCustomShift): string | null => userIdOf(memberOf(shift));

export const customShiftFrom = (shift: PagerDutyCustomShift, people: Named[]): CustomShiftFacts => ({
  id: shift.id,
  start: shift.start_time,
  end: shift.end_time,
  member: memberFrom(memberOf(shift), people),
});

/** What agents see of a custom shift. */
const customShiftFields = (shift: PagerDutyCustomShift, people: Named[]): JsonObject => ({
  id: shift.id,
  start_time: shift.start_time,
  end_time: shift.end_time,
  member: memberField(memberOf(shift), people),
});

/** Adds a custom shift to who is on call. An empty one puts nobody on call. */
function withShift(shifts: OnCallShift[], { id, member: who, start, end }: CustomShiftFacts): OnCallShift[] {
  if (who.userId === null) return shifts;
  const user = { id: who.userId, name: who.name };
  return [...shifts, { user, start, end, rotationId: null, customShiftId: id, overrideId: null }];
}

/** Whether an override lies on the shift, as far as the window shows. */
export const isOverridden = (shifts: OnCallShift[] | null, shiftId: string) =>
  shifts?.some((one) => one.customShiftId === shiftId && one.overrideId !== null) ?? false;

/** `the custom shift of Kenji Sato` */
export const shiftWords = ({ member: who }: CustomShiftFacts) =>
  who.userId === null ? 'the empty custom shift' : `the custom shift of ${who.name}`;

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
  without: (shifts, { id }) => shifts.filter(({ customShiftId }) => customShiftId !== id),
};

export const customShiftPlace = toolInput({
  schedule_id: id('shift-based schedule'),
  custom_shift_id: id('custom shift'),
});

export const onCustomShift = onSchedule.extend({ shift: customShiftFacts });
