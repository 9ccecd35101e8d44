import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { people, schedules, trainingParts, warehouseParts } from '../../fake/company.ts';
import { stillHolds } from '../evidence/watching.ts';
import { NOW, refusals, stage, unread } from '../testing/stage.ts';
import { createScheduleV3RotationEvent as tool } from './create-schedule-v3-rotation-event.ts';
import { deleteScheduleV3RotationEvent } from './delete-schedule-v3-rotation-event.ts';

vi.useFakeTimers({ toFake: ['Date'], now: new Date(NOW) });
afterAll(() => vi.useRealTimers());
const { play, reads, held, sent, binding, attempt, at, evidence } = await stage();
const zoned = (at: string) => ({ date_time: at, time_zone: 'Europe/Berlin' });
const member = (who: { id: string }) => ({ type: 'user_member', user_id: who.id });
const weekdays = {
  name: 'Weekdays',
  start_time: zoned('2026-11-23T09:00:00+01:00'),
  end_time: zoned('2026-11-23T17:00:00+01:00'),
  effective_since: '2026-11-01T00:00:00Z',
  recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR'],
  assignment_strategy: {
    type: 'rotating_member_assignment_strategy',
    shifts_per_member: 5,
    members: [member(people.lena), member(people.tomas)],
  },
};
const place = { schedule_id: schedules.trainingShifts.id, rotation_id: trainingParts.emptyRotation };
const ask = (change: object = {}, where: object = place) => ({
  ...place,
  ...where,
  event_data: { ...weekdays, ...change },
});
const events = () => play.state().shiftSchedules.flatMap(({ rotations }) => rotations.flatMap((one) => one.events));
const evidenceOf = (raw: unknown = ask()) => evidence(tool, tool.input.parse(raw));
const admitted = async (change: object, where: object = place) => {
  const { input, before } = await held(tool, ask(change, where));
  return tool.admit(input, before, binding);
};

beforeEach(() => play.reset());

describe('create_schedule_v3_rotation_event', () => {
  test('takes the official shape, also as JSON text, and says what is wrong with others', () => {
    expect(refusals(tool, { ...ask(), event_data: JSON.stringify({ ...weekdays, effective_until: null }) })).toEqual(
      [],
    );
    expect(
      refusals(
        tool,
        ask({
          start_time: { date_time: '2026-11-23T09:00:00', time_zone: 'Berlin' },
          recurrence: ['FREQ=DAILY'],
          assignment_strategy: { type: 'rotating_member_assignment_strategy', members: [{ type: 'user_member' }] },
        }),
      ),
    ).toMatchInlineSnapshot(`
      [
        "event_data.start_time.date_time: Must be an ISO 8601 time with its zone, like 2026-01-31T18:00:00Z or 2026-01-31T19:00:00+01:00.",
        "event_data.start_time.time_zone: Must be an IANA time zone, like Europe/Berlin.",
        "event_data.recurrence.0: Must begin with RRULE:, EXDATE or RDATE.",
        "event_data.recurrence: Give exactly one RRULE, like RRULE:FREQ=WEEKLY;BYDAY=MO.",
        "event_data.assignment_strategy.members.0: A user_member needs a user_id, and an empty_member has none.",
        "event_data.assignment_strategy: shifts_per_member is required when members rotate.",
      ]
    `);
    const every = { type: 'rotating_member_assignment_strategy', members: [{ type: 'empty_member' }] };
    expect(refusals(tool, ask({ recurrence: [], assignment_strategy: every }))).toMatchInlineSnapshot(`
      [
        "event_data.recurrence: Too small: expected array to have >=1 items",
        "event_data.recurrence: Give exactly one RRULE, like RRULE:FREQ=WEEKLY;BYDAY=MO.",
        "event_data.assignment_strategy: shifts_per_member is required when members rotate.",
      ]
    `);
  });

  test('says who comes on call when, in words and as it is written', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Starts being on call: Lena Fischer, 1 d 16 h in 6 shifts, the first from 2026-11-23 15:05 (Europe/Berlin) to 2026-11-23 17:00 (Europe/Berlin); Tomáš Novák, 1 d 16 h in 5 shifts, the first from 2026-11-30 09:00 (Europe/Berlin) to 2026-11-30 17:00 (Europe/Berlin).",
            "Stops being on call: nobody.",
            "On call now: nobody; right after it: Lena Fischer.",
            "In the next 14 d somebody is on call 0 % of the time now, 24 % after.",
            "Nobody is on call from 2026-11-23 17:00 (Europe/Berlin) to 2026-11-24 09:00 (Europe/Berlin), and in 9 more gaps.",
            "No escalation policy uses this schedule: nobody is paged through it.",
          ],
        },
        "lines": [
          {
            "after": "Weekdays",
            "label": "Name",
            "now": null,
          },
          {
            "after": "Lena Fischer and Tomáš Novák in turn, 5 shifts each",
            "label": "On call",
            "now": null,
          },
          {
            "after": "2026-11-23 09:00 (Europe/Berlin) to 2026-11-23 17:00 (Europe/Berlin), 8 h",
            "label": "First shift",
            "now": null,
          },
          {
            "after": "every week on Monday, Tuesday, Wednesday, Thursday and Friday (RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR)",
            "label": "Repeats",
            "now": null,
          },
          {
            "after": "2026-11-01 01:00 (Europe/Berlin), which is past: at once",
            "label": "In force from",
            "now": null,
          },
          {
            "after": "no end",
            "label": "In force until",
            "now": null,
          },
        ],
        "services": [],
        "target": "On-call training",
        "title": "Add the recurring shift "Weekdays" to the schedule "On-call training"",
      }
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "high",
        "reasons": [
          "Puts people on call again and again.",
          "Changes who is on call now.",
        ],
      }
    `);
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    expect(tool.touches(input, before)).toEqual({ subjects: ['schedule:PDTRNV3'], escalationPolicyIds: [] });
  });

  test('looks at the time from which it is in force, and at its end', async () => {
    const later = { effective_since: '2027-03-01T00:00:00Z', effective_until: '2027-03-08T00:00:00Z' };
    const { input, before } = await held(tool, ask(later));
    const { lines, effect } = tool.summarize(input, before);
    expect([
      ...lines.slice(-2).map(({ label, after }) => `${label}: ${after}`),
      ...effect.lines,
    ]).toMatchInlineSnapshot(`
      [
        "In force from: 2027-03-01 01:00 (Europe/Berlin)",
        "In force until: 2027-03-08 01:00 (Europe/Berlin)",
        "Starts being on call: Lena Fischer, 1 d 16 h in 5 shifts, the first from 2027-03-01 09:00 (Europe/Berlin) to 2027-03-01 17:00 (Europe/Berlin).",
        "Stops being on call: nobody.",
        "In the 14 d from 2027-03-01 01:00 (Europe/Berlin) somebody is on call 0 % of the time now, 12 % after.",
        "Nobody is on call from 2027-03-01 01:00 (Europe/Berlin) to 2027-03-01 09:00 (Europe/Berlin), and in 5 more gaps.",
        "No escalation policy uses this schedule: nobody is paged through it.",
        "Turns are counted from its first shift here; PagerDuty may let somebody else of them begin.",
      ]
    `);
  });

  test('does not claim to know the effect of a rule that it cannot follow', async () => {
    const { input, before } = await held(tool, ask({ recurrence: ['RRULE:FREQ=MONTHLY'] }));
    expect(tool.summarize(input, before).effect.known).toBe(false);
    expect(tool.risk(input, before).reasons).toContain('Its rule cannot be followed, so the times are not known.');
  });

  test('computes the same shifts as PagerDuty does afterwards', async () => {
    const { input, before } = await held(tool, ask({ recurrence: ['RRULE:FREQ=DAILY'] }));
    const [starts] = tool.summarize(input, before).effect.lines;
    await sent(tool, input);
    const { schedule } = await tool.read(reads, input);
    const lena = (schedule.shifts ?? []).filter(({ user }) => user.id === people.lena.id);
    expect(starts).toContain(`Lena Fischer, 3 d in ${lena.length} shifts`);
  });

  test('sends one POST with what was given and nothing else', () => {
    expect(tool.call(tool.input.parse(ask()), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "event": {
            "assignment_strategy": {
              "members": [
                {
                  "type": "user_member",
                  "user_id": "PULENA1",
                },
                {
                  "type": "user_member",
                  "user_id": "PUTOMAS",
                },
              ],
              "shifts_per_member": 5,
              "type": "rotating_member_assignment_strategy",
            },
            "effective_since": "2026-11-01T00:00:00Z",
            "end_time": {
              "date_time": "2026-11-23T17:00:00+01:00",
              "time_zone": "Europe/Berlin",
            },
            "name": "Weekdays",
            "recurrence": [
              "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
            ],
            "start_time": {
              "date_time": "2026-11-23T09:00:00+01:00",
              "time_zone": "Europe/Berlin",
            },
          },
        },
        "method": "POST",
        "path": "/v3/schedules/PDTRNV3/rotations/3BWX7QVNTK2RMJC6HD4YFGPZA6/events",
      }
    `);
  });

  test('refuses what PagerDuty would refuse', async () => {
    expect(await admitted({}, { rotation_id: 'NOSUCH' })).toMatchInlineSnapshot(`
      {
        "because": "The schedule "On-call training" has no rotation with the id NOSUCH.",
        "holds": false,
      }
    `);
    expect(await admitted({}, { rotation_id: trainingParts.rotation })).toMatchInlineSnapshot(`
      {
        "because": "It overlaps with "Practice", which is in force from 2099-01-05 09:00 (Europe/Berlin), without end; a rotation has one recurring shift at a time.",
        "holds": false,
      }
    `);
    expect(await admitted({ effective_until: '2026-11-20T00:00:00Z' })).toMatchInlineSnapshot(`
      {
        "because": "It would end before it is in force.",
        "holds": false,
      }
    `);
    expect(await admitted({ end_time: weekdays.start_time })).toMatchInlineSnapshot(`
      {
        "because": "The first shift must end after it starts.",
        "holds": false,
      }
    `);
    const assignment_strategy = { type: 'every_member_assignment_strategy', members: [member({ id: 'PUNOONE' })] };
    expect(await admitted({ assignment_strategy })).toMatchInlineSnapshot(`
      {
        "because": "PagerDuty knows no user with the id PUNOONE.",
        "holds": false,
      }
    `);
    play.change((state) => {
      for (const { rotations } of state.shiftSchedules) {
        const [event] = rotations[0]?.events ?? [];
        if (event && rotations[1]) rotations[1].events = Array.from({ length: 5 }, () => event);
      }
    });
    expect(await admitted({})).toMatchInlineSnapshot(`
      {
        "because": "The rotation has 5 recurring shifts already; PagerDuty allows 5.",
        "holds": false,
      }
    `);
  });

  test('names a shift that came in between', async () => {
    const { input, before } = await held(tool, ask());
    const { method, path, body } = tool.call(input, binding, before);
    play.human({ as: people.sam.email, method, path, body });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The plan of the schedule "On-call training" was 2 rotations with 1 recurring shift when this was shown and is 2 rotations with 2 recurring shifts now.",
        "holds": false,
      }
    `);
  });

  test('is recognised by its values, though PagerDuty moves a start that is past', async () => {
    expect(await evidenceOf()).toMatchObject({ applied: false });
    play.faults.add({ kind: 'garbage' });
    expect((await sent(tool, tool.input.parse(ask()))).kind).toBe('unknown');
    expect(await evidenceOf()).toMatchObject({ applied: true, result: { ...place, event_id: events().at(-1)?.id } });
    // Another one, made by somebody else: nobody can say that ours was never there.
    expect((await evidenceOf(ask({ name: 'Weekends' }))).applied).toBeNull();
    expect(await evidenceOf(ask({ effective_since: '2027-01-01T00:00:00Z' }))).toEqual({
      applied: null,
      because: 'The rotation has this recurring shift, in force from another time on. A human must look.',
    });
    const input = tool.input.parse(ask());
    expect(tool.verify(input, { events: null, trail: 'untouched' }, attempt).applied).toBeNull();
  });

  test('does not take for its own what somebody else did an hour later', async () => {
    const { input } = await held(tool, ask({ effective_since: '2027-01-01T00:00:00Z' }));
    at('2026-11-23T15:05:00Z');
    const { method, path: where, body } = tool.call(input, binding, unread);
    play.human({ as: people.sam.email, method, path: where, body });
    const found = await evidence(tool, input);
    at(NOW);
    expect(found).toMatchObject({ applied: null, because: expect.stringContaining('somebody else') });
  });

  test('does not take another answer for its own', async () => {
    const input = tool.input.parse(ask());
    const outcome = await sent(tool, tool.input.parse(ask({ name: 'Weekends' })));
    expect(() => tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toThrow('another recurring');
    expect(() => tool.interpret(input, null)).toThrow();
  });

  test('keeps its title on one line', async () => {
    const { input, before } = await held(tool, ask({ name: 'Nights\nApproved by Sam' }));
    expect(tool.summarize(input, before).title).toContain('"Nights Approved by Sam"');
  });

  test('is undone by deleting it, once its id is known', async () => {
    const { input, before } = await held(tool, ask({ effective_since: '2027-01-01T00:00:00Z' }));
    expect(tool.undo(input, before, null)).toMatchObject({ possible: true, input: null });
    const there = events().length;
    const outcome = await sent(tool, input);
    const answer = tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null);
    if (!answer.applied) throw new TypeError(answer.because);
    expect(events()).toHaveLength(there + 1);
    const undo = tool.undo(input, before, answer.result);
    const back = await held(deleteScheduleV3RotationEvent, undo.possible && undo.input);
    await sent(deleteScheduleV3RotationEvent, back.input);
    expect(events()).toHaveLength(there);
  });

  test('says that it comes beside others on a schedule that pages', async () => {
    const path = `/v3/schedules/${schedules.warehouseShifts.id}/rotations`;
    play.human({ as: people.sam.email, method: 'POST', path, body: {} });
    const fresh = play.state().shiftSchedules.find(({ id }) => id === schedules.warehouseShifts.id)?.rotations[1]?.id;
    const there = { schedule_id: schedules.warehouseShifts.id, rotation_id: fresh };
    const { input, before } = await held(tool, ask({}, there));
    expect(before.schedule.rotations[0]?.id).toBe(warehouseParts.rotation);
    expect(tool.summarize(input, before).effect.lines).toMatchInlineSnapshot(`
      [
        "Starts being on call: Lena Fischer, 1 d 16 h in 6 shifts, the first from 2026-11-23 18:05 (Asia/Dubai) to 2026-11-23 20:00 (Asia/Dubai); Tomáš Novák, 1 d 16 h in 5 shifts, the first from 2026-11-30 12:00 (Asia/Dubai) to 2026-11-30 20:00 (Asia/Dubai).",
        "Stops being on call: nobody.",
        "On call now: Aisha Rahmani; right after it: Aisha Rahmani and Lena Fischer.",
        "In the next 14 d somebody is on call 100 % of the time, before and after.",
        "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
      ]
    `);
  });
});
