import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { people, schedules, tokens, warehouseParts } from '../company.ts';
import { startFakePagerDuty } from '../server/server.ts';

let now = new Date('2026-11-23T14:05:00Z');
const play = await startFakePagerDuty({ now: () => now });
afterAll(() => play.close());
const warehouse = `/v3/schedules/${schedules.warehouseShifts.id}`;
const { rotation, customShift } = warehouseParts;
const member = (who: { id: string }) => ({ type: 'user_member', user_id: who.id });

async function ask(method: string, path: string, body?: unknown) {
  const headers = { authorization: `Token token=${tokens.accountFull}`, 'content-type': 'application/json' };
  const response = await fetch(play.url + path, { method, headers, body: body ? JSON.stringify(body) : null });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text), text };
}

const shift = (hours: [string, string], who: { id: string }) => ({
  type: 'custom_shift',
  start_time: `2026-11-23T${hours[0]}:00Z`,
  end_time: `2026-11-23T${hours[1]}:00Z`,
  assignments: [{ type: 'shift_assignment', member: member(who) }],
});
const override = (rest: object) => ({
  type: 'override_shift',
  start_time: '2026-11-23T15:00:00Z',
  end_time: '2026-11-23T16:00:00Z',
  overridden_member: member(people.aisha),
  overriding_member: member(people.sam),
  ...rest,
});
const onCall = async () => {
  const { body } = await ask('GET', `/oncalls?schedule_ids[]=${schedules.warehouseShifts.id}`);
  return body.oncalls.map((row: { user: { id: string } }) => row.user.id).sort();
};

beforeEach(() => {
  play.reset();
  now = new Date('2026-11-23T14:05:00Z');
});

describe('custom shifts and overrides of the playable PagerDuty', () => {
  test('change who is on call, in their window only', async () => {
    expect(await onCall()).toEqual([people.aisha.id]);
    await ask('POST', `${warehouse}/custom_shifts`, { custom_shifts: [shift(['14:00', '16:00'], people.kenji)] });
    expect(await onCall()).toEqual([people.aisha.id, people.kenji.id]);
    await ask('POST', `${warehouse}/overrides`, { overrides: [override({ rotation_id: rotation })] });
    expect(await onCall()).toEqual([people.aisha.id, people.kenji.id]);
    now = new Date('2026-11-23T15:30:00Z');
    expect(await onCall()).toEqual([people.kenji.id, people.sam.id]);
    now = new Date('2026-11-23T16:30:00Z');
    expect(await onCall()).toEqual([people.aisha.id]);
  });

  test('show in the final schedule where they come from', async () => {
    const range = 'since=2099-03-14T07:00:00Z&until=2099-03-14T09:00:00Z';
    const { body } = await ask('GET', `${warehouse}?include[]=final_schedule&${range}`);
    const assignments: { source: object }[] = body.schedule.final_schedule.computed_shift_assignments;
    expect(assignments.map(({ source }) => source)).toEqual([
      { type: 'schedule_rotation', rotation_id: rotation },
      { type: 'custom_shift', shift_id: customShift },
    ]);
  });

  test('are refused in the past, for strangers and in no place', async () => {
    const post = (path: string, body: object) => ask('POST', `${warehouse}/${path}`, body);
    const refused = [
      await post('custom_shifts', { custom_shifts: [shift(['12:00', '13:00'], people.kenji)] }),
      await post('custom_shifts', { custom_shifts: [shift(['16:00', '15:00'], people.kenji)] }),
      await post('custom_shifts', { custom_shifts: [shift(['15:00', '16:00'], { id: 'PUNOONE' })] }),
      await post('overrides', { overrides: [override({})] }),
      await post('overrides', { overrides: [override({ rotation_id: rotation, custom_shift_id: customShift })] }),
      await post('overrides', { overrides: [override({ rotation_id: 'NOROTATION' })] }),
    ];
    expect(refused.map(({ status, body }) => [status, body.error.code])).toEqual(refused.map(() => [400, 2001]));
    expect((await ask('GET', `${warehouse}/custom_shifts`)).status).toBe(400);
    expect((await ask('GET', `/v3/schedules/${schedules.checkoutPrimary.id}/overrides`)).text).toContain('layer-based');
  });

  test('leave no trace when one of a list is refused', async () => {
    const list = [shift(['15:00', '16:00'], people.kenji), shift(['15:00', '16:00'], { id: 'PUNOONE' })];
    expect((await ask('POST', `${warehouse}/custom_shifts`, { custom_shifts: list })).status).toBe(400);
    expect(play.state().shiftSchedules[0]?.customShifts).toHaveLength(1);
  });

  test('end now when they run, and stay as they are when they are over', async () => {
    const made = await ask('POST', `${warehouse}/custom_shifts`, {
      custom_shifts: [shift(['14:00', '16:00'], people.kenji)],
    });
    const path = `${warehouse}/custom_shifts/${made.body.custom_shifts[0].id}`;
    const change = { custom_shift: { assignments: [{ type: 'shift_assignment', member: member(people.sam) }] } };
    expect((await ask('PUT', path, change)).text).toContain('Only end_time can be modified');
    expect((await ask('DELETE', path)).status).toBe(204);
    expect((await ask('GET', path)).body.custom_shift.end_time).toBe('2026-11-23T18:05:00+04:00');
    expect((await ask('DELETE', path)).status).toBe(400);
    expect((await ask('PUT', path, { custom_shift: { end_time: '2026-11-23T20:00:00Z' } })).status).toBe(400);
  });

  test('are on the audit trail of their schedule', async () => {
    await ask('DELETE', `${warehouse}/overrides/${warehouseParts.override}`);
    const { body } = await ask('GET', `${warehouse}/audit/records`);
    expect(body.records).toHaveLength(1);
    expect(body.records[0]).toMatchObject({ action: 'update', root_resource: { id: schedules.warehouseShifts.id } });
  });
});
