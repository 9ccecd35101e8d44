import { describe, expect, test } from 'vitest';
import { schedules } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { listScheduleV3Overrides as tool } from './list-schedule-v3-overrides.ts';
import { editWarehouse } from './rehearsal.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);
const schedule_id = schedules.warehouseShifts.id;
const may = { schedule_id, since: '2099-05-01T10:00:00Z', until: '2099-05-01T11:00:00Z' };

describe('list_schedule_v3_overrides', () => {
  test('gives overrides that touch the range, with names and nothing else about people', async () => {
    const { answer, text } = await run(may);
    expect(text).toBe('1 override.');
    expect(answer).toMatchInlineSnapshot(`
      {
        "more": false,
        "overrides": [
          {
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
        ],
      }
    `);
    expect(JSON.stringify(answer)).not.toContain('@');
  });

  test('keeps to the limit', async () => {
    editWarehouse(play, ({ overrides }) => {
      const [first] = overrides;
      if (first) overrides.push({ ...first, id: 'SECOND001', overriding: { type: 'empty_member' } });
    });
    expect((await run({ ...may, limit: 1 })).text).toMatch(/^1 override; more exist/);
    expect((await run(may)).answer).toMatchObject({ overrides: [{}, { overriding_member: null }], more: false });
  });

  test('looks at the next 14 days unless told otherwise', async () => {
    expect((await run({ schedule_id })).text).toBe('No overrides.');
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ ...may, schedule_id: 'PDNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
  });
});
