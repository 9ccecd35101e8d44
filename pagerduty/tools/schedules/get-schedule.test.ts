import { describe, expect, test } from 'vitest';
import { schedules } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { getSchedule as tool } from './get-schedule.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_schedule', () => {
  test('reads a layer-based schedule', async () => {
    const { answer, text } = await run({ schedule_id: schedules.checkoutPrimary.id });
    expect(text).toBe('The schedule "Checkout primary" is layer-based.');
    expect(answer).toMatchObject({
      schedule: {
        kind: 'layer_based',
        time_zone: 'Europe/Berlin',
        escalation_policies: [{ id: 'PECHKOT', name: 'Checkout and Payments' }],
        users: [{ id: 'PUPRIYA', name: 'Priya Raman' }],
      },
    });
    expect(JSON.stringify(answer)).not.toMatch(/cal_url|@/);
  });

  test('finds a shift-based schedule where PagerDuty says it is, or where it is told to look', async () => {
    const found = await run({ schedule_id: schedules.warehouseShifts.id });
    expect(found.text).toBe('The schedule "Warehouse shifts" is shift-based.');
    expect(await run({ schedule_id: schedules.warehouseShifts.id, kind: 'shift_based' })).toEqual(found);
    await expect(run({ schedule_id: schedules.warehouseShifts.id, kind: 'layer_based' })).rejects.toMatchObject({
      kind: 'invalid',
    });
  });

  test('does not look elsewhere for any other refusal', async () => {
    await expect(run({ schedule_id: 'PDNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
