import { OPENED, people, schedules, teams, trainingParts, warehouseParts } from '../company.ts';

export type Member = { type: 'user_member'; userId: string } | { type: 'empty_member' };

export interface ShiftEvent {
  id: string;
  name: string;
  startTime: string;
  endTime: string;
  effectiveSince: string;
  effectiveUntil: string | null;
  /** Only `FREQ=DAILY` and `FREQ=WEEKLY` are understood. */
  recurrence: string[];
  strategy: 'rotating_member_assignment_strategy' | 'every_member_assignment_strategy';
  shiftsPerMember: number;
  members: Member[];
}

export interface ShiftSchedule {
  id: string;
  name: string;
  description: string | null;
  timeZone: string;
  teamIds: string[];
  rotations: { id: string; events: ShiftEvent[] }[];
  customShifts: CustomShift[];
  overrides: ShiftOverride[];
}

/** A one-off shift of a shift-based schedule. */
export interface CustomShift {
  id: string;
  start: string;
  end: string;
  members: Member[];
}

/** Swaps one member of a rotation or of a one-off shift for another. */
export interface ShiftOverride {
  id: string;
  rotationId: string | null;
  customShiftId: string | null;
  start: string;
  end: string;
  overridden: Member;
  overriding: Member;
}

/** What the playable PagerDuty keeps of this domain. */
export interface ShiftSchedules {
  shiftSchedules: ShiftSchedule[];
}

export const emptyShiftSchedules = (): ShiftSchedules => ({ shiftSchedules: [] });

const warehouseShifts = (): ShiftSchedule => ({
  ...schedules.warehouseShifts,
  description: 'Follows the sun.',
  timeZone: 'Asia/Dubai',
  teamIds: [teams.logistics.id],
  customShifts: [
    {
      id: warehouseParts.customShift,
      start: '2099-03-14T08:00:00Z',
      end: '2099-03-14T20:00:00Z',
      members: [{ type: 'user_member', userId: people.kenji.id }],
    },
  ],
  overrides: [
    {
      id: warehouseParts.override,
      rotationId: warehouseParts.rotation,
      customShiftId: null,
      start: '2099-05-01T00:00:00Z',
      end: '2099-05-02T00:00:00Z',
      overridden: { type: 'user_member', userId: people.aisha.id },
      overriding: { type: 'user_member', userId: people.kenji.id },
    },
  ],
  rotations: [
    {
      id: '5K7QDXV3M2RBJ6TNWYHC4FGPAE',
      events: [
        {
          id: 'ZN4HC7VTQ2KXW6MJRB5DYFGP3A',
          name: 'Around the clock',
          startTime: OPENED,
          endTime: '2023-02-13T08:00:00Z',
          effectiveSince: OPENED,
          effectiveUntil: null,
          recurrence: ['RRULE:FREQ=WEEKLY'],
          strategy: 'rotating_member_assignment_strategy',
          shiftsPerMember: 1,
          members: [{ type: 'user_member', userId: people.aisha.id }],
        },
      ],
    },
  ],
});

const trainingShifts = (): ShiftSchedule => ({
  ...schedules.trainingShifts,
  description: 'Nobody is paged through it.',
  timeZone: 'Europe/Berlin',
  teamIds: [teams.commerce.id],
  customShifts: [],
  overrides: [],
  rotations: [
    {
      id: trainingParts.rotation,
      events: [
        {
          id: trainingParts.event,
          name: 'Practice',
          startTime: '2099-01-05T08:00:00Z',
          endTime: '2099-01-12T08:00:00Z',
          effectiveSince: '2099-01-05T08:00:00Z',
          effectiveUntil: null,
          recurrence: ['RRULE:FREQ=WEEKLY'],
          strategy: 'rotating_member_assignment_strategy',
          shiftsPerMember: 1,
          members: [
            { type: 'user_member', userId: people.lena.id },
            { type: 'user_member', userId: people.tomas.id },
          ],
        },
      ],
    },
    { id: trainingParts.emptyRotation, events: [] },
  ],
});

/** What Northwind Parcel has of it. */
export const seedShiftSchedules = (): ShiftSchedules => ({ shiftSchedules: [warehouseShifts(), trainingShifts()] });
