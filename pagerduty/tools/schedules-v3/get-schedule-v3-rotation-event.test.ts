import { describe, expect, test } from 'vitest';
import { schedules, trainingParts } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { getScheduleV3RotationEvent as tool } from './get-schedule-v3-rotation-event.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);
const place = {
  schedule_id: schedules.trainingShifts.id,
  rotation_id: trainingParts.rotation,
  event_id: trainingParts.event,
};

describe('get_schedule_v3_rotation_event', () => {
  test('reads one recurring shift, in fields and in words', async () => {
    expect(await run(place)).toMatchInlineSnapshot(`
      {
        "answer": {
          "event": {
            "assignment_strategy": {
              "members": [
                {
                  "name": "Lena Fischer",
                  "type": "user_member",
                  "user_id": "PULENA1",
                },
                {
                  "name": "Tomáš Novák",
                  "type": "user_member",
                  "user_id": "PUTOMAS",
                },
              ],
              "shifts_per_member": 1,
              "type": "rotating_member_assignment_strategy",
            },
            "effective_since": "2099-01-05T08:00:00Z",
            "effective_until": null,
            "end_time": {
              "date_time": "2099-01-12T09:00:00+01:00",
              "time_zone": "Europe/Berlin",
            },
            "id": "2QKX7VWNTB4RMJC6HD5YFGPZA7",
            "name": "Practice",
            "recurrence": [
              "RRULE:FREQ=WEEKLY",
            ],
            "start_time": {
              "date_time": "2099-01-05T09:00:00+01:00",
              "time_zone": "Europe/Berlin",
            },
          },
        },
        "text": ""Practice": Lena Fischer and Tomáš Novák in turn; 2099-01-05 09:00 (Europe/Berlin) to 2099-01-12 09:00 (Europe/Berlin), 7 d; every week; in force from 2099-01-05 09:00 (Europe/Berlin), no end.",
      }
    `);
  });

  test('shows an empty place, a person who left, and hidden characters', async () => {
    play.change((state) => {
      const event = state.shiftSchedules[1]?.rotations[0]?.events[0];
      if (!event) return;
      event.name = 'Pract\u202eice';
      event.members = [{ type: 'empty_member' }, { type: 'user_member', userId: 'PULEFT1' }];
    });
    const { answer } = await run(place);
    expect(answer.event).toMatchObject({
      name: 'Pract\\u{202e}ice',
      assignment_strategy: {
        members: [
          { type: 'empty_member', user_id: null, name: 'nobody' },
          { user_id: 'PULEFT1', name: 'PULEFT1' },
        ],
      },
    });
    await expect(run({ ...place, event_id: 'NOSUCH' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
