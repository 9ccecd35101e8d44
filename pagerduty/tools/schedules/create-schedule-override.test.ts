import { beforeEach, describe, expect, test } from 'vitest';
import { people, schedules } from '../../fake/company.ts';
import { stateOf, stillHolds } from '../evidence/watching.ts';
import { NOW, refusals, stage, unread } from '../testing/stage.ts';
import { createScheduleOverride as tool } from './create-schedule-override.ts';

const { play, reads, held, sent, binding, attempt, at, evidence } = await stage();
const evening = { start: '2026-11-23T18:00:00Z', end: '2026-11-24T02:00:00+01:00', user_id: people.lena.id };
const ask = (override: object = evening, scheduleId: string = schedules.checkoutPrimary.id) => ({
  schedule_id: scheduleId,
  override_request: { overrides: [override] },
});

/** As if it had been read at that moment of the play. */
const heldAt = async (readAt: string, raw: unknown) => {
  const { input, before } = await held(tool, raw);
  return { input, before: { ...before, readAt } };
};

beforeEach(() => play.reset());

describe('create_schedule_override', () => {
  test('takes exactly one override with times that say their zone', () => {
    const { start, end } = evening;
    expect(refusals(tool, { ...ask(), override_request: { overrides: [evening, evening] } })).toMatchInlineSnapshot(`
      [
        "override_request.overrides: One override per request: PagerDuty may accept some of a list and refuse others, and each needs its own yes.",
      ]
    `);
    expect(refusals(tool, { ...ask(), override_request: { overrides: [] } })).toMatchInlineSnapshot(`
      [
        "override_request.overrides: Too small: expected array to have >=1 items",
      ]
    `);
    expect(refusals(tool, ask({ ...evening, start: '2026-11-23T18:00:00' }))).toMatchInlineSnapshot(`
      [
        "override_request.overrides.0.start: Must be an ISO 8601 time with its zone, like 2026-01-31T18:00:00Z or 2026-01-31T19:00:00+01:00.",
      ]
    `);
    expect(refusals(tool, ask({ ...evening, start: end, end: start }))).toMatchInlineSnapshot(`
      [
        "override_request.overrides.0: The override must end after it starts.",
      ]
    `);
    expect(refusals(tool, ask({ ...evening, user: 'Lena' }))).toMatchInlineSnapshot(`
      [
        "override_request.overrides.0: Unrecognized key: "user"",
      ]
    `);
    expect(tool.input.parse({ ...ask(), override_request: JSON.stringify(ask().override_request) })).toEqual(
      tool.input.parse(ask()),
    );
  });

  test('says who replaces whom, when and for how long', async () => {
    const { input, before } = await heldAt(NOW, ask());
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Starts being paged: Lena Fischer, from 2026-11-23 19:00 (Europe/Berlin) to 2026-11-24 02:00 (Europe/Berlin).",
            "Stops being paged in that window: Priya Raman.",
            "Starts in 3 h 55 min and lasts 7 h.",
            "Reaches 1 escalation policy (Checkout and Payments) and 2 services.",
          ],
        },
        "lines": [
          {
            "after": "Lena Fischer",
            "label": "On call",
            "now": "Priya Raman",
          },
          {
            "after": "2026-11-23 19:00 (Europe/Berlin)",
            "label": "From",
            "now": null,
          },
          {
            "after": "2026-11-24 02:00 (Europe/Berlin)",
            "label": "Until",
            "now": null,
          },
        ],
        "services": [
          "Checkout API",
          "Payments Gateway",
        ],
        "target": "Checkout primary",
        "title": "Put Lena Fischer on call on "Checkout primary" for 7 h",
      }
    `);
  });

  test('says when it takes effect at once', async () => {
    const { input, before } = await heldAt(NOW, ask({ ...evening, start: '2026-11-23T14:00:00Z' }));
    expect(tool.summarize(input, before).effect.lines).toContain('Starts at once; of its 11 h, 10 h 55 min are left.');
    expect(tool.risk(input, before)).toEqual({
      level: 'high',
      reasons: ['Changes who is paged in the window.', 'Takes effect at once.'],
    });
  });

  test('sends one POST with the times as they were given', () => {
    expect(tool.call(tool.input.parse(ask()), binding, unread)).toMatchInlineSnapshot(`
      {
        "body": {
          "overrides": [
            {
              "end": "2026-11-24T02:00:00+01:00",
              "start": "2026-11-23T18:00:00Z",
              "user": {
                "id": "PULENA1",
                "type": "user_reference",
              },
            },
          ],
        },
        "method": "POST",
        "path": "/schedules/PDCHKP1/overrides",
      }
    `);
  });

  test('is refused when the window is over or the same override exists', async () => {
    const over = await heldAt('2026-11-24T01:00:00.000Z', ask());
    expect(tool.admit(over.input, over.before, binding)).toMatchInlineSnapshot(`
      {
        "because": "The window ended already, at 2026-11-24 02:00 (Europe/Berlin).",
        "holds": false,
      }
    `);
    const { input, before } = await heldAt(NOW, ask());
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    await sent(tool, input);
    expect(tool.admit(input, { ...(await tool.read(reads, input)), readAt: NOW }, binding)).toEqual({
      holds: false,
      because: 'Lena Fischer already has exactly this override on "Checkout primary".',
    });
  });

  test('is refused for shift-based schedules in words', async () => {
    await expect(held(tool, ask(evening, schedules.warehouseShifts.id))).rejects.toThrow(
      'This schedule is shift-based; create_schedule_override works on layer-based schedules only.',
    );
  });

  test('names another override that came in between', async () => {
    const { input, before } = await held(tool, ask());
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toEqual({ holds: true });
    const { path, method } = tool.call(input, binding, before);
    const other = { ...evening, user: { id: people.marco.id, type: 'user_reference' }, user_id: undefined };
    play.human({ as: people.marco.email, method, path, body: { overrides: [other] } });
    const now = await tool.read(reads, input);
    expect(stillHolds(tool, input, before, now)).toMatchInlineSnapshot(`
      {
        "because": "The shift in the window of the schedule "Checkout primary" was Priya Raman 2026-11-23 18:00 (UTC) to 2026-11-24 01:00 (UTC) when this was shown and is Marco Bellini 2026-11-23 18:00 (UTC) to 2026-11-24 01:00 (UTC) now.",
        "holds": false,
      }
    `);
    expect(stateOf(tool, input, now)).not.toEqual(stateOf(tool, input, before));
  });

  test('finds a refusal inside a 201', () => {
    const input = tool.input.parse(ask());
    const refused = [{ status: 400, errors: ['Override must end after its start'], override: null }];
    expect(tool.interpret(input, refused)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "PagerDuty answered 201, but refused the override inside: Override must end after its start.",
      }
    `);
  });

  const made = { id: 'QMADE01', start: evening.start, end: evening.end, user: { id: people.lena.id } };
  test.each([
    [null],
    [[]],
    [{ message: 'blocked' }],
    [[{ override: made }]],
    [[{ status: 201, override: null }]],
    [[{ status: 201, override: { ...made, user: { id: people.marco.id } } }]],
    [[{ status: 201, override: { ...made, end: '2026-11-25T00:00:00Z' } }]],
    [[{ status: 500, override: made }]],
    [
      [
        { status: 201, override: made },
        { status: 201, override: made },
      ],
    ],
  ])('does not take %j for its override', (body) => {
    expect(() => tool.interpret(tool.input.parse(ask()), body)).toThrow();
  });

  test('is recognised by start, end and user, even when the answer was lost', async () => {
    const { input } = await held(tool, ask());
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The schedule has no such override. The audit trail shows no change since it was to be sent.",
      }
    `);
    play.faults.add({ kind: 'garbage' });
    expect((await sent(tool, input)).kind).toBe('unknown');
    expect((await evidence(tool, input)).applied).toBe(true);
    const clippedStart = { id: 'PX', start: '2026-11-23T18:30:00Z', end: evening.end, user: { id: people.lena.id } };
    const trail = 'changed' as const;
    expect(tool.verify(input, { overrides: [clippedStart], trail }, attempt).applied).toBeNull();
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

  test('stays unknown when somebody else changed the schedule, or the audit trail cannot be read', async () => {
    const { input, before } = await held(tool, ask());
    const { method, path } = tool.call(input, binding, before);
    const { user_id: _left, ...rest } = evening;
    const other = { ...rest, user: { id: people.marco.id, type: 'user_reference' } };
    play.human({ as: people.marco.email, method, path, body: { overrides: [other] } });
    expect((await evidence(tool, input)).applied).toBeNull();
    expect(tool.verify(input, { overrides: [], trail: 'unreadable' }, attempt).applied).toBeNull();
  });

  test('lets the people of the policies behind the schedule review, and cannot be undone from here', async () => {
    const { input, before } = await held(tool, ask());
    expect(tool.touches(input, before)).toMatchInlineSnapshot(`
      {
        "escalationPolicyIds": [
          "PECHKOT",
        ],
        "subjects": [
          "schedule:PDCHKP1",
        ],
      }
    `);
    expect(tool.undo(input, before, null)).toMatchInlineSnapshot(`
      {
        "because": "There is no tool that deletes overrides; delete it on the schedule in PagerDuty (one that runs is cut short).",
        "possible": false,
      }
    `);
    expect(tool.supersedes(input)).toBeNull();
    const outcome = await sent(tool, input);
    expect(tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null)).toEqual({
      applied: true,
      result: { override_id: expect.stringMatching(/^[A-Z0-9]+$/) },
      secrets: [],
    });
  });
});
