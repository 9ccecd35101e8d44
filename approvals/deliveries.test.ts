import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outbox } from '#db/schema.ts';
import { cancel } from './cancel.ts';
import { BACK_OFF, completeDelivery, type Delivery, failDelivery, leaseDeliveries, noteReceipt } from './deliveries.ts';
import { LIMITS } from './limits.ts';
import { getForSlack } from './slack-view.ts';
import { createWorld, type World } from './testing/world.ts';
import { transition } from './transition.ts';

let world: World;

beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const receipt = { channel: 'C1', ts: '1.000100' };
const note = (text: string) =>
  world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note: text } });
const lease = (max = 10) => leaseDeliveries(world.system, 'slack', max);

async function leaseOne(): Promise<Delivery> {
  const [delivery, ...more] = await lease();
  if (delivery === undefined) throw new Error('nothing was due');
  expect(more).toEqual([]);
  return delivery;
}

const stored = async (requestId: string) => {
  const row = await world.db.query.outbox.findFirst({ where: eq(outbox.requestId, requestId) });
  if (row === undefined) throw new Error('no delivery');
  return row;
};

describe('leasing', () => {
  test('gives what is due once, to whoever of twenty callers', async () => {
    for (let index = 0; index < 8; index++) await note(`note ${index}`);
    const taken = (await Promise.all(Array.from({ length: 20 }, () => lease(1)))).flat();
    expect(new Set(taken.map(({ id }) => id)).size).toBe(taken.length);
    const rest = await lease();
    expect(taken.length + rest.length).toBe(8);
    expect(await lease()).toEqual([]);
  });

  test('takes no more than asked for, the longest due first', async () => {
    const first = await note('first');
    world.clock.advance(1);
    await note('second');
    const [delivery, ...more] = await lease(1);
    expect(delivery).toMatchObject({ requestId: first.id, version: 1, attempts: 1, receipt: null });
    expect(more).toEqual([]);
  });

  test('ends by itself, and the late holder can change nothing any more', async () => {
    const request = await world.ask();
    const late = await leaseOne();
    world.clock.advance(LIMITS.leaseSeconds);
    const next = await leaseOne();
    expect(next.fence).not.toBe(late.fence);
    expect(await noteReceipt(world.system, late, receipt)).toBe(false);
    expect(await completeDelivery(world.system, late, { version: 1, receipt })).toBe(false);
    expect(await failDelivery(world.system, late, { error: 'late' })).toBe(false);
    expect(await stored(request.id)).toMatchObject({ doneAt: null, receipt: null, lastError: null });
    expect(await completeDelivery(world.system, next, { version: 1, receipt })).toBe(true);
    expect(await stored(request.id)).toMatchObject({ receipt, attempts: 0 });
  });

  test('passes over what was over before anything was delivered, for good', async () => {
    const request = await world.ask();
    await world.deny(request);
    expect(await lease()).toEqual([]);
    expect((await stored(request.id)).doneAt).not.toBeNull();
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

describe('completing', () => {
  test('makes it done until the request changes', async () => {
    const request = await world.ask();
    const delivery = await leaseOne();
    await completeDelivery(world.system, delivery, { version: 1, receipt });
    expect(await lease()).toEqual([]);
    await world.approve(request);
    expect(await leaseOne()).toMatchObject({ requestId: request.id, version: 2, attempts: 1, receipt });
  });

  test('leaves it due when a newer version was announced meanwhile', async () => {
    const request = await world.ask();
    const delivery = await leaseOne();
    await world.approve(request);
    expect(await lease()).toEqual([]);
    await completeDelivery(world.system, delivery, { version: 1, receipt });
    expect(await leaseOne()).toMatchObject({ version: 2, receipt });
  });

  test('counts the version that was read, not the one that was leased', async () => {
    const request = await world.ask();
    const delivery = await leaseOne();
    await world.approve(request);
    const { version } = await getForSlack(world.system, request.id);
    await completeDelivery(world.system, delivery, { version, receipt });
    expect(await lease()).toEqual([]);
  });

  test('is not undone by a change that did not happen', async () => {
    const request = await world.ask();
    await completeDelivery(world.system, await leaseOne(), { version: 1, receipt });
    const rolledBack = world.db.transaction(async (tx) => {
      const { actor, now } = world.system;
      await transition(tx, now, 'pending', 'cancelled', { request, actor, because: null });
      throw new Error('the power is out');
    });
    await expect(rolledBack).rejects.toThrow('the power is out');
    expect(await lease()).toEqual([]);
  });
});

describe('failing', () => {
  test('waits twice as long each time, and gives up in the end', async () => {
    const request = await world.ask();
    const waited: number[] = [];
    for (let attempt = 1; attempt < BACK_OFF.tries; attempt++) {
      const delivery = await leaseOne();
      expect(delivery.attempts).toBe(attempt);
      await failDelivery(world.system, delivery, { error: 'HTTP 503' });
      const before = Math.min(BACK_OFF.firstSeconds * 2 ** (attempt - 1), BACK_OFF.longestSeconds);
      world.clock.advance(before - 1);
      expect(await lease()).toEqual([]);
      world.clock.advance(1);
      waited.push(before);
    }
    expect(waited).toEqual([5, 10, 20, 40, 80, 160, 320, 600, 600]);
    await failDelivery(world.system, await leaseOne(), { error: 'HTTP 503' });
    world.clock.advance(3600 * 24);
    expect(await lease()).toEqual([]);
    expect(await stored(request.id)).toMatchObject({ lastError: 'HTTP 503', attempts: BACK_OFF.tries });
  });

  test('starts over with the next change after it was given up', async () => {
    const request = await world.ask();
    const delivery = await leaseOne();
    await failDelivery(world.system, delivery, { error: 'message_not_found', receipt, stop: true });
    world.clock.advance(3600);
    expect(await lease()).toEqual([]);
    await cancel(world.agent, { requestId: request.id });
    expect(await leaseOne()).toMatchObject({ attempts: 1, receipt });
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
    expect(await lease()).toEqual([]);
    world.clock.advance(1);
    expect(await leaseOne()).toMatchObject({ attempts: 1 });
  });
});

describe('what Slack is told', () => {
  test('has the number of approvals and no word of the agent', async () => {
    const request = await world.ask({ reason: 'please' });
    expect(await getForSlack(world.system, request.id)).toMatchObject({
      decidable: true,
      approvals: 0,
      because: null,
      agentName: 'triage-bot',
    });
    await world.approve(request);
    expect(await getForSlack(world.system, request.id)).toMatchObject({
      decidable: false,
      because: 'Approved by Priya Raman',
    });
    await cancel(world.agent, { requestId: request.id, reason: 'trust me' });
    const view = await getForSlack(world.system, request.id);
    expect(view).toMatchObject({ because: null, meaning: { word: 'Cancelled' } });
    expect(JSON.stringify(view)).not.toMatch(/please|trust me/);
  });

  test('is an error for a request that does not exist', async () => {
    await expect(getForSlack(world.system, 'apr_nothing')).rejects.toMatchObject({ code: 'not_found' });
  });
});
