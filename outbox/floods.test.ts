import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Context } from '#approvals/context.ts';
import { LIMITS } from '#approvals/limits.ts';
import { WEB_ONLY } from '#approvals/policy.ts';
import { allOf, crowd } from '#approvals/testing/crowd.ts';
import { deliveriesOf } from '#approvals/testing/deliveries.ts';
import { createWorld, type World } from '#approvals/testing/world.ts';
import { lanes, outbox } from '#db/schema.ts';
import { addDelivery, completeDelivery, type Delivery, failDelivery, leaseDelivery } from './deliveries.ts';
import { countFlood, countPost, fold, touchFlood, uncountPost } from './floods.ts';
import { fromTarget } from './place.ts';

const { floodPosts, floodSeconds, leaseSeconds } = LIMITS;

let world: World;
beforeEach(async () => {
  // Without a pace: it has tests of its own.
  world = await createWorld({ deliveriesAtOnce: 1_000 });
});
afterEach(() => world.close());

const isFlood = ({ target }: { target: string }) => fromTarget(target).kind === 'flood';
const { leaseOne } = deliveriesOf(() => world);

async function ask(count: number) {
  const requests: Awaited<ReturnType<World['ask']>>[] = [];
  for (let number = 0; number < count; number++) {
    const note = `note ${requests.length} at ${await world.db.$count(outbox)}`;
    requests.push(
      await world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note } }),
    );
  }
  return requests;
}

/** Says the next thing that is due, as the notifier does. @returns what was said; null = nothing is due. */
async function sayNext(ctx: Context = world.system): Promise<'message' | 'flood' | 'folded' | 'touched' | null> {
  const delivery = await leaseDelivery(ctx, 'slack');
  if (delivery === null) return null;
  const { flood: foldedInto, ts } = (delivery.receipt ?? {}) as { flood?: string; ts?: string };
  if (foldedInto !== undefined) {
    await touchFlood(ctx, delivery, foldedInto);
    return 'touched';
  }
  const flood = isFlood(delivery) || ts !== undefined ? null : await countPost(ctx, delivery);
  if (flood !== null) {
    await fold(ctx, delivery, flood, WEB_ONLY);
    return 'folded';
  }
  await completeDelivery(ctx, delivery, { receipt: { channel: 'C1', ts: `${delivery.id}` }, calls: 1 });
  return isFlood(delivery) ? 'flood' : 'message';
}

async function sayAll(): Promise<unknown[]> {
  const said: unknown[] = [];
  for (let next = await sayNext(); next !== null; next = await sayNext()) said.push(next);
  return said;
}

const messages = (count: number) => Array.from({ length: count }, () => 'message');
const floods = async () => (await world.db.query.outbox.findMany({ orderBy: outbox.id })).filter(isFlood);
const theFlood = async () => {
  const [flood, ...more] = await floods();
  if (flood === undefined || more.length > 0) throw new Error('not one flood');
  return flood;
};
const deliveryOf = async ({ id }: { id: string }) => {
  const row = await world.db.query.outbox.findFirst({ where: eq(outbox.requestId, id) });
  if (row === undefined) throw new Error('no delivery');
  return row;
};
const lane = async (name = 'channel') => {
  const row = await world.db.query.lanes.findFirst({ where: eq(lanes.lane, name) });
  if (row === undefined) throw new Error(`no lane ${name}`);
  return row;
};

describe('more than a few new messages', () => {
  test('are told of in one, which counts them', async () => {
    await ask(floodPosts + 3);
    expect(await sayAll()).toEqual([...messages(floodPosts), 'folded', 'flood']);
    const flood = await theFlood();
    expect(flood).toMatchObject({ requestId: null, lane: 'channel', version: 1 });
    expect(await countFlood(world.system, flood.target)).toEqual({ total: 3, waiting: 3 });
    expect(await lane()).toMatchObject({ fence: null, leasedUntil: null });
    expect(await world.db.$count(outbox, sql`done_at is null`)).toBe(0);
  });

  test('are no flood as long as they are not more than that', async () => {
    await ask(floodPosts);
    expect(await sayAll()).toEqual(messages(floodPosts));
    expect(await floods()).toEqual([]);
  });

  test('that come later in the same minute join the same one, which is said anew', async () => {
    // The first message of all begins the minute then.
    world.clock.advance(floodSeconds);
    await ask(floodPosts + 1);
    await sayAll();
    const { receipt } = await theFlood();
    world.clock.advance(floodSeconds - 1);
    await ask(2);
    expect(await sayAll()).toEqual(['folded', 'flood']);
    const flood = await theFlood();
    expect(flood).toMatchObject({ version: 2, receipt });
    expect(await countFlood(world.system, flood.target)).toEqual({ total: 3, waiting: 3 });
  });

  test('begin anew when the minute is over', async () => {
    await ask(floodPosts + 2);
    await sayAll();
    world.clock.advance(floodSeconds);
    await ask(floodPosts + 1);
    expect(await sayAll()).toEqual([...messages(floodPosts), 'folded', 'flood']);
    const [first, second] = await floods();
    expect(await countFlood(world.system, first?.target ?? '')).toEqual({ total: 2, waiting: 2 });
    expect(await countFlood(world.system, second?.target ?? '')).toEqual({ total: 1, waiting: 1 });
  });

  test('are counted for each place by itself', async () => {
    const requests = await ask(floodPosts + 1);
    await sayAll();
    for (const { id: requestId } of requests) {
      const to = { target: 'dm:prs_priya', lane: 'dm:prs_priya' };
      await addDelivery(world.db, world.clock.now, { kind: 'slack', requestId, ...to });
    }
    expect(await sayAll()).toEqual([...messages(floodPosts), 'folded', 'flood']);
    expect((await floods()).map((flood) => flood.lane)).toEqual(['channel', 'dm:prs_priya']);
    for (const { target } of await floods()) expect(await countFlood(world.system, target)).toMatchObject({ total: 1 });
  });

  test('told by five processes at once leave each request with one trace', async () => {
    const requests = await ask(floodPosts + 7);
    const told = async () => (await world.db.$count(outbox, sql`done_at is null`)) === 0;
    const work = async (ctx: Context) => {
      while (!(await told())) await sayNext(ctx);
    };
    allOf(await crowd(world, world.system, work, 5));
    const receipts = await Promise.all(requests.map(async (request) => (await deliveryOf(request)).receipt));
    const { target } = await theFlood();
    expect(receipts.filter((receipt) => JSON.stringify(receipt) === JSON.stringify({ flood: target }))).toHaveLength(7);
    const own = receipts.map((receipt) => (receipt as { ts?: string }).ts).filter((ts) => ts !== undefined);
    expect(new Set(own).size).toBe(floodPosts);
    expect(await countFlood(world.system, target)).toEqual({ total: 7, waiting: 7 });
  });
});

describe('counting', () => {
  test('is for whoever holds the lane', async () => {
    await ask(1);
    const late = await leaseOne();
    world.clock.advance(leaseSeconds);
    const now = await leaseOne();
    for (let post = 0; post <= floodPosts; post++) expect(await countPost(world.system, late)).toBeNull();
    expect(await lane()).toMatchObject({ posts: 0 });
    expect(await countPost(world.system, now)).toBeNull();
    expect(await lane()).toMatchObject({ posts: 1 });
  });
});

describe('what was refused', () => {
  test('does not count, however often', async () => {
    await ask(1);
    const held = await leaseOne();
    for (let post = 0; post <= 2 * floodPosts; post++) {
      expect(await countPost(world.system, held)).toBeNull();
      await uncountPost(world.system, held);
    }
    await uncountPost(world.system, held);
    expect(await lane()).toMatchObject({ posts: 0, fence: held.fence });
  });

  test('counts for whoever has the lane by now', async () => {
    await ask(1);
    const late = await leaseOne();
    world.clock.advance(leaseSeconds);
    await countPost(world.system, await leaseOne());
    await uncountPost(world.system, late);
    expect(await lane()).toMatchObject({ posts: 1 });
  });
});

describe('folding', () => {
  /** A flood is on in the channel, and the next delivery there is held. */
  async function flooded(): Promise<{ held: Delivery; flood: string }> {
    await world.db.update(lanes).set({ posts: floodPosts, postsSince: world.clock.now() });
    const held = await leaseOne();
    const flood = await countPost(world.system, held);
    if (flood === null) throw new Error('no flood');
    return { held, flood };
  }

  test('takes what waits in that place, also what is tried again later, and nothing else', async () => {
    const [posted, failing, held, waiting, givenUp] = await ask(5);
    if (!posted || !failing || !held || !waiting || !givenUp) throw new Error('too few');
    await sayNext();
    await failDelivery(world.system, await leaseOne(), { error: 'HTTP 503' });
    await addDelivery(world.db, world.clock.now, {
      ...{ kind: 'slack', requestId: waiting.id, target: 'dm:prs_priya', lane: 'dm:prs_priya' },
    });
    await addDelivery(world.db, world.clock.now, {
      ...{ kind: 'slack', requestId: null, target: 'home:U1', lane: 'channel' },
    });
    await world.db.update(outbox).set({ doneAt: world.clock.now() }).where(eq(outbox.requestId, givenUp.id));
    const { held: delivery, flood } = await flooded();
    expect(delivery.requestId).toBe(held.id);
    await fold(world.system, delivery, flood, WEB_ONLY);

    const folded = await world.db.query.outbox.findMany({ where: sql`receipt ->> 'flood' = ${flood}` });
    expect(folded.map((row) => row.requestId).sort()).toEqual([failing.id, held.id, waiting.id].sort());
    expect(folded.every((row) => row.lane === 'channel' && row.doneAt !== null && row.fence === null)).toBe(true);
    expect(folded.every((row) => row.attempts === 0 && row.lastError === null)).toBe(true);
    expect((await deliveryOf(posted)).receipt).toMatchObject({ channel: 'C1' });
    const due = await world.db.query.outbox.findMany({ where: sql`done_at is null`, orderBy: outbox.id });
    expect(due.map(({ target }) => target)).toEqual(['dm:prs_priya', 'home:U1', flood]);
  });

  test('takes nothing that is risky with it: that has a message of its own', async () => {
    const [held] = await ask(1);
    const high = await world.ask();
    const critical = await world.ask({
      arguments: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'resolved' } },
    });
    const medium = await world.ask({
      tool: 'create_incident',
      arguments: { incident: { title: 'Disk is full', service: { id: 'PSCHKOT' }, urgency: 'low' } },
    });
    expect([high.risk, critical.risk, medium.risk]).toEqual(['high', 'critical', 'medium']);
    const { held: delivery, flood } = await flooded();
    expect(delivery.requestId).toBe(held?.id);
    await fold(world.system, delivery, flood, WEB_ONLY);
    expect(await countFlood(world.system, flood)).toEqual({ total: 2, waiting: 2 });
    for (const risky of [high, critical]) {
      expect(await deliveryOf(risky)).toMatchObject({ receipt: null, doneAt: null, fence: null });
    }
    expect(await deliveryOf(medium)).toMatchObject({ receipt: { flood } });
  });

  test('takes what was to be posted anew because its message was deleted', async () => {
    const [request] = await ask(1);
    await world.db.update(outbox).set({ receipt: {} });
    const { held, flood } = await flooded();
    await fold(world.system, held, flood, WEB_ONLY);
    expect(await countFlood(world.system, flood)).toEqual({ total: 1, waiting: 1 });
    expect(await deliveryOf(request ?? { id: '' })).toMatchObject({ receipt: { flood }, fence: null });
    expect(await sayAll()).toEqual(['flood']);
  });

  test('takes nothing away from somebody else who has the delivery now', async () => {
    const [request] = await ask(1);
    const { held, flood } = await flooded();
    world.clock.advance(leaseSeconds);
    const next = await leaseOne();
    await fold(world.system, held, flood, WEB_ONLY);
    expect(await deliveryOf(request ?? { id: '' })).toMatchObject({ receipt: null, doneAt: null, fence: next.fence });
    expect(await lane()).toMatchObject({ fence: next.fence });
    // Nor does it make a flood of nothing.
    expect(await floods()).toEqual([]);
  });
});

describe('a flood', () => {
  test('stays true: what it tells of makes it due, and nothing else is said', async () => {
    const requests = await ask(floodPosts + 4);
    await sayAll();
    const { target } = await theFlood();
    const [first, second, third] = requests.slice(floodPosts);
    if (!first || !second || !third) throw new Error('too few');
    await world.approve(first);
    await world.deny(second);
    expect(await sayAll()).toEqual(['touched', 'flood']);
    expect(await countFlood(world.system, target)).toEqual({ total: 4, waiting: 2 });
    await world.deny(third);
    expect(await sayAll()).toEqual(['touched', 'flood']);
    expect(await countFlood(world.system, target)).toEqual({ total: 4, waiting: 1 });
    expect(await lane()).toMatchObject({ fence: null });
  });

  test('is not said anew for what has a message of its own', async () => {
    const [own] = await ask(floodPosts + 1);
    await sayAll();
    await world.deny(own ?? { id: '', digest: '' });
    expect(await sayAll()).toEqual(['message']);
    expect(await theFlood()).toMatchObject({ version: 1 });
  });

  test('is due again when what it tells of changes while it is told of', async () => {
    const requests = await ask(floodPosts + 2);
    await sayAll();
    const [first, second] = requests.slice(floodPosts);
    if (!first || !second) throw new Error('too few');
    await world.deny(first);
    await sayNext();
    const delivery = await leaseOne();
    expect(isFlood(delivery)).toBe(true);
    await world.deny(second);
    await completeDelivery(world.system, delivery, { receipt: delivery.receipt, calls: 1 });
    expect(await sayAll()).toEqual(['touched', 'flood']);
    expect(await countFlood(world.system, delivery.target)).toEqual({ total: 2, waiting: 0 });
  });

  test('nobody ever told of counts nothing', async () => {
    expect(await countFlood(world.system, 'flood:channel:1')).toEqual({ total: 0, waiting: 0 });
  });
});
