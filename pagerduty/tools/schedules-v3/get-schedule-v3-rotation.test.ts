import { describe, expect, test } from 'vitest';
import { schedules, trainingParts, warehouseParts } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { getScheduleV3Rotation as tool } from './get-schedule-v3-rotation.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('get_schedule_v3_rotation', () => {
  test('reads a rotation with its shifts', async () => {
    const place = { schedule_id: schedules.warehouseShifts.id, rotation_id: warehouseParts.rotation };
    const { answer, text } = await run(place);
    expect(text).toBe('The rotation has 1 recurring shift.');
    expect(answer).toMatchObject({
      rotation: {
        id: warehouseParts.rotation,
        events: [{ name: 'Around the clock', recurrence: ['RRULE:FREQ=WEEKLY'] }],
      },
    });
    expect(JSON.stringify(answer)).not.toContain('@');
  });

  test('says when a rotation is empty or not there', async () => {
    const place = { schedule_id: schedules.trainingShifts.id, rotation_id: trainingParts.emptyRotation };
    expect((await run(place)).text).toBe('The rotation has no recurring shifts.');
    await expect(run({ ...place, rotation_id: 'NOSUCH' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
