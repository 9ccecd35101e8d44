import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { onCallReadings, reviews } from '#db/schema.ts';
import type { OnCall, OnCallEntry } from '#pagerduty/on-call.ts';
import { createOnCallReader } from '#pagerduty/on-call.ts';
import { review } from '../review.ts';
import { allOf, crowd } from '../testing/crowd.ts';
import { type Cast, createWorld, type World } from '../testing/world.ts';
import { refreshOnCall } from './routing.ts';
import { policiesInQuestion, storedOnCall, storeOnCall } from './stored-on-call.ts';

const CHECKOUT = 'PECHKOT';
const TRACKING = 'PETRACK';
const INCIDENT_OF_TRACKING = 'Q3TRACKINGLAG1';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const entry = (userId: string, policyId = CHECKOUT): OnCallEntry => ({
  userId,
  userName: `Name of ${userId}`,
  policyId,
  policyName: `Policy ${policyId}`,
  level: 1,
  until: null,
});
/** A reading of so many seconds ago. */
const reading = (entries: OnCallEntry[], agoSeconds = 0): OnCall => ({
  known: true,
  asOf: new Date(Date.now() - agoSeconds * 1000),
  entries,
});
const store = (policyIds: string[], onCall: OnCall) => storeOnCall(world.system, policyIds, onCall);
const get = (policyIds: string[], maxAgeSeconds = 60) => storedOnCall(world.system).get(policyIds, maxAgeSeconds);
const usersOf = async (policyIds: string[], maxAgeSeconds?: number) => {
  const onCall = await get(policyIds, maxAgeSeconds);
  return onCall.known ? onCall.entries.map(({ userId }) => userId) : 'not known';
};
const notKnown = { known: false, because: 'It is not known who is on call now.' };

describe('who is on call, as it was stored', () => {
  test('is what was read, for the policies asked for and no other', async () => {
    const all = [entry('U1'), entry('U2', TRACKING)];
    await store([CHECKOUT, TRACKING], reading(all));
    expect(await get([CHECKOUT])).toEqual({ known: true, asOf: expect.any(Date), entries: [all[0]] });
    expect(await usersOf([TRACKING, CHECKOUT, TRACKING])).toEqual(expect.arrayContaining(['U1', 'U2']));
    expect(await usersOf([TRACKING, CHECKOUT, TRACKING])).toHaveLength(2);
  });

  test('is nobody where a reading found nobody, and where no policy is asked for', async () => {
    await store([CHECKOUT], reading([]));
    expect(await usersOf([CHECKOUT])).toEqual([]);
    expect(await usersOf([])).toEqual([]);
  });

  test('is not known of a policy that was never read, also beside one that was', async () => {
    await store([CHECKOUT], reading([entry('U1')]));
    expect(await get([TRACKING])).toEqual(notKnown);
    expect(await get([CHECKOUT, TRACKING])).toEqual(notKnown);
  });

  test('is not known once it is older than asked for', async () => {
    await store([CHECKOUT], reading([entry('U1')]));
    world.clock.advance(59);
    expect(await usersOf([CHECKOUT])).toEqual(['U1']);
    world.clock.advance(1);
    expect(await get([CHECKOUT])).toEqual(notKnown);
    expect(await usersOf([CHECKOUT], 120)).toEqual(['U1']);
  });

  test('is as old as its oldest part', async () => {
    await store([TRACKING], reading([entry('U2', TRACKING)]));
    const first = await get([TRACKING]);
    world.clock.advance(50);
    await store([CHECKOUT], reading([entry('U1')]));
    const both = await get([CHECKOUT, TRACKING]);
    if (!first.known || !both.known) throw new Error('not known');
    expect(both.asOf).toEqual(first.asOf);
    world.clock.advance(10);
    expect(await get([CHECKOUT, TRACKING])).toEqual(notKnown);
    expect(await usersOf([CHECKOUT])).toEqual(['U1']);
  });

  test('counts its age from when PagerDuty was read, not from when it was stored', async () => {
    await store([CHECKOUT], reading([entry('U1')], 50));
    expect(await usersOf([CHECKOUT])).toEqual(['U1']);
    world.clock.advance(10);
    expect(await get([CHECKOUT])).toEqual(notKnown);
  });

  test('is never known as of now', async () => {
    await store([CHECKOUT], reading([entry('U1')]));
    expect(await get([CHECKOUT], 0)).toEqual(notKnown);
  });
});

describe('storing', () => {
  test('replaces an older reading, never a newer one', async () => {
    await store([CHECKOUT], reading([entry('U1')], 20));
    await store([CHECKOUT], reading([entry('U2')], 10));
    expect(await usersOf([CHECKOUT])).toEqual(['U2']);
    await store([CHECKOUT], reading([entry('U1')], 20));
    expect(await usersOf([CHECKOUT])).toEqual(['U2']);
    // Nor does storing the old one again make the new one younger.
    world.clock.advance(50);
    expect(await get([CHECKOUT])).toEqual(notKnown);
  });

  test('a reading that failed leaves the last one to age', async () => {
    await store([CHECKOUT], reading([entry('U1')]));
    await store([CHECKOUT], { known: false, because: 'PagerDuty did not answer.' });
    expect(await usersOf([CHECKOUT])).toEqual(['U1']);
    world.clock.advance(60);
    expect(await get([CHECKOUT])).toEqual(notKnown);
  });

  test('by twenty at once keeps the newest of each policy, and none waits for another for ever', async () => {
    const many = Array.from({ length: 200 }, (_, index) => `PE${index}`);
    const answers = await crowd(world, world.system, (ctx, index) => {
      const entries = many.map((policyId) => entry(`U${index}`, policyId));
      return storeOnCall(ctx, index % 2 === 0 ? many : many.toReversed(), reading(entries, 1 + ((index * 7) % 20)));
    });
    allOf(answers);
    // Number 0 was read a second ago, all others before that.
    const stored = await usersOf(many);
    expect(stored).toHaveLength(many.length);
    expect(new Set(stored)).toEqual(new Set(['U0']));
  });
});

describe('what the worker reads', () => {
  const refresh = () => refreshOnCall({ ...world.system, onCall: createOnCallReader(world.system.pagerduty) });
  const noteOn = (incident: string) =>
    world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: incident, note: 'Seen.' } });

  test('is of every policy of a request that may still be decided on', async () => {
    expect(await policiesInQuestion(world.system)).toEqual([]);
    await refresh();
    expect(await world.db.$count(onCallReadings)).toBe(0);
    const request = await noteOn('Q2PAYMENTHOOK1');
    await noteOn('Q1CHECKOUT5XX1');
    await noteOn(INCIDENT_OF_TRACKING);
    expect(await policiesInQuestion(world.system)).toEqual([CHECKOUT, TRACKING]);
    await world.approve(request);
    await refresh();
    expect(await usersOf([CHECKOUT])).toEqual(expect.arrayContaining(['PUPRIYA', 'PUMARCO']));
  });

  test('includes what is approved and may be denied yet, not what is over', async () => {
    const request = await noteOn('Q2PAYMENTHOOK1');
    await world.approve(request);
    expect(await policiesInQuestion(world.system)).toEqual([CHECKOUT]);
    await world.deny(request);
    expect(await policiesInQuestion(world.system)).toEqual([]);
  });

  test('stays as it was while PagerDuty is away', async () => {
    await noteOn('Q2PAYMENTHOOK1');
    await refresh();
    const before = await world.db.select().from(onCallReadings);
    world.clock.advance(20);
    world.fake.faults.add({ match: { method: 'GET', path: '/oncalls' }, kind: 'error_before' });
    await refresh();
    expect(await world.db.select().from(onCallReadings)).toEqual(before);
    await refresh();
    expect(await world.db.select().from(onCallReadings)).not.toEqual(before);
  });
});

describe('a process that cannot ask PagerDuty', () => {
  const decide = (name: Cast, request: { id: string; digest: string }, decision: 'approve' | 'deny' = 'approve') => {
    const person = world.person(name);
    const ctx = { ...person, onCall: storedOnCall(person) };
    return review(ctx, { requestId: request.id, digest: request.digest, decision });
  };

  test('decides by what was stored, and leaves it to the fallback group when that is old', async () => {
    const request = await world.ask();
    await refreshOnCall(world.system);
    world.clock.advance(60);
    for (const decision of ['approve', 'deny'] as const) {
      await expect(decide('priya', request, decision)).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('only the fallback group'),
      });
    }
    expect(await world.db.$count(reviews)).toBe(0);
    expect(await decide('sam', request)).toMatchObject({ status: 'approved' });
  });

  test('decides nothing by a reading that it cannot make sense of', async () => {
    const request = await world.ask();
    await refreshOnCall(world.system);
    const broken = [{ userId: 'PUPRIYA', policyId: CHECKOUT, level: 'first' }];
    await world.db.update(onCallReadings).set({ entries: broken }).where(eq(onCallReadings.policyId, CHECKOUT));
    await expect(decide('priya', request)).rejects.toThrow();
    expect(await world.db.$count(reviews)).toBe(0);
    expect(world.fake.ledger()).toEqual([]);
  });
});
