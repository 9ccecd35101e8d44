import { beforeEach, describe, expect, test } from 'vitest';
import { people, schedules, warehouseParts } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stateOf, stillHolds } from '../evidence/watching.ts';
import { NOW, refusals, stage, unread } from '../testing/stage.ts';
import { createScheduleV3Overrides as tool } from './create-schedule-v3-overrides.ts';
import { deleteScheduleV3Override } from './delete-schedule-v3-override.ts';
import { editWarehouse } from './rehearsal.ts';

const { play, reads, held, sent, binding, at, evidence } = await stage();
const member = (who: { id: string }) => ({ type: 'user_member', user_id: who.id });
const nobody = { type: 'empty_member' };
const evening = {
  rotation_id: warehouseParts.rotation,
  start_time: '2026-11-23T18:00:00Z',
  end_time: '2026-11-24T02:00:00+01:00',
  overridden_member: member(people.aisha),
  overriding_member: member(people.lena),
};
const onShift = {
  rotation_id: null,
  custom_shift_id: warehouseParts.customShift,
  start_time: '2099-03-14T06:00:00Z',
  end_time: '2099-03-14T10:00:00Z',
  overridden_member: member(people.kenji),
};
const ask = (override: object = {}) => ({
  schedule_id: schedules.warehouseShifts.id,
  overrides: [{ ...evening, ...override }],
});
const heldAt = async (readAt: string, raw: unknown) => {
  const { input, before } = await held(tool, raw);
  return { input, before: { ...before, readAt } };
};
const because = async (override: object, readAt = NOW) => {
  const { input, before } = await heldAt(readAt, ask(override));
  const verdict = tool.admit(input, before, binding);
  return verdict.holds ? null : verdict.because;
};

beforeEach(() => play.reset());

describe('create_schedule_v3_overrides', () => {
  test('takes exactly one override of exactly one rotation or custom shift', () => {
    expect(refusals(tool, { ...ask(), overrides: [evening, evening] })).toMatchInlineSnapshot(`
      [
        "overrides: One override per request: PagerDuty may accept some of a list and refuse others, and each needs its own yes.",
      ]
    `);
    const either = [
      'overrides.0: Give rotation_id or custom_shift_id, and not both: an override takes a place in one of them.',
    ];
    expect(refusals(tool, ask({ custom_shift_id: warehouseParts.customShift }))).toEqual(either);
    expect(refusals(tool, ask({ rotation_id: null }))).toEqual(either);
    expect(refusals(tool, ask({ overridden_member: undefined })).join()).toContain('overrides.0.overridden_member');
    expect(refusals(tool, ask({ overriding_member: { type: 'empty_member', user_id: 'PULENA1' } }))).toEqual([
      'overrides.0.overriding_member: A user_member needs a user_id, and an empty_member has none.',
    ]);
    expect(refusals(tool, ask({ end_time: evening.start_time }))).toEqual([
      'overrides.0: The override must end after it starts.',
    ]);
    const official = { ...evening, type: 'override_shift', overriding_member: JSON.stringify(member(people.lena)) };
    expect(refusals(tool, { ...ask(), overrides: JSON.stringify([official]) })).toEqual([]);
  });

  test('says who replaces whom, where, when and for how long', async () => {
    const { input, before } = await heldAt(NOW, ask());
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Starts in 3 h 55 min and lasts 7 h.",
            "Starts being on call: Lena Fischer, 7 h, from 2026-11-23 22:00 (Asia/Dubai) to 2026-11-24 05:00 (Asia/Dubai).",
            "Stops being on call: Aisha Rahmani, 7 h, from 2026-11-23 22:00 (Asia/Dubai) to 2026-11-24 05:00 (Asia/Dubai).",
            "In the 7 h from 2026-11-23 22:00 (Asia/Dubai) somebody is on call 100 % of the time, before and after.",
            "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
          ],
        },
        "lines": [
          {
            "after": "Lena Fischer",
            "label": "On call in the rotation "Around the clock"",
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
        "title": "Put Lena Fischer on call instead of Aisha Rahmani on "Warehouse shifts" for 7 h",
      }
    `);
    expect(tool.risk(input, before)).toEqual({ level: 'high', reasons: ['Changes who is paged in the window.'] });
  });

  test('says when it covers only part of what the member has there', async () => {
    const { input, before } = await heldAt(NOW, ask(onShift));
    const { lines, effect } = tool.summarize(input, before);
    expect(lines[0]?.label).toBe(
      'On call in the custom shift from 2099-03-14 12:00 (Asia/Dubai) to 2099-03-15 00:00 (Asia/Dubai)',
    );
    expect(effect.lines.at(-1)).toBe('Takes effect in 2 h of the 4 h: Kenji Sato has no more there.');
  });

  test('weighs most when nobody is left on call at once', async () => {
    const { input, before } = await heldAt(NOW, ask({ start_time: '2026-11-23T14:00:00Z', overriding_member: nobody }));
    expect(tool.summarize(input, before).title).toBe('Take Aisha Rahmani off call on "Warehouse shifts" for 11 h');
    expect(tool.risk(input, before)).toEqual({
      level: 'critical',
      reasons: [
        'Leaves nobody on call on this schedule, at once.',
        'Changes who is paged in the window.',
        'Takes effect at once.',
      ],
    });
    const swap = await heldAt(NOW, ask({ start_time: '2026-11-23T14:00:00Z' }));
    expect(tool.risk(swap.input, swap.before)).toEqual({
      level: 'high',
      reasons: ['Changes who is paged in the window.', 'Takes effect at once.', 'Changes who is on call now.'],
    });
  });

  test('does not know the effect on a place that is empty', async () => {
    const { input, before } = await heldAt(NOW, ask({ overridden_member: nobody }));
    expect(tool.summarize(input, before).effect.known).toBe(false);
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
  });

  test('sends one POST with the times as they were given', () => {
    expect(tool.call(tool.input.parse(ask()), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "overrides": [
            {
              "end_time": "2026-11-24T02:00:00+01:00",
              "overridden_member": {
                "type": "user_member",
                "user_id": "PUAISHA",
              },
              "overriding_member": {
                "type": "user_member",
                "user_id": "PULENA1",
              },
              "rotation_id": "5K7QDXV3M2RBJ6TNWYHC4FGPAE",
              "start_time": "2026-11-23T18:00:00Z",
              "type": "override_shift",
            },
          ],
        },
        "method": "POST",
        "path": "/v3/schedules/PDWHSV3/overrides",
      }
    `);
    const onOneOff = tool.call(tool.input.parse(ask({ ...onShift, overriding_member: nobody })), binding, unread).body;
    expect(onOneOff).toMatchObject({
      overrides: [{ custom_shift_id: warehouseParts.customShift, overriding_member: nobody }],
    });
    expect(JSON.stringify(onOneOff)).not.toContain('rotation_id');
  });

  test('is refused where it makes no sense', async () => {
    expect(await because({})).toBeNull();
    expect(await because({}, '2026-11-24T01:00:00.000Z')).toBe(
      'The window ended already, at 2026-11-24 05:00 (Asia/Dubai).',
    );
    expect(await because({ overriding_member: member({ id: 'PUNOONE' }) })).toBe(
      'PagerDuty has no user with the id PUNOONE.',
    );
    expect(await because({ rotation_id: 'NOROTATION' })).toBe(
      '"Warehouse shifts" has no rotation with the id NOROTATION.',
    );
    expect(await because({ ...onShift, custom_shift_id: 'NOSHIFT' })).toBe(
      '"Warehouse shifts" has no custom shift with the id NOSHIFT.',
    );
    expect(await because({ overridden_member: member(people.kenji) })).toBe(
      'Kenji Sato is not on call through the rotation "Around the clock" in that window.',
    );
    expect(await because({ overriding_member: member(people.aisha) })).toBe(
      'Aisha Rahmani cannot take their own place.',
    );
    await sent(tool, tool.input.parse(ask()));
    expect(await because({})).toBe('"Warehouse shifts" already has exactly this override.');
  });

  test('names what came in between', async () => {
    const { input, before } = await heldAt(NOW, ask());
    const again = async () => ({ ...(await tool.read(reads, input)), readAt: NOW });
    expect(stillHolds(tool, input, before, await again())).toEqual({ holds: true });
    await sent(tool, tool.input.parse(ask({ overriding_member: member(people.sam) })));
    const now = await again();
    expect(stillHolds(tool, input, before, now)).toMatchInlineSnapshot(`
      {
        "because": "Who is on call in the window of the schedule "Warehouse shifts" was Aisha Rahmani from 2026-11-23 22:00 (Asia/Dubai) to 2026-11-24 05:00 (Asia/Dubai) when this was shown and is Sam Okafor from 2026-11-23 22:00 (Asia/Dubai) to 2026-11-24 05:00 (Asia/Dubai) now.",
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

  test('takes only an answer with its own override', async () => {
    const { input } = await held(tool, ask());
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toEqual({
      applied: true,
      result: { schedule_id: 'PDWHSV3', override_id: expect.stringMatching(/^[A-Z0-9]{26}$/) },
      secrets: [],
    });
    const made = { ...evening, id: 'QMADE' };
    const others: Json[] = [
      null,
      { overrides: [] },
      { overrides: [made, made] },
      { overrides: [{ ...made, rotation_id: 'OTHER' }] },
      { overrides: [{ ...made, overriding_member: member(people.sam) }] },
      { overrides: [{ ...made, end_time: '2026-11-25T00:00:00Z' }] },
    ];
    for (const body of others) expect(() => tool.interpret(input, body)).toThrow();
  });

  test('is settled by the list of overrides and the audit trail', async () => {
    const { input } = await held(tool, ask());
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The schedule has no such override. The audit trail shows no change since it was to be sent.",
      }
    `);
    const path = `/v3/schedules/${schedules.warehouseShifts.id}/overrides/${warehouseParts.override}`;
    play.human({ as: people.sam.email, method: 'DELETE', path });
    expect((await evidence(tool, input)).applied).toBeNull();
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({ applied: true, result: { override_id: expect.any(String) } });
    await sent(tool, input);
    expect(await evidence(tool, input)).toMatchObject({ applied: null, because: expect.stringContaining('several') });
    editWarehouse(play, ({ overrides }) => {
      for (const override of overrides) override.start = '2026-11-23T19:00:00Z';
    });
    expect(await evidence(tool, input)).toMatchObject({
      applied: null,
      because: expect.stringContaining('another start'),
    });
    expect((await evidence(tool, { ...input, schedule_id: 'PDNOONE' })).applied).toBeNull();
  });

  test('is undone by deleting what it made', async () => {
    const { input, before } = await heldAt(NOW, ask());
    expect(tool.undo(input, before, null)).toMatchObject({ possible: true, input: null, complete: true });
    const outcome = await sent(tool, input);
    const answer = tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null);
    const undo = tool.undo(input, before, answer.applied ? answer.result : null);
    if (!undo.possible) throw new Error(undo.because);
    await sent(deleteScheduleV3Override, deleteScheduleV3Override.input.parse(undo.input));
    expect(play.state().shiftSchedules[0]?.overrides.map(({ id }) => id)).toEqual([warehouseParts.override]);
  });

  test('touches the schedule and lets the people of its policies review', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.touches(input, before)).toEqual({ subjects: ['schedule:PDWHSV3'], escalationPolicyIds: ['PEWAREH'] });
    expect(tool.supersedes(input)).toBeNull();
  });
});
