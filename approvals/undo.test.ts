import { eq, isNotNull, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { agents, approvalRequests, events, outbox, people } from '#db/schema.ts';
import { deactivatePerson } from '#identity/people.ts';
import { cancel } from './cancel.ts';
import { claim } from './claim.ts';
import type { Context } from './context.ts';
import { expire } from './expire.ts';
import { assertInvariants } from './proof/invariants.ts';
import { recordOutcome, send } from './send.ts';
import { settle, settleByHand, sweepDead } from './settle.ts';
import { switchOffAgent } from './switch-off.ts';
import { allOf, crowd, readingTogether } from './testing/crowd.ts';
import { type Cast, createWorld, type World } from './testing/world.ts';
import type { RequestRow } from './transition.ts';
import { proposeUndo } from './undo.ts';
import { getForAgent, listForAgent, viewForAgent } from './views/agent-view.ts';
import { getDetail } from './views/queries.ts';
import { getForSlack } from './views/slack-view.ts';

const INCIDENT = 'Q2PAYMENTHOOK1';
const urgency = (level: 'low' | 'high') => ({
  arguments: { manage_request: { incident_ids: [INCIDENT], urgency: level } },
});
const webhook = {
  tool: 'create_webhook_subscription',
  arguments: {
    webhook_data: {
      delivery_method: { url: 'https://bridge.northwind.example/pagerduty' },
      events: ['incident.triggered'],
      filter: { type: 'service_reference', id: 'PSCHKOT' },
    },
  },
};

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await assertInvariants(world.db, world.fake.ledger());
  await world.close();
});

const load = (id: string) => world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });
const propose = (original: { id: string }, name: Cast = 'priya', note?: string) =>
  proposeUndo(world.person(name), { requestId: original.id, ...(note === undefined ? {} : { note }) });
const proposals = () =>
  world.db.select().from(approvalRequests).where(isNotNull(approvalRequests.proposedBy)).orderBy(approvalRequests.id);

async function succeed(request: RequestRow, ...names: Cast[]): Promise<RequestRow> {
  for (const name of names) await world.approve(request, name);
  await world.execute(request.id);
  const row = await load(request.id);
  expect(row, row?.because ?? '').toMatchObject({ status: 'succeeded' });
  return row ?? request;
}

/** What the agent asked for and PagerDuty applied: the incident is of low urgency now. */
const lowered = async () => succeed(await world.ask(urgency('low')), 'priya');
const incident = z.object({ incident: z.object({ urgency: z.string() }) });
const urgencyNow = async () => (await world.system.pagerduty.get(`/incidents/${INCIDENT}`, incident)).incident.urgency;

describe('an undo that a human proposes', () => {
  test('is held exactly like an ask, linked to what it undoes, in the name of the human', async () => {
    const original = await lowered();
    const proposal = await propose(original, 'priya', 'It pages again tonight.');
    expect(proposal).toMatchObject({
      status: 'pending',
      version: 1,
      tool: 'manage_incidents',
      linkedTo: original.id,
      proposedBy: world.ids.priya,
      agentId: original.agentId,
      ownerId: original.ownerId,
      agentReason: 'It pages again tonight.',
      supersedeKey: null,
      idempotencyKey: null,
    });
    expect(JSON.parse(proposal.canonical)).toMatchObject({
      input: { manage_request: { incident_ids: [INCIDENT], urgency: 'high' } },
    });
    const [event] = await world.db.select().from(events).where(eq(events.requestId, proposal.id));
    expect(event).toMatchObject({
      version: 1,
      actor: { kind: 'person', personId: world.ids.priya, surface: 'web' },
      detail: { digest: proposal.digest, undoes: original.id },
    });
    expect(await world.db.$count(outbox, eq(outbox.requestId, proposal.id))).toBe(1);
    expect(world.fake.ledger()).toHaveLength(1);
  });

  test('puts things back once somebody else has approved it', async () => {
    const proposal = await propose(await lowered());
    await world.approve(proposal, 'marco');
    await world.execute(proposal.id);
    expect(await load(proposal.id)).toMatchObject({ status: 'succeeded' });
    expect(await urgencyNow()).toBe('high');
  });

  test('is never decided by who proposed it, nor by who could not decide on the original', async () => {
    const proposal = await propose(await lowered());
    const refused = { code: 'forbidden', message: expect.stringContaining('You proposed it') };
    await expect(world.approve(proposal, 'priya')).rejects.toMatchObject(refused);
    await expect(world.deny(proposal, 'priya')).rejects.toMatchObject(refused);
    await expect(world.approve(proposal, 'dana')).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('It undoes what your own agent asked for'),
    });
    const { may, proposedByName } = await getDetail(world.person('priya'), proposal.id);
    expect(may).toMatchObject({ approve: { allowed: false }, deny: { allowed: false }, cancel: { allowed: true } });
    expect(proposedByName).toBe('Priya Raman');
  });

  test('is not reviewed by its own people in the database either, whatever a process of ours believes', async () => {
    const proposal = await propose(await lowered());
    for (const name of ['priya', 'dana'] as const) {
      const insert = sql`insert into reviews (request_id, person_id, decision, digest, entitlement, surface, at)
        values (${proposal.id}, ${world.ids[name]}, 'approve', ${proposal.digest}, 'x', 'web', now())`;
      await expect(world.db.execute(insert)).rejects.toMatchObject({
        cause: expect.objectContaining({ message: 'nobody reviews what they asked for' }),
      });
    }
  });

  test('can be undone again, and still not with the word of the agent’s owner', async () => {
    const proposal = await propose(await lowered());
    const undone = await succeed(proposal, 'marco');
    await expect(propose(undone, 'priya')).rejects.toMatchObject({ code: 'forbidden' });
    const again = await propose(undone, 'marco');
    expect(JSON.parse(again.canonical)).toMatchObject({ input: { manage_request: { urgency: 'low' } } });
    await expect(world.approve(again, 'dana')).rejects.toMatchObject({ code: 'forbidden' });
    expect(await world.approve(again, 'priya')).toMatchObject({ status: 'approved' });
  });

  test('is one, however many propose it at once; a new one when that is over', async () => {
    const original = await lowered();
    const names = ['priya', 'marco', 'sam'] as const;
    const reader = readingTogether(names.length);
    const together = (ctx: Context, index: number) => {
      const { actor } = world.person(names[index] ?? 'priya');
      return proposeUndo({ ...ctx, actor, pagerduty: reader(ctx.pagerduty) }, { requestId: original.id });
    };
    const all = await crowd(world, world.system, together, names.length);
    expect(new Set(allOf(all).map(({ id }) => id)).size).toBe(1);
    expect(await proposals()).toHaveLength(1);
    const [first] = await proposals();
    const by = first?.proposedBy === world.ids.sam ? 'priya' : 'sam';
    await world.deny(first ?? original, by);
    const next = await propose(original, 'priya');
    expect(next.id).not.toBe(first?.id);
    expect(await proposals()).toHaveLength(2);
  });

  test('is shown on the original’s page, and the original on its own', async () => {
    const original = await lowered();
    const proposal = await propose(original);
    const there = await getDetail(world.person('marco'), original.id);
    expect(there.undoneBy).toMatchObject([{ id: proposal.id, proposedByName: 'Priya Raman' }]);
    expect(there.alsoAsked).toEqual([]);
    const here = await getDetail(world.person('marco'), proposal.id);
    expect(here.undoes).toEqual({ id: original.id, title: there.title });
    expect(here.timeline[0]).toMatchObject({ by: 'Priya Raman' });
    expect(await getForSlack(world.system, proposal.id)).toMatchObject({ proposedByName: 'Priya Raman' });
    expect(await getForSlack(world.system, original.id)).toMatchObject({ proposedByName: null });
  });

  test('never changes hands: the database refuses another proposer and another original', async () => {
    const proposal = await propose(await lowered());
    for (const set of [sql`proposed_by = ${world.ids.sam}`, sql`proposed_by = null`, sql`linked_to = id`]) {
      const change = world.db.execute(sql`update approval_requests set ${set} where id = ${proposal.id}`);
      await expect(change).rejects.toMatchObject({ cause: { message: 'what a request asks for never changes' } });
    }
  });
});

describe('proposing is refused', () => {
  test('to whoever could not approve the original now, to agents and to the system', async () => {
    const original = await lowered();
    await expect(propose(original, 'lena')).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.stringContaining('not on call'),
    });
    await expect(propose(original, 'dana')).rejects.toMatchObject({ code: 'forbidden' });
    for (const ctx of [world.agent, world.system]) {
      await expect(proposeUndo(ctx, { requestId: original.id })).rejects.toMatchObject({ code: 'forbidden' });
    }
    expect((await getDetail(world.person('lena'), original.id)).may.undo).toMatchObject({ allowed: false });
    expect((await getDetail(world.person('priya'), original.id)).may.undo).toEqual({ allowed: true });
    expect(await proposals()).toEqual([]);
  });

  test('for what was not applied, and what does not exist', async () => {
    const waiting = await world.ask(urgency('low'));
    const refusal = { code: 'precondition_failed', message: 'Only what PagerDuty applied can be undone.' };
    await expect(propose(waiting)).rejects.toMatchObject(refusal);
    await world.deny(waiting);
    await expect(propose(waiting)).rejects.toMatchObject(refusal);
    await expect(propose({ id: 'apr_none' })).rejects.toMatchObject({ code: 'not_found' });
  });

  test('for what its tool cannot undo, with the tool’s own reason', async () => {
    const resolved = await succeed(await world.ask(), 'priya');
    await expect(propose(resolved)).rejects.toMatchObject({
      code: 'precondition_failed',
      message: expect.stringContaining('cannot be reopened'),
    });
  });

  test('for a tool that works differently now', async () => {
    const original = await lowered();
    await world.tamper(sql`update approval_requests set tool_version = 0 where id = ${original.id}`);
    await expect(propose(original)).rejects.toMatchObject({
      message: expect.stringContaining('works differently now'),
    });
    expect((await viewForAgent(world.agent, (await load(original.id)) ?? original)).undo).toBeNull();
  });

  test('when somebody put it back already, and when the note is a novel', async () => {
    const original = await lowered();
    await expect(propose(original, 'priya', 'x'.repeat(601))).rejects.toMatchObject({ code: 'invalid' });
    world.fake.change((state) => {
      for (const incident of state.incidents) if (incident.id === INCIDENT) incident.urgency = 'high';
    });
    await expect(propose(original)).rejects.toMatchObject({ code: 'precondition_failed' });
    expect(await proposals()).toEqual([]);
  });
});

describe('when the agent is switched off', () => {
  const APPROVED_AND_SENT = { kind: 'recorded', request: { status: 'succeeded' } };

  test('its work can still be undone', async () => {
    const original = await lowered();
    await switchOffAgent(world.system, 'triage-bot');
    await world.db.update(agents).set({ canWrite: false, toolsets: [] });
    const proposal = await propose(original);
    await world.approve(proposal, 'marco');
    expect(await world.execute(proposal.id)).toMatchObject(APPROVED_AND_SENT);
    expect(await urgencyNow()).toBe('high');
  });

  test('what was proposed before is not withdrawn with the rest', async () => {
    const proposal = await propose(await lowered());
    const own = await world.ask({
      arguments: { manage_request: { incident_ids: [INCIDENT], status: 'acknowledged' } },
    });
    expect(await switchOffAgent(world.system, 'triage-bot')).toBe(1);
    expect(await load(own.id)).toMatchObject({ status: 'cancelled' });
    expect(await load(proposal.id)).toMatchObject({ status: 'pending' });
  });
});

describe('when whoever proposed it is switched off or unlinked', () => {
  test.each([{ active: false }, { pagerdutyUserId: null }])('it is not sent: %j', async (change) => {
    const proposal = await propose(await lowered());
    await world.approve(proposal, 'marco');
    await world.db.update(people).set(change).where(eq(people.id, world.ids.priya));
    expect(await world.execute(proposal.id)).toEqual({ kind: 'ended' });
    expect(await load(proposal.id)).toMatchObject({
      status: 'cancelled',
      because: expect.stringContaining('Whoever proposed it'),
    });
    expect(world.fake.ledger()).toHaveLength(1);
  });

  test('it is not sent either when that happens while PagerDuty is being read', async () => {
    const proposal = await propose(await lowered());
    await world.approve(proposal, 'marco');
    const pagerduty: typeof world.system.pagerduty = {
      ...world.system.pagerduty,
      get: async (path, schema, query) => {
        if (path.startsWith('/users/')) await deactivatePerson(world.system, 'priya.raman@northwind.example');
        return world.system.pagerduty.get(path, schema, query);
      },
    };
    await expect(claim({ ...world.system, pagerduty }, proposal.id, 'test')).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(world.fake.ledger()).toHaveLength(1);
  });
});

describe('the agent whose work is undone', () => {
  test('neither sees nor withdraws the proposal; nor does its owner; who proposed it withdraws it', async () => {
    const original = await lowered();
    const proposal = await propose(original);
    const mine = await listForAgent(world.agent, { limit: 10 });
    expect(mine.map(({ requestId }) => requestId)).toEqual([original.id]);
    await expect(getForAgent(world.agent, proposal.id)).rejects.toMatchObject({ code: 'not_found' });
    for (const ctx of [world.agent, world.person('dana'), world.person('marco')]) {
      await expect(cancel(ctx, { requestId: proposal.id })).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(await cancel(world.person('priya'), { requestId: proposal.id })).toMatchObject({
      status: 'cancelled',
      because: 'Withdrawn by whoever proposed it.',
    });
  });

  test('asks on as if there were none: for the same, for the same thing, and at its limit', async () => {
    await world.close();
    world = await createWorld({ pendingPerAgent: 1 });
    const proposal = await propose(await lowered());
    const same = await world.ask(urgency('high'));
    expect(same.id).not.toBe(proposal.id);
    expect(same).toMatchObject({ status: 'pending', proposedBy: null, argumentsDigest: proposal.argumentsDigest });
    expect(await load(proposal.id)).toMatchObject({ status: 'pending' });
    expect(await world.db.$count(approvalRequests, eq(approvalRequests.status, 'pending'))).toBe(2);
  });

  test('loses nothing of its own to a proposal', async () => {
    const original = await lowered();
    const own = await world.ask(urgency('high'));
    await propose(original);
    expect(await load(own.id)).toMatchObject({ status: 'pending' });
  });

  test('going away does not end it: nobody waits for its handle', async () => {
    const proposal = await propose(await lowered());
    world.clock.advance(200);
    await expire(world.system);
    expect(await load(proposal.id)).toMatchObject({ status: 'pending' });
    world.clock.advance(8 * 3600);
    await expire(world.system);
    expect(await load(proposal.id)).toMatchObject({ status: 'expired' });
  });

  test('is told what to ask for to take it back itself, once it was applied', async () => {
    const waiting = await world.ask(urgency('low'));
    expect((await viewForAgent(world.agent, waiting)).undo).toBeNull();
    const { undo } = await viewForAgent(world.agent, await succeed(waiting, 'priya'));
    expect(undo).toEqual({
      tool: 'manage_incidents',
      arguments: { manage_request: { incident_ids: [INCIDENT], urgency: 'high' } },
    });
    const own = await world.ask({ tool: undo?.tool ?? '', arguments: undo?.arguments ?? null });
    expect(own).toMatchObject({ status: 'pending', proposedBy: null, linkedTo: null });
  });
});

describe('the undo an agent is told of', () => {
  const describeService = { service_id: 'PSCHKOT', service_data: { service: { description: 'Orders and baskets.' } } };

  test('is none when a former value holds what looks like a secret: no reading would have told it', async () => {
    world.fake.change((state) => {
      for (const service of state.services) service.description = 'runbook, api_key: s3cr3tvalue99';
    });
    const done = await succeed(await world.ask({ tool: 'update_service', arguments: describeService }), 'priya');
    const view = await viewForAgent(world.agent, done);
    expect(view.undo).toBeNull();
    expect(JSON.stringify(view)).not.toContain('s3cr3tvalue99');
    expect(JSON.parse((await propose(done)).canonical).input).toMatchObject({
      service_data: { service: { description: 'runbook, api_key: s3cr3tvalue99' } },
    });
  });

  test('is none outside its toolsets', async () => {
    const done = await lowered();
    expect((await viewForAgent(world.agent, done)).undo).not.toBeNull();
    await world.db.update(agents).set({ toolsets: ['services'] });
    expect((await viewForAgent(world.agent, done)).undo).toBeNull();
  });
});

describe('an undo whose toolset this installation does not allow', () => {
  const narrow = ['oncall'] as const;

  test('cannot be proposed, and what was proposed before is not sent', async () => {
    const done = await lowered();
    const ctx = { ...world.person('priya'), toolsets: narrow };
    await expect(proposeUndo(ctx, { requestId: done.id })).rejects.toMatchObject({
      code: 'precondition_failed',
      message: expect.stringContaining('this installation does not allow'),
    });
    const proposal = await propose(done, 'priya');
    await world.approve(proposal, 'marco');
    expect(await claim({ ...world.system, toolsets: narrow }, proposal.id, 'test')).toEqual({ kind: 'ended' });
    expect(await load(proposal.id)).toMatchObject({ status: 'cancelled' });
  });
});

describe('an undo that needs an id of the answer', () => {
  beforeEach(async () => {
    await world.db.update(agents).set({ toolsets: ['webhooks'] });
    // Nobody is on call for webhooks of the account; two of the fallback group approve.
    await world.db.update(people).set({ fallback: true }).where(eq(people.id, world.ids.marco));
  });

  test('takes it from the answer', async () => {
    const made = await succeed(await world.ask(webhook), 'sam', 'marco');
    const proposal = await propose(made, 'sam');
    expect(JSON.parse(proposal.canonical).input).toEqual(made.result);
  });

  test('takes it from the reading that settled a lost answer', async () => {
    const request = await world.ask(webhook);
    await world.approve(request, 'sam');
    await world.approve(request, 'marco');
    world.fake.faults.add({ match: { method: 'POST' }, kind: 'drop_after', times: 1 });
    await world.execute(request.id);
    world.clock.advance(130);
    const { request: settled } = await settle(world.system, request.id);
    expect(settled).toMatchObject({ status: 'succeeded', result: { subscription_id: expect.any(String) } });
    const { undo } = await viewForAgent(world.agent, settled);
    expect(undo).toEqual({ tool: 'delete_webhook_subscription', arguments: settled.result });
  });

  test('takes it from an answer that came after a human had said that it was applied', async () => {
    const request = await world.ask(webhook);
    await world.approve(request, 'sam');
    await world.approve(request, 'marco');
    const taken = await claim(world.system, request.id, 'test');
    if (taken.kind !== 'claimed') throw new Error('it was not claimed');
    const outcome = await send(world.system, world.writer, taken.claim);
    world.clock.advance(61);
    await sweepDead(world.system);
    await settleByHand(world.person('sam'), { requestId: request.id, applied: true, evidence: 'Saw it in PagerDuty.' });
    const row = await recordOutcome(world.system, taken.claim, outcome);
    expect(row).toMatchObject({ status: 'succeeded', result: { subscription_id: expect.any(String) } });
    expect(JSON.parse((await propose(row, 'sam')).canonical).input).toEqual(row.result);
  });

  test('is refused where only a human knows that it was applied', async () => {
    const request = await succeed(await world.ask(webhook), 'sam', 'marco');
    await world.db.update(approvalRequests).set({ result: null }).where(eq(approvalRequests.id, request.id));
    await expect(propose(request, 'sam')).rejects.toMatchObject({
      code: 'precondition_failed',
      message: expect.stringContaining('an answer of PagerDuty that never arrived'),
    });
  });
});
