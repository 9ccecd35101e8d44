import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { people, schedules, trainingParts, warehouseParts } from '../../fake/company.ts';
import { stillHolds } from '../evidence/watching.ts';
import { NOW, stage, unread } from '../testing/stage.ts';
import { createScheduleV3Rotation } from './create-schedule-v3-rotation.ts';
import { deleteScheduleV3Rotation as tool } from './delete-schedule-v3-rotation.ts';
import { editWarehouse } from './rehearsal.ts';
import type { PagerDutyShiftEvent } from './shifts.ts';

vi.useFakeTimers({ toFake: ['Date'], now: new Date(NOW) });
afterAll(() => vi.useRealTimers());
const { play, reads, held, sent, binding, attempt, evidence } = await stage();
const ask = { schedule_id: schedules.warehouseShifts.id, rotation_id: warehouseParts.rotation };
const input = tool.input.parse(ask);

beforeEach(() => play.reset());

describe('delete_schedule_v3_rotation', () => {
  test('says who is on call now, that nobody will be, and what pages through it', async () => {
    const { before } = await held(tool, ask);
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Starts being on call: nobody.",
            "Stops being on call: Aisha Rahmani, 14 d, from 2026-11-23 18:05 (Asia/Dubai) to 2026-12-07 18:05 (Asia/Dubai).",
            "On call now: Aisha Rahmani; right after it: nobody.",
            "In the next 14 d somebody is on call 100 % of the time now, 0 % after.",
            "Nobody is on call from 2026-11-23 18:05 (Asia/Dubai) to 2026-12-07 18:05 (Asia/Dubai).",
            "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
            "A shift that runs now ends at once; all later ones are gone for good.",
          ],
        },
        "lines": [
          {
            "after": "without the rotation 5K7QDXV3M2RBJ6TNWYHC4FGPAE",
            "label": "Schedule",
            "now": "1 rotation with 1 recurring shift",
          },
          {
            "after": "deleted",
            "label": "Recurring shift "Around the clock"",
            "now": "Aisha Rahmani; 2023-02-06 12:00 (Asia/Dubai) to 2023-02-13 12:00 (Asia/Dubai), 7 d; every week; in force from 2023-02-06 12:00 (Asia/Dubai), no end",
          },
        ],
        "services": [
          "Warehouse Routing",
        ],
        "target": "Warehouse shifts",
        "title": "Delete a rotation with 1 recurring shift from the schedule "Warehouse shifts"",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "critical",
        "reasons": [
          "Cuts the current shift and drops all future ones.",
          "Leaves nobody on call on this schedule, at once.",
        ],
      }
    `);
    expect(tool.touches(input, before)).toMatchInlineSnapshot(`
      {
        "escalationPolicyIds": [
          "PEWAREH",
        ],
        "subjects": [
          "schedule:PDWHSV3",
        ],
      }
    `);
    expect(tool.call(input, binding, unread)).toMatchInlineSnapshot(`
      {
        "body": null,
        "method": "DELETE",
        "path": "/v3/schedules/PDWHSV3/rotations/5K7QDXV3M2RBJ6TNWYHC4FGPAE",
      }
    `);
  });

  test('says that others stay on call where another rotation covers', async () => {
    play.change((state) => {
      for (const { rotations } of state.shiftSchedules) {
        const [first] = rotations;
        const events = structuredClone(first?.events ?? []);
        for (const event of events) event.members = [{ type: 'user_member', userId: people.kenji.id }];
        rotations.push({ id: 'COVER', events });
      }
    });
    const { before } = await held(tool, ask);
    expect(tool.summarize(input, before).effect.lines).toMatchInlineSnapshot(`
      [
        "Starts being on call: nobody.",
        "Stops being on call: Aisha Rahmani, 14 d, from 2026-11-23 18:05 (Asia/Dubai) to 2026-12-07 18:05 (Asia/Dubai).",
        "On call now: Aisha Rahmani and Kenji Sato; right after it: Kenji Sato.",
        "In the next 14 d somebody is on call 100 % of the time, before and after.",
        "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
        "A shift that runs now ends at once; all later ones are gone for good.",
      ]
    `);
    expect(tool.risk(input, before).reasons).not.toContain('Leaves nobody on call on this schedule, at once.');
  });

  test('weighs less when the rotation is empty, and is refused when there is none', async () => {
    const empty = await held(tool, {
      schedule_id: schedules.trainingShifts.id,
      rotation_id: trainingParts.emptyRotation,
    });
    expect(tool.risk(empty.input, empty.before).level).toBe('medium');
    expect(tool.summarize(empty.input, empty.before).title).toBe(
      'Delete a rotation with no shifts from the schedule "On-call training"',
    );
    const other = await held(tool, { ...ask, rotation_id: trainingParts.rotation });
    expect(tool.admit(other.input, other.before, binding)).toEqual({
      holds: false,
      because: `The schedule "Warehouse shifts" has no rotation with the id ${trainingParts.rotation}.`,
    });
  });

  test('names what changed in between', async () => {
    const { before } = await held(tool, ask);
    play.human({
      as: people.sam.email,
      method: 'PUT',
      path: `/v3/schedules/${ask.schedule_id}`,
      body: { schedule: { time_zone: 'Asia/Tokyo' } },
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The time zone of the schedule "Warehouse shifts" was Asia/Dubai when this was shown and is Asia/Tokyo now.",
        "holds": false,
      }
    `);
  });

  test('is settled by whether the rotation is there with anything ahead of it', async () => {
    expect((await evidence(tool, input)).applied).toBe(false);
    await sent(tool, input);
    expect(await evidence(tool, input)).toMatchObject({ applied: true, result: ask });
    const event: PagerDutyShiftEvent = {
      id: 'E1',
      name: 'Days',
      start_time: { date_time: NOW, time_zone: 'UTC' },
      end_time: { date_time: NOW, time_zone: 'UTC' },
      effective_since: '2023-01-01T00:00:00Z',
      effective_until: NOW,
      recurrence: [],
      assignment_strategy: { type: 'every_member_assignment_strategy', members: [] },
    };
    const cut = { rotation: { id: ask.rotation_id, events: [event] }, readAt: NOW };
    expect(tool.verify(input, { ...cut, trail: 'changed' }, attempt).applied).toBeNull();
    expect(tool.verify(input, { ...cut, trail: 'untouched' }, attempt).applied).toBe(false);
    // It arrived 40 s later, was cut short, and somebody has added what is ahead of it since.
    const late = { ...event, effective_until: '2026-11-23T14:05:40Z' };
    const ahead = { ...event, id: 'E2', effective_until: null };
    const readAt = '2026-11-23T14:07:10Z';
    const found = (events: PagerDutyShiftEvent[]) =>
      tool.verify(input, { rotation: { id: ask.rotation_id, events }, readAt, trail: 'changed' }, attempt).applied;
    expect(found([late])).toBeNull();
    expect(found([late, ahead])).toBeNull();
    expect(found([ahead])).toBe(false);
  });

  test('is not sent any more when whoever covers has gone', async () => {
    const members = [{ type: 'user_member' as const, userId: people.kenji.id }];
    const cover = { id: 'COVER', start: NOW, end: '2026-12-01T00:00:00Z', members };
    editWarehouse(play, ({ customShifts }) => customShifts.push(cover));
    const { before } = await held(tool, ask);
    const at = '2026-11-24T09:00:00Z';
    vi.setSystemTime(at);
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    editWarehouse(play, (schedule) => {
      schedule.customShifts = [];
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input)).holds).toBe(false);
    vi.setSystemTime(NOW);
  });

  test('is sent although time goes by within a shift, whatever fraction of a second it was read at', async () => {
    vi.setSystemTime('2026-11-23T14:05:00.700Z');
    const { before } = await held(tool, ask);
    vi.setSystemTime('2026-11-23T14:05:01.300Z');
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    vi.setSystemTime('2026-11-23T14:35:59.999Z');
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    vi.setSystemTime(NOW);
  });

  test('takes only an empty answer for its own, and can be undone in part', async () => {
    expect(tool.interpret(input, null)).toEqual({ applied: true, result: ask, secrets: [] });
    expect(() => tool.interpret(input, {})).toThrow();
    const { before } = await held(tool, ask);
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchObject({ possible: true, tool: 'create_schedule_v3_rotation', complete: false });
    await sent(tool, input);
    const back = await held(createScheduleV3Rotation, undo.possible && undo.input);
    expect((await sent(createScheduleV3Rotation, back.input)).kind).toBe('applied');
  });
});
