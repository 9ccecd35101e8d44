import { eq, isNotNull, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cancel } from '#approvals/cancel.ts';
import { LIMITS } from '#approvals/limits.ts';
import { allOf, crowd } from '#approvals/testing/crowd.ts';
import { deliveriesOf, receipt } from '#approvals/testing/deliveries.ts';
import { createWorld, type World } from '#approvals/testing/world.ts';
import { transition } from '#approvals/transition.ts';
import { lanes, outbox } from '#db/schema.ts';
import {
  addDelivery,
  adoptCopy,
  announceDeliveries,
  BACK_OFF,
  failDelivery,
  leaseDelivery,
  noteReceipt,
  pauseDeliveries,
  repeatDeliveries,
} from './deliveries.ts';

let world: World;

beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const { lease, leaseOne, complete, add } = deliveriesOf(() => world);
const note = (text: string) =>
  world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note: text } });

const stored = async (requestId: string) => {
  const row = await world.db.query.outbox.findFirst({ where: eq(outbox.requestId, requestId) });
  if (row === undefined) throw new Error('no delivery');
  return row;
};
const target = async (name: string) => {
  const row = await world.db.query.outbox.findFirst({ where: eq(outbox.target, name) });
  if (row === undefined) throw new Error(`no delivery to ${name}`);
  return row;
};
const busyLanes = () => world.db.select().from(lanes).where(isNotNull(lanes.fence));

/** Fences that only a lane has, or only a delivery. */
async function halfTaken(): Promise<unknown[]> {
  const { rows } = await world.db.execute(sql`
    select coalesce(l.fence, o.fence) from (select fence from ${lanes} where fence is not null) l
      full join (select fence from ${outbox} where fence is not null) o on l.fence = o.fence
      where l.fence is null or o.fence is null`);
  return rows;
}

describe('leasing', () => {
  test('gives the longest due first, with its lane', async () => {
    const first = await note('first');
    world.clock.advance(1);
    await note('second');
    const delivery = await leaseOne();
    expect(delivery).toMatchObject({ requestId: first.id, version: 1, attempts: 1, receipt: null });
    expect(delivery).toMatchObject({ target: 'channel', lane: 'channel', fence: expect.stringMatching(/^fnc_/) });
    expect(await busyLanes()).toMatchObject([{ lane: 'channel', fence: delivery.fence }]);
  });

  test('gives nothing of another kind, and nothing before it is due', async () => {
    await note('now');
    await world.db.update(outbox).set({ runAt: sql`${world.clock.now()} + interval '2 seconds'` });
    expect(await lease()).toBeNull();
    world.clock.advance(2);
    await world.db.update(outbox).set({ kind: 'pigeon' });
    expect(await lease()).toBeNull();
    expect(await busyLanes()).toEqual([]);
    await world.db.update(outbox).set({ kind: 'slack' });
    expect(await lease()).not.toBeNull();
  });

  test('ends by itself, and the late holder can change nothing any more', async () => {
    const request = await world.ask();
    const late = await leaseOne();
    world.clock.advance(LIMITS.leaseSeconds);
    const next = await leaseOne();
    expect(next.fence).not.toBe(late.fence);
    expect(await noteReceipt(world.system, late, receipt)).toBe(false);
    expect(await complete(late)).toBe(false);
    expect(await failDelivery(world.system, late, { error: 'late', pauseSeconds: 60 })).toBe(false);
    expect(await stored(request.id)).toMatchObject({ doneAt: null, receipt: null, lastError: null, fence: next.fence });
    // Neither given back by the late holder, nor paced or paused by it.
    expect(await busyLanes()).toMatchObject([{ fence: next.fence }]);
    expect(await complete(next)).toBe(true);
    expect(await stored(request.id)).toMatchObject({ receipt, attempts: 0 });
    await note('next');
    expect(await lease()).not.toBeNull();
  });

  test('begins anew when it is noted what will be delivered, for the lane as well', async () => {
    const request = await world.ask();
    const delivery = await leaseOne();
    await note('waits for the same lane');
    world.clock.advance(LIMITS.leaseSeconds - 1);
    expect(await noteReceipt(world.system, delivery, receipt)).toBe(true);
    world.clock.advance(LIMITS.leaseSeconds - 1);
    expect(await lease()).toBeNull();
    world.clock.advance(1);
    expect(await leaseOne()).toMatchObject({ requestId: request.id });
  });

  test('is lost with its lane, although nobody else took the delivery', async () => {
    const request = await note('first');
    const late = await leaseOne();
    const other = await note('second');
    world.clock.advance(LIMITS.leaseSeconds);
    await world.db.update(outbox).set({ runAt: world.clock.now() }).where(eq(outbox.requestId, request.id));
    expect(await leaseOne()).toMatchObject({ requestId: other.id });
    expect(await noteReceipt(world.system, late, receipt)).toBe(false);
    expect(await stored(request.id)).toMatchObject({ receipt: null, fence: late.fence });
  });

  test('passes over what was over before anything was delivered, for good', async () => {
    const request = await world.ask();
    await world.deny(request);
    expect(await lease()).toBeNull();
    expect((await stored(request.id)).doneAt).not.toBeNull();
  });

  test('passes over years of that, and gives what is new at once', async () => {
    const { id } = await world.deny(await note('years ago'));
    const copies = sql`select (jsonb_populate_record(r, jsonb_build_object('id', 'apr_old' || number))).*
      from approval_requests r, generate_series(1, 450) number where r.id = ${id}`;
    await world.db.execute(sql`insert into approval_requests ${copies}`);
    await world.db.execute(sql`
      insert into outbox (kind, request_id, version, run_at)
        select 'slack', id, 2, ${world.clock.now()} from approval_requests where id like 'apr_old%'`);
    const request = await note('now');
    const delivery = await leaseOne();
    expect(delivery.requestId).toBe(request.id);
    await complete(delivery);
    for (let look = 0; look < 3; look++) expect(await lease()).toBeNull();
    expect(await world.db.$count(outbox, sql`done_at is null`)).toBe(0);
  });

  test('gives what is over when an earlier version was delivered, or may have been', async () => {
    const request = await world.ask();
    const delivery = await leaseOne();
    expect(await noteReceipt(world.system, delivery, { posts: 1 })).toBe(true);
    await failDelivery(world.system, delivery, { error: 'timeout' });
    await world.deny(request);
    expect(await leaseOne()).toMatchObject({ receipt: { posts: 1 }, version: 2 });
  });
});

describe('a lane', () => {
  const LANES = ['channel', 'dm:prs_marco', 'dm:prs_priya'];

  test('has one holder whoever of twenty callers comes, and each lane its own', async () => {
    for (const lane of LANES) for (const number of [1, 2, 3]) await add(`${lane}/${number}`, lane);
    for (let round = 0; round < 3; round++) {
      const answers = allOf(await crowd(world, world.system, (ctx) => leaseDelivery(ctx, 'slack')));
      const taken = answers.filter((delivery) => delivery !== null);
      expect(taken.map(({ lane }) => lane).sort()).toEqual(LANES);
      expect(await halfTaken()).toEqual([]);
      expect(await lease()).toBeNull();
      for (const delivery of taken) expect(await complete(delivery)).toBe(true);
    }
    expect(await lease()).toBeNull();
    expect(await busyLanes()).toEqual([]);
  });

  test('is busy until its delivery ended or its lease is over, while others go on', async () => {
    await add('first', 'channel');
    await add('second', 'channel');
    const first = await leaseOne();
    expect(await lease()).toBeNull();
    await add('dm:prs_priya');
    expect(await leaseOne()).toMatchObject({ lane: 'dm:prs_priya' });
    world.clock.advance(LIMITS.leaseSeconds - 1);
    expect(await lease()).toBeNull();
    await complete(first);
    expect(await leaseOne()).toMatchObject({ target: 'second' });
    world.clock.advance(LIMITS.leaseSeconds);
    expect(await leaseOne()).toMatchObject({ target: 'second', attempts: 2 });
    expect(await leaseOne()).toMatchObject({ lane: 'dm:prs_priya', attempts: 2 });
  });

  test('is not taken while its only delivery is being changed', async () => {
    const request = await note('changing');
    await world.db.transaction(async (tx) => {
      await announceDeliveries(tx, world.clock.now, request);
      const answers = allOf(await crowd(world, world.system, (ctx) => leaseDelivery(ctx, 'slack')));
      expect(answers.filter((delivery) => delivery !== null)).toEqual([]);
      expect(await busyLanes()).toEqual([]);
    });
    expect(await leaseOne()).toMatchObject({ requestId: request.id, version: 2, attempts: 1 });
  });

  test('is taken with its next delivery while the first is being changed', async () => {
    const [first, second] = [await note('first'), await note('second')];
    await world.db.transaction(async (tx) => {
      await announceDeliveries(tx, world.clock.now, first);
      const answers = allOf(await crowd(world, world.system, (ctx) => leaseDelivery(ctx, 'slack')));
      expect(answers.filter((delivery) => delivery !== null)).toMatchObject([{ requestId: second.id }]);
      expect(await halfTaken()).toEqual([]);
    });
  });

  test('that is being changed itself takes no delivery with it', async () => {
    const request = await note('waits');
    await world.db.transaction(async (tx) => {
      await tx.update(lanes).set({ posts: 1 });
      const answers = allOf(await crowd(world, world.system, (ctx) => leaseDelivery(ctx, 'slack')));
      expect(answers.filter((delivery) => delivery !== null)).toEqual([]);
      expect(await stored(request.id)).toMatchObject({ fence: null, attempts: 0 });
    });
    expect(await leaseOne()).toMatchObject({ attempts: 1 });
  });

  test('is never taken without a delivery while everything changes all the time', async () => {
    const all = [await note('first'), await note('second'), await note('third')];
    for (let round = 0; round < 10; round++) {
      const answers = await crowd(world, world.system, async (ctx, index) => {
        if (index % 2 === 0) return leaseDelivery(ctx, 'slack');
        const request = all[index % all.length] ?? { id: '' };
        await ctx.db.transaction((tx) => announceDeliveries(tx, ctx.now, request));
        return null;
      });
      const taken = allOf(answers).filter((delivery) => delivery !== null);
      expect(taken.length).toBeLessThanOrEqual(1);
      expect(await busyLanes()).toHaveLength(taken.length);
      expect(await halfTaken()).toEqual([]);
      for (const delivery of taken) await complete(delivery, { calls: 0 });
    }
  });

  test('is left alone for as long as it was asked to, and only that one', async () => {
    await add('first', 'channel');
    await add('second', 'channel');
    const error = { error: 'rate limited', retryAfterSeconds: 30, pauseSeconds: 30 };
    await failDelivery(world.system, await leaseOne(), error);
    await add('dm:prs_priya');
    await complete(await leaseOne());
    world.clock.advance(29);
    expect(await lease()).toBeNull();
    // What is new there waits as well, and does not end the pause.
    await add('third', 'channel');
    expect(await lease()).toBeNull();
    world.clock.advance(1);
    expect(await leaseOne()).toMatchObject({ target: 'second' });
  });

  test('is not left alone for less long than it was asked to before', async () => {
    await add('first', 'channel');
    const delivery = await leaseOne();
    await pauseDeliveries(world.system, 'slack', 60);
    await failDelivery(world.system, delivery, { error: 'rate limited', retryAfterSeconds: 1, pauseSeconds: 1 });
    world.clock.advance(59);
    expect(await lease()).toBeNull();
    world.clock.advance(1);
    expect(await lease()).not.toBeNull();
  });

  test('is left alone with all the others when the receiver wants that, for the longest time', async () => {
    await add('first', 'channel');
    await add('dm:prs_priya');
    await pauseDeliveries(world.system, 'slack', 60);
    await pauseDeliveries(world.system, 'slack', 10);
    world.clock.advance(59);
    expect(await lease()).toBeNull();
    world.clock.advance(1);
    expect(await lease()).not.toBeNull();
    expect(await lease()).not.toBeNull();
  });
});

describe('completing', () => {
  test('makes it done until the request changes', async () => {
    const request = await world.ask();
    await complete(await leaseOne());
    expect(await lease()).toBeNull();
    await world.approve(request);
    expect(await leaseOne()).toMatchObject({ requestId: request.id, version: 2, attempts: 1, receipt });
  });

  test('leaves it due when it became due again meanwhile', async () => {
    const request = await world.ask();
    const delivery = await leaseOne();
    await world.approve(request);
    expect(await lease()).toBeNull();
    await complete(delivery);
    expect(await leaseOne()).toMatchObject({ version: 2, receipt });
  });

  test('leaves it due at once when something else of it is still to be said', async () => {
    await world.ask();
    await complete(await leaseOne(), { more: true });
    await complete(await leaseOne());
    expect(await lease()).toBeNull();
  });

  test('is not undone by a change that did not happen', async () => {
    const request = await world.ask();
    await complete(await leaseOne());
    const rolledBack = world.db.transaction(async (tx) => {
      const { actor, now } = world.system;
      await transition(tx, now, 'pending', 'cancelled', { request, actor, because: null });
      throw new Error('the power is out');
    });
    await expect(rolledBack).rejects.toThrow('the power is out');
    expect(await lease()).toBeNull();
  });
});

describe('failing', () => {
  async function failTimes(times: number): Promise<void> {
    for (let attempt = 1; attempt <= times; attempt++) {
      await failDelivery(world.system, await leaseOne(), { error: 'HTTP 503' });
      world.clock.advance(BACK_OFF.longestSeconds);
    }
  }

  test('waits twice as long each time, and gives up in the end', async () => {
    const request = await world.ask();
    const waited: number[] = [];
    for (let attempt = 1; attempt < BACK_OFF.tries; attempt++) {
      const delivery = await leaseOne();
      expect(delivery.attempts).toBe(attempt);
      await failDelivery(world.system, delivery, { error: 'HTTP 503' });
      const before = Math.min(BACK_OFF.firstSeconds * 2 ** (attempt - 1), BACK_OFF.longestSeconds);
      world.clock.advance(before - 1);
      expect(await lease()).toBeNull();
      world.clock.advance(1);
      waited.push(before);
    }
    expect(waited).toEqual([5, 10, 20, 40, 80, 160, 320, 600, 600]);
    await failDelivery(world.system, await leaseOne(), { error: 'HTTP 503' });
    world.clock.advance(3600 * 24);
    expect(await lease()).toBeNull();
    expect(await stored(request.id)).toMatchObject({ lastError: 'HTTP 503', attempts: BACK_OFF.tries });
  });

  test('starts over with the next change after it was given up', async () => {
    const request = await world.ask();
    await failDelivery(world.system, await leaseOne(), { error: 'message_not_found', receipt, stop: true });
    world.clock.advance(3600);
    expect(await lease()).toBeNull();
    await cancel(world.agent, { requestId: request.id });
    expect(await leaseOne()).toMatchObject({ attempts: 1, receipt });
  });

  test('is not given up for what became due during the last try', async () => {
    const request = await note('waits for hours');
    await failTimes(BACK_OFF.tries - 1);
    const last = await leaseOne();
    await world.approve(request);
    await failDelivery(world.system, last, { error: 'HTTP 503' });
    expect((await stored(request.id)).doneAt).toBeNull();
    world.clock.advance(BACK_OFF.longestSeconds);
    expect(await leaseOne()).toMatchObject({ version: 2 });
  });

  test('for good is not for good for what became due meanwhile', async () => {
    const request = await world.ask();
    const delivery = await leaseOne();
    await world.approve(request);
    await failDelivery(world.system, delivery, { error: 'message_not_found', receipt, stop: true });
    world.clock.advance(BACK_OFF.firstSeconds);
    const again = await leaseOne();
    expect(again).toMatchObject({ version: 2, receipt });
    await failDelivery(world.system, again, { error: 'message_not_found', stop: true });
    world.clock.advance(3600);
    expect(await lease()).toBeNull();
  });

  test('goes on counting with a change while it still fails', async () => {
    const request = await world.ask();
    await failDelivery(world.system, await leaseOne(), { error: 'HTTP 503' });
    await world.approve(request);
    expect(await leaseOne()).toMatchObject({ attempts: 2 });
  });

  test('waits exactly as long as it was asked to, and does not count that try', async () => {
    await world.ask();
    await failDelivery(world.system, await leaseOne(), { error: 'rate limited', retryAfterSeconds: 30 });
    world.clock.advance(29);
    expect(await lease()).toBeNull();
    world.clock.advance(1);
    expect(await leaseOne()).toMatchObject({ attempts: 1 });
  });

  test('keeps what is known of it unless something else is said', async () => {
    await world.ask();
    const delivery = await leaseOne();
    await noteReceipt(world.system, delivery, { posts: 1 });
    await failDelivery(world.system, delivery, { error: 'timeout', retryAfterSeconds: 1 });
    world.clock.advance(1);
    const again = await leaseOne();
    expect(again.receipt).toEqual({ posts: 1 });
    await failDelivery(world.system, again, { error: 'refused', retryAfterSeconds: 1, receipt: null });
    world.clock.advance(1);
    expect((await leaseOne()).receipt).toBeNull();
  });
});

describe('a place that is added', () => {
  const direct = (requestId: string) =>
    addDelivery(world.db, world.clock.now, { kind: 'slack', requestId, target: 'dm:prs_priya', lane: 'dm:prs_priya' });

  test('is there once, however often and by how many at once', async () => {
    const { id } = await world.ask();
    const delivery = { kind: 'slack', requestId: id, target: 'dm:prs_priya', lane: 'dm:prs_priya' } as const;
    allOf(await crowd(world, world.system, (ctx) => addDelivery(ctx.db, ctx.now, delivery)));
    expect(await target('dm:prs_priya')).toMatchObject({ version: 20, doneAt: null, attempts: 0 });
    expect(await world.db.$count(outbox)).toBe(2);
    expect(await world.db.$count(lanes)).toBe(2);
  });

  test('is told of as it is when it is made, and keeps what is known of it when it is added again', async () => {
    const { id } = await world.ask();
    await complete(await leaseOne());
    await direct(id);
    await complete(await leaseOne(), { receipt: { channel: 'D1', ts: '2.000200' } });
    expect(await lease()).toBeNull();
    await direct(id);
    expect(await leaseOne()).toMatchObject({ receipt: { channel: 'D1', ts: '2.000200' }, version: 2, attempts: 1 });
  });

  test('while it is being made is due again afterwards', async () => {
    await add('home:U0PRIYA');
    const delivery = await leaseOne();
    await add('home:U0PRIYA');
    expect(await lease()).toBeNull();
    await complete(delivery);
    expect(await leaseOne()).toMatchObject({ version: 2, receipt });
  });
});

describe('what tells of many requests', () => {
  const repeat = (seconds: number) => repeatDeliveries(world.system, 'slack', 'home:', seconds);

  test('is said again, no sooner than so long after the last time', async () => {
    await add('home:U0PRIYA');
    await complete(await leaseOne());
    world.clock.advance(2);
    await repeat(5);
    world.clock.advance(2);
    await repeat(5);
    expect(await lease()).toBeNull();
    world.clock.advance(1);
    await complete(await leaseOne());
    world.clock.advance(60);
    await repeat(5);
    expect(await lease()).not.toBeNull();
  });

  test('is said again only where it was said, and nothing of a request is', async () => {
    await note('of a request');
    await complete(await leaseOne());
    await add('flood:channel:1', 'channel');
    await complete(await leaseOne());
    await add('home:U0MARCO');
    await repeat(0);
    await repeatDeliveries(world.system, 'slack', 'channel', 0);
    expect(await target('home:U0MARCO')).toMatchObject({ version: 1 });
    await complete(await leaseOne());
    expect(await lease()).toBeNull();
  });

  test('that is to be said again later is said at once when that is wanted, unless it failed', async () => {
    await add('home:U1');
    await complete(await leaseOne());
    await repeatDeliveries(world.system, 'slack', 'home:', 5);
    expect(await lease()).toBeNull();
    await repeatDeliveries(world.system, 'slack', 'home:', 0);
    await failDelivery(world.system, await leaseOne(), { error: 'HTTP 503' });
    await repeatDeliveries(world.system, 'slack', 'home:', 0);
    expect(await lease()).toBeNull();
  });

  test('is said again after it changed while it was being said', async () => {
    await add('home:U0PRIYA');
    const delivery = await leaseOne();
    await repeat(5);
    expect(await lease()).toBeNull();
    await complete(delivery);
    expect(await lease()).toBeNull();
    world.clock.advance(5);
    const again = await leaseOne();
    expect(again).toMatchObject({ target: 'home:U0PRIYA', attempts: 1 });
    await complete(again);
    world.clock.advance(3600);
    expect(await lease()).toBeNull();
  });

  test('does not wait longer with every change when whoever said it died', async () => {
    await add('home:U0PRIYA');
    await leaseOne();
    world.clock.advance(LIMITS.leaseSeconds);
    await repeat(5);
    expect(await leaseOne()).toMatchObject({ target: 'home:U0PRIYA', attempts: 2 });
  });
});

describe('a copy that somebody found', () => {
  const laneOf = (channel: string) => `lane of ${channel}`;
  const adopt = (requestId: string, copy: { channel: string; ts: string }) =>
    adoptCopy(world.system, 'slack', requestId, copy, laneOf);
  const told = async () => {
    const request = await note('told');
    await complete(await leaseOne());
    return request;
  };

  test('which is the message itself makes that one due, also when it was given up', async () => {
    const request = await told();
    await world.approve(request);
    await failDelivery(world.system, await leaseOne(), { error: 'gone', stop: true });
    await adopt(request.id, receipt);
    expect(await leaseOne()).toMatchObject({ target: 'channel', attempts: 1, receipt });
    expect(await world.db.$count(outbox)).toBe(1);
  });

  test('is kept true from then on, in the lane of its channel', async () => {
    const request = await told();
    const copy = { channel: 'C1', ts: '9.000900' };
    await adopt(request.id, copy);
    const delivery = await leaseOne();
    expect(delivery).toMatchObject({ target: 'copy:C1:9.000900', lane: 'channel', receipt: copy });
    await complete(delivery, { receipt: { ...copy, shown: 'x' } });
    await world.deny(request);
    world.clock.advance(60);
    const first = await leaseOne();
    await complete(first);
    const second = await leaseOne();
    expect([first.target, second.target].sort()).toEqual(['channel', 'copy:C1:9.000900']);
  });

  test('where nothing was delivered to yet is in the lane that it is told', async () => {
    const request = await told();
    await adopt(request.id, { channel: 'C9', ts: '9.000900' });
    expect(await leaseOne()).toMatchObject({ lane: 'lane of C9', receipt: { channel: 'C9' } });
  });

  test('by twenty at once is kept once', async () => {
    const request = await told();
    const copy = { channel: 'C1', ts: '9.000900' };
    allOf(await crowd(world, world.system, (ctx) => adoptCopy(ctx, 'slack', request.id, copy, laneOf)));
    expect(await world.db.$count(outbox)).toBe(2);
    expect(await target('copy:C1:9.000900')).toMatchObject({ receipt: copy, doneAt: null });
  });

  test('of one request makes nothing of another due', async () => {
    const request = await told();
    const other = await note('another');
    const place = { channel: 'C1', ts: '2.000200' };
    await complete(await leaseOne(), { receipt: place });
    await adopt(other.id, place);
    expect(await leaseOne()).toMatchObject({ requestId: other.id, target: 'channel' });
    expect(await lease()).toBeNull();
    await adopt(request.id, place);
    expect(await stored(other.id)).toMatchObject({ version: 2 });
  });
});
