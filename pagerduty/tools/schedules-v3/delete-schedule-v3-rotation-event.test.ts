import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { people, schedules, trainingParts, warehouseParts } from '../../fake/company.ts';
import { stillHolds } from '../evidence/watching.ts';
import { NOW, stage, unread } from '../testing/stage.ts';
import { createScheduleV3RotationEvent } from './create-schedule-v3-rotation-event.ts';
import { deleteScheduleV3RotationEvent as tool } from './delete-schedule-v3-rotation-event.ts';
import { editWarehouse } from './rehearsal.ts';

vi.useFakeTimers({ toFake: ['Date'], now: new Date(NOW) });
afterAll(() => vi.useRealTimers());
const { play, reads, held, sent, binding, attempt, at, evidence } = await stage();
const kenji = { type: 'user_member' as const, userId: people.kenji.id };
const running = {
  schedule_id: schedules.warehouseShifts.id,
  rotation_id: warehouseParts.rotation,
  event_id: 'ZN4HC7VTQ2KXW6MJRB5DYFGP3A',
};
const future = {
  schedule_id: schedules.trainingShifts.id,
  rotation_id: trainingParts.rotation,
  event_id: trainingParts.event,
};
const evidenceOf = (place: object) => evidence(tool, tool.input.parse(place));
const onCallNow = async () => {
  const { before } = await held(tool, running);
  return before.schedule.shifts?.map(({ user }) => user.name);
};

beforeEach(() => {
  play.reset();
  vi.setSystemTime(NOW);
  at(NOW);
});

describe('delete_schedule_v3_rotation_event', () => {
  test('says who is cut off now and that nobody is on call afterwards', async () => {
    const { input, before } = await held(tool, running);
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
            "after": "ends now",
            "label": "Recurring shift",
            "now": "Aisha Rahmani; 2023-02-06 12:00 (Asia/Dubai) to 2023-02-13 12:00 (Asia/Dubai), 7 d; every week; in force from 2023-02-06 12:00 (Asia/Dubai), no end",
          },
          {
            "after": "not any more",
            "label": "Repeats",
            "now": "every week (RRULE:FREQ=WEEKLY)",
          },
        ],
        "services": [
          "Warehouse Routing",
        ],
        "target": "Warehouse shifts",
        "title": "Delete the recurring shift "Around the clock" of the schedule "Warehouse shifts"",
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
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    expect(tool.call(input, binding, unread)).toMatchInlineSnapshot(`
      {
        "body": null,
        "method": "DELETE",
        "path": "/v3/schedules/PDWHSV3/rotations/5K7QDXV3M2RBJ6TNWYHC4FGPAE/events/ZN4HC7VTQ2KXW6MJRB5DYFGP3A",
      }
    `);
  });

  test('looks at the time from which a future one would have been in force', async () => {
    const { input, before } = await held(tool, future);
    expect(tool.summarize(input, before).effect.lines).toMatchInlineSnapshot(`
      [
        "Starts being on call: nobody.",
        "Stops being on call: Lena Fischer, 7 d, from 2099-01-05 09:00 (Europe/Berlin) to 2099-01-12 09:00 (Europe/Berlin); Tomáš Novák, 7 d, from 2099-01-12 09:00 (Europe/Berlin) to 2099-01-19 09:00 (Europe/Berlin).",
        "In the 14 d from 2099-01-05 09:00 (Europe/Berlin) somebody is on call 100 % of the time now, 0 % after.",
        "Nobody is on call from 2099-01-05 09:00 (Europe/Berlin) to 2099-01-19 09:00 (Europe/Berlin).",
        "No escalation policy uses this schedule: nobody is paged through it.",
        "All its shifts are gone for good.",
      ]
    `);
    expect(tool.risk(input, before).reasons[0]).toBe('Drops all its shifts.');
  });

  test('is refused when it is over or not there', async () => {
    const other = await held(tool, { ...running, event_id: trainingParts.event });
    expect(tool.admit(other.input, other.before, binding)).toMatchInlineSnapshot(`
      {
        "because": "That rotation of "Warehouse shifts" has no recurring shift with the id 2QKX7VWNTB4RMJC6HD5YFGPZA7.",
        "holds": false,
      }
    `);
    expect(tool.risk(other.input, other.before).level).toBe('critical');
    expect(tool.summarize(other.input, other.before).effect.known).toBe(false);
    const { input, before } = await held(tool, running);
    await sent(tool, input);
    const over = await tool.read(reads, input);
    expect(tool.admit(input, over, binding)).toEqual({
      holds: false,
      because: 'The recurring shift "Around the clock" is over; PagerDuty does not delete it any more.',
    });
    expect(stillHolds(tool, input, before, over).holds).toBe(false);
    expect((await sent(tool, input)).kind).toBe('rejected');
  });

  test('is settled by whether it is gone, was cut short, or is still in force', async () => {
    expect(await evidenceOf(running)).toMatchObject({ applied: false });
    expect(await evidenceOf(future)).toMatchObject({ applied: false });
    await sent(tool, tool.input.parse(running));
    await sent(tool, tool.input.parse(future));
    expect(await evidenceOf(running)).toMatchObject({ applied: true, result: running });
    expect(await evidenceOf(future)).toMatchObject({ applied: true, result: future });
    const cut = await tool.readBack(reads, tool.input.parse(running), attempt);
    const long = { ...cut, event: cut.event && { ...cut.event, effective_until: '2026-11-01T00:00:00Z' } };
    expect(tool.verify(tool.input.parse(running), long, attempt).applied).toBeNull();
  });

  test('is found where it arrived late, and not taken for a natural end', async () => {
    const input = tool.input.parse(running);
    const late = { ...attempt, lostAt: new Date('2026-11-23T14:05:10Z') };
    const read = async () => {
      vi.setSystemTime('2026-11-23T14:07:10Z');
      return await evidence(tool, input, late);
    };
    expect((await read()).applied).toBe(false);
    at('2026-11-23T14:05:40Z');
    await sent(tool, input);
    at('2026-11-23T14:07:10Z');
    expect(await read()).toMatchObject({ applied: true, because: expect.stringContaining('ended when') });
    play.change((state) => {
      state.auditRecords = [];
    });
    expect(await read()).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The recurring shift is still there and has ended. The audit trail shows no change since it was to be sent.",
      }
    `);
    const blind = { ...(await tool.readBack(reads, input, late)), trail: 'unreadable' as const };
    expect(tool.verify(input, blind, late).applied).toBeNull();
  });

  test('is not sent any more when whoever covers has gone, but does not grow old by waiting', async () => {
    const cover = { id: 'COVER', start: NOW, end: '2026-12-01T00:00:00Z', members: [kenji] };
    editWarehouse(play, ({ customShifts }) => customShifts.push(cover));
    const { input, before } = await held(tool, running);
    expect(tool.summarize(input, before).effect.lines[2]).toMatchInlineSnapshot(
      `"On call now: Aisha Rahmani and Kenji Sato; right after it: Kenji Sato."`,
    );
    vi.setSystemTime('2026-11-24T09:00:00Z');
    at('2026-11-24T09:00:00Z');
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    editWarehouse(play, (schedule) => {
      schedule.customShifts = schedule.customShifts.filter(({ id }) => id !== 'COVER');
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "Who is on call on the schedule "Warehouse shifts" has changed since this was shown: no longer Kenji Sato from 2026-11-24 13:00 (Asia/Dubai) to 2026-12-01 04:00 (Asia/Dubai).",
        "holds": false,
      }
    `);
  });

  test('takes only an empty answer for its own', () => {
    const input = tool.input.parse(running);
    expect(tool.interpret(input, null)).toEqual({ applied: true, result: running, secrets: [] });
    expect(() => tool.interpret(input, { event: {} })).toThrow();
  });

  test('is undone by adding it again, with the same people from then on', async () => {
    const { input, before } = await held(tool, running);
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchObject({ possible: true, complete: false });
    await sent(tool, input);
    expect(await onCallNow()).toEqual([]);
    const back = await held(createScheduleV3RotationEvent, undo.possible && undo.input);
    expect(createScheduleV3RotationEvent.admit(back.input, back.before, binding)).toEqual({ holds: true });
    await sent(createScheduleV3RotationEvent, back.input);
    expect(new Set(await onCallNow())).toEqual(new Set([people.aisha.name]));
  });
});
