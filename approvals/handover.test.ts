import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sha256 } from '#db/ids.ts';
import { handovers, people, reviews } from '#db/schema.ts';
import type { Context } from './context.ts';
import { consumeHandover, createHandover, previewHandover } from './handover.ts';
import { assertInvariants } from './proof/invariants.ts';
import { review } from './review.ts';
import { crowd, refusalsOf, successesOf } from './testing/crowd.ts';
import { type Cast, createWorld, type World } from './testing/world.ts';
import type { RequestRow } from './transition.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await assertInvariants(world.db, world.fake.ledger());
  await world.close();
});

/** Resolving a P1 is critical: two people, so it still waits when one has approved. */
const askCritical = () =>
  world.ask({ arguments: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'resolved' } } });

const inSlack = (name: Cast) => world.as({ kind: 'person', personId: world.ids[name], surface: 'slack' });
const create = (request: Pick<RequestRow, 'id' | 'digest' | 'version'>, name: Cast = 'priya') =>
  createHandover(inSlack(name), { requestId: request.id, digest: request.digest, version: request.version });
const decide = (
  request: { id: string; digest: string },
  handover: string,
  { name = 'priya', decision = 'approve' }: { name?: Cast; decision?: 'approve' | 'deny' } = {},
) => review(world.person(name), { requestId: request.id, digest: request.digest, decision, handover });
const use = (ctx: Context, token: string, over: { personId?: string; requestId?: string; digest?: string } = {}) =>
  ctx.db.transaction(async (tx) => {
    const row = await tx.query.handovers.findFirst({ where: eq(handovers.tokenHash, sha256(token)) });
    const { personId = '', requestId = '', digest = '' } = row ?? {};
    return consumeHandover(ctx, tx, { token, personId, requestId, digest, ...over });
  });
const usedAt = async (token: string) =>
  (await world.db.query.handovers.findFirst({ where: eq(handovers.tokenHash, sha256(token)) }))?.usedAt;

/** Nobody decided, and nothing reached PagerDuty. */
async function nothingHappened(request: RequestRow): Promise<void> {
  expect(await world.db.$count(reviews)).toBe(0);
  expect(await world.db.query.approvalRequests.findFirst()).toMatchObject({ id: request.id, status: 'pending' });
  expect(world.fake.requests()).toEqual([]);
}

describe('the way from Slack to the web', () => {
  test('is made for one person and one digest, and is stored as its hash only', async () => {
    const request = await world.ask();
    const token = await create(request);
    expect(token).toMatch(/^csh_[0-9a-z]{52}$/);
    const rows = await world.db.select().from(handovers);
    expect(rows).toMatchObject([
      { tokenHash: sha256(token), requestId: request.id, personId: world.ids.priya, digest: request.digest },
    ]);
    expect(JSON.stringify(rows)).not.toContain(token.slice(4));
    await nothingHappened(request);
  });

  test.each([
    ['not on call for it', 'lena', {}, 'forbidden'],
    ['whose agent asked', 'dana', {}, 'forbidden'],
    ['who saw other bytes', 'priya', { digest: 'f'.repeat(64) }, 'precondition_failed'],
    ['who saw another version', 'priya', { version: 2 }, 'conflict'],
    ['who means no request', 'priya', { id: 'apr_nothing' }, 'not_found'],
  ] as const)('is not made for somebody %s', async (_, name, over, code) => {
    const request = await world.ask();
    await expect(create({ ...request, ...over }, name)).rejects.toMatchObject({ code });
    expect(await world.db.$count(handovers)).toBe(0);
    await nothingHappened(request);
  });

  test('is not made for an agent or the system, nor for what is decided', async () => {
    const request = await world.ask();
    const { id: requestId, digest, version } = request;
    for (const ctx of [world.agent, world.system]) {
      await expect(createHandover(ctx, { requestId, digest, version })).rejects.toMatchObject({ code: 'forbidden' });
    }
    await world.approve(request, 'sam');
    await expect(create({ ...request, version: 2 })).rejects.toMatchObject({ code: 'conflict' });
    expect(await world.db.$count(handovers)).toBe(0);
  });
});

describe('opening a link', () => {
  test('uses nothing up, however often', async () => {
    const request = await world.ask();
    const token = await create(request);
    for (let look = 0; look < 3; look++) {
      expect(await previewHandover(world.person('priya'), token)).toEqual({
        usable: true,
        requestId: request.id,
        digest: request.digest,
      });
    }
    expect(await usedAt(token)).toBeNull();
    await nothingHappened(request);
  });

  test('tells somebody else nothing about the request', async () => {
    const token = await create(await world.ask());
    for (const name of ['sam', 'dana', 'lena'] as const) {
      expect(await previewHandover(world.person(name), token)).toEqual({
        usable: false,
        requestId: null,
        because: 'This link was made for somebody else. Ask for one of your own in Slack.',
      });
    }
    await expect(previewHandover(world.agent, token)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('that nobody made leads nowhere', async () => {
    await create(await world.ask());
    expect(await previewHandover(world.person('priya'), `csh_${'0'.repeat(52)}`)).toMatchObject({
      usable: false,
      requestId: null,
    });
  });

  test('that was used or is too old shows its own person the way to the request', async () => {
    const request = await world.ask();
    const [used, old] = [await create(request), await create(request)];
    await use(world.system, used);
    const over = {
      usable: false,
      requestId: request.id,
      because: expect.stringContaining('used already or is too old'),
    };
    expect(await previewHandover(world.person('priya'), used)).toEqual(over);
    world.clock.advance(299);
    expect(await previewHandover(world.person('priya'), old)).toMatchObject({ usable: true });
    world.clock.advance(1);
    expect(await previewHandover(world.person('priya'), old)).toEqual(over);
  });
});

describe('a link is used up', () => {
  test('by the decision it was made for, in its transaction', async () => {
    const request = await world.ask();
    const token = await create(request);
    expect(await decide(request, token)).toMatchObject({ status: 'approved' });
    expect(await usedAt(token)).toEqual(expect.any(Date));
    expect(await world.db.select().from(reviews)).toMatchObject([{ surface: 'web', digest: request.digest }]);
  });

  test('not by a denial, which needs none and is not held up by one that is of no use', async () => {
    const request = await world.ask();
    const token = await create(request);
    expect(await decide(request, token, { decision: 'deny' })).toMatchObject({ status: 'denied' });
    expect(await usedAt(token)).toBeNull();
    const other = await askCritical();
    expect(await decide(other, token, { name: 'marco', decision: 'deny' })).toMatchObject({ status: 'denied' });
    expect(world.fake.requests()).toEqual([]);
  });

  test('not by a transaction that did not happen', async () => {
    const token = await create(await world.ask());
    const rolledBack = world.db.transaction(async (tx) => {
      const row = await tx.query.handovers.findFirst();
      const { personId = '', requestId = '', digest = '' } = row ?? {};
      await consumeHandover(world.system, tx, { token, personId, requestId, digest });
      throw new Error('the power is out');
    });
    await expect(rolledBack).rejects.toThrow('the power is out');
    expect(await usedAt(token)).toBeNull();
    await use(world.system, token);
  });

  test('not by a review that is refused', async () => {
    const request = await askCritical();
    const token = await create(request);
    await expect(decide({ ...request, digest: 'f'.repeat(64) }, token)).rejects.toMatchObject({
      code: 'precondition_failed',
    });
    await world.db.update(people).set({ active: false }).where(eq(people.id, world.ids.priya));
    await expect(decide(request, token)).rejects.toMatchObject({ code: 'forbidden' });
    await world.db.update(people).set({ active: true }).where(eq(people.id, world.ids.priya));
    expect(await usedAt(token)).toBeNull();
    await nothingHappened(request);

    // Whoever has decided already, as on the web without the link, decides nothing by it either.
    await world.approve(request, 'priya');
    await expect(decide(request, token)).rejects.toMatchObject({ code: 'conflict' });
    expect(await usedAt(token)).toBeNull();
    expect(await world.db.$count(reviews)).toBe(1);
  });

  test('not by somebody who was too late, which is what they are told', async () => {
    const request = await world.ask();
    const token = await create(request);
    await world.deny(request, 'sam');
    await expect(decide(request, token)).rejects.toMatchObject({ code: 'conflict' });
    expect(await usedAt(token)).toBeNull();
  });
});

describe('a decision is refused with a link', () => {
  const refused = { code: 'forbidden', message: expect.stringContaining('The link from Slack was used already') };

  test('that is somebody else’s, though they may decide themselves', async () => {
    const request = await world.ask();
    const token = await create(request);
    for (const name of ['sam', 'marco'] as const) {
      await expect(decide(request, token, { name })).rejects.toMatchObject(refused);
    }
    expect(await usedAt(token)).toBeNull();
    await nothingHappened(request);
  });

  test('that is for another request', async () => {
    const [request, other] = [await world.ask(), await askCritical()];
    const token = await create(other);
    await expect(decide(request, token)).rejects.toMatchObject(refused);
    expect(await usedAt(token)).toBeNull();
    expect(await world.db.$count(reviews)).toBe(0);
    expect(world.fake.requests()).toEqual([]);
  });

  test.each([
    ['person', { personId: 'prs_sam' }],
    ['request', { requestId: 'apr_other' }],
    ['digest', { digest: 'f'.repeat(64) }],
  ])('that is right but for the %s', async (_, over) => {
    const request = await world.ask();
    const token = await create(request);
    await expect(use(world.system, token, over)).rejects.toMatchObject(refused);
    expect(await usedAt(token)).toBeNull();
    await use(world.system, token);
    expect(await usedAt(token)).toEqual(expect.any(Date));
  });

  test('that is for other bytes of the same request', async () => {
    const request = await world.ask();
    const token = await create(request);
    await world.db.update(handovers).set({ digest: 'f'.repeat(64) });
    await expect(decide(request, token)).rejects.toMatchObject(refused);
    await nothingHappened(request);
  });

  test('that was used before', async () => {
    const request = await askCritical();
    const token = await create(request);
    await use(world.system, token);
    await expect(decide(request, token)).rejects.toMatchObject(refused);
    await nothingHappened(request);
  });

  test('that is five minutes old', async () => {
    const request = await world.ask();
    const token = await create(request);
    world.clock.advance(300);
    await expect(decide(request, token)).rejects.toMatchObject(refused);
    expect(await usedAt(token)).toBeNull();
    await nothingHappened(request);
  });

  test('that nobody made', async () => {
    const request = await world.ask();
    await create(request);
    for (const token of ['', `csh_${'0'.repeat(52)}`]) {
      await expect(decide(request, token)).rejects.toMatchObject(refused);
    }
    await nothingHappened(request);
  });
});

describe('twenty uses at once', () => {
  test('are one', async () => {
    const token = await create(await world.ask());
    const answers = await crowd(world, world.system, (ctx) => use(ctx, token));
    expect(successesOf(answers)).toHaveLength(1);
    expect(refusalsOf(answers)).toEqual(Array.from({ length: 19 }, () => 'forbidden'));
  });

  test('in twenty decisions are one decision, also where it still waits for others afterwards', async () => {
    const request = await askCritical();
    const token = await create(request);
    const approve = { requestId: request.id, digest: request.digest, decision: 'approve', handover: token } as const;
    const answers = await crowd(world, world.person('priya'), (ctx) => review(ctx, approve));
    expect(successesOf(answers)).toMatchObject([{ status: 'pending', version: 2 }]);
    expect(refusalsOf(answers).every((code) => code === 'forbidden' || code === 'conflict')).toBe(true);
    expect(await world.db.$count(reviews)).toBe(1);
    expect(await usedAt(token)).toEqual(expect.any(Date));
  });
});
