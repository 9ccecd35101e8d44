import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { databaseClock } from '#db/clock.ts';
import { connect, type Database, type Transaction } from '#db/connection.ts';
import { agents, approvalRequests, events, outbox, people, requestSubjects } from '#db/schema.ts';
import { silentLog } from '#process/log.ts';
import type { Ask } from './ask.ts';
import { listenForChanges } from './changes.ts';
import type { Context } from './context.ts';
import { isFinal, OPEN, type RequestStatus, STATUSES } from './lifecycle.ts';
import { assertInvariants } from './proof/invariants.ts';
import { submit } from './submit.ts';
import { crowd, refusalsOf, successesOf } from './testing/crowd.ts';
import { createWorld, type World } from './testing/world.ts';

let world: World;
let closing: (() => Promise<void>)[];
beforeEach(async () => {
  world = await createWorld({ pendingPerAgent: 3 });
  closing = [];
});
afterEach(async () => {
  await Promise.all(closing.map((close) => close()));
  await assertInvariants(world.db, world.fake.ledger());
  await world.close();
});

const change = (manage_request: { status?: string; urgency?: string }): Ask => ({
  tool: 'manage_incidents',
  arguments: { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], ...manage_request } },
});
const note = (text: string): Ask => ({
  tool: 'add_note_to_incident',
  arguments: { incident_id: 'Q2PAYMENTHOOK1', note: text },
});
const rows = () => world.db.select().from(approvalRequests).orderBy(approvalRequests.createdAt);
const switchOff = (db: Database | Transaction) =>
  db.update(agents).set({ disabledAt: world.clock.now() }).where(eq(agents.id, 'agt_triage'));

function connected(options: { prepares: boolean; max?: number }): Context {
  const db = connect(world.url, options);
  closing.push(() => db.$client.end());
  return { ...world.agent, db };
}

describe.each([{ prepares: true }, { prepares: false }])('holding with prepared statements: $prepares', (given) => {
  test('stores the row, what it touches, its first event and its delivery, and announces it', async () => {
    const changes = listenForChanges({ url: world.url, db: world.db, log: silentLog, pollMs: 60_000 });
    closing.push(() => changes.close());
    const heard: unknown[] = [];
    // The first call says that it listens from now on.
    await new Promise<void>((listens) => {
      changes.onAny((change) => {
        if (change === null) listens();
        else heard.push(change);
      });
    });
    const { request, attached } = await submit(connected(given), { ...note('It is quiet.'), reason: 'As asked.' });
    expect(attached).toBe(false);
    expect(request).toEqual(
      await world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, request.id) }),
    );
    expect(request).toMatchObject({ status: 'pending', version: 1, because: null, finishedAt: null });
    expect(request.expiresAt.getTime() - request.createdAt.getTime()).toBe(8 * 3600 * 1000);
    expect(await world.db.select().from(requestSubjects)).toEqual([
      { requestId: request.id, subject: 'incident:Q2PAYMENTHOOK1', executing: false },
    ]);
    const { digest, risk, createdAt } = request;
    expect(await world.db.select().from(events)).toMatchObject([
      {
        requestId: request.id,
        version: 1,
        fromStatus: null,
        toStatus: 'pending',
        detail: { digest, risk },
        at: createdAt,
      },
    ]);
    expect(await world.db.select().from(outbox)).toMatchObject([
      { requestId: request.id, kind: 'slack', target: 'channel', version: 1, runAt: createdAt, doneAt: null },
    ]);
    await expect.poll(() => heard).toEqual([{ id: request.id, status: 'pending' }]);
  });

  test('attaches the same ask, refuses its key to another, and replaces an older one', async () => {
    const ctx = connected(given);
    const { request: first } = await submit(ctx, change({ status: 'resolved' }));
    expect(await submit(ctx, change({ status: 'resolved' }))).toEqual({ request: first, attached: true });
    const keyed = { ...change({ status: 'acknowledged' }), idempotencyKey: 'k' };
    const { request: second } = await submit(ctx, keyed);
    await expect(submit(ctx, { ...note('other'), idempotencyKey: 'k' })).rejects.toMatchObject({ code: 'conflict' });
    expect(await submit(ctx, keyed)).toEqual({ request: second, attached: true });
    expect((await rows()).map(({ id, status }) => [id, status])).toEqual(
      expect.arrayContaining([
        [first.id, 'cancelled'],
        [second.id, 'pending'],
      ]),
    );
  });

  test('of many asks by as many processes keeps exactly the limit', async () => {
    const ended = await crowd({ url: world.url }, world.agent, ({ db }, index) =>
      submit({ ...world.agent, db: Object.assign(db, given) }, note(`at once ${index}`)),
    );
    expect(successesOf(ended)).toHaveLength(3);
    expect(new Set(refusalsOf(ended))).toEqual(new Set(['limit_exceeded']));
    expect(await rows()).toHaveLength(3);
  });

  test('of the same ask by as many processes is one request', async () => {
    const ended = await crowd({ url: world.url }, world.agent, ({ db }) =>
      submit({ ...world.agent, db: Object.assign(db, given) }, change({ status: 'resolved' })),
    );
    expect(new Set(successesOf(ended).map(({ request }) => request.id)).size).toBe(1);
    expect(successesOf(ended).filter(({ attached }) => !attached)).toHaveLength(1);
    expect(await rows()).toHaveLength(1);
  });

  test('leaves on the connection what is asked again, or nothing', async () => {
    const ctx = connected({ ...given, max: 1 });
    await submit(ctx, change({ status: 'resolved' }));
    await submit(ctx, change({ status: 'acknowledged' }));
    const { rows: kept } = await ctx.db.$client.query<{ statement: string }>('select from pg_prepared_statements');
    expect(kept).toHaveLength(given.prepares ? 2 : 0);
  });
});

/** How many in this database wait for somebody else's transaction. */
async function waitingForALock(): Promise<number> {
  const { rows } = await world.db.execute(
    sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows.length;
}

/** Does that while an ask waits for what a transaction holds, and gives what became of the ask. */
async function whileWaiting(ctx: Context, ask: Ask, held: (tx: Transaction) => Promise<unknown>) {
  const { asking, at } = await world.db.transaction(async (tx) => {
    await held(tx);
    const asking = Promise.allSettled([submit(ctx, ask)]);
    await expect.poll(waitingForALock).toBe(1);
    const { rows } = await tx.execute<{ at: string }>(sql`select clock_timestamp() as at`);
    return { asking, at: new Date(rows[0]?.at ?? '') };
  });
  const [became] = await asking;
  return { became, at };
}

describe('an ask that waits for another of its agent', () => {
  const lock = (tx: Transaction) => tx.execute(sql`select pg_advisory_xact_lock(hashtextextended('agt_triage', 0))`);

  test('sees what was held meanwhile', async () => {
    const same = await submit(world.otherAgent, change({ status: 'resolved' }));
    const { became } = await whileWaiting(world.agent, change({ status: 'resolved' }), async (tx) => {
      await lock(tx);
      await tx.execute(sql`set local session_replication_role = replica`);
      await tx.update(approvalRequests).set({ agentId: 'agt_triage' });
    });
    expect(became).toMatchObject({ status: 'fulfilled', value: { attached: true, request: { id: same.request.id } } });
  });

  test('tells the time at which it was held, not the one at which it began to wait', async () => {
    const { became, at } = await whileWaiting({ ...world.agent, now: databaseClock }, note('late'), lock);
    if (became.status === 'rejected') throw became.reason;
    expect(became.value.request.createdAt.getTime()).toBeGreaterThanOrEqual(at.getTime());
  });

  test.each([
    { what: 'switched off', set: { disabledAt: new Date() }, code: 'forbidden' },
    { what: 'only to read', set: { canWrite: false }, code: 'forbidden' },
    { what: 'without the tool', set: { toolsets: ['oncall'] }, code: 'invalid' },
  ])('is refused when its agent is $what by then, though nobody has committed that yet', async ({ set, code }) => {
    const { became } = await whileWaiting(world.agent, note('late'), (tx) =>
      tx.update(agents).set(set).where(eq(agents.id, 'agt_triage')),
    );
    expect(became).toMatchObject({ status: 'rejected', reason: { code } });
    expect(await rows()).toEqual([]);
  });
});

describe('a switch-off', () => {
  test('waits for an ask that is being held, so that it withdraws that one too', async () => {
    const { request } = await submit(world.agent, note('early'));
    const off = await world.db.transaction(async (tx) => {
      await tx.execute(sql`select from hold_ask(request => ${JSON.stringify({ agent_id: 'agt_triage' })},
        subjects => '{}', actor => '{}', window_seconds => 60, blocked => null, toolset => 'incidents',
        installed => null, usual => '{incidents}', most_waiting => 0, at => null)`);
      const off = Promise.allSettled([switchOff(world.db)]);
      await expect.poll(waitingForALock).toBe(1);
      return { off };
    });
    expect(await off.off).toMatchObject([{ status: 'fulfilled' }]);
    expect(await rows()).toMatchObject([{ id: request.id }]);
  });
});

test('an ask attaches to what is open, whatever that is', async () => {
  const { request } = await submit(world.agent, note('once'));
  const attaches = async (status: RequestStatus) => {
    const at = request.createdAt;
    return world.db.transaction(async (tx) => {
      await tx.execute(sql`set local session_replication_role = replica`);
      const dates = { approvedAt: at, approvalExpiresAt: at, settleAfter: at, finishedAt: isFinal(status) ? at : null };
      await tx.update(approvalRequests).set({ status, ...dates });
      const { rows } = await tx.execute<{ id: string | null }>(
        sql`select same_ask(agent_id, tool, arguments_digest, null) as id from approval_requests`,
      );
      return rows[0]?.id === request.id;
    });
  };
  const attached: RequestStatus[] = [];
  for (const status of STATUSES) if (await attaches(status)) attached.push(status);
  expect(attached).toEqual(OPEN);
  await attaches('pending');
});

describe('what cannot be stored', () => {
  test('leaves nothing behind', async () => {
    const insert = world.db.execute(
      sql`select insert_request(request => ${JSON.stringify({
        id: 'apr_x',
        agent_id: 'agt_triage',
        tool: 'x',
        tool_version: 1,
        canonical: '{}',
        digest: 'a'.repeat(64),
        arguments_digest: 'b'.repeat(64),
        risk: 'low',
        risk_reasons: [],
        reviews_required: 1,
        summary: {},
        before: {},
        undo: {},
        escalation_policy_ids: [],
        findings: [],
      })}, subjects => '{twice,twice}', actor => '{}', window_seconds => 60, blocked => null, at => now())`,
    );
    await expect(insert).rejects.toMatchObject({ cause: { constraint: 'request_subjects_request_id_subject_pk' } });
    expect(await rows()).toEqual([]);
    expect(await world.db.select().from(events)).toEqual([]);
    expect(await world.db.select().from(outbox)).toEqual([]);
  });
});

describe('whoever asked is barred', () => {
  interface Given {
    proposer?: string;
    toolset?: string | null;
    installed?: string[];
    usual?: string[];
  }
  const barred = async ({ proposer, toolset = 'incidents', installed, usual = ['incidents'] }: Given = {}) => {
    const { rows } = await world.db.execute<{ barred: string | null }>(
      sql`select asker_barred('agt_triage', ${proposer ?? null}, ${toolset}, ${sql.param(installed ?? null)},
        ${sql.param(usual)}) as barred`,
    );
    return rows[0]?.barred;
  };

  test('as an agent that is off, may only read, or may not use the tool', async () => {
    expect(await barred()).toBeNull();
    expect(await barred({ toolset: 'teams' })).toBe('toolset');
    expect(await barred({ toolset: null })).toBe('toolset');
    expect(await barred({ installed: ['teams'] })).toBe('toolset');
    expect(await barred({ usual: [] })).toBe('toolset');
    await world.db.update(agents).set({ toolsets: ['teams'] });
    expect(await barred()).toBe('toolset');
    expect(await barred({ toolset: 'teams' })).toBeNull();
    expect(await barred({ toolset: 'teams', installed: ['incidents'] })).toBe('toolset');
    await world.db.update(agents).set({ canWrite: false });
    expect(await barred()).toBe('reads_only');
    await switchOff(world.db);
    expect(await barred()).toBe('off');
  });

  test('as a human who proposes only for reasons of that human and the installation', async () => {
    await switchOff(world.db);
    const proposer = world.ids.priya;
    expect(await barred({ proposer, usual: [] })).toBeNull();
    expect(await barred({ proposer, installed: ['teams'] })).toBe('toolset');
    expect(await barred({ proposer: 'prs_nobody' })).toBe('proposer');
    await world.db.update(people).set({ active: false }).where(eq(people.id, proposer));
    expect(await barred({ proposer })).toBe('proposer');
    await world.db.update(people).set({ active: true, pagerdutyUserId: null }).where(eq(people.id, proposer));
    expect(await barred({ proposer })).toBe('proposer');
  });
});
