import { describe, expect, test } from 'vitest';
import { schedules, warehouseParts } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { getScheduleV3CustomShift as tool } from './get-schedule-v3-custom-shift.ts';

const { reads } = await stage();
const run = runner(tool, reads);
const schedule_id = schedules.warehouseShifts.id;

describe('get_schedule_v3_custom_shift', () => {
  test('gives its time and who takes it', async () => {
    const { answer, text } = await run({ schedule_id, custom_shift_id: warehouseParts.customShift });
    expect(text).toBe('The custom shift is from 2099-03-14 08:00 (UTC) to 2099-03-14 20:00 (UTC).');
    expect(answer).toMatchInlineSnapshot(`
      {
        "custom_shift": {
          "end_time": "2099-03-15T00:00:00+04:00",
          "id": "7RMKQ5XNVB2TCW6HJ4DYFGPZA3",
          "member": {
            "id": "PUKENJI",
            "name": "Kenji Sato",
          },
          "start_time": "2099-03-14T12:00:00+04:00",
        },
      }
    `);
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ schedule_id, custom_shift_id: 'NOSHIFT' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
