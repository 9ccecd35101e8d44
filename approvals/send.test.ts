import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approvalRequests, attempts } from '#db/schema.ts';
import { type Claim, claim } from './claim.ts';
import type { Context } from './context.ts';
import { assertInvariants } from './proof/invariants.ts';
import { recordOutcome, send } from './send.ts';
import { settle, settleByHand, sweepDead } from './settle.ts';
import { allOf, crowd, readingTogether, successesOf } from './testing/crowd.ts';
import { createWorld, type World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await assertInvariants(world.db, world.fake.ledger());
  await world.close();
});

const WRITE = { method: 'PUT', path: '/incidents' };
const load = async (id: string) => {
  const row = await world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });
  if (!row) throw new Error('gone');
  return row;
};
const approved = async () => world.approve(await world.ask());
const claimed = async (id: string): Promise<Claim> => {
  const answer = await claim(world.system, id, 'test');
  if (answer.kind !== 'claimed') throw new Error(answer.kind);
  return answer.claim;
};

describe('sending', () => {
  test('applies it once and tells what PagerDuty answered', async () => {
    const request = await approved();
    expect(await world.execute(request.id)).toMatchObject({
      kind: 'recorded',
      request: {
        status: 'succeeded',
        because: 'PagerDuty applied it.',
        result: { incidents: [{ id: 'Q2PAYMENTHOOK1', status: 'resolved' }] },
      },
    });
    expect(world.fake.ledger()).toMatchObject([
      { method: 'PUT', path: '/incidents', from: 'priya.raman@northwind.example' },
    ]);
    expect(await world.db.select().from(attempts)).toMatchObject([{ outcome: 'applied', httpStatus: 200 }]);
  });

  test.each([
    ['a definite refusal', 'refuse', 'failed', 0],
    ['a rate limit', 'rate_limit_json', 'failed', 0],
    ['a rate limit told in HTML', 'rate_limit_html', 'failed', 0],
    ['a connection that broke before PagerDuty applied it', 'drop_before', 'unknown', 0],
    ['a connection that broke after PagerDuty applied it', 'drop_after', 'unknown', 1],
    ['a server error after PagerDuty applied it', 'error_after', 'unknown', 1],
    ['a server error before', 'error_before', 'unknown', 0],
    ['an answer that cannot be read', 'garbage', 'unknown', 1],
  ] as const)('calls %s by its name', async (_, kind, status, applied) => {
    const request = await approved();
    world.fake.faults.add({ match: WRITE, kind, times: 1 });
    await world.execute(request.id);
    expect(await load(request.id)).toMatchObject({ status });
    expect(world.fake.ledger()).toHaveLength(applied);
  });

  test('to nobody who listens is a certain failure', async () => {
    const request = await approved();
    const mine = await claimed(request.id);
    const { createWriteClient } = await import('#pagerduty/write-client.ts');
    const nowhere = createWriteClient({ baseUrl: 'http://127.0.0.1:9', token: 'x' });
    const outcome = await send(world.system, nowhere, mine);
    expect(await recordOutcome(world.system, mine, outcome)).toMatchObject({
      status: 'failed',
      because: expect.stringContaining('Nothing was sent'),
    });
  });

  test('after the deadline sends nothing', async () => {
    const request = await approved();
    const mine = await claimed(request.id);
    const paused = { ...mine, takenAtMs: mine.takenAtMs - 20_000 };
    const outcome = await send(world.system, world.writer, paused);
    expect(outcome).toMatchObject({ kind: 'rejected', because: expect.stringContaining('Nothing was sent') });
    expect(world.fake.ledger()).toEqual([]);
    expect(await recordOutcome(world.system, mine, outcome)).toMatchObject({ status: 'failed' });
  });

  test('is no success when the answer is a 2xx with a refusal inside', async () => {
    const override = { start: '2099-01-05T18:00:00Z', end: '2099-01-06T06:00:00Z', user_id: 'PULENA1' };
    const request = await world.ask({
      tool: 'create_schedule_override',
      arguments: { schedule_id: 'PDCHKP1', override_request: { overrides: [override] } },
    });
    await world.approve(request);
    const mine = await claimed(request.id);
    const body = [{ status: 400, errors: ['Override overlaps another one.'] }];
    const outcome = { kind: 'applied', httpStatus: 201, body, pagerdutyRequestId: null } as const;
    expect(await recordOutcome(world.system, mine, outcome)).toMatchObject({
      status: 'failed',
      because: expect.stringContaining('Override overlaps another one.'),
    });
  });

  test('is recorded only by the holder of the fence', async () => {
    const request = await approved();
    const mine = await claimed(request.id);
    const outcome = { kind: 'applied', httpStatus: 200, body: {}, pagerdutyRequestId: null } as const;
    await expect(recordOutcome(world.system, { ...mine, fence: 'fnc_other' }, outcome)).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await load(request.id)).toMatchObject({ status: 'executing' });
  });
});

describe('a dead sender', () => {
  test('leaves its request unknown after the deadline, not before, and never approved again', async () => {
    const request = await approved();
    await claimed(request.id);
    world.clock.advance(59);
    expect(await sweepDead(world.system)).toBe(0);
    world.clock.advance(1);
    const swept = allOf(await crowd(world, world.system, (ctx) => sweepDead(ctx)));
    expect(swept.filter((count) => count > 0)).toEqual([1]);
    expect(await load(request.id)).toMatchObject({ status: 'unknown', because: expect.stringContaining('died') });
    await expect(claim(world.system, request.id, 'test')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('that was only slow still settles what it did', async () => {
    const request = await approved();
    const mine = await claimed(request.id);
    const outcome = await send(world.system, world.writer, mine);
    world.clock.advance(60);
    await sweepDead(world.system);
    expect(await recordOutcome(world.system, mine, outcome)).toMatchObject({ status: 'succeeded' });
  });
});

describe('settling', () => {
  const lost = async (kind: 'drop_before' | 'drop_after') => {
    const request = await approved();
    world.fake.faults.add({ match: WRITE, kind, times: 1 });
    await world.execute(request.id);
    return request;
  };

  test('by reading finds what was applied, at once', async () => {
    const request = await lost('drop_after');
    expect((await settle(world.system, request.id)).request).toMatchObject({ status: 'succeeded' });
  });

  test('by reading does not believe "not applied" before the settle window is over', async () => {
    const request = await lost('drop_before');
    world.clock.advance(119);
    const early = await settle(world.system, request.id);
    expect(early).toMatchObject({ request: { status: 'unknown' }, evidence: { applied: null } });
    world.clock.advance(1);
    expect((await settle(world.system, request.id)).request).toMatchObject({ status: 'failed' });
  });

  test('by reading while PagerDuty is away changes nothing', async () => {
    const request = await lost('drop_after');
    world.clock.advance(120);
    world.fake.faults.add({ match: { method: 'GET', path: '/incidents' }, kind: 'error_before' });
    expect(await settle(world.system, request.id)).toMatchObject({
      request: { status: 'unknown' },
      evidence: { applied: null },
    });
  });

  test('by twenty readers at once happens once', async () => {
    const request = await lost('drop_after');
    const reader = readingTogether(20);
    const settleAtOnce = (ctx: Context) => settle({ ...ctx, pagerduty: reader(ctx.pagerduty) }, request.id);
    expect(successesOf(await crowd(world, world.system, settleAtOnce))).toHaveLength(1);
    expect(await load(request.id)).toMatchObject({ status: 'succeeded', version: 5 });
  });

  test('by hand needs the right, evidence, and for "not applied" the end of the window', async () => {
    const request = await lost('drop_before');
    const say = (name: 'lena' | 'dana' | 'priya', applied: boolean, evidence = 'I looked at the timeline.') =>
      settleByHand(world.person(name), { requestId: request.id, applied, evidence });
    await expect(say('lena', false)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(say('dana', false)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(say('priya', false, 'ok')).rejects.toMatchObject({ code: 'invalid' });
    await expect(say('priya', false)).rejects.toMatchObject({ code: 'precondition_failed' });
    await expect(
      settleByHand(world.agent, { requestId: request.id, applied: true, evidence: 'trust me, I am an agent' }),
    ).rejects.toMatchObject({ code: 'forbidden' });
    world.clock.advance(120);
    expect(await say('priya', false)).toMatchObject({
      status: 'failed',
      because: 'A human looked in PagerDuty: it was not applied.',
    });
    await expect(say('priya', true)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is only for what is unknown', async () => {
    const request = await approved();
    await expect(settle(world.system, request.id)).rejects.toMatchObject({ code: 'not_found' });
    await world.execute(request.id);
    await expect(settle(world.system, request.id)).rejects.toMatchObject({ code: 'conflict' });
  });
});
