import { describe, expect, test } from 'vitest';
import { schedules } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listScheduleV3Rotations as tool } from './list-schedule-v3-rotations.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_schedule_v3_rotations', () => {
  test('lists rotations with their shifts and the names behind them', async () => {
    expect(await run({ schedule_id: schedules.trainingShifts.id })).toMatchInlineSnapshot(`
      {
        "answer": {
          "more": false,
          "rotations": [
            {
              "events": [
                {
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
              ],
              "id": "6HJ3WXQ7VTK2NBRMC5DYFGPZA4",
            },
            {
              "events": [],
              "id": "3BWX7QVNTK2RMJC6HD4YFGPZA6",
            },
          ],
        },
        "text": "2 rotations.",
      }
    `);
  });

  test('stops at the limit and says so', async () => {
    const { answer, text } = await run({ schedule_id: schedules.trainingShifts.id, limit: 1 });
    expect(answer).toMatchObject({ more: true, rotations: [{}] });
    expect(text).toContain('more exist');
  });

  test('says what it needs, and passes PagerDuty’s words on for a layer-based schedule', async () => {
    expect(refusals(tool, {})).toEqual(['schedule_id: Invalid input: expected string, received undefined']);
    await expect(run({ schedule_id: schedules.checkoutPrimary.id })).rejects.toThrow('layer-based');
  });
});
