import { type Shift, touches } from '../schedules/shifts.ts';
import type { Member, ShiftOverride, ShiftSchedule } from './state.ts';

/** A stretch of time on a shift-based schedule, with what it comes from. */
export interface SourcedShift extends Shift {
  rotationId: string | null;
  customShiftId: string | null;
}

const DAY_MS = 86_400_000;

/** A stretch of a shift-based schedule before anybody asks who it is: its place may be empty. */
type Duty = Omit<SourcedShift, 'userId'> & { member: Member };

function rotationDuties(schedule: ShiftSchedule, from: number, to: number): Duty[] {
  const duties: Duty[] = [];
  for (const rotation of schedule.rotations) {
    for (const event of rotation.events) {
      const zero = Date.parse(event.startTime);
      const length = Date.parse(event.endTime) - zero;
      const every = event.recurrence.some((rule) => rule.includes('FREQ=WEEKLY')) ? 7 * DAY_MS : DAY_MS;
      const opens = Date.parse(event.effectiveSince);
      const closes = event.effectiveUntil === null ? Number.POSITIVE_INFINITY : Date.parse(event.effectiveUntil);
      for (let index = Math.max(0, Math.floor((from - zero - length) / every)); zero + index * every < to; index++) {
        const start = Math.max(zero + index * every, opens);
        const end = Math.min(zero + index * every + length, closes);
        const turn = event.members[Math.floor(index / event.shiftsPerMember) % event.members.length];
        const members = event.strategy === 'every_member_assignment_strategy' ? event.members : turn ? [turn] : [];
        if (start >= end) continue;
        for (const member of members) {
          duties.push({ start, end, member, overrideId: null, rotationId: rotation.id, customShiftId: null });
        }
      }
    }
  }
  return duties;
}

function customDuties({ customShifts }: ShiftSchedule): Duty[] {
  return customShifts.flatMap(({ id, start, end, members }) =>
    members.map((member) => ({
      start: Date.parse(start),
      end: Date.parse(end),
      member,
      overrideId: null,
      rotationId: null,
      customShiftId: id,
    })),
  );
}

const sameMember = (a: Member, b: Member) =>
  a.type === 'user_member' && b.type === 'user_member' ? a.userId === b.userId : a.type === b.type;

/** Puts the overriding member in the place of the overridden one, in the window of the override only. */
function swapped(duties: Duty[], override: ShiftOverride): Duty[] {
  const [opens, closes] = [Date.parse(override.start), Date.parse(override.end)];
  return duties.flatMap((duty) => {
    const meant = override.rotationId === null ? duty.customShiftId : duty.rotationId;
    const wanted = override.rotationId ?? override.customShiftId;
    if (meant !== wanted || !sameMember(duty.member, override.overridden)) return [duty];
    const [start, end] = [Math.max(duty.start, opens), Math.min(duty.end, closes)];
    if (start >= end) return [duty];
    const parts = [
      { ...duty, end: start },
      { ...duty, start, end, member: override.overriding, overrideId: override.id },
      { ...duty, start: end },
    ];
    return parts.filter((part) => part.start < part.end);
  });
}

/**
 * Who is on call on a shift-based schedule: every shift that touches the window, by start. Several people can be on call
 * at once. Overrides apply in order of creation.
 */
export function shiftScheduleShifts(schedule: ShiftSchedule, from: number, to: number): SourcedShift[] {
  const duties = [...rotationDuties(schedule, from, to), ...customDuties(schedule)];
  return schedule.overrides
    .reduce(swapped, duties)
    .flatMap(({ member, ...duty }) => (member.type === 'user_member' ? [{ ...duty, userId: member.userId }] : []))
    .filter(touches(from, to))
    .sort((a, b) => a.start - b.start);
}
