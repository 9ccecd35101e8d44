import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approvalRequests, attempts, events, requestSubjects } from '#db/schema.ts';
import { claim } from './claim.ts';
import { assertInvariants } from './proof/invariants.ts';
import { sweepDead } from './settle.ts';
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

const elsewhere = { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'acknowledged' } };
const load = (id: string) => world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });

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
  expect(await load(row.id)).toMatchObject({ status: row.status, version: row.version });
  expect(await world.db.$count(events)).toBe(row.version);
}

const remarkOn = (request: Change['request'], more?: Partial<Change>) =>
  world.db.transaction((tx) => annotate(tx, world.clock.now, 'pending', change(request, more)));

describe.each([
  ['a move', cancelIt, 'cancelled'],
  ['a remark', remarkOn, 'pending'],
] as const)('%s', (_, change, status) => {
  test('of a version that is over is a conflict', async () => {
    const seen = await world.ask();
    const noted = await remarkOn(seen);
    await expect(change(seen)).rejects.toMatchObject({ code: 'conflict' });
    await expectUntouched(noted);
    expect(await change(noted)).toMatchObject({ status, version: 3, because });
  });

  test('from a status it is no longer in is a conflict, even with the right version', async () => {
    const approved = await world.approve(await world.ask());
    await expect(change(approved)).rejects.toMatchObject({ code: 'conflict' });
    await expectUntouched(approved);
  });

  test('whose further condition does not hold is a conflict', async () => {
    const request = await world.ask();
    await expect(change(request, { provided: sql`false` })).rejects.toMatchObject({ code: 'conflict' });
    await expectUntouched(request);
  });

  test('of one request leaves another as it is', async () => {
    const [one, other] = [await world.ask(), await world.ask({ arguments: elsewhere })];
    await change(one);
    expect(await load(other.id)).toEqual(other);
  });
});

describe('a move', () => {
  test('to executing locks what this request is about and nothing else, and the next one lets go of it', async () => {
    const [one, other] = [await world.approve(await world.ask()), await world.ask({ arguments: elsewhere })];
    const locked = async () => {
      const rows = await world.db.query.requestSubjects.findMany({ where: eq(requestSubjects.executing, true) });
      return [...new Set(rows.map(({ requestId }) => requestId))];
    };
    expect(await claim(world.system, one.id, 'test')).toMatchObject({ kind: 'claimed' });
    expect(await locked()).toEqual([one.id]);
    await world.db.update(attempts).set({ deadlineAt: new Date(0) });
    await sweepDead(world.system);
    expect(await load(one.id)).toMatchObject({ status: 'unknown', finishedAt: null });
    expect(await locked()).toEqual([]);
    expect(await load(other.id)).toEqual(other);
  });

  test('ends the lease of whoever looked at it', async () => {
    const request = await world.ask();
    await world.db.update(approvalRequests).set({ leasedUntil: new Date(Date.now() + 60_000) });
    expect(await world.approve(request)).toMatchObject({ status: 'approved', leasedUntil: null });
  });
});
