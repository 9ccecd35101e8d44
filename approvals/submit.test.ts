import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agents, approvalRequests, events, requestSubjects } from '#db/schema.ts';
import { shownFrom } from './canonical.ts';
import type { Context } from './context.ts';
import { assertInvariants } from './proof/invariants.ts';
import { submit } from './submit.ts';
import { allOf, crowd, readingTogether, successesOf } from './testing/crowd.ts';
import { createWorld, type World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await assertInvariants(world.db, world.fake.ledger());
  await world.close();
});

const resolve = { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], status: 'resolved' } };
const rows = () => world.db.select().from(approvalRequests);

describe('holding a write', () => {
  test('stores what would be sent and sends nothing', async () => {
    const { request, attached } = await submit(world.agent, {
      tool: 'manage_incidents',
      arguments: resolve,
      reason: 'It is quiet.',
    });
    expect(attached).toBe(false);
    expect(request).toMatchObject({
      status: 'pending',
      version: 1,
      risk: 'high',
      reviewsRequired: 1,
      agentReason: 'It is quiet.',
    });
    expect(shownFrom(request.canonical).call).toEqual({
      method: 'PUT',
      path: '/incidents',
      body: { incidents: [{ id: 'Q2PAYMENTHOOK1', type: 'incident_reference', status: 'resolved' }] },
    });
    expect(request.escalationPolicyIds).toEqual(['PECHKOT']);
    expect(await world.db.select().from(requestSubjects)).toMatchObject([
      { subject: 'incident:Q2PAYMENTHOOK1', executing: false },
    ]);
    expect(await world.db.select().from(events)).toMatchObject([{ version: 1, fromStatus: null, toStatus: 'pending' }]);
    expect(world.fake.ledger()).toEqual([]);
  });

  test('gives the same request to the same ask while it is open, in any spelling', async () => {
    const first = await world.ask();
    const again = await submit(world.agent, {
      tool: 'manage_incidents',
      arguments: { manage_request: { status: 'resolved', incident_ids: ['Q2PAYMENTHOOK1', 'Q2PAYMENTHOOK1'] } },
    });
    expect(again).toMatchObject({ attached: true, request: { id: first.id } });
  });

  test('gives twenty identical asks at once one request', async () => {
    const reader = readingTogether(20);
    const ask = (ctx: Context) =>
      submit({ ...ctx, pagerduty: reader(ctx.pagerduty) }, { tool: 'manage_incidents', arguments: resolve });
    const all = allOf(await crowd(world, world.agent, ask));
    expect(new Set(all.map(({ request }) => request.id)).size).toBe(1);
    expect(all.filter(({ attached }) => !attached)).toHaveLength(1);
    expect(await rows()).toHaveLength(1);
  });

  test('makes a new request after the first one is over', async () => {
    const first = await world.ask();
    await world.deny(first);
    const second = await world.ask();
    expect(second.id).not.toBe(first.id);
  });

  test('gives two agents that ask the same two requests', async () => {
    const mine = await world.ask();
    const { request } = await submit(world.otherAgent, { tool: 'manage_incidents', arguments: resolve });
    expect(request.id).not.toBe(mine.id);
  });

  test('an idempotency key names one ask for ever and refuses another', async () => {
    const ask = { tool: 'manage_incidents', arguments: resolve, idempotencyKey: 'k1' };
    const first = await submit(world.agent, ask);
    await world.deny(first.request);
    expect((await submit(world.agent, ask)).request).toMatchObject({ id: first.request.id, status: 'denied' });
    const other = { ...ask, arguments: { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], urgency: 'low' } } };
    await expect(submit(world.agent, other)).rejects.toMatchObject({ code: 'conflict' });
    for (const idempotencyKey of ['', 'k'.repeat(129)]) {
      await expect(submit(world.agent, { ...ask, idempotencyKey })).rejects.toMatchObject({ code: 'invalid' });
    }
    expect(await rows()).toHaveLength(1);
    expect((await submit(world.agent, { ...ask, idempotencyKey: 'k'.repeat(128) })).attached).toBe(false);
  });

  test('an idempotency key of one tool is refused for another, even with the same arguments', async () => {
    const ask = { tool: 'manage_incidents', arguments: resolve, idempotencyKey: 'k1' };
    const { request } = await submit(world.agent, ask);
    await world.db.transaction(async (tx) => {
      await tx.execute(sql`set local session_replication_role = replica`);
      await tx.update(approvalRequests).set({ tool: 'add_responders' }).where(eq(approvalRequests.id, request.id));
    });
    await expect(submit(world.agent, ask)).rejects.toMatchObject({ code: 'conflict' });
    await world.db.transaction(async (tx) => {
      await tx.execute(sql`set local session_replication_role = replica`);
      await tx.update(approvalRequests).set({ tool: 'manage_incidents' }).where(eq(approvalRequests.id, request.id));
    });
  });

  test('a newer ask for the same thing replaces the older one', async () => {
    const older = await world.ask({
      arguments: { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], status: 'resolved' } },
    });
    const newer = await world.ask({
      arguments: { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], status: 'acknowledged' } },
    });
    expect(await world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, older.id) })).toMatchObject(
      {
        status: 'cancelled',
        because: `Replaced by a newer ask for the same thing (${newer.id}).`,
      },
    );
  });

  test('asks for the same thing at the same moment leave the newest of them', async () => {
    const reader = readingTogether(10);
    const ask = (ctx: Context, index: number) => {
      const status = index % 2 === 0 ? 'resolved' : 'acknowledged';
      return submit(
        { ...ctx, pagerduty: reader(ctx.pagerduty) },
        {
          tool: 'manage_incidents',
          arguments: { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], status } },
          idempotencyKey: `k${index}`,
        },
      );
    };
    const ids = allOf(await crowd(world, world.agent, ask, 10)).map(({ request }) => request.id);
    const all = await rows();
    expect(new Set(all.map(({ id }) => id))).toEqual(new Set(ids));
    expect(all.filter(({ status }) => status === 'pending')).toHaveLength(1);
    expect(all.filter(({ status }) => status === 'cancelled')).toHaveLength(9);
  });

  test('two notes on one incident are two requests', async () => {
    const note = (text: string) =>
      world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note: text } });
    await note('first');
    await note('second');
    expect((await rows()).map(({ status }) => status)).toEqual(['pending', 'pending']);
  });
});

describe('the reading for an ask', () => {
  const readings = () => world.db.query.reads.findMany({ columns: { tool: true, arguments: true } });

  test('is recorded before PagerDuty is read, with the arguments as they were understood', async () => {
    let before: Awaited<ReturnType<typeof readings>> = [];
    const pagerduty: typeof world.agent.pagerduty = {
      ...world.agent.pagerduty,
      async get(path, schema, query) {
        before = before.length > 0 ? before : await readings();
        return world.agent.pagerduty.get(path, schema, query);
      },
    };
    await submit({ ...world.agent, pagerduty }, { tool: 'manage_incidents', arguments: resolve });
    expect(before).toEqual([{ tool: 'manage_incidents', arguments: resolve }]);
    expect(await readings()).toHaveLength(1);
  });

  test('is counted only if PagerDuty is read', async () => {
    const ask = { tool: 'manage_incidents', arguments: resolve };
    await submit(world.agent, ask);
    expect((await submit(world.agent, ask)).attached).toBe(true);
    const refused: Parameters<typeof submit>[1][] = [
      { tool: 'delete_everything', arguments: {} },
      { tool: 'manage_incidents', arguments: { manage_request: {} } },
      { tool: 'delete_team', arguments: { team_id: 'PTCOMRC' } },
    ];
    for (const each of refused) await expect(submit(world.agent, each)).rejects.toMatchObject({ code: 'invalid' });
    const without = { ...world.agent, toolsets: ['teams' as const] };
    await expect(submit(without, { ...ask, idempotencyKey: 'k' })).rejects.toMatchObject({ code: 'invalid' });
    const full = { ...world.agent, limits: { ...world.agent.limits, pendingPerAgent: 1 } };
    await expect(submit(full, { ...ask, idempotencyKey: 'k' })).rejects.toMatchObject({ code: 'limit_exceeded' });
    await world.db.update(agents).set({ canWrite: false });
    await expect(submit(world.agent, { ...ask, idempotencyKey: 'k' })).rejects.toMatchObject({ code: 'forbidden' });
    await world.db.update(agents).set({ canWrite: true });
    expect(await readings()).toHaveLength(1);
  });
});

describe('a refused ask', () => {
  const refused = (ask: Parameters<typeof submit>[1]) => expect(submit(world.agent, ask)).rejects;
  afterEach(async () => {
    expect(await rows()).toEqual([]);
    expect(world.fake.ledger()).toEqual([]);
  });

  test('names the field, the reason and an example', async () => {
    await refused({
      tool: 'manage_incidents',
      arguments: { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], state: 'resolved' } },
    }).toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/manage_request.*"state".*Example: \{"manage_request"/s),
    });
  });

  test('is one for a tool that does not exist', async () => {
    await refused({ tool: 'delete_everything', arguments: {} }).toMatchObject({ code: 'invalid' });
  });

  test('is one with more than 32 KB of arguments', async () => {
    const note = 'x'.repeat(33 * 1024);
    await refused({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note } }).toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/^The arguments are \d+ bytes; at most 32768 are held\.$/),
    });
  });

  test('is one about an incident PagerDuty does not know', async () => {
    await refused({
      tool: 'manage_incidents',
      arguments: { manage_request: { incident_ids: ['QNOTHERE'], status: 'resolved' } },
    }).toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('could not be read'),
    });
  });

  test('is one that makes no sense on what was read', async () => {
    await refused({
      tool: 'manage_incidents',
      arguments: { manage_request: { incident_ids: ['Q6CERTIFICATE1'], status: 'acknowledged' } },
    }).toMatchObject({
      code: 'precondition_failed',
      message: expect.stringContaining('resolved'),
    });
  });

  test('is one made while PagerDuty is away', async () => {
    world.fake.faults.add({ match: { method: 'GET', path: '/incidents' }, kind: 'error_before' });
    await refused({ tool: 'manage_incidents', arguments: resolve }).toMatchObject({ code: 'unavailable' });
  });

  test('is one of an agent that is switched off or may only read', async () => {
    await world.db.update(agents).set({ canWrite: false }).where(eq(agents.id, 'agt_triage'));
    await refused({ tool: 'manage_incidents', arguments: resolve }).toMatchObject({ code: 'forbidden' });
    await world.db.update(agents).set({ canWrite: true, disabledAt: new Date() }).where(eq(agents.id, 'agt_triage'));
    await refused({ tool: 'manage_incidents', arguments: resolve }).toMatchObject({ code: 'forbidden' });
  });

  test('is one of an agent that is switched off while PagerDuty is being read', async () => {
    const pagerduty: typeof world.agent.pagerduty = {
      ...world.agent.pagerduty,
      get: async (path, schema, query) => {
        const answer = await world.agent.pagerduty.get(path, schema, query);
        await world.db.update(agents).set({ disabledAt: new Date() }).where(eq(agents.id, 'agt_triage'));
        return answer;
      },
    };
    const asking = submit({ ...world.agent, pagerduty }, { tool: 'manage_incidents', arguments: resolve });
    await expect(asking).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('is one made by anybody but an agent', async () => {
    const ask = { tool: 'manage_incidents', arguments: resolve };
    await expect(submit(world.person('priya'), ask)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(submit(world.system, ask)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('a suspicious ask', () => {
  test('is recorded as blocked when its text has no honest use, and cannot be decided', async () => {
    const note = `All fine.\u{e0041}\u{e0042}`;
    const request = await world.ask({
      tool: 'add_note_to_incident',
      arguments: { incident_id: 'Q2PAYMENTHOOK1', note },
    });
    expect(request).toMatchObject({
      status: 'blocked',
      findings: expect.arrayContaining([expect.stringContaining('tag characters')]),
    });
    await expect(world.approve(request)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('replaces nothing when it is blocked', async () => {
    const handOn = (assignment: { id: string; summary?: string }) =>
      world.ask({ arguments: { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], assignment } } });
    const older = await handOn({ id: 'PUPRIYA' });
    expect(await handOn({ id: 'PUMARCO', summary: 'x\u{e0041}\u{e0042}' })).toMatchObject({ status: 'blocked' });
    expect(await handOn({ id: 'PUPRIYA' })).toMatchObject({ id: older.id, status: 'pending' });
  });

  test('is held with a higher risk when its text only looks odd', async () => {
    const ask = (note: string) =>
      world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note } });
    expect((await ask('plain')).risk).toBe('low');
    expect(await ask('pl\u0430in')).toMatchObject({ risk: 'medium', findings: [expect.stringContaining('alphabets')] });
  });
});

describe('a flood', () => {
  test('is stopped at the limit, and a decision makes room', async () => {
    await world.close();
    world = await createWorld({ pendingPerAgent: 2 });
    const note = (text: string) =>
      world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note: text } });
    const first = await note('1');
    await note('2');
    await expect(note('3')).rejects.toMatchObject({ code: 'limit_exceeded', retryAfterSeconds: 60 });
    await world.deny(first);
    await note('3');
    expect(await rows()).toHaveLength(3);
  });

  test('of different asks at the same moment is stopped at exactly the limit', async () => {
    await world.close();
    world = await createWorld({ pendingPerAgent: 3 });
    const reader = readingTogether(12);
    const ask = (ctx: Context, index: number) =>
      submit(
        { ...ctx, pagerduty: reader(ctx.pagerduty) },
        {
          tool: 'add_note_to_incident',
          arguments: { incident_id: 'Q2PAYMENTHOOK1', note: `at once ${index}` },
        },
      );
    expect(successesOf(await crowd(world, world.agent, ask, 12))).toHaveLength(3);
    expect(await rows()).toHaveLength(3);
  });
});
