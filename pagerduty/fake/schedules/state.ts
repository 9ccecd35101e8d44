import { OPENED, people, schedules, teams } from '../company.ts';

export interface Restriction {
  type: 'daily_restriction' | 'weekly_restriction';
  /** `HH:MM:SS` in the schedule's time zone. */
  startTimeOfDay: string;
  durationSeconds: number;
  /** 1 = Monday; only for weekly restrictions. */
  startDayOfWeek?: number;
}

export interface Layer {
  id: string;
  name: string;
  start: string;
  end: string | null;
  rotationVirtualStart: string;
  turnLengthSeconds: number;
  userIds: string[];
  restrictions: Restriction[];
}

export interface Override {
  id: string;
  start: string;
  end: string;
  userId: string;
}

/** Layer-based. The first layer wins over the later ones; overrides win over all, the last created first. */
export interface Schedule {
  id: string;
  name: string;
  description: string | null;
  timeZone: string;
  teamIds: string[];
  layers: Layer[];
  overrides: Override[];
}

/** What the playable PagerDuty keeps of this domain. */
export interface Schedules {
  schedules: Schedule[];
}

export const emptySchedules = (): Schedules => ({ schedules: [] });

const WEEK_SECONDS = 604_800;
const DAY_SECONDS = 86_400;

function layer(id: string, name: string, userIds: string[], rest: Partial<Layer> = {}): Layer {
  return {
    id,
    name,
    start: OPENED,
    end: null,
    rotationVirtualStart: OPENED,
    turnLengthSeconds: WEEK_SECONDS,
    userIds,
    restrictions: [],
    ...rest,
  };
}

/** What Northwind Parcel has of it. */
export function seedSchedules(): Schedules {
  const twelveHours = { type: 'daily_restriction' as const, durationSeconds: DAY_SECONDS / 2 };
  const schedule = (who: { id: string; name: string }, timeZone: string, team: { id: string }, layers: Layer[]) => ({
    ...who,
    description: null,
    timeZone,
    teamIds: [team.id],
    layers,
    overrides: [],
  });
  return {
    schedules: [
      schedule(schedules.checkoutPrimary, 'Europe/Berlin', teams.commerce, [
        layer('PLCHKP1', 'Layer 1', [people.priya.id]),
      ]),
      schedule(schedules.checkoutSecondary, 'Europe/Rome', teams.commerce, [
        layer('PLCHKS2', 'Layer 1', [people.marco.id]),
      ]),
      schedule(schedules.trackingPrimary, 'Asia/Tokyo', teams.logistics, [
        layer('PLTRKP1', 'Weekly', [people.kenji.id, people.aisha.id]),
      ]),
      schedule(schedules.dataDayNight, 'Europe/Prague', teams.data, [
        layer('PLDATAD', 'Day', [people.tomas.id], {
          turnLengthSeconds: DAY_SECONDS,
          restrictions: [{ ...twelveHours, startTimeOfDay: '08:00:00' }],
        }),
        layer('PLDATAN', 'Night', [people.kenji.id], {
          turnLengthSeconds: DAY_SECONDS,
          restrictions: [{ ...twelveHours, startTimeOfDay: '20:00:00' }],
        }),
      ]),
    ],
  };
}
