import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { assertInvariants, type LedgerEntry } from '#approvals/proof/invariants.ts';
import { settle, settleByHand } from '#approvals/settle.ts';
import type { Cast } from '#approvals/testing/world.ts';
import { proposeUndo, undoOf } from '#approvals/undo.ts';
import { agents, approvalRequests, people } from '#db/schema.ts';
import type { JsonObject } from '#pagerduty/json.ts';
import { stateOf } from '#pagerduty/tools/evidence/watching.ts';
import { writeTools } from '#pagerduty/tools/index.ts';
import { findRehearsal } from '#pagerduty/tools/testing/rehearsals.ts';
import { TOOLSETS } from '#pagerduty/toolsets.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { createStage, type Stage, type TestClient } from './testing/stage.ts';

// Every write the whole way: a real MCP client asks for the tool's example, people approve, the worker's own steps
// send it to the playable PagerDuty over HTTP, and what became of it is read back.

const writes: [string, WriteTool][] = Object.entries(writeTools);

let stage: Stage;
let client: TestClient;
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  stage = await createStage({ openMs: 0 });
  await stage.db.update(agents).set({ toolsets: Object.keys(TOOLSETS) });
  // Enough members of the fallback group for two approvals and one who proposes.
  for (const name of ['lena', 'ruth'] as const) {
    await stage.db.update(people).set({ fallback: true }).where(eq(people.id, stage.ids[name]));
  }
  client = await stage.client('2026-07-28');
});
afterAll(async () => {
  await stage.close();
  vi.useRealTimers();
});
const ledgers: LedgerEntry[] = [];
// Each way begins with the company as it was founded.
beforeEach(() => {
  ledgers.push(...stage.fake.ledger());
  stage.fake.reset();
  // Evidence is a matter of seconds between two clocks.
  stage.clock.synchronize();
});

/** A human takes a while: what moves with the clock alone must not count as a change. */
function aWhileGoesBy() {
  vi.setSystemTime(Date.now() + 61_300);
  stage.clock.synchronize();
}

const rowOf = async (id: string) => {
  const row = await stage.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });
  if (row === undefined) throw new Error(`there is no request ${id}`);
  return row;
};

async function asked(name: string, args: JsonObject) {
  const { envelope } = await client.call(name, args);
  expect(envelope, envelope.explanation).toMatchObject({ status: 'pending', executed: false });
  return rowOf(envelope.request_id ?? '');
}

async function approved(request: Awaited<ReturnType<typeof rowOf>>, by: Cast[] = ['lena', 'ruth']) {
  aWhileGoesBy();
  for (const name of by.slice(0, request.reviewsRequired)) await stage.approve(request, name);
  expect((await rowOf(request.id)).status).toBe('approved');
  return request;
}

/** Reads the settle window away and settles by reading; what only a human can tell, a human tells. */
async function settled(id: string, applied: boolean) {
  stage.clock.advance(130);
  const { request } = await settle(stage.system, id);
  if (request.status === 'unknown') {
    await settleByHand(stage.person('lena'), { requestId: id, applied, evidence: 'Looked at it in PagerDuty.' });
  }
  return request.status;
}

/** What the tool watches, but for stamps that never go back. */
function watched(tool: WriteTool, input: unknown, before: unknown) {
  const { stamps = [] } = findRehearsal(tool.name);
  const text = JSON.stringify(stateOf(tool, input, before), (key, value) => (stamps.includes(key) ? undefined : value));
  return JSON.parse(text);
}

describe.each(writes)('%s', (name, tool) => {
  const rehearsal = findRehearsal(name);
  const input = tool.input.parse(tool.example);

  test('is not sent when the world changed in between', async () => {
    const request = await approved(await asked(name, tool.example));
    rehearsal.drift(stage.fake);
    const sent = stage.fake.requests().length;
    expect(await stage.execute(request.id)).toEqual({ kind: 'ended' });
    expect(await rowOf(request.id)).toMatchObject({
      status: 'stale',
      because: expect.stringMatching(/Nothing was sent\.$/),
    });
    expect(stage.fake.requests()).toHaveLength(sent);
  });

  test(`is settled as ${rehearsal.lost} when the call never arrived`, async () => {
    const request = await approved(await asked(name, tool.example));
    stage.fake.faults.add({ match: { method: tool.source.method }, kind: 'drop_before', times: 1 });
    await stage.execute(request.id);
    expect((await rowOf(request.id)).status).toBe('unknown');
    expect(await settled(request.id, false)).toBe(rehearsal.lost);
    expect(stage.fake.ledger()).toEqual([]);
  });

  test(`is settled as ${rehearsal.unanswered} when the answer was lost`, async () => {
    const request = await approved(await asked(name, tool.example));
    stage.fake.faults.add({ match: { method: tool.source.method }, kind: 'drop_after', times: 1 });
    await stage.execute(request.id);
    expect((await rowOf(request.id)).status).toBe('unknown');
    expect(await settled(request.id, true)).toBe(rehearsal.unanswered);
    expect(stage.fake.ledger()).toHaveLength(1);
  });

  test('is applied exactly as shown, and back as it was once its undo is approved too', async () => {
    const before = tool.before.parse(await tool.read(stage.agent.pagerduty, input));
    const request = await approved(await asked(name, tool.example));
    await stage.execute(request.id);
    const done = await rowOf(request.id);
    expect(done, done.because ?? '').toMatchObject({ status: 'succeeded' });
    const [entry, ...more] = stage.fake.ledger();
    expect(more).toEqual([]);
    const { call } = JSON.parse(request.canonical);
    expect(entry).toMatchObject({ method: call.method, path: call.path, body: call.body });
    expect((await client.call('get_request', { request_id: request.id })).envelope).toMatchObject({ executed: true });

    const undo = undoOf(done);
    if (!undo.possible) return;
    // Nobody may be asked again for the same thing while a lost call might still arrive.
    const proposal = await proposeUndo(stage.person('sam'), { requestId: request.id });
    await approved(await rowOf(proposal.id));
    await stage.execute(proposal.id);
    const undone = await rowOf(proposal.id);
    expect(undone, undone.because ?? '').toMatchObject({ status: 'succeeded', linkedTo: request.id });
    if (!undo.complete) return;
    if (rehearsal.comesBackAsNew) {
      await expect(tool.read(stage.agent.pagerduty, input)).rejects.toMatchObject({ kind: 'not_found' });
      return;
    }
    const now = tool.before.parse(await tool.read(stage.agent.pagerduty, input));
    expect(watched(tool, input, now)).toEqual(watched(tool, input, before));
  });
});

test('all of it kept the rules', async () => {
  await assertInvariants(stage.db, ledgers);
});
