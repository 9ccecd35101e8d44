import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { approvalRequests } from '#db/schema.ts';
import { claim } from './claim.ts';
import { assertInvariants } from './proof/invariants.ts';
import { recordOutcome, send } from './send.ts';
import { settle, settleByHand } from './settle.ts';
import { reopen, UPDATED } from './stored.ts';
import { createWorld, type World } from './testing/world.ts';
import { undoOf } from './undo.ts';
import { readLive } from './views/live.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await assertInvariants(world.db, world.fake.ledger());
  await world.close();
});

const load = async (id: string) => {
  const row = await world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });
  if (!row) throw new Error('gone');
  return row;
};
/** As if Countersign had been updated since. */
const update = (id: string) =>
  world.tamper(sql`update approval_requests set tool_version = tool_version - 1 where id = ${id}`);

describe('what another version of a tool stored', () => {
  test('is not opened', async () => {
    const request = await world.ask();
    await update(request.id);
    expect(reopen(await load(request.id))).toEqual({ because: UPDATED });
  });

  test('is not opened when the tool is gone, nor when it makes no sense to the tool that is there', async () => {
    const row = await load((await world.ask()).id);
    expect(reopen({ ...row, tool: 'no_longer_there' })).toEqual({ because: UPDATED });
    const unreadable = { because: 'The stored request can no longer be read.' };
    const canonical = JSON.stringify({ ...JSON.parse(row.canonical), input: {} });
    expect(reopen({ ...row, canonical })).toEqual(unreadable);
    expect(reopen({ ...row, before: {} })).toEqual(unreadable);
    expect(reopen(row)).toMatchObject({ tool: { name: 'manage_incidents' }, before: row.before });
  });

  test.each(['drop_after', 'drop_before'] as const)('is settled by a human, never by reading (%s)', async (kind) => {
    const request = await world.approve(await world.ask());
    world.fake.faults.add({ match: { method: 'PUT', path: '/incidents' }, kind, times: 1 });
    await world.execute(request.id);
    world.clock.advance(120);
    await update(request.id);
    const { request: after, evidence } = await settle(world.system, request.id);
    expect(after.status).toBe('unknown');
    expect(evidence).toEqual({ applied: null, because: expect.stringContaining(UPDATED) });
    const said = { requestId: request.id, applied: kind === 'drop_after', evidence: 'I looked at the timeline.' };
    expect((await settleByHand(world.person('priya'), said)).status).toBe(said.applied ? 'succeeded' : 'failed');
  });

  test('is unknown when an answer comes for it', async () => {
    const request = await world.approve(await world.ask());
    const taken = await claim(world.system, request.id, 'test');
    if (taken.kind !== 'claimed') throw new Error(taken.kind);
    const outcome = await send(world.system, world.writer, taken.claim);
    await update(request.id);
    expect(await recordOutcome(world.system, taken.claim, outcome)).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining(UPDATED),
    });
  });

  test('is neither shown beside a reading nor undone', async () => {
    const request = await world.approve(await world.ask());
    await world.execute(request.id);
    await update(request.id);
    expect(await readLive(world.person('priya'), request.id)).toEqual({ known: false, because: UPDATED });
    expect(undoOf(await load(request.id))).toEqual({ possible: false, because: UPDATED });
  });
});
