import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { people, schedules } from '../../fake/company.ts';
import type { Json } from '../../json.ts';
import { stillHolds } from '../evidence/watching.ts';
import { NOW, stage, unread } from '../testing/stage.ts';
import { createScheduleV3Rotation as tool } from './create-schedule-v3-rotation.ts';
import { deleteScheduleV3Rotation } from './delete-schedule-v3-rotation.ts';

vi.useFakeTimers({ toFake: ['Date'], now: new Date(NOW) });
afterAll(() => vi.useRealTimers());
const { play, reads, held, sent, binding, attempt, evidence } = await stage();
const ask = { schedule_id: schedules.warehouseShifts.id };
const input = tool.input.parse(ask);
const path = `/v3/schedules/${ask.schedule_id}/rotations`;
const rotations = () => play.state().shiftSchedules.find(({ id }) => id === ask.schedule_id)?.rotations ?? [];

beforeEach(() => play.reset());

describe('create_schedule_v3_rotation', () => {
  test('says that nobody is on call through an empty rotation', async () => {
    const { before } = await held(tool, ask);
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Nobody starts or stops being on call until it has shifts.",
            "On call now: Aisha Rahmani; that stays.",
            "Pages through it: 1 escalation policy (Warehouse) for 1 service (Warehouse Routing).",
          ],
        },
        "lines": [
          {
            "after": "one more, without shifts",
            "label": "Rotations",
            "now": "1 rotation with 1 recurring shift",
          },
        ],
        "services": [
          "Warehouse Routing",
        ],
        "target": "Warehouse shifts",
        "title": "Add a rotation to the schedule "Warehouse shifts"",
      }
    `);
    expect(tool.risk(input, before).level).toBe('low');
    expect(tool.admit(input, before, binding)).toEqual({ holds: true });
    expect(tool.call(input, binding, unread)).toEqual({ method: 'POST', path, body: {} });
  });

  test('is refused beyond ten rotations, as PagerDuty does', async () => {
    while (rotations().length < 10) play.human({ as: people.sam.email, method: 'POST', path, body: {} });
    const { before } = await held(tool, ask);
    expect(tool.admit(input, before, binding)).toEqual({
      holds: false,
      because: '"Warehouse shifts" has 10 rotations already; PagerDuty allows 10.',
    });
    expect((await sent(tool, input)).kind).toBe('rejected');
  });

  test('names a rotation that came in between', async () => {
    const { before } = await held(tool, ask);
    play.human({ as: people.sam.email, method: 'POST', path, body: {} });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The plan of the schedule "Warehouse shifts" was 1 rotation with 1 recurring shift when this was shown and is 2 rotations with 1 recurring shift now.",
        "holds": false,
      }
    `);
  });

  test('is proven not to have arrived by the audit trail only, and is never recognised', async () => {
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": false,
        "because": "The schedule has 0 rotations without shifts; a rotation does not show who made it. The audit trail shows no change since it was to be sent.",
      }
    `);
    await sent(tool, input);
    expect(await evidence(tool, input)).toMatchInlineSnapshot(`
      {
        "applied": null,
        "because": "The schedule has 1 rotation without shifts; a rotation does not show who made it. The audit trail shows that somebody changed something since, so it may have been there. A human must look.",
      }
    `);
    expect(tool.verify(input, { rotations: null, trail: 'untouched' }, attempt).applied).toBeNull();
  });

  test('does not take anything but a new rotation for its own', () => {
    const foreign: Json[] = [null, {}, { rotation: { events: [] } }];
    for (const body of foreign) expect(() => tool.interpret(input, body)).toThrow();
    const events = [{ id: 'E1' }];
    expect(() => tool.interpret(input, { rotation: { id: 'R1', events } })).toThrow();
  });

  test('is undone by deleting the rotation, once its id is known', async () => {
    const { before } = await held(tool, ask);
    expect(tool.undo(input, before, null)).toMatchObject({ possible: true, input: null });
    const outcome = await sent(tool, input);
    const answer = tool.interpret(input, outcome.kind === 'applied' ? outcome.body : null);
    if (!answer.applied) throw new TypeError(answer.because);
    const undo = tool.undo(input, before, answer.result);
    const back = await held(deleteScheduleV3Rotation, undo.possible && undo.input);
    expect(deleteScheduleV3Rotation.risk(back.input, back.before).level).toBe('medium');
    await sent(deleteScheduleV3Rotation, back.input);
    expect(rotations()).toHaveLength(1);
  });
});
