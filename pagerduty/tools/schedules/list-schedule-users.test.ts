import { describe, expect, test } from 'vitest';
import { schedules } from '../../fake/company.ts';
import { refusals, runner, stage } from '../testing/stage.ts';
import { listScheduleUsers as tool } from './list-schedule-users.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_schedule_users', () => {
  test('gives the people of a schedule without addresses and phones', async () => {
    const { answer, text } = await run({ schedule_id: schedules.checkoutPrimary.id });
    expect({ answer, text }).toMatchInlineSnapshot(`
      {
        "answer": {
          "more": false,
          "users": [
            {
              "id": "PUPRIYA",
              "job_title": "Senior Site Reliability Engineer",
              "name": "Priya Raman",
              "role": "limited_user",
              "teams": [
                {
                  "id": "PTCOMRC",
                  "name": "Commerce",
                },
              ],
              "time_zone": "Europe/Berlin",
            },
          ],
        },
        "text": "1 user.",
      }
    `);
    expect(JSON.stringify(answer)).not.toMatch(/@|contact|phone/i);
  });

  test('gives only those on call in a range', async () => {
    expect((await run({ schedule_id: schedules.trackingPrimary.id })).text).toBe('2 users.');
    const hour = { since: '2026-11-23T14:00:00Z', until: '2026-11-23T15:00:00Z' };
    expect((await run({ schedule_id: schedules.trackingPrimary.id, ...hour })).text).toBe('1 user.');
  });

  test('says what to use for a shift-based schedule', async () => {
    await expect(run({ schedule_id: schedules.warehouseShifts.id })).rejects.toMatchObject({
      kind: 'invalid',
      message: 'This schedule is shift-based and has no layers; list_oncalls with its id tells who is on call.',
    });
  });

  test('refuses what is no id, and tells what PagerDuty does not know', async () => {
    expect(refusals(tool, { schedule_id: '' })).toHaveLength(1);
    await expect(run({ schedule_id: 'PDNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
