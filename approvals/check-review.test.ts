import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { events, reviews } from '#db/schema.ts';
import { checkReview, type Sight } from './check-review.ts';
import { loadReviewer } from './entitlement.ts';
import { review } from './review.ts';
import { type Cast, createWorld, type World } from './testing/world.ts';
import type { RequestRow } from './transition.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

/** Resolving a P1 is critical: the first of two approvals makes a new version that still waits. */
const askCritical = () =>
  world.ask({ arguments: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'resolved' } } });
const sightOf = ({ id, digest }: Pick<RequestRow, 'id' | 'digest'>, over: Partial<Sight> = {}) => ({
  requestId: id,
  digest,
  decision: 'approve' as const,
  ...over,
});
const check = (request: RequestRow, over: Partial<Sight> = {}, name: Cast = 'marco') =>
  checkReview(world.person(name), sightOf(request, over));
const decide = (request: RequestRow, over: Partial<Sight>, name: Cast = 'marco') =>
  review(world.person(name), sightOf(request, over));

describe('looking whether somebody could decide', () => {
  test('says in what capacity, and decides nothing', async () => {
    const request = await world.ask();
    expect(await check(request, {}, 'priya')).toMatchObject({
      as: 'on call for Checkout and Payments, level 1',
      reviewer: { personId: world.ids.priya, name: 'Priya Raman' },
      row: { id: request.id, status: 'pending', version: 1 },
    });
    expect(await check(request, { decision: 'deny' }, 'sam')).toMatchObject({ as: 'member of the fallback group' });
    expect(await world.db.$count(reviews)).toBe(0);
    expect(await world.db.$count(events)).toBe(1);
  });

  test.each([
    ['whoever is not on call', 'lena', {}, 'forbidden'],
    ['whose agent asked', 'dana', {}, 'forbidden'],
    ['whoever saw other bytes', 'priya', { digest: 'f'.repeat(64) }, 'precondition_failed'],
  ] as const)('is a no to %s', async (_, name, over, code) => {
    await expect(check(await world.ask(), over, name)).rejects.toMatchObject({ code });
  });

  test('is a no to agents and the system, and to what does not exist', async () => {
    const request = await world.ask();
    for (const ctx of [world.agent, world.system]) {
      await expect(checkReview(ctx, sightOf(request))).rejects.toMatchObject({ code: 'forbidden' });
    }
    await expect(check({ ...request, id: 'apr_nothing' })).rejects.toMatchObject({ code: 'not_found' });
    await expect(loadReviewer(world.system, 'prs_nobody')).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('is a no to what is decided, before anything else is looked at', async () => {
    const request = await world.ask();
    await world.deny(request);
    const because = { code: 'conflict', message: expect.stringContaining('its status is "Denied"') };
    await expect(check(request, { digest: 'f'.repeat(64), version: 9 }, 'lena')).rejects.toMatchObject(because);
  });
});

describe('the version that somebody saw', () => {
  const changed = { code: 'conflict', message: 'This request has changed since you were shown it. Read it again.' };

  test('must be the present one to approve by it', async () => {
    const request = await askCritical();
    await expect(check(request, { version: 2 })).rejects.toMatchObject(changed);
    await expect(check(request, { version: 0 })).rejects.toMatchObject(changed);
    await world.approve(request, 'priya');
    await expect(check(request, { version: 1 })).rejects.toMatchObject(changed);
    await expect(decide(request, { version: 1 })).rejects.toMatchObject(changed);
    expect(await world.db.$count(reviews)).toBe(1);
    expect(await decide(request, { version: 2 })).toMatchObject({ status: 'approved' });
  });

  test('may be any to deny: nobody’s approval holds a denial up', async () => {
    const request = await askCritical();
    await world.approve(request, 'priya');
    await check(request, { version: 1, decision: 'deny' });
    expect(await decide(request, { version: 1, decision: 'deny' })).toMatchObject({ status: 'denied' });
  });

  test('need not be said where the page shows the present one', async () => {
    const request = await askCritical();
    await world.approve(request, 'priya');
    await check(request);
    expect(await decide(request, {})).toMatchObject({ status: 'approved' });
  });

  test('is looked at again when the decision is recorded', async () => {
    const request = await askCritical();
    const ctx = world.person('marco');
    const onCall: typeof ctx.onCall = {
      async get(policyIds, maxAgeSeconds) {
        await world.approve(request, 'priya');
        return ctx.onCall.get(policyIds, maxAgeSeconds);
      },
    };
    await expect(review({ ...ctx, onCall }, sightOf(request, { version: 1 }))).rejects.toMatchObject(changed);
    expect(await world.db.$count(reviews)).toBe(1);
  });
});
