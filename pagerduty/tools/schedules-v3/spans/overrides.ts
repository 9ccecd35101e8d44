import { z } from 'zod';
import type { JsonObject } from '../../../json.ts';
import { watchedPart } from '../../evidence/watching.ts';
import { id, toolInput } from '../../input/parameters.ts';
import { listed } from '../../words/wording.ts';
import { cutOut } from '../coverage.ts';
import { memberField, toMember } from '../members.ts';
import { member, memberFacts, memberFrom, type OnCallShift, type RotationFacts } from '../shifts.ts';
import type { CustomShiftFacts } from './custom.ts';
import { type SpanPart, spanPart } from './spans.ts';
import { onSchedule, spanWords } from './windows.ts';

// Overrides: for a while somebody else takes the place of one member of a rotation or of a custom shift.

const text = z.string().nullish();

const shiftOverride = z.object({
  id: z.string(),
  rotation_id: text,
  custom_shift_id: text,
  start_time: z.string(),
  end_time: z.string(),
  overridden_member: member,
  overriding_member: member,
});
type PagerDutyShiftOverride = z.infer<typeof shiftOverride>;

/** Whose place is taken, and where: exactly one of the two ids is there. */
const place = z.object({
  rotationId: z.string().nullable(),
  customShiftId: z.string().nullable(),
  overridden: memberFacts,
});
export type Place = z.infer<typeof place>;

export const overrideFacts = place.extend({
  id: z.string(),
  start: z.string(),
  end: z.string(),
  overriding: memberFacts,
});
export type OverrideFacts = z.infer<typeof overrideFacts>;

const isAt = (shift: OnCallShift, { rotationId, customShiftId }: Place) =>
  rotationId === null ? shift.customShiftId === customShiftId : shift.rotationId === rotationId;

/** What of the place the overridden member is on call for; empty places do not show. */
export const dutyOf = (shifts: OnCallShift[], at: Place) =>
  shifts.filter((one) => isAt(one, at) && one.user.id === at.overridden.userId);

/** An override as it is asked for. */
export const overrideBody = (override: OverrideFacts): JsonObject => ({
  ...(override.rotationId === null ? {} : { rotation_id: override.rotationId }),
  ...(override.customShiftId === null ? {} : { custom_shift_id: override.customShiftId }),
  start_time: override.start,
  end_time: override.end,
  overridden_member: toMember(override.overridden),
  overriding_member: toMember(override.overriding),
});

/** Puts an override where it will be. Null when nobody is overridden: PagerDuty does not show where a place is empty. */
function withOverride(shifts: OnCallShift[], override: OverrideFacts): OnCallShift[] | null {
  const { overridden, overriding, start, end } = override;
  if (overridden.userId === null) return null;
  return shifts.flatMap((shift) => {
    if (dutyOf([shift], override).length === 0) return [shift];
    const rest = cutOut(shift, start, end);
    if (overriding.userId === null) return rest;
    const [from, to] = [
      Math.max(Date.parse(shift.start), Date.parse(start)),
      Math.min(Date.parse(shift.end), Date.parse(end)),
    ];
    if (from >= to) return [shift];
    const swapped = {
      ...shift,
      user: { id: overriding.userId, name: overriding.name },
      start: new Date(from).toISOString(),
      end: new Date(to).toISOString(),
      overrideId: override.id,
    };
    return [...rest, swapped];
  });
}

/** Takes an override away again. Null when it put nobody on call: then nothing shows where it took effect. */
function withoutOverride(shifts: OnCallShift[], override: OverrideFacts): OnCallShift[] | null {
  const { id, overridden, overriding } = override;
  if (overriding.userId === null) return null;
  return shifts.flatMap((shift) => {
    if (shift.overrideId !== id) return [shift];
    if (overridden.userId === null) return [];
    return [{ ...shift, user: { id: overridden.userId, name: overridden.name }, overrideId: null }];
  });
}

/** `the rotation "Nights"`, `the custom shift from … to …` */
export function placeWords(
  { rotationId, customShiftId }: Place,
  rotations: RotationFacts[],
  shift: CustomShiftFacts | null,
  zone: string | null,
): string {
  if (rotationId === null)
    return shift ? `the custom shift ${spanWords(shift, zone)}` : `the custom shift ${customShiftId}`;
  const events = rotations.find(({ id }) => id === rotationId)?.events ?? [];
  return `the rotation ${listed(events.map(({ name }) => `"${name}"`)) || rotationId}`;
}

interface Override {
  word: 'override';
  part: 'override';
  taker: 'overriding';
  item: PagerDutyShiftOverride;
  facts: OverrideFacts;
}

export const overrides: SpanPart<Override> = spanPart({
  word: 'override',
  part: 'override',
  taker: 'overriding',
  item: shiftOverride,
  answer: z.object({ override: shiftOverride }),
  answers: z.object({ overrides: z.array(shiftOverride) }),
  people: ({ overridden_member: one, overriding_member: other }) => [one.user_id, other.user_id],
  facts: (override, people) => ({
    id: override.id,
    rotationId: override.rotation_id ?? null,
    customShiftId: override.custom_shift_id ?? null,
    start: override.start_time,
    end: override.end_time,
    overridden: memberFrom(override.overridden_member, people),
    overriding: memberFrom(override.overriding_member, people),
  }),
  fields: ({ id: overrideId, rotationId, customShiftId, start, end, overridden, overriding }) => ({
    id: overrideId,
    rotation_id: rotationId,
    custom_shift_id: customShiftId,
    start_time: start,
    end_time: end,
    overridden_member: memberField(overridden),
    overriding_member: memberField(overriding),
  }),
  place: ({ rotationId, customShiftId, overridden }) => [
    watchedPart('the override', 'place', [rotationId, customShiftId, overridden.userId], `that of ${overridden.name}`),
  ],
  with: withOverride,
  without: withoutOverride,
});

export const overridePlace = toolInput({ schedule_id: id('shift-based schedule'), override_id: id('override') });

export const onOverride = onSchedule.extend({ override: overrideFacts });
