import { z } from 'zod';
import { id, toolInput } from '../../input/parameters.ts';
import { memberField } from '../members.ts';
import { member, memberFacts, memberFrom, type OnCallShift, type PagerDutyMember } from '../shifts.ts';
import { type SpanPart, spanPart } from './spans.ts';
import { onSchedule } from './windows.ts';

// Custom shifts: one-off stretches on call beside the rotations.

const customShift = z.object({
  id: z.string(),
  start_time: z.string(),
  end_time: z.string(),
  assignments: z.array(z.object({ member })).nullish(),
});
type PagerDutyCustomShift = z.infer<typeof customShift>;

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

/** Adds a custom shift to who is on call. An empty one puts nobody on call. */
function withShift(shifts: OnCallShift[], { id: shiftId, member: who, start, end }: CustomShiftFacts): OnCallShift[] {
  if (who.userId === null) return shifts;
  const user = { id: who.userId, name: who.name };
  return [...shifts, { user, start, end, rotationId: null, customShiftId: shiftId, overrideId: null }];
}

interface CustomShift {
  word: 'custom_shift';
  part: 'shift';
  taker: 'member';
  item: PagerDutyCustomShift;
  facts: CustomShiftFacts;
}

export const customShifts: SpanPart<CustomShift> = spanPart({
  word: 'custom_shift',
  part: 'shift',
  taker: 'member',
  item: customShift,
  answer: z.object({ custom_shift: customShift }),
  answers: z.object({ custom_shifts: z.array(customShift) }),
  people: (shift) => [memberOf(shift).user_id],
  facts: (shift, people) => ({
    id: shift.id,
    start: shift.start_time,
    end: shift.end_time,
    member: memberFrom(memberOf(shift), people),
  }),
  fields: ({ id: shiftId, start, end, member: who }) => ({
    id: shiftId,
    start_time: start,
    end_time: end,
    member: memberField(who),
  }),
  place: () => [],
  with: withShift,
  without: (shifts, { id: shiftId }) => shifts.filter(({ customShiftId }) => customShiftId !== shiftId),
});

export const customShiftPlace = toolInput({
  schedule_id: id('shift-based schedule'),
  custom_shift_id: id('custom shift'),
});

export const onCustomShift = onSchedule.extend({ shift: customShiftFacts });

/** Whether an override lies on the shift, as far as the window shows. */
export const isOverridden = (shifts: OnCallShift[] | null, shiftId: string) =>
  shifts?.some((one) => one.customShiftId === shiftId && one.overrideId !== null) ?? false;

/** `the custom shift of Kenji Sato` */
export const shiftWords = ({ member: who }: CustomShiftFacts) =>
  who.userId === null ? 'the empty custom shift' : `the custom shift of ${who.name}`;
