import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agents, approvalRequests, attempts, people, requestSubjects } from '#db/schema.ts';
import { createOnCallReader } from '#pagerduty/on-call.ts';
import { createReadClient } from '#pagerduty/read-client.ts';
import { claim } from './claim.ts';
import type { Context } from './context.ts';
import { assertInvariants } from './proof/invariants.ts';
import { allOf, crowd, readingTogether, successesOf } from './testing/crowd.ts';
import { createWorld, type World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.close();
});

const load = async (id: string) => {
  const row = await world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });
  if (!row) throw new Error('gone');
  return row;
};
const approved = async (args: Parameters<World['ask']>[0] = {}) => {
  const request = await world.ask(args);
  return world.approve(request);
};
const claimOf = (id: string) => claim(world.system, id, 'test');
/** Changes a row behind the product's back, past its triggers. */
const tamper = (statement: ReturnType<typeof sql>) => world.tamper(statement);
const nothingSent = () => expect(world.fake.ledger()).toEqual([]);

describe('a claim', () => {
  test('gives the bytes that were shown, in the name of the approver', async () => {
    const request = await approved();
    const answer = await claimOf(request.id);
    expect(answer).toMatchObject({
      kind: 'claimed',
      claim: {
        method: 'PUT',
        path: '/incidents',
        body: '{"incidents":[{"id":"Q2PAYMENTHOOK1","status":"resolved","type":"incident_reference"}]}',
        from: 'priya.raman@northwind.example',
      },
    });
    expect(await load(request.id)).toMatchObject({ status: 'executing', version: 3 });
    expect(await world.db.select().from(attempts)).toMatchObject([
      { digest: request.digest, fromUserId: 'PUPRIYA', outcome: null },
    ]);
    nothingSent();
    await assertInvariants(world.db, world.fake.ledger());
  });

  test('is in the name of the one who completed the quorum', async () => {
    const request = await world.ask({
      arguments: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'resolved' } },
    });
    await world.approve(request, 'priya');
    await world.approve(request, 'marco');
    expect(await claimOf(request.id)).toMatchObject({ claim: { from: 'marco.bellini@northwind.example' } });
  });

  test('is in the name of whoever asked, although their own link was changed since', async () => {
    const request = await approved({
      tool: 'add_responders',
      arguments: {
        incident_id: 'Q2PAYMENTHOOK1',
        request: {
          message: 'We need somebody who knows the payment gateway.',
          responder_request_targets: [{ responder_request_target: { id: 'PULENA1', type: 'user_reference' } }],
        },
      },
    });
    await world.db.update(people).set({ pagerdutyUserId: 'PUNEWONE' }).where(eq(people.id, world.ids.dana));
    expect(await claimOf(request.id)).toMatchObject({
      claim: { body: expect.stringContaining('"requester_id":"PUDANA1"') },
    });
  });

  test('is had by one of fifty', async () => {
    const request = await approved();
    const reader = readingTogether(50);
    const claimAtOnce = (ctx: Context) => claim({ ...ctx, pagerduty: reader(ctx.pagerduty) }, request.id, 'test');
    const answers = await crowd(world, world.system, claimAtOnce, 50);
    const won = successesOf(answers).filter(({ kind }) => kind === 'claimed');
    expect(won).toHaveLength(1);
    expect(await world.db.select().from(attempts)).toHaveLength(1);
    await assertInvariants(world.db, world.fake.ledger());
  });

  test('is not had before the approval, nor after the end', async () => {
    const request = await world.ask();
    await expect(claimOf(request.id)).rejects.toMatchObject({ code: 'conflict' });
    await world.deny(request);
    await expect(claimOf(request.id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(claimOf('apr_nothing')).rejects.toMatchObject({ code: 'not_found' });
  });

  test('waits while another request is being sent for the same incident', async () => {
    const first = await approved();
    const note = await approved({
      tool: 'add_note_to_incident',
      arguments: { incident_id: 'Q2PAYMENTHOOK1', note: 'hello' },
    });
    expect((await claimOf(first.id)).kind).toBe('claimed');
    expect(await claimOf(note.id)).toMatchObject({ kind: 'not_now', because: expect.stringContaining('on its way') });
    expect(await load(note.id)).toMatchObject({ status: 'approved' });
  });

  test('waits while a lost call for the same incident may still arrive, and no longer', async () => {
    const first = await approved();
    const note = await approved({
      tool: 'add_note_to_incident',
      arguments: { incident_id: 'Q2PAYMENTHOOK1', note: 'hello' },
    });
    world.fake.faults.add({ match: { method: 'PUT', path: '/incidents' }, kind: 'drop_before', times: 1 });
    await world.execute(first.id);
    expect(await load(first.id)).toMatchObject({ status: 'unknown' });
    world.clock.advance(119);
    expect(await claimOf(note.id)).toMatchObject({ kind: 'not_now', because: expect.stringContaining('on its way') });
    world.clock.advance(1);
    expect((await claimOf(note.id)).kind).toBe('claimed');
  });

  test('is had by one of two requests for the same incident that try at once', async () => {
    const first = await approved();
    const note = await approved({
      tool: 'add_note_to_incident',
      arguments: { incident_id: 'Q2PAYMENTHOOK1', note: 'hello' },
    });
    const reader = readingTogether(2);
    const answers = await crowd(
      world,
      world.system,
      (ctx, index) => claim({ ...ctx, pagerduty: reader(ctx.pagerduty) }, index === 0 ? first.id : note.id, 'test'),
      2,
    );
    expect(
      allOf(answers)
        .map(({ kind }) => kind)
        .sort(),
    ).toEqual(['claimed', 'not_now']);
    expect(await world.db.select().from(requestSubjects).where(eq(requestSubjects.executing, true))).toHaveLength(1);
  });
});

describe('what was approved is not sent when', () => {
  afterEach(nothingSent);

  test('the incident changed since it was shown', async () => {
    const request = await approved();
    world.fake.human({
      as: 'aisha.rahmani@northwind.example',
      method: 'PUT',
      path: '/incidents/Q2PAYMENTHOOK1',
      body: { incident: { type: 'incident_reference', status: 'acknowledged' } },
    });
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({
      status: 'stale',
      because: expect.stringMatching(/"triggered".*"acknowledged".*Nothing was sent/),
    });
  });

  test('it no longer exists in PagerDuty', async () => {
    const request = await approved();
    world.fake.change((state) => {
      state.incidents = state.incidents.filter(({ id }) => id !== 'Q2PAYMENTHOOK1');
    });
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({
      status: 'stale',
      because: expect.stringContaining('no longer exists'),
    });
  });

  test('others answer for it by now, whoever approved it', async () => {
    const request = await world.approve(await world.ask(), 'sam');
    world.fake.change((state) => {
      for (const incident of state.incidents) incident.escalationPolicyId = 'PESOMEBODY';
    });
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({
      status: 'stale',
      because: expect.stringContaining('touches something else now'),
    });
  });

  test('the approver went off call', async () => {
    const request = await approved();
    await world.db.update(people).set({ pagerdutyUserId: 'PUNOBODY' }).where(eq(people.id, world.ids.priya));
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({
      status: 'stale',
      because: expect.stringContaining('may no longer decide'),
    });
  });

  test('the shift of the approver ended a moment ago, whatever is remembered of it', async () => {
    const request = await approved({
      tool: 'add_note_to_incident',
      arguments: { incident_id: 'Q2PAYMENTHOOK1', note: 'hello' },
    });
    world.fake.change((state) => {
      for (const policy of state.escalationPolicies) {
        for (const rule of policy.rules) rule.targets = rule.targets.filter(({ id }) => id !== 'PDCHKP1');
      }
    });
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({ because: expect.stringContaining('may no longer decide') });
  });

  test('the approver was switched off', async () => {
    const request = await approved();
    await world.db.update(people).set({ active: false }).where(eq(people.id, world.ids.priya));
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
  });

  test('the approver was switched off while PagerDuty was being read', async () => {
    const request = await approved();
    const pagerduty: typeof world.system.pagerduty = {
      ...world.system.pagerduty,
      get: async (path, schema, query) => {
        if (path.startsWith('/users/')) {
          await world.db.update(people).set({ active: false }).where(eq(people.id, world.ids.priya));
        }
        return world.system.pagerduty.get(path, schema, query);
      },
    };
    await expect(claim({ ...world.system, pagerduty }, request.id, 'test')).rejects.toMatchObject({ code: 'conflict' });
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
  });

  test('the approver turned out to own the agent', async () => {
    const request = await approved();
    await tamper(sql`update approval_requests set owner_id = ${world.ids.priya} where id = ${request.id}`);
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
  });

  test('the agent was switched off', async () => {
    const request = await approved();
    await world.db.update(agents).set({ disabledAt: new Date() }).where(eq(agents.id, 'agt_triage'));
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({ status: 'cancelled' });
  });

  test('the agent may only read now', async () => {
    const request = await approved();
    await world.db.update(agents).set({ canWrite: false }).where(eq(agents.id, 'agt_triage'));
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({ status: 'cancelled' });
  });

  test('the agent was switched off while the claim looked at PagerDuty', async () => {
    const request = await approved();
    const { pagerduty } = world.system;
    const slowly: typeof pagerduty = {
      ...pagerduty,
      async get(path, schema, query) {
        // The approver's e-mail is the last thing a claim reads.
        if (path.startsWith('/users/')) await world.db.update(agents).set({ disabledAt: new Date() });
        return pagerduty.get(path, schema, query);
      },
    };
    const ctx = { ...world.system, pagerduty: slowly };
    await expect(claim(ctx, request.id, 'test')).rejects.toMatchObject({ code: 'conflict' });
    expect(await world.db.select().from(attempts)).toEqual([]);
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
  });

  test('the stored text was changed', async () => {
    const request = await approved();
    await tamper(
      sql`update approval_requests set canonical = replace(canonical, 'Q2PAYMENTHOOK1', 'Q1CHECKOUT5XX1') where id = ${request.id}`,
    );
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({ status: 'stale', because: expect.stringContaining('digest') });
  });

  test('the stored text and its digest were changed together', async () => {
    const request = await approved();
    await tamper(
      sql`update approval_requests set canonical = replace(canonical, 'Q2PAYMENTHOOK1', 'Q1CHECKOUT5XX1') where id = ${request.id}`,
    );
    await tamper(
      sql`update approval_requests set digest = encode(sha256(convert_to(canonical, 'UTF8')), 'hex') where id = ${request.id}`,
    );
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({ because: expect.stringContaining('other bytes') });
  });

  test('text, digest and review were changed together, and the call no longer follows from the input', async () => {
    const request = await approved();
    await tamper(
      sql`update approval_requests set canonical = replace(canonical, '"path":"/incidents"', '"path":"/teams"') where id = ${request.id}`,
    );
    await tamper(
      sql`update approval_requests set digest = encode(sha256(convert_to(canonical, 'UTF8')), 'hex') where id = ${request.id}`,
    );
    await tamper(sql`update reviews set digest = (select digest from approval_requests where id = ${request.id})`);
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({ because: expect.stringContaining('call computed now differs') });
  });

  test('the tool works differently since an update', async () => {
    const request = await approved();
    await tamper(sql`update approval_requests set tool_version = 999 where id = ${request.id}`);
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({ because: expect.stringContaining('updated') });
  });

  test('the risk is higher than it was', async () => {
    const request = await approved();
    await tamper(sql`update approval_requests set risk = 'low' where id = ${request.id}`);
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({ because: expect.stringContaining('risk is high now; it was low') });
  });

  test('an approval is missing', async () => {
    const request = await approved();
    await tamper(sql`delete from reviews`);
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({ because: expect.stringContaining('fewer approvals') });
  });

  test('PagerDuty answers who is on call, but not how the incident is; it stays approved', async () => {
    const request = await approved();
    world.fake.faults.add({ match: { method: 'GET', path: '/incidents' }, kind: 'error_before', times: 1 });
    expect(await claimOf(request.id)).toMatchObject({ kind: 'not_now' });
    expect(await load(request.id)).toMatchObject({ status: 'approved', version: 2 });
  });

  test('PagerDuty does not tell whom it would stop paging, which would look like a higher risk; it stays approved', async () => {
    const request = await world.ask({
      arguments: { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], status: 'acknowledged' } },
    });
    await world.approve(request, 'sam');
    world.fake.faults.add({ match: { method: 'GET', path: '/oncalls' }, kind: 'rate_limit_json', times: 2 });
    expect(await claimOf(request.id)).toMatchObject({ kind: 'not_now' });
    expect(world.fake.faults.list()).toEqual([]);
    expect(await load(request.id)).toMatchObject({ status: 'approved', version: 2 });
    expect(await claimOf(request.id)).toMatchObject({ kind: 'claimed' });
  });

  test('PagerDuty tells how the incident is, but not who is on call; it stays approved', async () => {
    const request = await approved();
    const onCall = createOnCallReader(createReadClient({ baseUrl: 'http://127.0.0.1:9', token: 'x', tries: 1 }));
    expect(await claim({ ...world.system, onCall }, request.id, 'test')).toMatchObject({ kind: 'not_now' });
    expect(await load(request.id)).toMatchObject({ status: 'approved', version: 2 });
  });

  test('its risk needs more people than the row says', async () => {
    const request = await world.ask({
      arguments: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'resolved' } },
    });
    await tamper(sql`update approval_requests set reviews_required = 1 where id = ${request.id}`);
    await world.approve(request);
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({ because: expect.stringContaining('fewer approvals') });
  });

  test('another call for the same incident was lost while the claim looked at PagerDuty', async () => {
    const [first, second] = await Promise.all(
      ['first', 'second'].map((note) =>
        approved({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note } }),
      ),
    );
    const { pagerduty } = world.system;
    let lost = false;
    const slowly: typeof pagerduty = {
      ...pagerduty,
      async get(path, schema, query) {
        if (path.startsWith('/users/') && !lost) {
          lost = true;
          world.fake.faults.add({ match: { method: 'POST' }, kind: 'drop_before' });
          await world.execute(first?.id ?? '');
        }
        return pagerduty.get(path, schema, query);
      },
    };
    const id = second?.id ?? '';
    expect(await claim({ ...world.system, pagerduty: slowly }, id, 'test')).toMatchObject({ kind: 'not_now' });
    expect(await load(first?.id ?? '')).toMatchObject({ status: 'unknown' });
    expect(await load(id)).toMatchObject({ status: 'approved' });
  });

  test('the review that approved it says no', async () => {
    const request = await approved();
    await tamper(sql`update reviews set decision = 'deny'`);
    expect(await claimOf(request.id)).toEqual({ kind: 'ended' });
    expect(await load(request.id)).toMatchObject({ because: expect.stringContaining('fewer approvals') });
  });

  test('PagerDuty cannot be asked whether it still holds; it stays approved until the approval runs out', async () => {
    const request = await approved();
    const away = createReadClient({ baseUrl: 'http://127.0.0.1:9', token: 'x', tries: 1 });
    const ctx = { ...world.system, pagerduty: away, onCall: createOnCallReader(away) };
    expect(await claim(ctx, request.id, 'test')).toMatchObject({ kind: 'not_now' });
    expect(await load(request.id)).toMatchObject({ status: 'approved', version: 2 });
    world.clock.advance(300);
    await expect(claimOf(request.id)).rejects.toMatchObject({ code: 'conflict' });
  });
});

describe('the database itself', () => {
  test('refuses to change what was shown, to skip a version, or to rewrite history', async () => {
    const request = await approved();
    const refused = (statement: ReturnType<typeof sql>) => expect(world.db.execute(statement)).rejects.toThrow();
    await refused(sql`update approval_requests set canonical = '{}' where id = ${request.id}`);
    await refused(sql`update approval_requests set digest = repeat('0', 64) where id = ${request.id}`);
    await refused(sql`update approval_requests set reviews_required = 1, risk = 'low' where id = ${request.id}`);
    await refused(sql`update approval_requests set status = 'executing' where id = ${request.id}`);
    await refused(sql`delete from approval_requests`);
    await refused(sql`update events set because = 'nothing to see'`);
    await refused(sql`delete from events`);
    await refused(sql`truncate events`);
    await refused(sql`delete from reviews`);
    await refused(sql`update reviews set decision = 'deny'`);
  });
});
