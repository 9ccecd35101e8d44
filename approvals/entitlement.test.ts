import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { agents, approvalRequests, people, touchedReadings } from '#db/schema.ts';
import { escalationPolicies } from '#pagerduty/fake/company.ts';
import type { FakePagerDuty } from '#pagerduty/fake/server/server.ts';
import type { JsonObject } from '#pagerduty/json.ts';
import { writeTools } from '#pagerduty/tools/index.ts';
import { TOOLSETS } from '#pagerduty/toolsets.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { checkReview } from './check-review.ts';
import type { Deciding } from './context.ts';
import { isWebOnly } from './policy.ts';
import { assertInvariants } from './proof/invariants.ts';
import { review } from './review.ts';
import { settleByHand } from './settle.ts';
import { refreshTouched, storedTouched } from './stored-touched.ts';
import { refreshOnCall } from './summons/routing.ts';
import { storedOnCall } from './summons/stored-on-call.ts';
import { type Cast, createWorld, type World } from './testing/world.ts';
import { createTouchedReader } from './touched.ts';
import { getDetail } from './views/queries.ts';

let world: World;
async function open(): Promise<void> {
  world = await createWorld();
  await world.db.update(agents).set({ toolsets: Object.keys(TOOLSETS) });
  await world.db.update(people).set({ fallback: true }).where(eq(people.id, world.ids.ruth));
}
async function close(): Promise<void> {
  await assertInvariants(world.db, world.fake.ledger());
  await world.close();
}

const load = async ({ id }: { id: string }) => {
  const row = await world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });
  if (!row) throw new Error('gone');
  return row;
};
const MOVED = expect.stringContaining('touches something else now');
const refusal = { code: 'precondition_failed', message: MOVED };
const nothingSent = () => expect(world.fake.ledger()).toEqual([]);

/** Other escalation policies answer for everything: services and incidents are handed on, policies swap their levels. */
function handEverythingOn(play: FakePagerDuty): void {
  const next = (id: string) => {
    const ids = Object.values(escalationPolicies).map((one) => one.id);
    return ids[(ids.indexOf(id as (typeof ids)[number]) + 1) % ids.length] ?? id;
  };
  play.change((state) => {
    for (const incident of state.incidents) incident.escalationPolicyId = next(incident.escalationPolicyId);
    for (const service of state.services) service.escalationPolicyId = next(service.escalationPolicyId);
    const rules = state.escalationPolicies.map((policy) => policy.rules);
    state.escalationPolicies.forEach((policy, index) => {
      policy.rules = rules[(index + 1) % rules.length] ?? policy.rules;
    });
  });
}

/** As one process of the slack role decides: with what the worker stored, and nothing else. */
const inSlack = (name: Cast): Deciding => {
  const { db, limits, log } = world.system;
  const store = { db, now: world.clock.now, limits, log };
  const actor = { kind: 'person', personId: world.ids[name], surface: 'slack' } as const;
  return { ...store, actor, onCall: storedOnCall(store), touched: storedTouched(store) };
};
/** Everything the worker stores for those who cannot read PagerDuty. */
const store = async () => {
  await refreshOnCall(world.system);
  return refreshTouched(world.system, 'all');
};
/** A web process that was just started. */
const onWeb = (name: Cast) => ({ ...world.person(name), touched: createTouchedReader(world.system.pagerduty) });

const ask = (tool: string, args: JsonObject) => world.ask({ tool, arguments: args });

describe('when others answer for what it touches by now,', () => {
  beforeAll(open);
  afterAll(close);
  beforeEach(() => world.fake.reset());

  describe.each(Object.entries(writeTools))(
    '%s, when others answer for what it touches by now',
    (name, tool: WriteTool) => {
      /** Whether the policies are a fact that PagerDuty tells; those a call names itself cannot move. */
      async function moves(): Promise<boolean> {
        const input = tool.input.parse(tool.example);
        const touched = async () => {
          const { escalationPolicyIds } = tool.touches(input, await tool.read(world.system.pagerduty, input));
          return [...escalationPolicyIds].sort().join();
        };
        const before = await touched();
        handEverythingOn(world.fake);
        const named = before === '' || JSON.stringify(tool.example).includes(before);
        const moved = before !== (await touched());
        world.fake.reset();
        expect(moved).toBe(!named);
        return moved;
      }

      test('is neither approved on the web or in Slack nor claimed', async () => {
        if (!(await moves())) return;
        const onTheWeb = await ask(name, tool.example);
        handEverythingOn(world.fake);
        const approval = { requestId: onTheWeb.id, decision: 'approve', digest: onTheWeb.digest } as const;
        await expect(review(onWeb('sam'), approval)).rejects.toMatchObject(refusal);
        expect(await load(onTheWeb)).toMatchObject({ status: 'stale', because: MOVED });
        world.fake.reset();

        const claimed = await ask(name, tool.example);
        for (const by of (['sam', 'ruth'] as const).slice(0, claimed.reviewsRequired)) await world.approve(claimed, by);
        handEverythingOn(world.fake);
        expect(await world.execute(claimed.id)).toEqual({ kind: 'ended' });
        expect(await load(claimed)).toMatchObject({ status: 'stale', because: MOVED });
        world.fake.reset();

        const told = await ask(name, tool.example);
        await store();
        handEverythingOn(world.fake);
        world.clock.advance(30);
        await store();
        expect(await load(told)).toMatchObject({ status: 'stale', because: MOVED });
        const pressed = { requestId: told.id, decision: 'approve', digest: told.digest } as const;
        await expect(review(inSlack('sam'), pressed)).rejects.toMatchObject({ code: 'conflict' });

        world.fake.reset();
        const unseen = await ask(name, tool.example);
        await store();
        handEverythingOn(world.fake);
        if (!isWebOnly(unseen.risk)) {
          // Slack goes by a reading that was fresh a moment ago; the claim does not.
          await review(inSlack('sam'), { requestId: unseen.id, decision: 'approve', digest: unseen.digest });
          expect(await world.execute(unseen.id)).toEqual({ kind: 'ended' });
          expect((await load(unseen)).status).toBe('stale');
        }
        nothingSent();
      });
    },
  );
});

const NOTE = { incident_id: 'Q2PAYMENTHOOK1', note: 'Seen.' };
const note = () => ask('add_note_to_incident', NOTE);
/** Incident management moves the incident to another policy; nothing else changes. */
const handOn = () =>
  world.fake.change((state) => {
    for (const one of state.incidents)
      if (one.id === NOTE.incident_id) one.escalationPolicyId = escalationPolicies.warehouse.id;
  });
const sight = (request: { id: string; digest: string }, decision: 'approve' | 'deny') => ({
  requestId: request.id,
  decision,
  digest: request.digest,
});

describe('a request', () => {
  beforeEach(open);
  afterEach(close);

  describe('what has moved', () => {
    test('ends when somebody approves it who answers for it now, not when anybody does', async () => {
      const request = await note();
      handOn();
      await expect(review(onWeb('lena'), sight(request, 'approve'))).rejects.toMatchObject({ code: 'forbidden' });
      await expect(review(onWeb('dana'), sight(request, 'approve'))).rejects.toMatchObject({ code: 'forbidden' });
      expect(await load(request)).toMatchObject({ status: 'pending', version: 1 });
      await expect(review(onWeb('aisha'), sight(request, 'approve'))).rejects.toMatchObject(refusal);
      expect(await load(request)).toMatchObject({ status: 'stale', version: 2, because: MOVED });
      nothingSent();
    });

    test('is refused without ending by what only looks', async () => {
      const request = await note();
      handOn();
      await expect(checkReview(onWeb('priya'), sight(request, 'approve'))).rejects.toMatchObject(refusal);
      expect((await getDetail(onWeb('priya'), request.id)).may.approve).toEqual({ allowed: false, because: MOVED });
      expect(await load(request)).toMatchObject({ status: 'pending', version: 1 });
    });

    test('is denied by those it was shown to, and by those who answer for it now', async () => {
      const [first, second] = [await note(), await ask('add_note_to_incident', { ...NOTE, note: 'Seen again.' })];
      handOn();
      await expect(review(onWeb('aisha'), sight(second, 'deny'))).rejects.toMatchObject({ code: 'forbidden' });
      expect(await review(onWeb('priya'), sight(first, 'deny'))).toMatchObject({ status: 'denied' });
      await world.db.insert(touchedReadings).values({
        requestId: second.id,
        subjects: ['incident:Q2PAYMENTHOOK1'],
        escalationPolicyIds: [escalationPolicies.warehouse.id],
        readAt: new Date(0),
      });
      expect(await review(onWeb('aisha'), sight(second, 'deny'))).toMatchObject({ status: 'denied' });
    });

    test('ends once, however many find out at once', async () => {
      const request = await note();
      handOn();
      const tries = Array.from({ length: 20 }, () => review(onWeb('sam'), sight(request, 'approve')));
      const codes = (await Promise.allSettled(tries)).map((one) =>
        one.status === 'rejected' ? one.reason.code : 'none',
      );
      expect(codes.filter((code) => code === 'precondition_failed')).toHaveLength(1);
      expect(new Set(codes)).toEqual(new Set(['precondition_failed', 'conflict']));
      expect(await load(request)).toMatchObject({ status: 'stale', version: 2 });
    });

    test('is settled by hand by those who answer for it now', async () => {
      const request = await note();
      await world.approve(request);
      world.fake.faults.add({ match: { method: 'POST' }, kind: 'drop_after', times: 1 });
      await world.execute(request.id);
      const said = { requestId: request.id, applied: true, evidence: 'I looked at the timeline.' };
      await expect(settleByHand(onWeb('aisha'), said)).rejects.toMatchObject({ code: 'forbidden' });
      handOn();
      expect(await settleByHand(onWeb('aisha'), said)).toMatchObject({ status: 'succeeded' });
    });
  });

  describe('what is not there any more', () => {
    test('ends when it is approved', async () => {
      const request = await note();
      world.fake.change((state) => {
        state.incidents = state.incidents.filter(({ id }) => id !== 'Q2PAYMENTHOOK1');
      });
      await expect(review(onWeb('priya'), sight(request, 'approve'))).rejects.toMatchObject({
        code: 'precondition_failed',
        message: expect.stringContaining('no longer exists'),
      });
      expect((await load(request)).status).toBe('stale');
    });
  });

  describe('while PagerDuty does not tell what a request touches', () => {
    const away = () =>
      world.fake.faults.add({ match: { method: 'GET', path: '/incidents' }, kind: 'error_before', times: 50 });

    test('only the fallback group approves, anybody on call denies, and the claim waits', async () => {
      const [first, second] = [await note(), await ask('add_note_to_incident', { ...NOTE, note: 'Seen again.' })];
      away();
      await expect(review(onWeb('priya'), sight(first, 'approve'))).rejects.toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('only the fallback group'),
      });
      expect(await review(onWeb('priya'), sight(second, 'deny'))).toMatchObject({ status: 'denied' });
      expect(await review(onWeb('sam'), sight(first, 'approve'))).toMatchObject({ status: 'approved' });
      expect(await world.execute(first.id)).toMatchObject({ kind: 'not_now' });
      expect((await load(first)).status).toBe('approved');
      nothingSent();
    });

    test('those on call settle what was sent', async () => {
      const request = await note();
      await world.approve(request);
      world.fake.faults.add({ match: { method: 'POST' }, kind: 'drop_after', times: 1 });
      await world.execute(request.id);
      away();
      const said = { requestId: request.id, applied: true, evidence: 'I looked at the timeline.' };
      expect(await settleByHand(onWeb('priya'), said)).toMatchObject({ status: 'succeeded' });
    });
  });

  describe('in Slack', () => {
    test('a reading that is missing or older than a minute lets only the fallback group approve', async () => {
      const [first, second] = [await note(), await ask('add_note_to_incident', { ...NOTE, note: 'Seen again.' })];
      await refreshOnCall(world.system);
      const approve = (name: Cast, request: typeof first) => review(inSlack(name), sight(request, 'approve'));
      await expect(approve('priya', first)).rejects.toMatchObject({ code: 'forbidden' });
      await store();
      expect(await approve('priya', first)).toMatchObject({ status: 'approved' });
      world.clock.advance(61);
      await refreshOnCall(world.system);
      await expect(approve('priya', second)).rejects.toMatchObject({ code: 'forbidden' });
      expect(await approve('sam', second)).toMatchObject({ status: 'approved' });
    });
  });
});
