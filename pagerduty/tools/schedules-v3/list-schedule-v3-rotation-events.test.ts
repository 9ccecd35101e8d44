import { describe, expect, test } from 'vitest';
import { schedules, trainingParts, warehouseParts } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { listScheduleV3RotationEvents as tool } from './list-schedule-v3-rotation-events.ts';

const { reads } = await stage();
const run = runner(tool, reads);

describe('list_schedule_v3_rotation_events', () => {
  test('lists the recurring shifts of a rotation', async () => {
    const place = { schedule_id: schedules.warehouseShifts.id, rotation_id: warehouseParts.rotation };
    const { answer, text } = await run(place);
    expect(text).toBe('1 recurring shift.');
    expect(answer).toMatchObject({
      events: [{ name: 'Around the clock', assignment_strategy: { members: [{ name: 'Aisha Rahmani' }] } }],
      more: false,
    });
  });

  test('is empty where nothing is planned, and refuses a rotation that is not there', async () => {
    const place = { schedule_id: schedules.trainingShifts.id, rotation_id: trainingParts.emptyRotation };
    expect(await run({ ...place, limit: 5 })).toEqual({
      answer: { events: [], more: false },
      text: 'No recurring shifts.',
    });
    await expect(run({ ...place, rotation_id: 'NOSUCH' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
