import { people, schedules, teams, trainingParts, warehouseParts } from '../company.ts';
import type { DrivenCall } from './call.ts';

const warehouse = `/v3/schedules/${schedules.warehouseShifts.id}`;
const { rotation, customShift, override } = warehouseParts;
const range = 'since=2099-01-01T00:00:00Z&until=2100-01-01T00:00:00Z&overflow=true';
const member = ({ id }: { id: string }) => ({ type: 'user_member', user_id: id });
const assignments = [{ type: 'shift_assignment', member: member(people.lena) }];

/** One-off shifts and overrides. */
const oneOffCalls: DrivenCall[] = [
  ['GET', `${warehouse}/custom_shifts?${range}&time_zone=Asia/Tokyo&limit=10&offset=0`],
  ['GET', `${warehouse}/custom_shifts/${customShift}`],
  [
    'POST',
    `${warehouse}/custom_shifts`,
    {
      custom_shifts: [
        { type: 'custom_shift', start_time: '2099-01-05T18:00:00Z', end_time: '2099-01-06T06:00:00Z', assignments },
      ],
    },
  ],
  [
    'PUT',
    `${warehouse}/custom_shifts/${customShift}`,
    { custom_shift: { start_time: '2099-03-14T09:00:00Z', end_time: '2099-03-14T21:00:00Z', assignments } },
  ],
  ['GET', `${warehouse}/overrides?${range}`],
  ['GET', `${warehouse}/overrides/${override}`],
  [
    'POST',
    `${warehouse}/overrides`,
    {
      overrides: [
        {
          type: 'override_shift',
          rotation_id: rotation,
          start_time: '2099-06-01T00:00:00Z',
          end_time: '2099-06-02T00:00:00Z',
          overridden_member: member(people.aisha),
          overriding_member: member(people.sam),
        },
        {
          type: 'override_shift',
          custom_shift_id: customShift,
          start_time: '2099-03-14T10:00:00Z',
          end_time: '2099-03-14T11:00:00Z',
          overridden_member: member(people.lena),
          overriding_member: { type: 'empty_member' },
        },
      ],
    },
  ],
  ['GET', `${warehouse}?include[]=final_schedule&since=2099-03-14T00:00:00Z&until=2099-03-15T00:00:00Z`],
  [
    'PUT',
    `${warehouse}/overrides/${override}`,
    { override: { end_time: '2099-05-03T00:00:00Z', overriding_member: member(people.sam) } },
  ],
  ['DELETE', `${warehouse}/overrides/${override}`],
  ['DELETE', `${warehouse}/custom_shifts/${customShift}`],
];

const training = `/v3/schedules/${schedules.trainingShifts.id}`;
const weekdays = `${training}/rotations/${trainingParts.rotation}`;
const zoned = (at: string) => ({ date_time: at, time_zone: 'Europe/Berlin' });

/** Schedules with their rotations and recurring shifts; the last call deletes the one that they are made on. */
const planCalls: DrivenCall[] = [
  [
    'POST',
    '/v3/schedules',
    {
      schedule: {
        name: 'Returns shifts',
        time_zone: 'Europe/Berlin',
        description: 'Parcels that come back.',
        teams: [{ id: teams.logistics.id, type: 'team_reference' }],
      },
    },
  ],
  ['PUT', training, { schedule: { name: 'Training', time_zone: 'Europe/Paris', description: '' } }],
  ['GET', `${training}/rotations?limit=5&offset=0`],
  ['POST', `${training}/rotations`, {}],
  ['GET', weekdays],
  ['GET', `${weekdays}/events?limit=5&offset=0`],
  ['GET', `${weekdays}/events/${trainingParts.event}`],
  [
    'PUT',
    `${weekdays}/events/${trainingParts.event}`,
    { event: { name: 'Practice', effective_until: '2099-06-01T00:00:00Z' } },
  ],
  [
    'POST',
    `${weekdays}/events`,
    {
      event: {
        name: 'Practice, later',
        start_time: zoned('2099-06-01T09:00:00+02:00'),
        end_time: zoned('2099-06-01T17:00:00+02:00'),
        effective_since: '2099-06-01T00:00:00Z',
        recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO'],
        assignment_strategy: { type: 'every_member_assignment_strategy', members: [member(people.lena)] },
      },
    },
  ],
  ['DELETE', `${weekdays}/events/${trainingParts.event}`],
  ['DELETE', weekdays],
  ['DELETE', training],
];

export const shiftSchedulesCalls: DrivenCall[] = [...oneOffCalls, ...planCalls];
