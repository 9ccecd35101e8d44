import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { people, schedules, warehouseParts } from '../../fake/company.ts';
import { stillHolds } from '../evidence/watching.ts';
import { NOW, stage, unread } from '../testing/stage.ts';
import { createScheduleV3CustomShifts } from './create-schedule-v3-custom-shifts.ts';
import { deleteScheduleV3CustomShift as tool } from './delete-schedule-v3-custom-shift.ts';
import { editWarehouse } from './rehearsal.ts';

vi.useFakeTimers({ toFake: ['Date'], now: new Date(NOW) });
afterAll(() => vi.useRealTimers());
const { play, reads, held, sent, binding, attempt, at, evidence } = await stage();
const ask = (shiftId: string = warehouseParts.customShift) => ({
  schedule_id: schedules.warehouseShifts.id,
  custom_shift_id: shiftId,
});
const heldAt = async (readAt: string) => {
  const { input, before } = await held(tool, ask());
  return { input, before: { ...before, readAt } };
};
/** Kenji's shift runs at NOW, beside nobody. */
const running = () =>
  editWarehouse(play, (schedule) => {
    schedule.rotations = [];
    for (const shift of schedule.customShifts) {
      shift.start = '2026-11-23T12:00:00Z';
      shift.end = '2026-11-23T20:00:00Z';
    }
  });
const path = `/v3/schedules/${schedules.warehouseShifts.id}/custom_shifts/${warehouseParts.customShift}`;

beforeEach(() => {
  play.reset();
  vi.setSystemTime(NOW);
  at(NOW);
});

describe('delete_schedule_v3_custom_shift', () => {
  test('shows what disappears and who stops being on call', async () => {
    const { input, before } = await heldAt(NOW);
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "It has not started: it disappears altogether.",
            "Starts being on call: nobody.",
            "Stops being on call: Kenji Sato, 12 h, from 2099-03-14 12:00 (Asia/Dubai) to 2099-03-15 00:00 (Asia/Dubai).",
            "In the 12 h from 2099-03-14 12:00 (Asia/Dubai) somebody is on call 100 % of the time, before and after.",
            "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
          ],
        },
        "lines": [
          {
            "after": "nobody",
            "label": "On call through it",
            "now": "Kenji Sato",
          },
          {
            "after": "deleted",
            "label": "Time",
            "now": "2099-03-14 12:00 (Asia/Dubai) to 2099-03-15 00:00 (Asia/Dubai)",
          },
        ],
        "services": [
          "Warehouse Routing",
        ],
        "target": "Warehouse shifts",
        "title": "Delete the custom shift of Kenji Sato on "Warehouse shifts"",
      }
    `);
    expect(tool.risk(input, before)).toEqual({ level: 'high', reasons: ['Takes coverage out of the schedule.'] });
  });

  test('says that a running shift ends, and weighs most when nobody is left', async () => {
    running();
    const { input, before } = await heldAt(NOW);
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "It is running: it ends when this is sent, and what was stays on record.",
            "Starts being on call: nobody.",
            "Stops being on call: Kenji Sato, 5 h 55 min, from 2026-11-23 18:05 (Asia/Dubai) to 2026-11-24 00:00 (Asia/Dubai).",
            "On call now: Kenji Sato; right after it: nobody.",
            "In the next 5 h 55 min somebody is on call 100 % of the time now, 0 % after.",
            "Nobody is on call from 2026-11-23 18:05 (Asia/Dubai) to 2026-11-24 00:00 (Asia/Dubai).",
            "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
          ],
        },
        "lines": [
          {
            "after": "nobody",
            "label": "On call through it",
            "now": "Kenji Sato",
          },
          {
            "after": "2026-11-23 16:00 (Asia/Dubai) to the moment it is sent",
            "label": "Time",
            "now": "2026-11-23 16:00 (Asia/Dubai) to 2026-11-24 00:00 (Asia/Dubai)",
          },
        ],
        "services": [
          "Warehouse Routing",
        ],
        "target": "Warehouse shifts",
        "title": "Delete the custom shift of Kenji Sato on "Warehouse shifts"",
      }
    `);
    expect(tool.risk(input, before)).toMatchObject({
      level: 'critical',
      reasons: expect.arrayContaining(['Leaves nobody on call on this schedule, at once.']),
    });
    expect((await sent(tool, input)).kind).toBe('applied');
    expect(play.state().shiftSchedules[0]?.customShifts[0]?.end).toBe('2026-11-23T14:05:00Z');
  });

  test('sends one DELETE', () => {
    expect(tool.call(tool.input.parse(ask()), binding, unread)).toEqual({ method: 'DELETE', path, body: null });
  });

  test('is refused when the shift is over or unknown', async () => {
    const { input, before } = await heldAt('2099-04-01T00:00:00.000Z');
    expect(tool.admit(input, before, binding)).toEqual({
      holds: false,
      because: 'The custom shift ended already, at 2099-03-15 00:00 (Asia/Dubai); PagerDuty keeps it.',
    });
    await expect(held(tool, ask('NOSHIFT'))).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('names what somebody else has changed, and that it has started', async () => {
    const { input, before } = await heldAt(NOW);
    const again = async () => ({ ...(await tool.read(reads, input)), readAt: NOW });
    expect(stillHolds(tool, input, before, await again())).toEqual({ holds: true });
    const later = { ...(await again()), readAt: '2099-03-14T10:00:00.000Z' };
    expect(stillHolds(tool, input, before, later)).toMatchObject({ holds: false });
    const assignments = [{ type: 'shift_assignment', member: { type: 'user_member', user_id: people.sam.id } }];
    play.human({ as: people.sam.email, method: 'PUT', path, body: { custom_shift: { assignments } } });
    expect(stillHolds(tool, input, before, await again())).toEqual({
      holds: false,
      because: 'The person of the custom shift was Kenji Sato when this was shown and is Sam Okafor now.',
    });
  });

  test('is settled by whether the shift is still there', async () => {
    const { input } = await held(tool, ask());
    expect(await evidence(tool, input)).toEqual({
      applied: false,
      because: 'The custom shift is still there, and has not started.',
    });
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toEqual({
      applied: true,
      because: 'The custom shift is no longer there.',
      result: null,
    });
  });

  test('is settled by its end when it was running', async () => {
    running();
    const { input } = await held(tool, ask());
    expect(await evidence(tool, input)).toMatchObject({
      applied: false,
      because: expect.stringContaining('audit trail shows no'),
    });
    play.human({
      as: people.sam.email,
      method: 'PUT',
      path,
      body: { custom_shift: { end_time: '2026-11-23T21:00:00Z' } },
    });
    expect(await evidence(tool, input)).toMatchObject({ applied: null });
    await sent(tool, input);
    expect(await evidence(tool, input)).toMatchObject({
      applied: true,
      because: expect.stringContaining('ended when'),
    });
  });

  test('is found where it arrived late, and not taken for a natural end', async () => {
    running();
    const { input } = await held(tool, ask());
    const late = { ...attempt, lostAt: new Date('2026-11-23T14:05:10Z') };
    at('2026-11-23T14:05:40Z');
    await sent(tool, input);
    at('2026-11-23T14:07:10Z');
    vi.setSystemTime('2026-11-23T14:07:10Z');
    expect(await evidence(tool, input, late)).toMatchObject({ applied: true });
    play.change((state) => {
      state.auditRecords = [];
    });
    expect(await evidence(tool, input, late)).toEqual({
      applied: false,
      because:
        'The custom shift is still there and has ended. The audit trail shows no change since it was to be sent.',
    });
    const blind = { ...(await tool.readBack(reads, input, late)), trail: 'unreadable' as const };
    expect(tool.verify(input, blind, late).applied).toBeNull();
  });

  test('does not take for untouched what has started and ended since it was sent', async () => {
    const { input } = await held(tool, ask());
    const left = { start: '2026-11-23T14:05:20Z', end: '2026-11-23T14:05:40Z' };
    const after = { left, readAt: '2026-11-23T14:07:10Z', trail: 'elsewhen' as const };
    expect(tool.verify(input, after, attempt).applied).toBeNull();
  });

  test('takes only an answer without a body', async () => {
    const { input } = await held(tool, ask());
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : 'none')).toEqual({
      applied: true,
      result: { schedule_id: 'PDWHSV3', custom_shift_id: warehouseParts.customShift },
      secrets: [],
    });
    expect(() => tool.interpret(input, { message: 'blocked' })).toThrow();
  });

  test('is undone by creating the shift again, for what is left of it', async () => {
    const { input, before } = await heldAt(NOW);
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchInlineSnapshot(`
      {
        "complete": true,
        "input": {
          "custom_shifts": [
            {
              "assignments": [
                {
                  "member": {
                    "type": "user_member",
                    "user_id": "PUKENJI",
                  },
                },
              ],
              "end_time": "2099-03-15T00:00:00+04:00",
              "start_time": "2099-03-14T12:00:00+04:00",
            },
          ],
          "schedule_id": "PDWHSV3",
        },
        "note": "Creates the shift again, under a new id and without the overrides on it.",
        "possible": true,
        "tool": "create_schedule_v3_custom_shifts",
      }
    `);
    if (!undo.possible) throw new Error(undo.because);
    const shifts = () => play.state().shiftSchedules[0]?.customShifts.map(({ id: _new, ...rest }) => rest);
    const former = shifts();
    await sent(tool, input);
    expect(shifts()).toEqual([]);
    await sent(createScheduleV3CustomShifts, createScheduleV3CustomShifts.input.parse(undo.input));
    expect(shifts()).toEqual(former);
    running();
    const half = await held(tool, { ...ask(), custom_shift_id: play.state().shiftSchedules[0]?.customShifts[0]?.id });
    expect(tool.undo(half.input, { ...half.before, readAt: NOW }, null)).toMatchObject({
      complete: false,
      input: { custom_shifts: [{ start_time: NOW, end_time: '2026-11-24T00:00:00+04:00' }] },
    });
  });

  test('touches the schedule and is never replaced', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.touches(input, before)).toEqual({ subjects: ['schedule:PDWHSV3'], escalationPolicyIds: ['PEWAREH'] });
    expect(tool.supersedes(input)).toBeNull();
  });
});
