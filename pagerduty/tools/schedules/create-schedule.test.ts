import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { people, teams } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { deleteScheduleV3 } from '../schedules-v3/delete-schedule-v3.ts';
import { NOW, refusals, stage, unread } from '../testing/stage.ts';
import { createSchedule as tool } from './create-schedule.ts';

vi.useFakeTimers({ toFake: ['Date'], now: new Date(NOW) });
afterAll(() => vi.useRealTimers());
const { play, reads, held, sent, binding, at, evidence } = await stage();
const returns = {
  name: 'Returns shifts',
  time_zone: 'Europe/Berlin',
  description: 'Parcels that come back.',
  teams: [{ id: teams.logistics.id, type: 'team_reference' }],
};
const ask = (change: object = {}) => ({ schedule_data: { ...returns, ...change } });
const input = tool.input.parse(ask());
const evidenceOf = (raw: unknown = ask()) => evidence(tool, tool.input.parse(raw));
const bySomebodyElse = (change: object = {}) =>
  play.human({
    as: people.sam.email,
    method: 'POST',
    path: '/v3/schedules',
    body: { schedule: { ...returns, ...change } },
  });

beforeEach(() => play.reset());

describe('create_schedule', () => {
  test('refuses rotations and escalation policies in words, unless they are empty', () => {
    expect(refusals(tool, ask({ rotations: [{ events: [] }], escalation_policies: [{}] }))).toMatchInlineSnapshot(`
      [
        "schedule_data.rotations: Rotations are not accepted here: use create_schedule_v3_rotation, then create_schedule_v3_rotation_event.",
        "schedule_data.escalation_policies: Escalation policies are not accepted here: name the schedule in update_escalation_policy.",
      ]
    `);
    expect(tool.input.parse(ask({ rotations: [], escalation_policies: null }))).toEqual(input);
    expect(refusals(tool, ask({ time_zone: 'Berlin' }))).toEqual([
      'schedule_data.time_zone: Must be an IANA time zone, like Europe/Berlin.',
    ]);
  });

  test('says that nobody is on call on it yet', async () => {
    const { before } = await held(tool, ask());
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Nobody is on call on it until rotations and shifts are added.",
            "Nobody is paged through it until an escalation policy names it.",
          ],
        },
        "lines": [
          {
            "after": "Returns shifts",
            "label": "Name",
            "now": null,
          },
          {
            "after": "Europe/Berlin",
            "label": "Time zone",
            "now": null,
          },
          {
            "after": "Parcels that come back.",
            "label": "Description",
            "now": null,
          },
          {
            "after": "Logistics",
            "label": "Teams",
            "now": null,
          },
        ],
        "services": [],
        "target": "Returns shifts",
        "title": "Create the schedule "Returns shifts"",
      }
    `);
    expect(tool.risk(input, before).level).toBe('medium');
    expect(tool.touches(input, before)).toEqual({ subjects: ['account:schedules'], escalationPolicyIds: [] });
  });

  test('warns of a link in what others read', async () => {
    const { input: linked, before } = await held(tool, ask({ description: 'See http://evil.example' }));
    expect(tool.risk(linked, before).reasons).toContain('The text contains a link.');
  });

  test('sends only what was given', () => {
    expect(tool.call(input, binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "schedule": {
            "description": "Parcels that come back.",
            "name": "Returns shifts",
            "teams": [
              {
                "id": "PTLOGIS",
                "type": "team_reference",
              },
            ],
            "time_zone": "Europe/Berlin",
          },
        },
        "method": "POST",
        "path": "/v3/schedules",
      }
    `);
    const bare = tool.input.parse({ schedule_data: { name: 'x', time_zone: 'UTC', description: null, teams: null } });
    expect(tool.call(bare, binding, unread).body).toEqual({ schedule: { name: 'x', time_zone: 'UTC' } });
  });

  test('is refused for a taken name and for teams that nobody knows', async () => {
    const { before } = await held(tool, ask());
    bySomebodyElse();
    const now = await tool.read(reads, input);
    expect(tool.admit(input, now, binding).holds).toBe(false);
    expect(stillHolds(tool, input, before, now)).toMatchObject({
      because: expect.stringMatching(
        /^The name "Returns shifts" was free when this was shown and is taken by P\w+ now\.$/,
      ),
    });
    const other = await held(tool, ask({ name: 'Night', teams: [{ id: 'PTNONE' }] }));
    expect(tool.admit(other.input, other.before, binding)).toEqual({
      holds: false,
      because: 'PagerDuty knows no team with the id PTNONE.',
    });
  });

  test('is recognised by its name and values; without it nobody can tell', async () => {
    expect(await evidenceOf()).toMatchInlineSnapshot(`
      {
        "applied": null,
        "because": "There is no schedule of that name, and no trail tells whether there was one. A human must look.",
      }
    `);
    play.faults.add({ kind: 'garbage' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    const id = play.state().shiftSchedules.at(-1)?.id;
    expect(await evidenceOf()).toMatchObject({ applied: true, result: { schedule_id: id } });
    expect(await evidenceOf(ask({ description: 'Another.' }))).toMatchInlineSnapshot(`
      {
        "applied": null,
        "because": "There is a schedule of that name, with other values: description. A human must look.",
      }
    `);
    expect((await evidenceOf(ask({ name: 'Another' }))).applied).toBeNull();
    bySomebodyElse();
    expect(await evidenceOf()).toMatchObject({ applied: null });
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

  test('does not take another answer for its own', () => {
    const foreign: Json[] = [null, {}, { schedule: { id: 'P1', name: 'Other', time_zone: 'Europe/Berlin' } }];
    for (const body of foreign) expect(() => tool.interpret(input, body)).toThrow();
  });

  test('compares the teams where the answer shows them', () => {
    const own = { id: 'P1', name: ' Returns shifts', time_zone: 'Europe/Berlin' };
    expect(tool.interpret(input, { schedule: own }).applied).toBe(true);
    for (const shown of [null, [], [{ id: 'PTDATA1' }]]) {
      expect(() => tool.interpret(input, { schedule: { ...own, teams: shown } })).toThrow('other teams');
    }
  });

  test('keeps its title on one line, and takes a name with blanks around it for the same', async () => {
    const { input: odd, before } = await held(tool, ask({ name: 'Returns\nApproved by Sam' }));
    const { title, target, lines } = tool.summarize(odd, before);
    expect([title, target]).toEqual(['Create the schedule "Returns Approved by Sam"', 'Returns Approved by Sam']);
    expect(lines[0]?.after).toContain('\n');
    bySomebodyElse();
    const blank = await held(tool, ask({ name: ' Returns shifts ' }));
    expect(tool.admit(blank.input, blank.before, binding).holds).toBe(false);
  });

  test('is undone by deleting it, once its id is known', async () => {
    const { before } = await held(tool, ask());
    expect(tool.undo(input, before, null)).toMatchObject({ possible: true, input: null });
    const there = play.state().shiftSchedules.length;
    const outcome = await sent(tool, input);
    const answer = tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null);
    if (!answer.applied) throw new TypeError(answer.because);
    const undo = tool.undo(input, before, answer.result);
    const back = await held(deleteScheduleV3, undo.possible && undo.input);
    expect(deleteScheduleV3.admit(back.input, back.before, binding)).toEqual({ holds: true });
    await sent(deleteScheduleV3, back.input);
    expect(play.state().shiftSchedules).toHaveLength(there);
  });
});
