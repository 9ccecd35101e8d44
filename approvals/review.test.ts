import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agents, approvalRequests, events, people, reviews } from '#db/schema.ts';
import { cancel } from './cancel.ts';
import type { Context } from './context.ts';
import { expire } from './expire.ts';
import { assertInvariants } from './proof/invariants.ts';
import { review } from './review.ts';
import { cancelAllOf } from './switch-off.ts';
import { allOf, crowd, successesOf } from './testing/crowd.ts';
import { type Cast, createWorld, type World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await assertInvariants(world.db, world.fake.ledger());
  await world.close();
});

/** Somebody's decision on a connection of their own. */
const decide = (
  ctx: Context,
  name: Cast,
  decision: 'approve' | 'deny',
  { id, digest }: { id: string; digest: string },
) => review({ ...ctx, actor: world.person(name).actor }, { requestId: id, decision, digest });
const load = (id: string) => world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });
/** Resolving a P1 is critical: two people. */
const askCritical = () =>
  world.ask({ arguments: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'resolved' } } });

describe('approving', () => {
  test('by the person on call makes it approved, with the entitlement on record', async () => {
    const request = await world.ask();
    const approved = await world.approve(request, 'priya');
    expect(approved).toMatchObject({ status: 'approved', version: 2, because: 'Approved by Priya Raman' });
    expect(approved.approvalExpiresAt?.getTime()).toBe((approved.approvedAt?.getTime() ?? 0) + 300_000);
    expect(await world.db.select().from(reviews)).toMatchObject([
      { personId: world.ids.priya, digest: request.digest, entitlement: 'on call for Checkout and Payments, level 1' },
    ]);
  });

  test('is refused to who is not on call, with who is', async () => {
    const request = await world.ask();
    await expect(world.approve(request, 'lena')).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringMatching(/not on call.*Priya Raman/),
    });
    expect(await load(request.id)).toMatchObject({ status: 'pending', version: 1 });
    expect(await world.db.select().from(reviews)).toEqual([]);
  });

  test("is refused to the agent's owner, though on call", async () => {
    const request = await world.ask();
    await expect(world.approve(request, 'dana')).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('your own agent'),
    });
  });

  test('is refused to an agent and to the system', async () => {
    const request = await world.ask();
    const input = { requestId: request.id, decision: 'approve' as const, digest: request.digest };
    await expect(review(world.agent, input)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(review(world.system, input)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('is refused for a digest that is not the one stored', async () => {
    const request = await world.ask();
    await expect(world.approve({ id: request.id, digest: 'f'.repeat(64) })).rejects.toMatchObject({
      code: 'precondition_failed',
    });
    expect(await load(request.id)).toMatchObject({ status: 'pending', version: 1 });
  });

  test('is refused at the very moment of expiry, by the database clock', async () => {
    const request = await world.ask();
    world.clock.advance(15 * 60);
    await expect(world.approve(request)).rejects.toMatchObject({ code: 'expired' });
    await expect(world.deny(request)).rejects.toMatchObject({ code: 'expired' });
  });

  test('is refused to a person who was switched off or unlinked', async () => {
    const request = await world.ask();
    await world.db.update(people).set({ active: false }).where(eq(people.id, world.ids.priya));
    await expect(world.approve(request)).rejects.toMatchObject({ code: 'forbidden' });
    await world.db.update(people).set({ pagerdutyUserId: null }).where(eq(people.id, world.ids.sam));
    await expect(world.approve(request, 'sam')).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('is left to the fallback group when PagerDuty is away', async () => {
    const request = await world.ask();
    world.fake.faults.add({ match: { method: 'GET', path: '/oncalls' }, kind: 'error_before' });
    await expect(world.approve(request, 'priya')).rejects.toMatchObject({
      message: expect.stringContaining('only the fallback group'),
    });
    expect(await world.approve(request, 'sam')).toMatchObject({ status: 'approved' });
  });

  test('of a critical request needs two different people', async () => {
    const request = await askCritical();
    expect(request).toMatchObject({ risk: 'critical', reviewsRequired: 2 });
    expect(await world.approve(request, 'priya')).toMatchObject({
      status: 'pending',
      version: 2,
      because: '1 of 2 approvals: Priya Raman',
    });
    await expect(world.approve(request, 'priya')).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('already'),
    });
    expect(await world.approve(request, 'marco')).toMatchObject({ status: 'approved', version: 3 });
  });

  test('is counted by the reviews of that request alone, and each of its own people', async () => {
    const [other, request] = [await world.ask(), await askCritical()];
    await world.deny(other);
    expect(await world.approve(request, 'priya')).toMatchObject({
      status: 'pending',
      because: '1 of 2 approvals: Priya Raman',
    });
    expect(await world.approve(request, 'marco')).toMatchObject({ status: 'approved' });
    expect(await load(other.id)).toMatchObject({ status: 'denied' });
  });

  test('fifty times at once by two people gives two reviews and one approval', async () => {
    const request = await askCritical();
    const answers = await crowd(
      world,
      world.system,
      (ctx, index) => decide(ctx, index % 2 === 0 ? 'priya' : 'marco', 'approve', request),
      50,
    );
    expect(successesOf(answers)).toHaveLength(2);
    expect(await world.db.select().from(reviews)).toHaveLength(2);
    expect(await load(request.id)).toMatchObject({ status: 'approved', version: 3 });
    expect(await world.db.$count(events)).toBe(3);
  });
});

describe('approving at the same moment', () => {
  test('counts for both of two people', async () => {
    // Several requests, because one pair might still come one after the other.
    for (const incidentId of ['Q1CHECKOUT5XX1', 'Q2PAYMENTHOOK1']) {
      for (const text of ['a', 'b', 'c']) {
        const request = await world.ask({
          tool: 'add_note_to_incident',
          arguments: { incident_id: incidentId, note: text },
        });
        await world.db.transaction(async (tx) => {
          await tx.execute(sql`set local session_replication_role = replica`);
          await tx.update(approvalRequests).set({ reviewsRequired: 2 }).where(eq(approvalRequests.id, request.id));
        });
        const names = ['priya', 'marco'] as const;
        allOf(
          await crowd(world, world.system, (ctx, index) => decide(ctx, names[index] ?? 'priya', 'approve', request), 2),
        );
        expect(await load(request.id)).toMatchObject({ status: 'approved', version: 3 });
      }
    }
  });

  test('as its end is told what ended it, though it still waited when the right was looked up', async () => {
    const request = await world.ask();
    await world.db.update(approvalRequests).set({ deliveredAt: new Date() });
    const ctx = world.person('priya');
    const onCall: typeof ctx.onCall = {
      async get(policyIds, maxAgeSeconds) {
        world.clock.advance(15 * 60);
        expect(await expire(world.system)).toBe(1);
        return ctx.onCall.get(policyIds, maxAgeSeconds);
      },
    };
    const approval = { requestId: request.id, decision: 'approve', digest: request.digest } as const;
    await expect(review({ ...ctx, onCall }, approval)).rejects.toMatchObject({ code: 'expired' });
    expect(await world.db.select().from(reviews)).toEqual([]);
  });
});

describe('denying', () => {
  test('ends it, with the reason', async () => {
    const request = await world.ask();
    expect(await world.deny(request, 'marco', 'wrong incident')).toMatchObject({
      status: 'denied',
      because: 'Denied by Marco Bellini: wrong incident',
      finishedAt: expect.any(Date),
    });
    await expect(world.approve(request)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('Denied'),
    });
  });

  test('outweighs an approval until the claim, also by the same person', async () => {
    const request = await world.ask();
    await world.approve(request, 'priya');
    expect(await world.deny(request, 'priya')).toMatchObject({ status: 'denied' });
    await expect(world.execute(request.id)).rejects.toMatchObject({ code: 'conflict' });
    expect(world.fake.ledger()).toEqual([]);
  });

  test('is refused to who is not entitled', async () => {
    const request = await world.ask();
    await expect(world.deny(request, 'lena')).rejects.toMatchObject({ code: 'forbidden' });
    await expect(world.deny(request, 'dana')).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('and approving fifty times at once ends in one of the two, never both', async () => {
    const request = await world.ask();
    const act = (ctx: Context, index: number) =>
      index % 2 === 0 ? decide(ctx, 'priya', 'approve', request) : decide(ctx, 'marco', 'deny', request);
    const done = successesOf(await crowd(world, world.system, act, 50)).length;
    const after = await load(request.id);
    // Deny wins until the claim: whoever came first, the end is denied.
    expect(after?.status).toBe('denied');
    expect(done).toBe((after?.version ?? 0) - 1);
  });
});

describe('withdrawing', () => {
  test('is for the agent that asked and its owner, and nobody else', async () => {
    const [first, second] = [await world.ask(), await askCritical()];
    await expect(cancel(world.otherAgent, { requestId: first.id })).rejects.toMatchObject({ code: 'not_found' });
    await expect(cancel(world.person('priya'), { requestId: first.id })).rejects.toMatchObject({ code: 'not_found' });
    expect(await cancel(world.agent, { requestId: first.id, reason: 'solved itself' })).toMatchObject({
      status: 'cancelled',
      because: 'Withdrawn by the agent: solved itself',
    });
    expect(await cancel(world.person('dana'), { requestId: second.id })).toMatchObject({ status: 'cancelled' });
  });

  test('answers the same for what does not exist and for what is not yours', async () => {
    const request = await world.ask();
    const messages = await Promise.all(
      [request.id, 'apr_nothing'].map((requestId) =>
        cancel(world.otherAgent, { requestId }).catch((error: Error) => error.message),
      ),
    );
    expect(messages[0]).toBe(messages[1]);
  });

  test('is too late once it was claimed', async () => {
    const request = await world.ask();
    await world.approve(request);
    await world.execute(request.id);
    await expect(cancel(world.agent, { requestId: request.id })).rejects.toMatchObject({
      code: 'conflict',
      message: 'It cannot be withdrawn: its status is "Succeeded".',
    });
  });

  test('is for the human it acts for, too', async () => {
    await world.db.update(agents).set({ actsForId: world.ids.lena }).where(eq(agents.id, 'agt_triage'));
    const request = await world.ask();
    expect(await cancel(world.person('lena'), { requestId: request.id })).toMatchObject({ status: 'cancelled' });
  });

  test('and approving fifty times at once leaves one outcome', async () => {
    const request = await world.ask();
    const act = (ctx: Context, index: number) =>
      index % 2 === 0
        ? decide(ctx, 'priya', 'approve', request)
        : cancel({ ...ctx, actor: world.agent.actor }, { requestId: request.id });
    await crowd(world, world.system, act, 50);
    expect(await load(request.id)).toMatchObject({ status: 'cancelled' });
  });

  test('everything of an agent at once is the kill switch', async () => {
    const [first, second] = [await world.ask(), await askCritical()];
    await world.approve(first);
    expect(await cancelAllOf(world.system, 'agt_triage', 'switched off')).toBe(2);
    expect(await load(first.id)).toMatchObject({ status: 'cancelled' });
    expect(await load(second.id)).toMatchObject({ status: 'cancelled' });
  });
});

describe('the clock', () => {
  test('ends what nobody decided, exactly at its expiry and not before', async () => {
    const request = await world.ask();
    await world.db.update(approvalRequests).set({ deliveredAt: new Date() });
    world.clock.advance(15 * 60 - 1);
    expect(await expire(world.system)).toBe(0);
    world.clock.advance(1);
    expect(await expire(world.system)).toBe(1);
    expect(await load(request.id)).toMatchObject({
      status: 'expired',
      because: 'Nobody decided in time. Nothing was sent.',
    });
  });

  test('ends an approval that was not used within five minutes', async () => {
    const request = await world.ask();
    await world.approve(request);
    world.clock.advance(299);
    expect(await expire(world.system)).toBe(0);
    world.clock.advance(1);
    await expect(world.execute(request.id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await expire(world.system)).toBe(1);
    expect(await load(request.id)).toMatchObject({ status: 'expired' });
    expect(world.fake.ledger()).toEqual([]);
  });

  test('withdraws what was asked by an agent that never got the handle', async () => {
    const request = await world.ask();
    world.clock.advance(120);
    expect(await expire(world.system)).toBe(1);
    expect(await load(request.id)).toMatchObject({
      status: 'cancelled',
      because: expect.stringContaining('went away'),
    });
  });

  test('run by twenty at once ends each request once', async () => {
    await Promise.all([world.ask(), askCritical()]);
    world.clock.advance(15 * 60);
    const ended = allOf(await crowd(world, world.system, (ctx) => expire(ctx)));
    expect(ended.reduce((sum, count) => sum + count, 0)).toBe(2);
  });
});
