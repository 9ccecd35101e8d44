import { beforeEach, describe, expect, test } from 'vitest';
import { people, schedules, warehouseParts } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { createReadClient } from '../../read-client.ts';
import { stateOf, stillHolds } from '../evidence/watching.ts';
import { NOW, refusals, stage, unread } from '../testing/stage.ts';
import { createScheduleV3CustomShifts as tool } from './create-schedule-v3-custom-shifts.ts';
import { deleteScheduleV3CustomShift } from './delete-schedule-v3-custom-shift.ts';
import { editWarehouse } from './rehearsal.ts';

const { play, reads, held, sent, binding, attempt, at, evidence } = await stage();
const member = (who: { id: string }) => ({ type: 'user_member', user_id: who.id });
const evening = {
  start_time: '2026-11-23T18:00:00Z',
  end_time: '2026-11-24T02:00:00+01:00',
  assignments: [{ member: member(people.lena) }],
};
const ask = (shift: object = {}, scheduleId: string = schedules.warehouseShifts.id) => ({
  schedule_id: scheduleId,
  custom_shifts: [{ ...evening, ...shift }],
});
const heldAt = async (readAt: string, raw: unknown) => {
  const { input, before } = await held(tool, raw);
  return { input, before: { ...before, readAt } };
};
const emptyHanded = [{ member: { type: 'empty_member' } }];

beforeEach(() => play.reset());

describe('create_schedule_v3_custom_shifts', () => {
  test('takes exactly one shift with one member and times that say their zone', () => {
    expect(refusals(tool, { ...ask(), custom_shifts: [evening, evening] })).toMatchInlineSnapshot(`
      [
        "custom_shifts: One custom shift per request: PagerDuty may accept some of a list and refuse others, and each needs its own yes.",
      ]
    `);
    expect(refusals(tool, ask({ assignments: [...evening.assignments, ...emptyHanded] }))).toMatchInlineSnapshot(`
      [
        "custom_shifts.0.assignments: A custom shift has exactly one assignment.",
      ]
    `);
    expect(refusals(tool, ask({ assignments: [{ member: { type: 'user_member' } }] }))).toMatchInlineSnapshot(`
      [
        "custom_shifts.0.assignments.0.member: A user_member needs a user_id, and an empty_member has none.",
      ]
    `);
    expect(refusals(tool, ask({ start_time: '2026-11-23T18:00:00', name: 'x' }))).toMatchInlineSnapshot(`
      [
        "custom_shifts.0.start_time: Must be an ISO 8601 time with its zone, like 2026-01-31T18:00:00Z or 2026-01-31T19:00:00+01:00.",
        "custom_shifts.0: Unrecognized key: "name"",
      ]
    `);
    expect(refusals(tool, ask({ start_time: '2026-11-25T18:00:00Z' }))).toMatchInlineSnapshot(`
      [
        "custom_shifts.0: The shift must end after it starts.",
      ]
    `);
    const official = { ...evening, type: 'custom_shift', assignments: JSON.stringify(evening.assignments) };
    expect(refusals(tool, { ...ask(), custom_shifts: JSON.stringify([official]) })).toEqual([]);
  });

  test('says who comes on call beside whom, when and for how long', async () => {
    const { input, before } = await heldAt(NOW, ask());
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Starts in 3 h 55 min and lasts 7 h.",
            "Starts being on call: Lena Fischer, 7 h, from 2026-11-23 22:00 (Asia/Dubai) to 2026-11-24 05:00 (Asia/Dubai).",
            "Stops being on call: nobody.",
            "In the 7 h from 2026-11-23 22:00 (Asia/Dubai) somebody is on call 100 % of the time, before and after.",
            "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
          ],
        },
        "lines": [
          {
            "after": "Aisha Rahmani and Lena Fischer",
            "label": "On call in the window",
            "now": "Aisha Rahmani",
          },
          {
            "after": "2026-11-23 22:00 (Asia/Dubai)",
            "label": "From",
            "now": null,
          },
          {
            "after": "2026-11-24 05:00 (Asia/Dubai)",
            "label": "Until",
            "now": null,
          },
        ],
        "services": [
          "Warehouse Routing",
        ],
        "target": "Warehouse shifts",
        "title": "Put Lena Fischer on call on "Warehouse shifts" for 7 h",
      }
    `);
    expect(tool.risk(input, before)).toEqual({
      level: 'medium',
      reasons: ['Puts a person on call beside the rotations.'],
    });
  });

  test('weighs more when it takes effect at once or is long', async () => {
    const now = await heldAt(NOW, ask({ start_time: '2026-11-23T14:00:00Z' }));
    expect(tool.risk(now.input, now.before)).toEqual({
      level: 'high',
      reasons: ['Takes effect at once.', 'Changes who is on call now.', 'Puts a person on call beside the rotations.'],
    });
    expect(tool.summarize(now.input, now.before).effect.lines).toContain(
      'On call now: Aisha Rahmani; right after it: Aisha Rahmani and Lena Fischer.',
    );
    const long = await heldAt(NOW, ask({ end_time: '2027-06-01T00:00:00Z' }));
    expect(tool.risk(long.input, long.before).reasons[0]).toBe('Lasts longer than two weeks.');
    const { effect } = tool.summarize(long.input, long.before);
    expect(effect.known).toBe(false);
    expect(effect.lines.at(-1)).toBe('Only the first 92 days were looked at.');
  });

  test('says when it puts nobody on call', async () => {
    const { input, before } = await heldAt(NOW, ask({ assignments: emptyHanded }));
    const { title, effect } = tool.summarize(input, before);
    expect(title).toBe('Add an empty custom shift of 7 h to "Warehouse shifts"');
    expect(effect.lines).toContain('Starts being on call: nobody.');
    expect(tool.risk(input, before).reasons).toEqual(['Adds an empty shift.']);
  });

  test('sends one POST with the times as they were given', () => {
    expect(tool.call(tool.input.parse(ask()), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "custom_shifts": [
            {
              "assignments": [
                {
                  "member": {
                    "type": "user_member",
                    "user_id": "PULENA1",
                  },
                  "type": "shift_assignment",
                },
              ],
              "end_time": "2026-11-24T02:00:00+01:00",
              "start_time": "2026-11-23T18:00:00Z",
              "type": "custom_shift",
            },
          ],
        },
        "method": "POST",
        "path": "/v3/schedules/PDWHSV3/custom_shifts",
      }
    `);
  });

  test('is refused when the window is over, the person is unknown or the same shift exists', async () => {
    const over = await heldAt('2026-11-24T01:00:00.000Z', ask());
    expect(tool.admit(over.input, over.before, binding)).toEqual({
      holds: false,
      because: 'The window ended already, at 2026-11-24 05:00 (Asia/Dubai).',
    });
    const stranger = await heldAt(NOW, ask({ assignments: [{ member: member({ id: 'PUNOONE' }) }] }));
    expect(tool.admit(stranger.input, stranger.before, binding)).toEqual({
      holds: false,
      because: 'PagerDuty has no user with the id PUNOONE.',
    });
    const { input, before } = await heldAt(NOW, ask());
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    await sent(tool, input);
    const again = { ...(await tool.read(reads, input)), readAt: NOW };
    expect(tool.admit(input, again, binding)).toEqual({
      holds: false,
      because: '"Warehouse shifts" already has exactly this custom shift of Lena Fischer.',
    });
  });

  test('is refused for layer-based and unknown schedules', async () => {
    await expect(held(tool, ask({}, schedules.checkoutPrimary.id))).rejects.toThrow(/layer-based/);
    await expect(held(tool, ask({}, 'PDNOONE'))).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('names what came in between, and a window that is over by now', async () => {
    const { input, before } = await heldAt(NOW, ask());
    const again = async () => ({ ...(await tool.read(reads, input)), readAt: NOW });
    expect(stillHolds(tool, input, before, await again())).toEqual({ holds: true });
    const late = { ...(await again()), readAt: '2026-11-24T01:00:00.000Z' };
    expect(stillHolds(tool, input, before, late)).toMatchObject({ because: expect.stringContaining('ended already') });
    await sent(tool, tool.input.parse(ask({ assignments: [{ member: member(people.kenji) }] })));
    const now = await again();
    expect(stillHolds(tool, input, before, now)).toMatchInlineSnapshot(`
      {
        "because": "Who is on call in the window of the schedule "Warehouse shifts" was Aisha Rahmani from 2026-11-23 22:00 (Asia/Dubai) to 2026-11-24 05:00 (Asia/Dubai) when this was shown and is Aisha Rahmani from 2026-11-23 22:00 (Asia/Dubai) to 2026-11-24 05:00 (Asia/Dubai), Kenji Sato from 2026-11-23 22:00 (Asia/Dubai) to 2026-11-24 05:00 (Asia/Dubai) now.",
        "holds": false,
      }
    `);
    expect(stateOf(tool, input, now)).not.toEqual(stateOf(tool, input, before));
  });

  test('does not take for its own what somebody else did an hour later', async () => {
    const { input } = await held(tool, ask());
    at('2026-11-23T15:05:00Z');
    const { method, path: where, body } = tool.call(input, binding, unread);
    play.human({ as: people.sam.email, method, path: where, body });
    const found = await evidence(tool, input);
    at(NOW);
    expect(found).toMatchObject({ applied: null, because: expect.stringContaining('somebody else') });
  });

  test('takes only an answer with its own shift', async () => {
    const { input } = await held(tool, ask());
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toEqual({
      applied: true,
      result: { schedule_id: 'PDWHSV3', custom_shift_id: expect.stringMatching(/^[A-Z0-9]{26}$/) },
      secrets: [],
    });
    const made = { ...evening, id: 'QMADE', assignments: [{ member: member(people.lena) }] };
    const others: Json[] = [
      null,
      { custom_shifts: [] },
      { custom_shifts: [made, made] },
      { custom_shifts: [{ ...made, end_time: '2026-11-25T00:00:00Z' }] },
      { custom_shifts: [{ ...made, assignments: [{ member: member(people.marco) }] }] },
    ];
    for (const body of others) expect(() => tool.interpret(input, body)).toThrow();
  });

  test('is settled by the list of shifts and the audit trail', async () => {
    const { input } = await held(tool, ask());
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The schedule has no such custom shift. The audit trail shows no change since it was to be sent.",
      }
    `);
    const path = `/v3/schedules/${schedules.warehouseShifts.id}/custom_shifts/${warehouseParts.customShift}`;
    play.human({ as: people.sam.email, method: 'DELETE', path });
    expect((await evidence(tool, input)).applied).toBeNull();
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    const found = await evidence(tool, input);
    expect(found).toMatchObject({ applied: true, result: { custom_shift_id: expect.any(String) } });
    editWarehouse(play, ({ customShifts }) => {
      for (const shift of customShifts) shift.start = '2026-11-23T19:00:00Z';
    });
    expect((await evidence(tool, input)).applied).toBeNull();
    await sent(tool, input);
    await sent(tool, input);
    expect(await evidence(tool, input)).toMatchObject({ applied: null, because: expect.stringContaining('several') });
    const elsewhere = { ...input, schedule_id: 'PDNOONE' };
    expect((await evidence(tool, elsewhere)).applied).toBeNull();
    const blind = createReadClient({ baseUrl: play.url, token: play.company.tokens.accountRead, tries: 1 });
    play.faults.add({ kind: 'error_before', match: { method: 'GET' }, times: 9 });
    await expect(tool.readBack(blind, input, attempt)).rejects.toMatchObject({ kind: 'unavailable' });
  });

  test('is undone by deleting what it made', async () => {
    const { input, before } = await heldAt(NOW, ask());
    expect(tool.undo(input, before, null)).toMatchObject({ possible: true, input: null, complete: true });
    const outcome = await sent(tool, input);
    const answer = tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null);
    const undo = tool.undo(input, before, answer.applied ? answer.result : null);
    if (!undo.possible) throw new Error(undo.because);
    const count = () => play.state().shiftSchedules[0]?.customShifts.length;
    expect(count()).toBe(2);
    await sent(deleteScheduleV3CustomShift, deleteScheduleV3CustomShift.input.parse(undo.input));
    expect(count()).toBe(1);
    const started = { ...before, readAt: '2026-11-23T18:30:00.000Z' };
    expect(tool.undo(input, started, null)).toMatchObject({ complete: false });
  });

  test('touches the schedule and lets the people of its policies review', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.touches(input, before)).toEqual({
      subjects: ['schedule:PDWHSV3'],
      escalationPolicyIds: ['PEWAREH'],
    });
    expect(tool.supersedes(input)).toBeNull();
  });
});
