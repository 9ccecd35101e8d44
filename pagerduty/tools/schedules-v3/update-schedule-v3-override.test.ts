import { beforeEach, describe, expect, test } from 'vitest';
import { people, schedules, warehouseParts } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { NOW, refusals, stage, unread } from '../testing/stage.ts';
import { editWarehouse } from './rehearsal.ts';
import { updateScheduleV3Override as tool } from './update-schedule-v3-override.ts';

const { play, reads, held, sent, binding, at, evidence } = await stage();
const ask = (fields: object) => ({
  schedule_id: schedules.warehouseShifts.id,
  override_id: warehouseParts.override,
  ...fields,
});
/** Every argument of PagerDuty's own tool. */
const official = {
  start_time: '2099-05-01T06:00:00Z',
  end_time: '2099-05-02T12:00:00Z',
  overridden_member_type: 'user_member',
  overridden_member_user_id: people.aisha.id,
  overriding_member_type: 'user_member',
  overriding_member_user_id: people.lena.id,
};
const heldAt = async (readAt: string, raw: unknown) => {
  const { input, before } = await held(tool, raw);
  return { input, before: { ...before, readAt } };
};
const because = async (fields: object, readAt = NOW) => {
  const { input, before } = await heldAt(readAt, ask(fields));
  const verdict = tool.admit(input, before, binding);
  return verdict.holds ? null : verdict.because;
};
const path = `/v3/schedules/${schedules.warehouseShifts.id}/overrides/${warehouseParts.override}`;

beforeEach(() => play.reset());

describe('update_schedule_v3_override', () => {
  test('refuses empty changes and members that are half given', () => {
    expect(refusals(tool, ask({}))).toEqual(['arguments: Nothing to change.']);
    expect(refusals(tool, ask({ overridden_member_user_id: people.aisha.id }))).toEqual([
      'arguments: Nothing to change.',
    ]);
    expect(refusals(tool, ask({ overriding_member_type: 'user_member' }))).toEqual([
      'arguments: A user_member needs overriding_member_user_id, and an empty_member has none.',
    ]);
    expect(refusals(tool, ask({ ...official, overridden_member_type: 'empty_member' }))).toEqual([
      'arguments: A user_member needs overridden_member_user_id, and an empty_member has none.',
    ]);
    expect(refusals(tool, ask({ ...official, overriding_member_type: null }))).toEqual([]);
  });

  test('shows what was and what will be, and who starts and stops being on call', async () => {
    const { input, before } = await heldAt(NOW, ask(official));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Starts in 26456 d 15 h 55 min and lasts 1 d 6 h.",
            "Starts being on call: Aisha Rahmani, 6 h, from 2099-05-01 04:00 (Asia/Dubai) to 2099-05-01 10:00 (Asia/Dubai); Lena Fischer, 1 d 6 h, from 2099-05-01 10:00 (Asia/Dubai) to 2099-05-02 16:00 (Asia/Dubai).",
            "Stops being on call: Kenji Sato, 1 d, from 2099-05-01 04:00 (Asia/Dubai) to 2099-05-02 04:00 (Asia/Dubai); Aisha Rahmani, 12 h, from 2099-05-02 04:00 (Asia/Dubai) to 2099-05-02 16:00 (Asia/Dubai).",
            "In the 1 d 12 h from 2099-05-01 04:00 (Asia/Dubai) somebody is on call 100 % of the time, before and after.",
            "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
          ],
        },
        "lines": [
          {
            "after": "Lena Fischer",
            "label": "On call instead of Aisha Rahmani",
            "now": "Kenji Sato",
          },
          {
            "after": "2099-05-01 10:00 (Asia/Dubai)",
            "label": "From",
            "now": "2099-05-01 04:00 (Asia/Dubai)",
          },
          {
            "after": "2099-05-02 16:00 (Asia/Dubai)",
            "label": "Until",
            "now": "2099-05-02 04:00 (Asia/Dubai)",
          },
        ],
        "services": [
          "Warehouse Routing",
        ],
        "target": "Warehouse shifts",
        "title": "Change the override of Aisha Rahmani on "Warehouse shifts"",
      }
    `);
    expect(tool.risk(input, before)).toEqual({ level: 'high', reasons: ['Changes who is paged in the window.'] });
  });

  test('weighs more when somebody else is on call now, and does not guess what an empty override does', async () => {
    editWarehouse(play, ({ overrides }) => {
      for (const override of overrides) {
        override.start = '2026-11-23T12:00:00Z';
        override.end = '2026-11-23T20:00:00Z';
      }
    });
    const off = await heldAt(NOW, ask({ overriding_member_type: 'empty_member' }));
    expect(tool.summarize(off.input, off.before).effect.lines).toMatchInlineSnapshot(`
      [
        "It is running; of its 8 h, 5 h 55 min are left.",
        "Starts being on call: nobody.",
        "Stops being on call: Kenji Sato, 5 h 55 min, from 2026-11-23 18:05 (Asia/Dubai) to 2026-11-24 00:00 (Asia/Dubai).",
        "On call now: Kenji Sato; right after it: nobody.",
        "In the next 5 h 55 min somebody is on call 100 % of the time now, 0 % after.",
        "Nobody is on call from 2026-11-23 18:05 (Asia/Dubai) to 2026-11-24 00:00 (Asia/Dubai).",
        "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
      ]
    `);
    expect(tool.risk(off.input, off.before).level).toBe('critical');
    const swap = await heldAt(NOW, ask({ overriding_member_user_id: people.lena.id }));
    expect(tool.risk(swap.input, swap.before)).toEqual({
      level: 'high',
      reasons: ['Changes who is paged in the window.', 'Takes effect at once.', 'Changes who is on call now.'],
    });
    await sent(tool, off.input);
    const back = await heldAt(NOW, ask({ overriding_member_user_id: people.lena.id }));
    expect(tool.summarize(back.input, back.before).effect.known).toBe(false);
  });

  test('sends one PUT with what PagerDuty can change, and only what was asked for', () => {
    expect(tool.call(tool.input.parse(ask(official)), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "override": {
            "end_time": "2099-05-02T12:00:00Z",
            "overriding_member": {
              "type": "user_member",
              "user_id": "PULENA1",
            },
            "start_time": "2099-05-01T06:00:00Z",
          },
        },
        "method": "PUT",
        "path": "/v3/schedules/PDWHSV3/overrides/4VJXQ2TNKB6RMWC7HD3YFGPZA5",
      }
    `);
    const empty = tool.input.parse(ask({ overriding_member_type: 'empty_member' }));
    expect(tool.call(empty, binding, unread).body).toEqual({
      override: { overriding_member: { type: 'empty_member' } },
    });
  });

  test('is refused where it makes no sense', async () => {
    expect(await because(official)).toBeNull();
    expect(await because({ ...official, overridden_member_user_id: people.sam.id })).toBe(
      'The override takes the place of Aisha Rahmani, and PagerDuty cannot change that: delete it and create another.',
    );
    expect(await because({ overriding_member_user_id: people.kenji.id })).toBe('The override is like that already.');
    expect(await because({ overriding_member_user_id: people.aisha.id })).toBe(
      'Aisha Rahmani cannot take their own place.',
    );
    expect(await because({ overriding_member_user_id: 'PUNOONE' })).toBe('PagerDuty has no user with the id PUNOONE.');
    expect(await because({ end_time: '2099-04-01T00:00:00Z' })).toBe('The window must end after it starts.');
    expect(await because(official, '2099-06-01T00:00:00.000Z')).toBe(
      'The override ended already, at 2099-05-02 04:00 (Asia/Dubai).',
    );
    expect(await because({ ...official, overridden_member_user_id: people.sam.id }, '2099-06-01T00:00:00.000Z')).toBe(
      'The override ended already, at 2099-05-02 04:00 (Asia/Dubai).',
    );
    expect(await because(official, '2099-05-01T10:00:00.000Z')).toBe(
      'The override has started, so its start cannot change any more.',
    );
    expect(await because({ end_time: official.end_time }, '2099-05-01T10:00:00.000Z')).toBeNull();
    const stranger = { ...ask(official), override_id: 'NOOVERRIDE' };
    await expect(held(tool, stranger)).rejects.toMatchObject({ kind: 'not_found' });
  });

  test('names what somebody else has changed, and that it has started', async () => {
    const { input, before } = await heldAt(NOW, ask(official));
    const again = async () => ({ ...(await tool.read(reads, input)), readAt: NOW });
    expect(stillHolds(tool, input, before, await again())).toEqual({ holds: true });
    const later = { ...(await again()), readAt: '2099-05-01T10:00:00.000Z' };
    expect(stillHolds(tool, input, before, later)).toMatchObject({
      because: expect.stringContaining('it is running'),
    });
    const overriding = { type: 'user_member', user_id: people.sam.id };
    play.human({ as: people.sam.email, method: 'PUT', path, body: { override: { overriding_member: overriding } } });
    expect(stillHolds(tool, input, before, await again())).toEqual({
      holds: false,
      because: 'The person of the override was Kenji Sato when this was shown and is Sam Okafor now.',
    });
  });

  test('is recognised by its values; without them the audit trail decides', async () => {
    const { input } = await held(tool, ask(official));
    expect(await evidence(tool, input)).toMatchObject({ applied: false });
    play.human({ as: people.sam.email, method: 'PUT', path, body: { override: { end_time: official.end_time } } });
    expect(await evidence(tool, input)).toMatchObject({ applied: null });
    play.faults.add({ kind: 'drop_after' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect(await evidence(tool, input)).toMatchObject({
      applied: true,
      result: { override_id: warehouseParts.override },
    });
    expect(await evidence(tool, { ...input, override_id: 'NOOVERRIDE' })).toMatchObject({ applied: null });
  });

  test('does not take for its own what somebody else did an hour later', async () => {
    const { input } = await held(tool, ask(official));
    at('2026-11-23T15:05:00Z');
    const { method, path: where, body } = tool.call(input, binding, unread);
    play.human({ as: people.sam.email, method, path: where, body });
    const found = await evidence(tool, input);
    at(NOW);
    expect(found).toMatchObject({ applied: null, because: expect.stringContaining('somebody else') });
  });

  test('takes only an answer with its own override and values', async () => {
    const { input } = await held(tool, ask(official));
    const outcome = await sent(tool, input);
    const body = outcome.kind === 'applied' ? outcome.body : null;
    expect(tool.interpret(input, body)).toEqual({
      applied: true,
      result: { schedule_id: 'PDWHSV3', override_id: warehouseParts.override },
      secrets: [],
    });
    const others: Json[] = [null, { message: 'blocked' }, { override: { id: 'OTHER' } }];
    for (const other of others) expect(() => tool.interpret(input, other)).toThrow();
    expect(() => tool.interpret({ ...input, end_time: '2099-05-03T00:00:00Z' }, body)).toThrow();
    expect(() => tool.interpret({ ...input, override_id: 'OTHER' }, body)).toThrow();
  });

  test('is undone by putting the former values back', async () => {
    const { input, before } = await heldAt(NOW, ask(official));
    const undo = tool.undo(input, before, null);
    expect(undo).toMatchInlineSnapshot(`
      {
        "complete": true,
        "input": {
          "end_time": "2099-05-02T04:00:00+04:00",
          "override_id": "4VJXQ2TNKB6RMWC7HD3YFGPZA5",
          "overriding_member_type": "user_member",
          "overriding_member_user_id": "PUKENJI",
          "schedule_id": "PDWHSV3",
          "start_time": "2099-05-01T04:00:00+04:00",
        },
        "note": "Puts the former values back; whoever was paged meanwhile has been paged.",
        "possible": true,
        "tool": "update_schedule_v3_override",
      }
    `);
    const former = play.state().shiftSchedules[0]?.overrides;
    await sent(tool, input);
    expect(play.state().shiftSchedules[0]?.overrides).not.toEqual(former);
    if (!undo.possible) throw new Error(undo.because);
    await sent(tool, tool.input.parse(undo.input));
    expect(play.state().shiftSchedules[0]?.overrides).toEqual(former);
  });

  test('cannot be undone completely once its start lies in the past', async () => {
    const { input, before } = await heldAt(NOW, ask({ start_time: '2026-11-23T13:00:00Z' }));
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    expect(tool.undo(input, before, null)).toMatchObject({ complete: false });
  });

  test('touches the schedule, and a newer ask for the same fields replaces it', async () => {
    const { input, before } = await held(tool, ask({ end_time: official.end_time }));
    expect(tool.touches(input, before)).toEqual({ subjects: ['schedule:PDWHSV3'], escalationPolicyIds: ['PEWAREH'] });
    expect(tool.supersedes(input)).toBe(`update_schedule_v3_override end_time ${warehouseParts.override}`);
  });
});
