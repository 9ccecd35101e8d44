import { beforeEach, describe, expect, test } from 'vitest';
import { people, schedules, warehouseParts } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { NOW, refusals, stage, unread } from '../testing/stage.ts';
import { editWarehouse } from './rehearsal.ts';
import { updateScheduleV3CustomShift as tool } from './update-schedule-v3-custom-shift.ts';

const { play, reads, held, sent, binding, at, evidence } = await stage();
const member = (who: { id: string }) => ({ type: 'user_member', user_id: who.id });
const ask = (data: object, shiftId: string = warehouseParts.customShift) => ({
  schedule_id: schedules.warehouseShifts.id,
  custom_shift_id: shiftId,
  shift_data: data,
});
const swap = { end_time: '2099-03-14T22:00:00Z', assignments: [{ member: member(people.lena) }] };
const heldAt = async (readAt: string, raw: unknown) => {
  const { input, before } = await held(tool, raw);
  return { input, before: { ...before, readAt } };
};
/** Kenji's shift runs at NOW; the rotation of Aisha is taken away where asked. */
const running = (alone = false) =>
  editWarehouse(play, (schedule) => {
    for (const shift of schedule.customShifts) {
      shift.start = '2026-11-23T12:00:00Z';
      shift.end = '2026-11-23T20:00:00Z';
    }
    if (alone) schedule.rotations = [];
  });
const path = `/v3/schedules/${schedules.warehouseShifts.id}/custom_shifts/${warehouseParts.customShift}`;

beforeEach(() => play.reset());

describe('update_schedule_v3_custom_shift', () => {
  test('refuses empty changes and unknown names', () => {
    expect(refusals(tool, ask({}))).toEqual(['shift_data: Nothing to change.']);
    expect(refusals(tool, ask({ type: 'custom_shift', start_time: null }))).toEqual(['shift_data: Nothing to change.']);
    expect(refusals(tool, ask({ ...swap, user_id: 'PULENA1' }))).toEqual(['shift_data: Unrecognized key: "user_id"']);
    expect(refusals(tool, ask({ assignments: [] }))).toEqual([
      'shift_data.assignments: A custom shift has exactly one assignment.',
    ]);
  });

  test('shows what was and what will be, and who starts and stops being on call', async () => {
    const { input, before } = await heldAt(NOW, ask(swap));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Starts in 26408 d 17 h 55 min and lasts 14 h.",
            "Starts being on call: Lena Fischer, 14 h, from 2099-03-14 12:00 (Asia/Dubai) to 2099-03-15 02:00 (Asia/Dubai).",
            "Stops being on call: Kenji Sato, 12 h, from 2099-03-14 12:00 (Asia/Dubai) to 2099-03-15 00:00 (Asia/Dubai).",
            "In the 14 h from 2099-03-14 12:00 (Asia/Dubai) somebody is on call 100 % of the time, before and after.",
            "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
          ],
        },
        "lines": [
          {
            "after": "Lena Fischer",
            "label": "On call",
            "now": "Kenji Sato",
          },
          {
            "after": "2099-03-15 02:00 (Asia/Dubai)",
            "label": "Until",
            "now": "2099-03-15 00:00 (Asia/Dubai)",
          },
        ],
        "services": [
          "Warehouse Routing",
        ],
        "target": "Warehouse shifts",
        "title": "Change the custom shift of Kenji Sato on "Warehouse shifts"",
      }
    `);
    expect(tool.risk(input, before)).toEqual({ level: 'high', reasons: ['Changes who is paged in the window.'] });
  });

  test('says what is left uncovered', async () => {
    running(true);
    const { input, before } = await heldAt(NOW, ask({ end_time: '2026-11-23T14:06:00Z' }));
    expect(tool.summarize(input, before).effect.lines).toMatchInlineSnapshot(`
      [
        "It is running; of its 2 h 6 min, 1 min are left.",
        "Starts being on call: nobody.",
        "Stops being on call: Kenji Sato, 5 h 54 min, from 2026-11-23 18:06 (Asia/Dubai) to 2026-11-24 00:00 (Asia/Dubai).",
        "On call now: Kenji Sato; that stays.",
        "In the next 5 h 55 min somebody is on call 100 % of the time now, 1 % after.",
        "Nobody is on call from 2026-11-23 18:06 (Asia/Dubai) to 2026-11-24 00:00 (Asia/Dubai).",
        "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
      ]
    `);
    expect(tool.risk(input, before)).toEqual({
      level: 'high',
      reasons: [
        'Changes who is paged in the window.',
        'Takes effect at once.',
        'Leaves time uncovered that is covered now.',
      ],
    });
  });

  test('does not guess what becomes of overrides on the shift', async () => {
    editWarehouse(play, ({ overrides }) => {
      for (const override of overrides) {
        override.rotationId = null;
        override.customShiftId = warehouseParts.customShift;
        override.overridden = { type: 'user_member', userId: people.kenji.id };
        override.overriding = { type: 'user_member', userId: people.sam.id };
        override.start = '2099-03-14T10:00:00Z';
        override.end = '2099-03-14T11:00:00Z';
      }
    });
    const { input, before } = await heldAt(NOW, ask(swap));
    expect(tool.summarize(input, before).effect.known).toBe(false);
  });

  test('sends one PUT with only what was asked for', () => {
    expect(tool.call(tool.input.parse(ask(swap)), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "custom_shift": {
            "assignments": [
              {
                "member": {
                  "type": "user_member",
                  "user_id": "PULENA1",
                },
                "type": "shift_assignment",
              },
            ],
            "end_time": "2099-03-14T22:00:00Z",
          },
        },
        "method": "PUT",
        "path": "/v3/schedules/PDWHSV3/custom_shifts/7RMKQ5XNVB2TCW6HJ4DYFGPZA3",
      }
    `);
    expect(tool.call(tool.input.parse(ask({ start_time: '2099-03-14T09:00:00Z' })), binding, unread).body).toEqual({
      custom_shift: { start_time: '2099-03-14T09:00:00Z' },
    });
  });

  test('is refused when it is so already, ends before it starts, or names a stranger', async () => {
    const because = async (data: object, readAt = NOW) => {
      const { input, before } = await heldAt(readAt, ask(data));
      const verdict = tool.admit(input, before, binding);
      return verdict.holds ? null : verdict.because;
    };
    expect(await because(swap)).toBeNull();
    expect(
      await because({ start_time: '2099-03-14T12:00:00+04:00', assignments: [{ member: member(people.kenji) }] }),
    ).toBe('The custom shift is like that already.');
    expect(await because({ end_time: '2099-03-14T07:00:00Z' })).toBe('The window must end after it starts.');
    expect(await because({ assignments: [{ member: member({ id: 'PUNOONE' }) }] })).toBe(
      'PagerDuty has no user with the id PUNOONE.',
    );
    expect(await because(swap, '2099-04-01T00:00:00.000Z')).toBe(
      'The custom shift ended already, at 2099-03-15 00:00 (Asia/Dubai).',
    );
    await expect(held(tool, ask(swap, 'NOSHIFT'))).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('lets only the end change once the shift has started, as PagerDuty does', async () => {
    running();
    const because = async (data: object) => {
      const { input, before } = await heldAt(NOW, ask(data));
      const verdict = tool.admit(input, before, binding);
      return verdict.holds ? null : verdict.because;
    };
    expect(await because({ end_time: '2026-11-23T22:00:00Z' })).toBeNull();
    expect(await because({ end_time: '2026-11-23T13:00:00Z' })).toMatch(/^The window ended already/);
    expect(await because({ ...swap, end_time: '2026-11-23T22:00:00Z' })).toBe(
      'The custom shift has started, so only its end can change: give end_time and nothing else.',
    );
    expect((await sent(tool, tool.input.parse(ask({ assignments: swap.assignments })))).kind).toBe('rejected');
    expect((await sent(tool, tool.input.parse(ask({ end_time: '2026-11-23T22:00:00Z' })))).kind).toBe('applied');
  });

  test('names what somebody else has changed, and that it has started', async () => {
    const { input, before } = await heldAt(NOW, ask(swap));
    const again = async () => ({ ...(await tool.read(reads, input)), readAt: NOW });
    expect(stillHolds(tool, input, before, await again())).toEqual({ holds: true });
    const later = { ...(await again()), readAt: '2099-03-14T10:00:00.000Z' };
    expect(stillHolds(tool, input, before, later)).toEqual({
      holds: false,
      because: 'The state of the custom shift was "it has not started" when this was shown and is "it is running" now.',
    });
    const body = { custom_shift: { end_time: '2099-03-14T21:00:00Z' } };
    play.human({ as: people.sam.email, method: 'PUT', path, body });
    expect(stillHolds(tool, input, before, await again())).toEqual({
      holds: false,
      because:
        'The end of the custom shift was 2099-03-14 20:00 (UTC) when this was shown and is 2099-03-14 21:00 (UTC) now.',
    });
  });

  test('is recognised by its values; without them the audit trail decides', async () => {
    const { input } = await held(tool, ask(swap));
    expect(await evidence(tool, input)).toMatchObject({ applied: false });
    play.human({ as: people.sam.email, method: 'PUT', path, body: { custom_shift: { end_time: swap.end_time } } });
    expect(await evidence(tool, input)).toMatchObject({ applied: null });
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({
      applied: true,
      result: { custom_shift_id: warehouseParts.customShift },
    });
    expect(await evidence(tool, { ...input, custom_shift_id: 'NOSHIFT' })).toMatchObject({ applied: null });
  });

  test('does not take for its own what somebody else did an hour later', async () => {
    const { input } = await held(tool, ask(swap));
    at('2026-11-23T15:05:00Z');
    const { method, path: where, body } = tool.call(input, binding, unread);
    play.human({ as: people.sam.email, method, path: where, body });
    const found = await evidence(tool, input);
    at(NOW);
    expect(found).toMatchObject({ applied: null, because: expect.stringContaining('somebody else') });
  });

  test('takes only an answer with its own shift and values', async () => {
    const { input } = await held(tool, ask(swap));
    const outcome = await sent(tool, input);
    const body = outcome.kind === 'applied' ? outcome.body : null;
    expect(tool.interpret(input, body)).toEqual({
      applied: true,
      result: { schedule_id: 'PDWHSV3', custom_shift_id: warehouseParts.customShift },
      secrets: [],
    });
    const made = { start_time: '2099-03-14T08:00:00Z', end_time: swap.end_time, assignments: swap.assignments };
    const others: Json[] = [
      null,
      { message: 'blocked' },
      { custom_shift: { id: 'OTHER', ...made } },
      { custom_shift: { id: warehouseParts.customShift, ...made, end_time: made.start_time } },
    ];
    for (const other of others) expect(() => tool.interpret(input, other)).toThrow();
  });

  test('is undone by putting the former values back', async () => {
    const { input, before } = await heldAt(NOW, ask(swap));
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchInlineSnapshot(`
      {
        "complete": true,
        "input": {
          "custom_shift_id": "7RMKQ5XNVB2TCW6HJ4DYFGPZA3",
          "schedule_id": "PDWHSV3",
          "shift_data": {
            "assignments": [
              {
                "member": {
                  "type": "user_member",
                  "user_id": "PUKENJI",
                },
              },
            ],
            "end_time": "2099-03-15T00:00:00+04:00",
          },
        },
        "note": "Puts the former values back, as long as the shift has not started; after that only its end.",
        "possible": true,
        "tool": "update_schedule_v3_custom_shift",
      }
    `);
    const former = play.state().shiftSchedules[0]?.customShifts;
    await sent(tool, input);
    expect(play.state().shiftSchedules[0]?.customShifts).not.toEqual(former);
    if (!undo.possible) throw new Error(undo.because);
    await sent(tool, tool.input.parse(undo.input));
    expect(play.state().shiftSchedules[0]?.customShifts).toEqual(former);
    expect(tool.undo(input, { ...before, readAt: '2099-03-14T10:00:00.000Z' }, null)).toMatchObject({
      complete: false,
    });
  });

  test('cannot be undone completely once its start lies in the past', async () => {
    const { input, before } = await heldAt(NOW, ask({ start_time: '2026-11-23T13:00:00Z' }));
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    expect(tool.undo(input, before, null)).toMatchObject({ complete: false });
  });

  test('touches the schedule, and a newer ask for the same fields replaces it', async () => {
    const { input, before } = await held(tool, ask(swap));
    expect(tool.touches(input, before)).toEqual({ subjects: ['schedule:PDWHSV3'], escalationPolicyIds: ['PEWAREH'] });
    expect(tool.supersedes(input)).toBe(
      `update_schedule_v3_custom_shift assignments+end_time ${warehouseParts.customShift}`,
    );
    const official = tool.input.parse(ask({ ...swap, type: 'custom_shift' }));
    expect(tool.supersedes(official)).toBe(tool.supersedes(input));
  });
});
