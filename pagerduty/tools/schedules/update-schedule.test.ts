import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { people, schedules, teams } from '../../fake/company.ts';
import { stateOf, stillHolds } from '../evidence/watching.ts';
import { NOW, refusals, stage, unread } from '../testing/stage.ts';
import { updateSchedule as tool } from './update-schedule.ts';

vi.useFakeTimers({ toFake: ['Date'], now: new Date(NOW) });
afterAll(() => vi.useRealTimers());
const { play, reads, held, sent, binding, attempt, at, evidence } = await stage();
const id = schedules.warehouseShifts.id;
const ask = (change: object) => ({ schedule_id: id, schedule_data: change });
const everything = {
  name: 'Warehouse',
  description: '',
  time_zone: 'Asia/Tokyo',
  teams: [{ id: teams.data.id, type: 'team_reference' }],
};
const schedule = () => play.state().shiftSchedules.find((one) => one.id === id);
const bySam = (change: object) =>
  play.human({ as: people.sam.email, method: 'PUT', path: `/v3/schedules/${id}`, body: { schedule: change } });
const evidenceOf = (change: object) => evidence(tool, tool.input.parse(ask(change)));

beforeEach(() => play.reset());

describe('update_schedule', () => {
  test('needs something to change, and refuses rotations in words', () => {
    expect(refusals(tool, ask({ name: null, rotations: [] }))).toEqual(['schedule_data: Nothing to change.']);
    expect(refusals(tool, ask({ name: 'x', rotations: [{}] }))).toEqual([
      'schedule_data.rotations: Rotations are not accepted here: use create_schedule_v3_rotation, then create_schedule_v3_rotation_event.',
    ]);
  });

  test('shows old and new of what changes, and that nobody is moved by a name', async () => {
    const { input, before } = await held(tool, ask({ name: 'Warehouse', description: 'Day and night.' }));
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Nobody starts or stops being on call.",
            "On call now: Aisha Rahmani; that stays.",
            "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
          ],
        },
        "lines": [
          {
            "after": "Warehouse",
            "label": "Name",
            "now": "Warehouse shifts",
          },
          {
            "after": "Day and night.",
            "label": "Description",
            "now": "Follows the sun.",
          },
        ],
        "services": [
          "Warehouse Routing",
        ],
        "target": "Warehouse shifts",
        "title": "Change the schedule "Warehouse shifts"",
      }
    `);
    expect(tool.risk(input, before)).toEqual({ level: 'high', reasons: ['People know the schedule by its name.'] });
    const described = tool.input.parse(ask({ description: 'Day and night.' }));
    expect(tool.risk(described, before)).toEqual({ level: 'low', reasons: ['Only describes the schedule.'] });
    expect(tool.touches(input, before)).toEqual({ subjects: [`schedule:${id}`], escalationPolicyIds: ['PEWAREH'] });
  });

  test('does not claim to know what another time zone does to the shifts', async () => {
    const { input, before } = await held(tool, ask(everything));
    const { lines, effect } = tool.summarize(input, before);
    expect([lines, effect]).toMatchInlineSnapshot(`
      [
        [
          {
            "after": "Warehouse",
            "label": "Name",
            "now": "Warehouse shifts",
          },
          {
            "after": "Asia/Tokyo",
            "label": "Time zone",
            "now": "Asia/Dubai",
          },
          {
            "after": "(empty)",
            "label": "Description",
            "now": "Follows the sun.",
          },
          {
            "after": "Data and Messaging",
            "label": "Teams",
            "now": "Logistics",
          },
        ],
        {
          "known": false,
          "lines": [
            "Who starts and stops being on call could not be computed.",
            "On call now: Aisha Rahmani.",
            "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
            "The recurring shifts have a time zone of their own (Asia/Dubai), which this does not change.",
          ],
        },
      ]
    `);
    expect(tool.risk(input, before)).toMatchInlineSnapshot(`
      {
        "level": "high",
        "reasons": [
          "A new time zone may move the shifts of a schedule that is in use.",
          "The teams decide who may change the schedule.",
          "People know the schedule by its name.",
        ],
      }
    `);
  });

  test('says what another team means', async () => {
    const { input, before } = await held(tool, ask({ teams: [] }));
    const { lines, effect } = tool.summarize(input, before);
    expect(lines).toEqual([{ label: 'Teams', now: 'Logistics', after: 'none' }]);
    expect(effect.lines).toContain('Who may see and change the schedule follows its teams.');
  });

  test('sends only the fields that were given', () => {
    expect(tool.call(tool.input.parse(ask(everything)), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "schedule": {
            "description": "",
            "name": "Warehouse",
            "teams": [
              {
                "id": "PTDATA1",
                "type": "team_reference",
              },
            ],
            "time_zone": "Asia/Tokyo",
          },
        },
        "method": "PUT",
        "path": "/v3/schedules/PDWHSV3",
      }
    `);
    expect(tool.call(tool.input.parse(ask({ description: 'x' })), binding, unread).body).toEqual({
      schedule: { description: 'x' },
    });
  });

  test('is refused when it is like that already, for unknown teams and for layer-based schedules', async () => {
    const same = await held(tool, ask({ name: 'Warehouse shifts', description: 'Follows the sun.' }));
    expect(tool.admit(same.input, same.before, binding)).toEqual({
      holds: false,
      because: 'The schedule "Warehouse shifts" is like that already.',
    });
    const team = await held(tool, ask({ teams: [{ id: 'PTNONE' }] }));
    expect(tool.admit(team.input, team.before, binding).holds).toBe(false);
    await expect(held(tool, { ...ask({ name: 'x' }), schedule_id: schedules.checkoutPrimary.id })).rejects.toThrow(
      'layer-based',
    );
  });

  test.each([[{ name: 'Depot' }], [{ description: 'Closed.' }], [{ teams: [] }], [{ time_zone: 'UTC' }]])(
    'names %j when it came in between',
    async (change) => {
      const { input, before } = await held(tool, ask({ name: 'Warehouse' }));
      bySam(change);
      const now = await tool.read(reads, input);
      expect(stillHolds(tool, input, before, now)).toMatchObject({
        because: expect.stringContaining('when this was shown'),
      });
      expect(stateOf(tool, input, now)).not.toEqual(stateOf(tool, input, before));
    },
  );

  test('is recognised by its values; else the audit trail decides', async () => {
    expect(await evidenceOf(everything)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The schedule does not have the asked name, time zone, description and teams. The audit trail shows no change since it was to be sent.",
      }
    `);
    await sent(tool, tool.input.parse(ask(everything)));
    expect(await evidenceOf(everything)).toMatchObject({ applied: true, result: { schedule_id: id } });
    expect(await evidenceOf({ ...everything, description: 'x' })).toMatchInlineSnapshot(`
      {
        "applied": null,
        "because": "The schedule does not have the asked description. The audit trail shows that somebody changed something since, so it may have been there. A human must look.",
      }
    `);
    const input = tool.input.parse(ask(everything));
    expect(tool.verify(input, { differs: null, trail: 'untouched' }, attempt).applied).toBeNull();
  });

  test('does not take for its own what somebody else did an hour later', async () => {
    const { input } = await held(tool, ask(everything));
    at('2026-11-23T15:05:00Z');
    const { method, path: where, body } = tool.call(input, binding, unread);
    play.human({ as: people.sam.email, method, path: where, body });
    const found = await evidence(tool, input);
    at(NOW);
    expect(found).toMatchObject({ applied: null, because: expect.stringContaining('somebody else') });
  });

  test('does not take another answer for its own', async () => {
    const input = tool.input.parse(ask(everything));
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toMatchObject({ applied: true });
    const own = { id, name: 'Warehouse', time_zone: 'Asia/Tokyo' };
    expect(tool.interpret(input, { schedule: own }).applied).toBe(true);
    for (const schedule of [
      { ...own, id: 'P1' },
      { ...own, name: 'x' },
      { ...own, teams: [] },
      { ...own, teams: null },
    ]) {
      expect(() => tool.interpret(input, { schedule })).toThrow();
    }
  });

  test('is undone by putting every former value back', async () => {
    const was = structuredClone(schedule());
    const { input, before } = await held(tool, ask(everything));
    await sent(tool, input);
    expect(schedule()).not.toEqual(was);
    const undo = tool.undo(input, before, null);
    const back = await held(tool, undo.possible && undo.input);
    await sent(tool, back.input);
    expect(schedule()).toEqual(was);
    expect(tool.supersedes(input)).toBe(`update_schedule description+name+teams+time_zone ${id}`);
  });
});
