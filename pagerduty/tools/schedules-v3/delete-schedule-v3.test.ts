import { afterAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { escalationPolicies, people, schedules, trainingParts } from '../../fake/company.ts';
import { stillHolds } from '../evidence/watching.ts';
import { NOW, stage, unread } from '../testing/stage.ts';
import { deleteScheduleV3 as tool } from './delete-schedule-v3.ts';

vi.useFakeTimers({ toFake: ['Date'], now: new Date(NOW) });
afterAll(() => vi.useRealTimers());
const { play, reads, held, sent, binding, evidence } = await stage();
const ask = { schedule_id: schedules.trainingShifts.id };
beforeEach(() => play.reset());

describe('delete_schedule_v3', () => {
  test('says what vanishes and who loses what', async () => {
    const { input, before } = await held(tool, ask);
    expect(tool.summarize(input, before)).toMatchInlineSnapshot(`
      {
        "effect": {
          "known": true,
          "lines": [
            "Starts being on call: nobody.",
            "Stops being on call: nobody.",
            "On call now: nobody; that stays.",
            "In the next 14 d somebody is on call 0 % of the time, before and after.",
            "As before, nobody is on call from 2026-11-23 15:05 (Europe/Berlin) to 2026-12-07 15:05 (Europe/Berlin).",
            "No escalation policy uses this schedule: nobody is paged through it.",
            "All its shifts, one-off shifts and overrides are gone for good; a new one has another id.",
          ],
        },
        "lines": [
          {
            "after": "deleted",
            "label": "Schedule",
            "now": "2 rotations with 1 recurring shift",
          },
          {
            "after": "deleted",
            "label": "Recurring shift "Practice"",
            "now": "Lena Fischer and Tomáš Novák in turn; 2099-01-05 09:00 (Europe/Berlin) to 2099-01-12 09:00 (Europe/Berlin), 7 d; every week; in force from 2099-01-05 09:00 (Europe/Berlin), no end",
          },
        ],
        "services": [],
        "target": "On-call training",
        "title": "Delete the schedule "On-call training"",
      }
    `);
    expect(tool.risk(input, before)).toEqual({
      level: 'critical',
      reasons: ['Deletes an on-call schedule for good, its history included.'],
    });
    expect(tool.call(input, binding, unread)).toEqual({ method: 'DELETE', path: '/v3/schedules/PDTRNV3', body: null });
    expect(tool.touches(input, before)).toEqual({ subjects: ['schedule:PDTRNV3'], escalationPolicyIds: [] });
    expect(tool.undo(input, before, null).possible).toBe(false);
  });

  test('is refused while an escalation policy uses the schedule, as PagerDuty does', async () => {
    const { input, before } = await held(tool, { schedule_id: schedules.warehouseShifts.id });
    expect(tool.admit(input, before, binding)).toMatchInlineSnapshot(`
      {
        "because": "PagerDuty does not delete "Warehouse shifts" while the escalation policy uses it: "Warehouse". Take it out there first.",
        "holds": false,
      }
    `);
    expect((await sent(tool, input)).kind).toBe('rejected');
    expect(tool.touches(input, before).escalationPolicyIds).toEqual([escalationPolicies.warehouse.id]);
  });

  test('is refused in words for a layer-based schedule', async () => {
    await expect(held(tool, { schedule_id: schedules.checkoutPrimary.id })).rejects.toThrow(
      'This schedule is layer-based; this tool works on shift-based schedules only.',
    );
  });

  test('names a policy that came to use it in between, and a shift that changed', async () => {
    const { input, before } = await held(tool, ask);
    const target = { id: schedules.trainingShifts.id, type: 'schedule_v3_reference' };
    const escalation_rules = [{ escalation_delay_in_minutes: 5, targets: [target] }];
    const path = `/escalation_policies/${escalationPolicies.warehouse.id}`;
    play.human({ as: people.sam.email, method: 'PUT', path, body: { escalation_policy: { escalation_rules } } });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The list of escalation policies of the schedule "On-call training" was empty when this was shown and is "Warehouse" now.",
        "holds": false,
      }
    `);
    play.reset();
    const event = `/v3/schedules/${ask.schedule_id}/rotations/${trainingParts.rotation}/events/${trainingParts.event}`;
    play.human({
      as: people.sam.email,
      method: 'PUT',
      path: event,
      body: { event: { recurrence: ['RRULE:FREQ=WEEKLY;INTERVAL=2'] } },
    });
    expect(stillHolds(tool, input, before, await tool.read(reads, input))).toMatchInlineSnapshot(`
      {
        "because": "The recurring shift "Practice" of the schedule "On-call training" was "Practice: Lena Fischer and Tomáš Novák in turn; 2099-01-05 09:00 (Europe/Berlin) to 2099-01-12 09:00 (Europe/Berlin), 7 d; every week; in force from 2099-01-05 09:00 (Europe/Berlin), no end" when this was shown and is "Practice: Lena Fischer and Tomáš Novák in turn; 2099-01-05 09:00 (Europe/Berlin) to 2099-01-12 09:00 (Europe/Berlin), 7 d; every 2 weeks; in force from 2099-01-05 09:00 (Europe/Berlin), no end" now.",
        "holds": false,
      }
    `);
  });

  test('is settled by whether the schedule is still there', async () => {
    expect(await evidence(tool, tool.input.parse(ask))).toEqual({
      applied: false,
      because: 'The schedule is still there.',
    });
    const outcome = await sent(tool, tool.input.parse(ask));
    expect(tool.interpret(tool.input.parse(ask), outcome.kind === 'applied' ? outcome.body : 1)).toEqual({
      applied: true,
      result: { schedule_id: ask.schedule_id },
      secrets: [],
    });
    expect(await evidence(tool, tool.input.parse(ask))).toMatchObject({
      applied: true,
      result: { schedule_id: ask.schedule_id },
    });
    expect(() => tool.interpret(tool.input.parse(ask), { schedule: {} })).toThrow();
  });
});
