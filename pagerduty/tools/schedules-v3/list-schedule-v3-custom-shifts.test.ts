import { describe, expect, test } from 'vitest';
import { people, schedules } from '../../fake/company.ts';
import { runner, stage } from '../testing/stage.ts';
import { listScheduleV3CustomShifts as tool } from './list-schedule-v3-custom-shifts.ts';
import { editWarehouse } from './rehearsal.ts';

const { play, reads } = await stage();
const run = runner(tool, reads);
const schedule_id = schedules.warehouseShifts.id;
const march = { schedule_id, since: '2099-03-14T10:00:00Z', until: '2099-03-14T11:00:00Z' };

describe('list_schedule_v3_custom_shifts', () => {
  test('gives shifts that touch the range, with names and nothing else about people', async () => {
    const { answer, text } = await run(march);
    expect(text).toBe('1 custom shift.');
    expect(answer).toMatchInlineSnapshot(`
      {
        "custom_shifts": [
          {
            "end_time": "2099-03-15T00:00:00+04:00",
            "id": "7RMKQ5XNVB2TCW6HJ4DYFGPZA3",
            "member": {
              "id": "PUKENJI",
              "name": "Kenji Sato",
            },
            "start_time": "2099-03-14T12:00:00+04:00",
          },
        ],
        "more": false,
      }
    `);
    expect(JSON.stringify(answer)).not.toContain('@');
  });

  test('keeps to the limit, and shows an empty shift as nobody', async () => {
    editWarehouse(play, ({ customShifts }) => {
      const [first] = customShifts;
      if (first) customShifts.push({ ...first, id: 'EMPTY0001', members: [{ type: 'empty_member' }] });
    });
    expect((await run({ ...march, limit: 1 })).text).toMatch(/^1 custom shift; more exist/);
    const { answer } = await run(march);
    expect(answer).toMatchObject({ custom_shifts: [{ member: { name: people.kenji.name } }, { member: null }] });
  });

  test('looks at the next 14 days unless told otherwise', async () => {
    expect((await run({ schedule_id })).text).toBe('No custom shifts.');
    expect((await run({ schedule_id, since: '2099-03-10' })).answer).toMatchObject({ custom_shifts: [{}, {}] });
  });

  test('tells what PagerDuty does not know', async () => {
    await expect(run({ ...march, schedule_id: 'PDNOONE' })).rejects.toMatchObject({ kind: 'not_found' });
    await expect(run({ ...march, schedule_id: schedules.checkoutPrimary.id })).rejects.toThrow(/layer-based/);
  });
});
