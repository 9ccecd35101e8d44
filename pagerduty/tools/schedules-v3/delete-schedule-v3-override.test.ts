import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { people, schedules, warehouseParts } from '../../fake/company.ts';
import type { Trail } from '../evidence/trail.ts';
import { stillHolds } from '../evidence/watching.ts';
import { NOW, stage, unread } from '../testing/stage.ts';
import { createScheduleV3Overrides } from './create-schedule-v3-overrides.ts';
import { deleteScheduleV3Override as tool } from './delete-schedule-v3-override.ts';
import { editWarehouse } from './rehearsal.ts';

vi.useFakeTimers({ toFake: ['Date'], now: new Date(NOW) });
afterAll(() => vi.useRealTimers());
const { play, reads, held, sent, binding, attempt, at, evidence } = await stage();
const ask = (overrideId: string = warehouseParts.override) => ({
  schedule_id: schedules.warehouseShifts.id,
  override_id: overrideId,
});
const heldAt = async (readAt: string) => {
  const { input, before } = await held(tool, ask());
  return { input, before: { ...before, readAt } };
};
/** Kenji stands in for Aisha at NOW. */
const running = () =>
  editWarehouse(play, ({ overrides }) => {
    for (const override of overrides) {
      override.start = '2026-11-23T12:00:00Z';
      override.end = '2026-11-23T20:00:00Z';
    }
  });
const path = `/v3/schedules/${schedules.warehouseShifts.id}/overrides/${warehouseParts.override}`;

beforeEach(() => {
  play.reset();
  vi.setSystemTime(NOW);
  at(NOW);
});

describe('delete_schedule_v3_override', () => {
  test('shows who is on call again and who is not any more', async () => {
    const { input, before } = await heldAt(NOW);
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "It has not started.",
            "Starts being on call: Aisha Rahmani, 1 d, from 2099-05-01 04:00 (Asia/Dubai) to 2099-05-02 04:00 (Asia/Dubai).",
            "Stops being on call: Kenji Sato, 1 d, from 2099-05-01 04:00 (Asia/Dubai) to 2099-05-02 04:00 (Asia/Dubai).",
            "In the 1 d from 2099-05-01 04:00 (Asia/Dubai) somebody is on call 100 % of the time, before and after.",
            "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
          ],
        },
        "lines": [
          {
            "after": "Aisha Rahmani",
            "label": "On call in the rotation "Around the clock"",
            "now": "Kenji Sato",
          },
          {
            "after": "deleted",
            "label": "Time",
            "now": "2099-05-01 04:00 (Asia/Dubai) to 2099-05-02 04:00 (Asia/Dubai)",
          },
        ],
        "services": [
          "Warehouse Routing",
        ],
        "target": "Warehouse shifts",
        "title": "Delete the override that puts Kenji Sato on call instead of Aisha Rahmani on "Warehouse shifts"",
      }
    `);
    expect(tool.risk(input, before)).toEqual({
      level: 'high',
      reasons: ['Puts Aisha Rahmani back on call, who may not know.'],
    });
  });

  test('says what it does to whoever is on call now', async () => {
    running();
    const { input, before } = await heldAt(NOW);
    expect(tool.summarize(input, before).effect.lines).toMatchInlineSnapshot(`
      [
        "It is running: it stops having effect when this is sent.",
        "Starts being on call: Aisha Rahmani, 5 h 55 min, from 2026-11-23 18:05 (Asia/Dubai) to 2026-11-24 00:00 (Asia/Dubai).",
        "Stops being on call: Kenji Sato, 5 h 55 min, from 2026-11-23 18:05 (Asia/Dubai) to 2026-11-24 00:00 (Asia/Dubai).",
        "On call now: Kenji Sato; right after it: Aisha Rahmani.",
        "In the next 5 h 55 min somebody is on call 100 % of the time, before and after.",
        "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
      ]
    `);
    expect(tool.risk(input, before).reasons).toEqual([
      'Puts Aisha Rahmani back on call, who may not know.',
      'Takes effect at once.',
      'Changes who is on call now.',
    ]);
  });

  test('does not guess what an override did that put nobody on call', async () => {
    editWarehouse(play, ({ overrides }) => {
      for (const override of overrides) override.overriding = { type: 'empty_member' };
    });
    const { input, before } = await heldAt(NOW);
    const { title, effect } = tool.summarize(input, before);
    expect(title).toBe('Delete the override that puts nobody on call instead of Aisha Rahmani on "Warehouse shifts"');
    expect(effect.known).toBe(false);
  });

  test('sends one DELETE', () => {
    expect(tool.call(tool.input.parse(ask()), binding, unread)).toEqual({ method: 'DELETE', path, body: null });
  });

  test('is refused when the override is over or unknown', async () => {
    const { input, before } = await heldAt('2099-06-01T00:00:00.000Z');
    expect(tool.admit(input, before, binding)).toEqual({
      holds: false,
      because: 'The override ended already, at 2099-05-02 04:00 (Asia/Dubai).',
    });
    await expect(held(tool, ask('NOOVERRIDE'))).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('names what somebody else has changed', async () => {
    const { input, before } = await heldAt(NOW);
    const again = async () => ({ ...(await tool.read(reads, input)), readAt: NOW });
    expect(stillHolds(tool, input, before, await again())).toEqual({ holds: true });
    play.human({ as: people.sam.email, method: 'PUT', path, body: { override: { end_time: '2099-05-02T06:00:00Z' } } });
    expect(stillHolds(tool, input, before, await again())).toEqual({
      holds: false,
      because:
        'The end of the override was 2099-05-02 00:00 (UTC) when this was shown and is 2099-05-02 06:00 (UTC) now.',
    });
  });

  test('is settled by whether the override is still there', async () => {
    const { input } = await held(tool, ask());
    expect(await evidence(tool, input)).toEqual({
      applied: false,
      because: 'The override is still there, and has not started.',
    });
    running();
    expect(await evidence(tool, input)).toMatchObject({
      applied: false,
      because: expect.stringContaining('audit trail'),
    });
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toEqual({
      applied: true,
      because: 'The override is no longer there.',
      result: null,
    });
  });

  test('is not said to have failed where it may have arrived late', async () => {
    const { input } = await held(tool, ask());
    const left = { start: '2026-11-23T12:00:00Z', end: '2026-11-23T14:05:40Z' };
    const found = (trail: Trail) =>
      tool.verify(input, { left, readAt: '2026-11-23T14:07:10Z', trail }, attempt).applied;
    expect([found('changed'), found('elsewhen'), found('unreadable'), found('untouched')]).toEqual([
      true,
      null,
      null,
      false,
    ]);
  });

  test('takes only an answer without a body', async () => {
    const { input } = await held(tool, ask());
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : 'none')).toEqual({
      applied: true,
      result: { schedule_id: 'PDWHSV3', override_id: warehouseParts.override },
      secrets: [],
    });
    expect(() => tool.interpret(input, { message: 'blocked' })).toThrow();
  });

  test('is undone by creating the override again', async () => {
    const { input, before } = await heldAt(NOW);
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchInlineSnapshot(`
      {
        "complete": true,
        "input": {
          "overrides": [
            {
              "end_time": "2099-05-02T04:00:00+04:00",
              "overridden_member": {
                "type": "user_member",
                "user_id": "PUAISHA",
              },
              "overriding_member": {
                "type": "user_member",
                "user_id": "PUKENJI",
              },
              "rotation_id": "5K7QDXV3M2RBJ6TNWYHC4FGPAE",
              "start_time": "2099-05-01T04:00:00+04:00",
            },
          ],
          "schedule_id": "PDWHSV3",
        },
        "note": "Creates the same override again, under a new id.",
        "possible": true,
        "tool": "create_schedule_v3_overrides",
      }
    `);
    if (!undo.possible) throw new Error(undo.because);
    const overrides = () => play.state().shiftSchedules[0]?.overrides.map(({ id: _new, ...rest }) => rest);
    const former = overrides();
    await sent(tool, input);
    expect(overrides()).toEqual([]);
    await sent(createScheduleV3Overrides, createScheduleV3Overrides.input.parse(undo.input));
    expect(overrides()).toEqual(former);
    expect(tool.undo(input, { ...before, readAt: '2099-05-01T10:00:00.000Z' }, null)).toMatchObject({
      complete: false,
      input: { overrides: [{ start_time: '2099-05-01T10:00:00.000Z' }] },
    });
  });

  test('touches the schedule and is never replaced', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.touches(input, before)).toEqual({ subjects: ['schedule:PDWHSV3'], escalationPolicyIds: ['PEWAREH'] });
    expect(tool.supersedes(input)).toBeNull();
  });
});
