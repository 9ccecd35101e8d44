import { describe, expect, test } from 'vitest';
import { schedules, warehouseParts } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { getScheduleV3Override as tool } from './get-schedule-v3-override.ts';

const { reads } = await stage();
const run = runner(tool, reads);
const schedule_id = schedules.warehouseShifts.id;

describe('get_schedule_v3_override', () => {
  test('gives its time, its place and who takes it', async () => {
    const { answer, text } = await run({ schedule_id, override_id: warehouseParts.override });
    expect(text).toBe('The override is from 2099-05-01 00:00 (UTC) to 2099-05-02 00:00 (UTC).');
    expect(answer).toMatchInlineSnapshot(`
      {
        "override": {
          "custom_shift_id": null,
          "end_time": "2099-05-02T04:00:00+04:00",
          "id": "4VJXQ2TNKB6RMWC7HD3YFGPZA5",
          "overridden_member": {
            "id": "PUAISHA",
            "name": "Aisha Rahmani",
          },
          "overriding_member": {
            "id": "PUKENJI",
            "name": "Kenji Sato",
          },
          "rotation_id": "5K7QDXV3M2RBJ6TNWYHC4FGPAE",
          "start_time": "2099-05-01T04:00:00+04:00",
        },
      }
    `);
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ schedule_id, override_id: 'NOOVERRIDE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
