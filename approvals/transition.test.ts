import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approvalRequests, events } from '#db/schema.ts';
import { assertInvariants } from './proof/invariants.ts';
import { createWorld, type World } from './testing/world.ts';
import { annotate, type Change, type RequestRow, transition } from './transition.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await assertInvariants(world.db, world.fake.ledger());
  await world.close();
});

const because = 'Withdrawn by a test.';
const change = (request: Change['request'], more: Partial<Change> = {}): Change => ({
  request,
  actor: world.system.actor,
  because,
  ...more,
});
const cancelIt = (request: Change['request'], more?: Partial<Change>) =>
  world.db.transaction((tx) => transition(tx, world.clock.now, 'pending', 'cancelled', change(request, more)));

/** Nothing of a refused move stays: no status, no version, no event. */
async function expectUntouched(row: RequestRow): Promise<void> {
  expect(await world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, row.id) })).toMatchObject({
    status: row.status,
    version: row.version,
  });
  expect(await world.db.$count(events)).toBe(row.version);
}

describe('a move', () => {
  test('of a version that is over is a conflict', async () => {
    const seen = await world.ask();
    const noted = await world.db.transaction((tx) => annotate(tx, world.clock.now, 'pending', change(seen)));
    await expect(cancelIt(seen)).rejects.toMatchObject({ code: 'conflict' });
    await expectUntouched(noted);
    expect(await cancelIt(noted)).toMatchObject({ status: 'cancelled', version: 3, because });
  });

  test('from a status it is no longer in is a conflict, even with the right version', async () => {
    const approved = await world.approve(await world.ask());
    await expect(cancelIt(approved)).rejects.toMatchObject({ code: 'conflict' });
    await expectUntouched(approved);
  });

  test('whose further condition does not hold is a conflict', async () => {
    const request = await world.ask();
    await expect(cancelIt(request, { provided: sql`false` })).rejects.toMatchObject({ code: 'conflict' });
    await expectUntouched(request);
  });

  test('ends the lease of whoever looked at it', async () => {
    const request = await world.ask();
    await world.db.update(approvalRequests).set({ leasedUntil: new Date(Date.now() + 60_000) });
    expect(await world.approve(request)).toMatchObject({ status: 'approved', leasedUntil: null });
  });
});
