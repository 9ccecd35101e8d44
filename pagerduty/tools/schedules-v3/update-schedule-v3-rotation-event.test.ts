import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { people, schedules, trainingParts, warehouseParts } from '../../fake/company.ts';
import { stillHolds } from '../evidence/watching.ts';
import { NOW, refusals, stage } from '../testing/stage.ts';
import { editWarehouse } from './rehearsal.ts';
import { updateScheduleV3RotationEvent as tool } from './update-schedule-v3-rotation-event.ts';

vi.useFakeTimers({ toFake: ['Date'], now: new Date(NOW) });
afterAll(() => vi.useRealTimers());
const { play, reads, held, sent, binding, attempt, at, evidence } = await stage();
const member = (who: { id: string }) => ({ type: 'user_member', user_id: who.id });
const turns = {
  type: 'rotating_member_assignment_strategy',
  shifts_per_member: 1,
  members: [member(people.tomas), member(people.kenji)],
};
const future = {
  schedule_id: schedules.trainingShifts.id,
  rotation_id: trainingParts.rotation,
  event_id: trainingParts.event,
};
const running = {
  schedule_id: schedules.warehouseShifts.id,
  rotation_id: warehouseParts.rotation,
  event_id: 'ZN4HC7VTQ2KXW6MJRB5DYFGP3A',
};
const ask = (change: object, place: object = future) => ({ ...place, event_data: change });
const event = (place: { event_id: string }) =>
  play
    .state()
    .shiftSchedules.flatMap(({ rotations }) => rotations.flatMap((one) => one.events))
    .find(({ id }) => id === place.event_id);
const shown = async (raw: unknown) => {
  const { input, before } = await held(tool, raw);
  return {
    ...tool.summarize(input, before),
    admitted: tool.admit(input, before, binding),
    risk: tool.risk(input, before),
  };
};
const refused = async (raw: unknown) => {
  const { input, before } = await held(tool, raw);
  return tool.admit(input, before, binding);
};

beforeEach(() => play.reset());

describe('update_schedule_v3_rotation_event', () => {
  test('needs something to change, and an end that is a time or never', () => {
    expect(refusals(tool, ask({ name: null }))).toEqual(['event_data: Nothing to change.']);
    expect(refusals(tool, ask({ effective_until: 'soon' }))).toEqual([
      'event_data.effective_until: Must be an ISO 8601 time, or never.',
    ]);
    expect(refusals(tool, ask({ effective_until: 'never' }))).toEqual([]);
  });

  test('shows what changes before it is in force, and who is on call instead of whom', async () => {
    expect(await shown(ask({ assignment_strategy: turns }))).toMatchInlineSnapshot(`
      {
        "admitted": {
          "holds": true,
        },
        "effect": {
          "known": true,
          "lines": [
            "Starts being on call: Tomáš Novák, 7 d, from 2099-01-05 09:00 (Europe/Berlin) to 2099-01-12 09:00 (Europe/Berlin); Kenji Sato, 7 d, from 2099-01-12 09:00 (Europe/Berlin) to 2099-01-19 09:00 (Europe/Berlin).",
            "Stops being on call: Lena Fischer, 7 d, from 2099-01-05 09:00 (Europe/Berlin) to 2099-01-12 09:00 (Europe/Berlin); Tomáš Novák, 7 d, from 2099-01-12 09:00 (Europe/Berlin) to 2099-01-19 09:00 (Europe/Berlin).",
            "In the 14 d from 2099-01-05 09:00 (Europe/Berlin) somebody is on call 100 % of the time, before and after.",
            "No escalation policy uses this schedule: nobody is paged through it.",
          ],
        },
        "lines": [
          {
            "after": "Tomáš Novák and Kenji Sato in turn",
            "label": "On call",
            "now": "Lena Fischer and Tomáš Novák in turn",
          },
        ],
        "risk": {
          "level": "high",
          "reasons": [
            "Changes who is on call, again and again.",
          ],
        },
        "services": [],
        "target": "On-call training",
        "title": "Change the recurring shift "Practice" of the schedule "On-call training"",
      }
    `);
  });

  test('shows the end of what runs, around the time when it ends', async () => {
    const raw = ask({ effective_until: '2027-01-04T08:00:00Z' }, running);
    expect(await shown(raw)).toMatchInlineSnapshot(`
      {
        "admitted": {
          "holds": true,
        },
        "effect": {
          "known": true,
          "lines": [
            "Starts being on call: nobody.",
            "Stops being on call: Aisha Rahmani, 13 d, from 2027-01-04 12:00 (Asia/Dubai) to 2027-01-17 12:00 (Asia/Dubai).",
            "In the 14 d from 2027-01-03 12:00 (Asia/Dubai) somebody is on call 100 % of the time now, 7 % after.",
            "Nobody is on call from 2027-01-04 12:00 (Asia/Dubai) to 2027-01-17 12:00 (Asia/Dubai).",
            "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
          ],
        },
        "lines": [
          {
            "after": "2027-01-04 12:00 (Asia/Dubai)",
            "label": "In force until",
            "now": "no end",
          },
        ],
        "risk": {
          "level": "critical",
          "reasons": [
            "Drops coverage that nothing else gives.",
            "Changes who is on call, again and again.",
            "Leaves time uncovered that is covered now.",
          ],
        },
        "services": [
          "Warehouse Routing",
        ],
        "target": "Warehouse shifts",
        "title": "Change the recurring shift "Around the clock" of the schedule "Warehouse shifts"",
      }
    `);
    const soon = await shown(ask({ effective_until: '2026-11-23T15:00:00Z' }, running));
    expect(soon.effect.lines).toMatchInlineSnapshot(`
      [
        "Starts being on call: nobody.",
        "Stops being on call: Aisha Rahmani, 13 d 23 h 5 min, from 2026-11-23 19:00 (Asia/Dubai) to 2026-12-07 18:05 (Asia/Dubai).",
        "On call now: Aisha Rahmani; that stays.",
        "In the next 14 d somebody is on call 100 % of the time now, 1 % after.",
        "Nobody is on call from 2026-11-23 19:00 (Asia/Dubai) to 2026-12-07 18:05 (Asia/Dubai).",
        "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
      ]
    `);
  });

  test('shows what an end that is put off or taken away adds', async () => {
    play.change((state) => {
      for (const { rotations } of state.shiftSchedules) {
        for (const one of rotations.flatMap((rotation) => rotation.events)) one.effectiveUntil = '2026-11-30T08:00:00Z';
      }
    });
    const off = await shown(ask({ effective_until: 'never' }, running));
    expect([off.lines, off.effect.lines]).toMatchInlineSnapshot(`
      [
        [
          {
            "after": "no end",
            "label": "In force until",
            "now": "2026-11-30 12:00 (Asia/Dubai)",
          },
        ],
        [
          "Starts being on call: Aisha Rahmani, 13 d, from 2026-11-30 12:00 (Asia/Dubai) to 2026-12-13 12:00 (Asia/Dubai).",
          "Stops being on call: nobody.",
          "In the 14 d from 2026-11-29 12:00 (Asia/Dubai) somebody is on call 7 % of the time now, 100 % after.",
          "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
        ],
      ]
    `);
  });

  test('says that it only renames, at the same risk', async () => {
    const { risk, lines } = await shown(ask({ name: 'Drill' }));
    expect(risk).toEqual({ level: 'high', reasons: ['Only renames the recurring shift.'] });
    expect(lines).toEqual([{ label: 'Name', now: 'Practice', after: 'Drill' }]);
  });

  test('sends only what differs, since PagerDuty refuses more once it runs', async () => {
    const whole = {
      name: 'Around the clock',
      start_time: { date_time: '2023-02-06T08:00:00Z', time_zone: 'Asia/Dubai' },
      end_time: { date_time: '2023-02-13T08:00:00Z', time_zone: 'Asia/Dubai' },
      effective_since: '2023-02-06T08:00:00Z',
      effective_until: '2027-01-04T08:00:00Z',
      recurrence: ['RRULE:FREQ=WEEKLY'],
      assignment_strategy: { ...turns, members: [member(people.aisha)] },
    };
    const { input, before } = await held(tool, ask(whole, running));
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    expect(tool.call(input, binding, before)).toMatchInlineSnapshot(`
      {
        "body": {
          "event": {
            "effective_until": "2027-01-04T08:00:00Z",
          },
        },
        "method": "PUT",
        "path": "/v3/schedules/PDWHSV3/rotations/5K7QDXV3M2RBJ6TNWYHC4FGPAE/events/ZN4HC7VTQ2KXW6MJRB5DYFGP3A",
      }
    `);
    expect((await sent(tool, input, before)).kind).toBe('applied');
    const all = await held(tool, ask({ ...whole, effective_since: '2098-01-01T00:00:00Z', effective_until: null }));
    expect(Object.keys(tool.call(all.input, binding, all.before).body?.event ?? {})).toEqual([
      'name',
      'start_time',
      'end_time',
      'effective_since',
      'assignment_strategy',
    ]);
    const open = await held(tool, ask({ effective_until: 'never' }, running));
    expect(tool.call(open.input, binding, open.before).body).toEqual({ event: { effective_until: null } });
  });

  test('refuses what PagerDuty would refuse', async () => {
    expect(await refused(ask({ name: 'Practice' }))).toMatchInlineSnapshot(`
      {
        "because": "The recurring shift "Practice" is like that already.",
        "holds": false,
      }
    `);
    expect(await refused(ask({ name: 'x' }, { ...future, event_id: 'NOSUCH' }))).toMatchInlineSnapshot(`
      {
        "because": "That rotation of "On-call training" has no recurring shift with the id NOSUCH.",
        "holds": false,
      }
    `);
    expect(await refused(ask({ name: 'Nights', recurrence: ['RRULE:FREQ=DAILY'] }, running))).toMatchInlineSnapshot(`
      {
        "because": ""Around the clock" is in force, so PagerDuty lets only effective_until change, not name and recurrence. End it and add another recurring shift instead.",
        "holds": false,
      }
    `);
    expect(await refused(ask({ effective_until: '2026-11-23T14:00:00Z' }, running))).toMatchInlineSnapshot(`
      {
        "because": "It would have ended already, at 2026-11-23 18:00 (Asia/Dubai).",
        "holds": false,
      }
    `);
    expect(await refused(ask({ effective_until: '2098-01-01T00:00:00Z' }))).toMatchInlineSnapshot(`
      {
        "because": "It would end before it is in force.",
        "holds": false,
      }
    `);
    expect(
      await refused(ask({ assignment_strategy: { ...turns, members: [member({ id: 'PUNOONE' })] } })),
    ).toMatchInlineSnapshot(`
      {
        "because": "PagerDuty knows no user with the id PUNOONE.",
        "holds": false,
      }
    `);
    play.change((state) => {
      const one = state.shiftSchedules.flatMap(({ rotations }) => rotations.flatMap(({ events }) => events));
      for (const past of one) past.effectiveUntil = '2026-01-01T00:00:00Z';
    });
    expect(await refused(ask({ effective_until: 'never' }, running))).toMatchInlineSnapshot(`
      {
        "because": "The recurring shift "Around the clock" is over; PagerDuty does not change it any more.",
        "holds": false,
      }
    `);
  });

  test('names what changed in between: the shift, or that it is in force now', async () => {
    const { input, before } = await held(tool, ask({ name: 'Drill' }));
    const { path } = tool.call(input, binding, before);
    play.human({ as: people.sam.email, method: 'PUT', path, body: { event: { name: 'Training' } } });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The recurring shift "Practice" of the schedule "On-call training" was "Practice: Lena Fischer and Tomáš Novák in turn; 2099-01-05 09:00 (Europe/Berlin) to 2099-01-12 09:00 (Europe/Berlin), 7 d; every week; in force from 2099-01-05 09:00 (Europe/Berlin), no end" when this was shown and is "Training: Lena Fischer and Tomáš Novák in turn; 2099-01-05 09:00 (Europe/Berlin) to 2099-01-12 09:00 (Europe/Berlin), 7 d; every week; in force from 2099-01-05 09:00 (Europe/Berlin), no end" now.",
        "holds": false,
      }
    `);
    expect(stillHolds(tool, input, before, { ...before, readAt: '2099-02-01T00:00:00Z' })).toEqual({
      holds: false,
      because: 'The recurring shift "Practice" was not in force yet when this was shown and is in force now.',
    });
    play.human({ as: people.sam.email, method: 'DELETE', path });
    const gone = await tool.read(reads, input);
    expect(stillHolds(tool, input, before, gone).holds).toBe(false);
    expect(tool.summarize(input, gone).effect.known).toBe(false);
  });

  test('is recognised by its values; else the audit trail decides', async () => {
    const { input, before } = await held(tool, ask({ assignment_strategy: turns }));
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The recurring shift does not have the asked assignment_strategy. The audit trail shows no change since it was to be sent.",
      }
    `);
    const outcome = await sent(tool, input, before);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toMatchObject({ result: future });
    expect(await evidence(tool, input)).toMatchObject({ applied: true, result: future });
    const other = { name: 'Another' };
    play.human({
      as: people.sam.email,
      method: 'PUT',
      path: tool.call(input, binding, before).path,
      body: { event: other },
    });
    expect((await evidence(tool, input)).applied).toBe(true);
    expect(
      tool.verify(tool.input.parse(ask({ name: 'Drill' })), await tool.readBack(reads, input, attempt), attempt)
        .applied,
    ).toBeNull();
    expect(tool.verify(input, { event: null, trail: 'untouched' }, attempt).applied).toBeNull();
    expect(() => tool.interpret(input, { event: { ...outcome, id: 'OTHER' } })).toThrow();
  });

  test('does not take for its own what somebody else did an hour later', async () => {
    const { input, before } = await held(tool, ask({ name: 'Drill' }));
    at('2026-11-23T15:05:00Z');
    const { method, path: where, body } = tool.call(input, binding, before);
    play.human({ as: people.sam.email, method, path: where, body });
    const found = await evidence(tool, input);
    at(NOW);
    expect(found).toMatchObject({ applied: null, because: expect.stringContaining('somebody else') });
  });

  test.each([
    ['every value', future, { name: 'Drill', assignment_strategy: turns, recurrence: ['RRULE:FREQ=DAILY'] }],
    ['an end', running, { effective_until: '2027-01-04T08:00:00Z' }],
  ])('is undone by putting %s back', async (_what, place, change) => {
    const { input, before } = await held(tool, ask(change, place));
    const was = structuredClone(event(place));
    await sent(tool, input, before);
    expect(event(place)).not.toEqual(was);
    const undo = tool.undo(input, before, null);
    const back = await held(tool, undo.possible && undo.input);
    expect(tool.admit(back.input, back.before, binding)).toEqual({ holds: true });
    await sent(tool, back.input, back.before);
    expect(event(place)).toEqual(was);
  });

  test.each([
    [{ name: 'Drill' }, future, true],
    [{ effective_since: '2026-11-23T13:00:00Z' }, future, false],
    [{ effective_until: '2027-01-04T08:00:00Z' }, running, false],
  ])('has a complete undo only while it is not in force, before and after: %j', async (change, place, complete) => {
    const { input, before } = await held(tool, ask(change, place));
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    expect(tool.undo(input, before, null)).toMatchObject({ possible: true, complete });
    expect(tool.risk(input, before).level).not.toMatch(/low|medium/);
  });

  test('is not sent any more when whoever covers has gone, but does not grow old by waiting', async () => {
    const members = [{ type: 'user_member' as const, userId: people.kenji.id }];
    editWarehouse(play, ({ customShifts }) => {
      customShifts.push({ id: 'COVER', start: NOW, end: '2026-12-10T00:00:00Z', members });
    });
    const { input, before } = await held(tool, ask({ effective_until: '2026-11-25T00:00:00Z' }, running));
    vi.setSystemTime('2026-11-24T09:00:00Z');
    const later = await tool.read(reads, input);
    editWarehouse(play, (schedule) => {
      schedule.customShifts = [];
    });
    const uncovered = await tool.read(reads, input);
    vi.setSystemTime(NOW);
    expect(stillHolds(tool, input, before, later)).toEqual({ holds: true });
    expect(stillHolds(tool, input, before, uncovered)).toMatchObject({
      because: expect.stringContaining('no longer Kenji Sato'),
    });
  });

  test('is replaced by a newer ask for the same fields', () => {
    expect(tool.supersedes(tool.input.parse(ask({ name: 'x' })))).toBe(
      'update_schedule_v3_rotation_event name 2QKX7VWNTB4RMJC6HD5YFGPZA7',
    );
  });
});
