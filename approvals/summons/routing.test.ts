import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agents, approvalRequests, onCallReadings, outbox, people, routes, summonses } from '#db/schema.ts';
import { toTarget } from '#outbox/place.ts';
import { people as cast, schedules } from '#pagerduty/fake/company.ts';
import { createOnCallReader } from '#pagerduty/on-call.ts';
import { silentLog } from '#process/log.ts';
import { cancel } from '../cancel.ts';
import { listenForChanges } from '../changes.ts';
import type { Context } from '../context.ts';
import { expire } from '../expire.ts';
import { FALLBACK, ROUTES } from '../limits.ts';
import { assertInvariants } from '../proof/invariants.ts';
import { review } from '../review.ts';
import { allOf, crowd } from '../testing/crowd.ts';
import { until } from '../testing/until.ts';
import { type Cast, createWorld, type World } from '../testing/world.ts';
import { proposeUndo } from '../undo.ts';
import { getForSlack } from '../views/slack-view.ts';
import { runWorker } from '../worker.ts';
import { refreshOnCall, routeDue } from './routing.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await assertInvariants(world.db, world.fake.ledger());
  await world.close();
});

/** A worker that was started just now: it remembers no reading. */
const worker = (ctx: Context = world.system): Context => ({ ...ctx, onCall: createOnCallReader(ctx.pagerduty) });
const route = (ctx?: Context) => routeDue(worker(ctx));
const follow = (ctx?: Context) => refreshOnCall(worker(ctx));

const ASKS = {
  low: { tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note: 'Seen.' } },
  medium: { arguments: { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], status: 'acknowledged' } } },
  high: { arguments: { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], status: 'resolved' } } },
  critical: { arguments: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'resolved' } } },
};
/** Of no service, so that no escalation policy is in question. */
const WEBHOOK = {
  tool: 'create_webhook_subscription',
  arguments: {
    webhook_data: {
      delivery_method: { url: 'https://bridge.northwind.example/pagerduty' },
      events: ['incident.triggered'],
      filter: { type: 'service_reference', id: 'PSCHKOT' },
    },
  },
};
async function held(risk: keyof typeof ASKS) {
  const request = await world.ask(ASKS[risk]);
  expect(request.risk).toBe(risk);
  return request;
}
/** When the second and the third step of that risk are due, in seconds after the request was held. */
const [LEVEL_2, GROUP] = ROUTES.high.slice(1).map(({ afterSeconds }) => afterSeconds) as [number, number];

/** Who was summoned at which level, and what became of it, in the order in which they were summoned. */
async function summoned(requestId?: string): Promise<string[]> {
  const rows = await world.db.query.summonses.findMany({
    where: requestId === undefined ? undefined : eq(summonses.requestId, requestId),
    orderBy: [summonses.summonedAt, summonses.personId],
  });
  return rows.map(({ personId, level, nudgedAt, endedAt, handedTo }) => {
    const ended = endedAt === null ? '' : `, handed to ${handedTo ?? 'nobody'}`;
    return `${personId.replace('prs_', '')} ${level}${nudgedAt === null ? '' : ', nudged'}${ended}`;
  });
}
/** How often each place became due. */
async function told(requestId?: string): Promise<Record<string, number>> {
  const rows = await world.db.query.outbox.findMany({
    where: requestId === undefined ? undefined : eq(outbox.requestId, requestId),
    orderBy: outbox.id,
  });
  return Object.fromEntries(rows.map(({ target, version }) => [target.replace('dm:prs_', ''), version]));
}
const timers = async () => (await world.db.query.routes.findMany()).filter(({ nextAt }) => nextAt !== null).length;

/** Puts somebody on a schedule of the Checkout policy, in the place of whoever has it. */
const onSchedule = (schedule: { id: string }, name: Cast | null) =>
  world.fake.change((state) => {
    for (const layer of state.schedules.find(({ id }) => id === schedule.id)?.layers ?? []) {
      layer.userIds = name === null ? [] : [cast[name].id];
    }
  });
const onLevel1 = (name: Cast | null) => onSchedule(schedules.checkoutPrimary, name);
const onLevel2 = (name: Cast | null) => onSchedule(schedules.checkoutSecondary, name);
const pagerDutyIsAway = () =>
  world.fake.faults.add({ match: { method: 'GET', path: '/oncalls' }, kind: 'error_before', times: 1 });

describe('who is asked', () => {
  test('is nobody about a low risk, ever', async () => {
    await held('low');
    await route();
    world.clock.advance(3600);
    await route();
    expect(await summoned()).toEqual([]);
    expect(await told()).toEqual({ channel: 1 });
    expect(await timers()).toBe(0);
  });

  test.each(['medium', 'high', 'critical'] as const)(
    'about a %s risk is level 1 at once, level 2 and the fallback group later, each on time and by another worker',
    async (risk) => {
      await held(risk);
      const [first, second = first, third = second] = ROUTES[risk];
      expect([first?.level, second?.level, third?.level]).toEqual([1, 2, FALLBACK]);
      await route();
      expect(await summoned()).toEqual(['priya 1']);
      expect(await told()).toEqual({ channel: 2, priya: 1 });

      world.clock.advance((second?.afterSeconds ?? 0) - 1);
      await route();
      expect(await summoned()).toEqual(['priya 1']);
      world.clock.advance(1);
      await route();
      expect(await summoned()).toEqual(['priya 1, nudged', 'marco 2']);

      world.clock.advance((third?.afterSeconds ?? 0) - (second?.afterSeconds ?? 0) - 1);
      await route();
      expect(await summoned()).toEqual(['priya 1, nudged', 'marco 2']);
      world.clock.advance(1);
      await route();
      expect(await summoned()).toEqual(['priya 1, nudged', 'marco 2, nudged', `sam ${FALLBACK}`]);
      // A reminder makes the DM due once in the life of a request.
      expect(await told()).toEqual({ channel: 4, priya: 2, marco: 2, sam: 1 });
      expect(await timers()).toBe(0);
    },
  );

  test('hears of it in a place and a lane of their own', async () => {
    const request = await held('medium');
    await route();
    const target = toTarget({ kind: 'person', personId: world.ids.priya });
    expect(await world.db.query.outbox.findFirst({ where: eq(outbox.target, target) })).toMatchObject({
      ...{ requestId: request.id, lane: target, receipt: null, doneAt: null },
    });
  });

  test('is asked after all when no worker ran at any of those times, each once', async () => {
    await held('high');
    world.clock.advance(GROUP + 60);
    for (let step = 0; step < 5; step++) await route();
    expect(await summoned()).toEqual(['marco 2, nudged', 'priya 1, nudged', `sam ${FALLBACK}`]);
    expect(await told()).toEqual({ channel: 4, priya: 2, marco: 2, sam: 1 });
  });

  test('is not asked sooner for a worker that was late before', async () => {
    await held('high');
    world.clock.advance(LEVEL_2 - 1);
    await route();
    await route();
    expect(await summoned()).toEqual(['priya 1']);
    world.clock.advance(1);
    await route();
    expect(await summoned()).toEqual(['priya 1, nudged', 'marco 2']);
  });

  test('is asked about every request by itself', async () => {
    const [one, two] = [await held('medium'), await held('critical')];
    await route();
    expect(await summoned(one.id)).toEqual(['priya 1']);
    expect(await summoned(two.id)).toEqual(['priya 1']);
    await world.approve(one);
    world.clock.advance(LEVEL_2);
    await route();
    expect(await summoned(one.id)).toEqual(['priya 1']);
    expect(await summoned(two.id)).toEqual(['priya 1, nudged', 'marco 2']);
  });
});

describe('twenty workers at once', () => {
  const together = async () => allOf(await crowd(world, world.system, (ctx) => route(ctx)));

  test('ask each person once and remind them once', async () => {
    await held('high');
    await together();
    expect(await summoned()).toEqual(['priya 1']);
    expect(await told()).toEqual({ channel: 2, priya: 1 });
    world.clock.advance(LEVEL_2);
    await together();
    expect(await summoned()).toEqual(['priya 1, nudged', 'marco 2']);
    expect(await told()).toEqual({ channel: 3, priya: 2, marco: 1 });
  });

  test('ask each person once when everything is overdue', async () => {
    await held('high');
    await held('critical');
    world.clock.advance(GROUP);
    for (let step = 0; step < 3; step++) await together();
    const everybody = ['marco 2, nudged', 'priya 1, nudged', `sam ${FALLBACK}`];
    for (const { requestId } of await world.db.query.routes.findMany()) {
      expect(await summoned(requestId)).toEqual(everybody);
      expect(await told(requestId)).toMatchObject({ channel: 4, priya: 2, marco: 2, sam: 1 });
    }
    expect(await world.db.$count(routes)).toBe(2);
    expect(await timers()).toBe(0);
  });
});

describe('a request that is decided', () => {
  const ends: Record<string, (request: { id: string; digest: string }) => Promise<unknown>> = {
    approved: (request) => world.approve(request),
    denied: (request) => world.deny(request),
    withdrawn: (request) => cancel(world.agent, { requestId: request.id }),
    expired: async () => {
      await world.db.update(approvalRequests).set({ deliveredAt: new Date() });
      world.clock.advance(15 * 60);
      expect(await expire(world.system)).toBe(1);
    },
  };

  test.each(Object.keys(ends))('asks and reminds nobody any more when it is %s', async (end) => {
    const request = await held('high');
    await route();
    const before = await told();
    await ends[end]?.(request);
    world.clock.advance(GROUP);
    for (let step = 0; step < 3; step++) await route();
    expect(await summoned()).toEqual(['priya 1']);
    expect(Object.keys(await told())).toEqual(Object.keys(before));
    expect(await timers()).toBe(0);
  });

  test('before anybody was asked asks nobody', async () => {
    await world.approve(await held('high'));
    await route();
    expect(await summoned()).toEqual([]);
    expect(await world.db.$count(routes)).toBe(0);
  });

  test.each(['approved', 'denied'])('asks nobody when it is %s while it is looked up who is on call', async (end) => {
    const request = await held('high');
    const ctx = worker();
    const onCall: Context['onCall'] = {
      async get(policyIds, maxAgeSeconds) {
        await ends[end]?.(request);
        return ctx.onCall.get(policyIds, maxAgeSeconds);
      },
    };
    await routeDue({ ...ctx, onCall });
    expect(await summoned()).toEqual([]);
    await route();
    expect(await summoned()).toEqual([]);
    expect(Object.keys(await told())).toEqual(['channel']);
  });
});

describe('the fallback group is asked at once', () => {
  const sam = [`sam ${FALLBACK}`];

  test('when nobody is on call on level 1, and not again later', async () => {
    onLevel1(null);
    await held('high');
    await route();
    expect(await summoned()).toEqual(sam);
    world.clock.advance(GROUP);
    for (let step = 0; step < 3; step++) await route();
    expect((await summoned()).sort()).toEqual(['marco 2, nudged', `sam ${FALLBACK}, nudged`]);
    expect(await told()).toMatchObject({ sam: 2 });
  });

  test('when those on call cover only a part of what is touched, who are asked as well', async () => {
    const both = { incident_ids: ['Q2PAYMENTHOOK1', 'Q4SLOWLABELS01'], status: 'acknowledged' };
    const request = await world.ask({ arguments: { manage_request: both } });
    expect(request.escalationPolicyIds).toHaveLength(2);
    await route();
    const all = await summoned();
    expect(all).toContain('priya 1');
    expect(all).toContain(`sam ${FALLBACK}`);
  });

  test('when PagerDuty cannot be asked', async () => {
    await held('high');
    pagerDutyIsAway();
    await route();
    expect(await summoned()).toEqual(sam);
    expect(await world.db.$count(onCallReadings)).toBe(0);
  });

  test('when PagerDuty cannot be asked at the time of level 2', async () => {
    await held('high');
    await route();
    world.clock.advance(LEVEL_2);
    pagerDutyIsAway();
    await route();
    expect(await summoned()).toEqual(['priya 1, nudged', ...sam]);
  });

  test('when no escalation policy is in question', async () => {
    await world.db.update(agents).set({ toolsets: ['webhooks'] });
    const request = await world.ask(WEBHOOK);
    expect(request).toMatchObject({ risk: 'critical', escalationPolicyIds: [] });
    await route();
    expect(await summoned()).toEqual(sam);
  });

  test('when whoever is on call on level 1 is unknown here, or switched off', async () => {
    await world.db.update(people).set({ active: false }).where(eq(people.id, world.ids.priya));
    const first = await held('high');
    await route();
    expect(await summoned(first.id)).toEqual(sam);
    await world.db.update(people).set({ active: true, pagerdutyUserId: null }).where(eq(people.id, world.ids.priya));
    const second = await held('critical');
    await route();
    expect(await summoned(second.id)).toEqual(sam);
  });

  test('but not for level 2 being empty, which is no reason to hurry', async () => {
    onLevel2(null);
    await held('high');
    await route();
    world.clock.advance(LEVEL_2);
    await route();
    expect(await summoned()).toEqual(['priya 1, nudged']);
  });
});

describe('never asked is', () => {
  const everything = async () => {
    world.clock.advance(GROUP);
    for (let step = 0; step < 3; step++) await route();
    return (await summoned()).map((one) => one.split(' ')[0]).sort();
  };

  test('the owner of the agent, on call or in the fallback group', async () => {
    onLevel2('dana');
    await world.db.update(people).set({ fallback: true }).where(eq(people.id, world.ids.dana));
    await held('high');
    expect(await everything()).toEqual(['priya', 'sam']);
  });

  test('whoever the agent acts for', async () => {
    await world.db.update(agents).set({ actsForId: world.ids.priya }).where(eq(agents.id, 'agt_triage'));
    await held('high');
    expect(await everything()).toEqual(['marco', 'sam']);
  });

  test('whoever proposed it, nor the owner of the agent that it undoes', async () => {
    const original = await world.ask({
      arguments: { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], urgency: 'low' } },
    });
    await world.approve(original);
    await world.execute(original.id);
    const proposal = await proposeUndo(world.person('priya'), { requestId: original.id });
    expect(proposal.proposedBy).toBe(world.ids.priya);
    expect(await everything()).toEqual(['marco', 'sam']);
  });

  test('anybody, where those are all there is, and nothing breaks', async () => {
    await world.db.update(people).set({ fallback: false });
    await world.db.update(people).set({ fallback: true }).where(eq(people.id, world.ids.dana));
    onLevel1('dana');
    onLevel2('dana');
    await held('high');
    expect(await everything()).toEqual([]);
    expect(await told()).toEqual({ channel: 1 });
    expect(await timers()).toBe(0);
  });
});

describe('a shift that changes hands', () => {
  async function askedPriya(risk: 'medium' | 'high' = 'high') {
    const request = await held(risk);
    await route();
    return request;
  }

  test('moves the ask to who has it now, and tells the other one who that is', async () => {
    const request = await askedPriya();
    await follow();
    expect(await summoned()).toEqual(['priya 1']);
    world.clock.advance(60);
    onLevel1('lena');
    await follow();
    expect(await summoned()).toEqual(['priya 1, handed to Lena Fischer', 'lena 1']);
    expect(await told()).toEqual({ channel: 2, priya: 2, lena: 1 });
    const { summoned: shown } = await getForSlack(world.system, request.id);
    expect(shown.map(({ name, handedTo }) => [name, handedTo])).toEqual([
      ['Priya Raman', 'Lena Fischer'],
      ['Lena Fischer', null],
    ]);
  });

  test('is told once, however often it is looked at and by how many at once', async () => {
    await askedPriya();
    onLevel1('lena');
    allOf(await crowd(world, world.system, (ctx) => follow(ctx)));
    const once = { channel: 2, priya: 2, lena: 1 };
    expect((await summoned()).sort()).toEqual(['lena 1', 'priya 1, handed to Lena Fischer']);
    expect(await told()).toEqual(once);
    world.clock.advance(60);
    await follow();
    expect(await told()).toEqual(once);
  });

  test('leaves the reminder to who has it now', async () => {
    await askedPriya();
    onLevel1('lena');
    await follow();
    world.clock.advance(LEVEL_2);
    await route();
    expect((await summoned()).sort()).toEqual(['lena 1, nudged', 'marco 2', 'priya 1, handed to Lena Fischer']);
    expect(await told()).toMatchObject({ priya: 2, lena: 2 });
  });

  test('to nobody asks the fallback group', async () => {
    await askedPriya();
    onLevel1(null);
    await follow();
    expect((await summoned()).sort()).toEqual(['priya 1, handed to Sam Okafor', `sam ${FALLBACK}`]);
    expect(await told()).toEqual({ channel: 2, priya: 2, sam: 1 });
  });

  test('to nobody on level 2 ends there', async () => {
    await askedPriya();
    world.clock.advance(LEVEL_2);
    await route();
    onLevel2(null);
    await follow();
    expect(await summoned()).toEqual(['priya 1, nudged', 'marco 2, handed to nobody']);
  });

  test('to somebody who was asked before asks them no second time', async () => {
    await askedPriya();
    world.clock.advance(LEVEL_2);
    await route();
    onLevel1('marco');
    await follow();
    expect(await summoned()).toEqual(['priya 1, nudged, handed to Marco Bellini', 'marco 2']);
    expect(await told()).toMatchObject({ marco: 1 });
  });

  test('and back again asks the first one again, in the same place and with no second reminder', async () => {
    await askedPriya();
    world.clock.advance(LEVEL_2);
    await route();
    onLevel1('lena');
    await follow();
    onLevel1('priya');
    await follow();
    expect((await summoned()).sort()).toEqual(['lena 1, handed to Priya Raman', 'marco 2', 'priya 1, nudged']);
    world.clock.advance(GROUP - LEVEL_2);
    await route();
    expect(await summoned()).toContain('priya 1, nudged');
    // Summoned, reminded, handed over, and summoned again.
    expect(await told()).toMatchObject({ priya: 4, lena: 2 });
  });

  test('from one level to the other keeps the ask where it is', async () => {
    await askedPriya();
    onLevel1('marco');
    onLevel2('priya');
    await follow();
    expect((await summoned()).sort()).toEqual(['marco 1', 'priya 1']);
    expect(await told()).toMatchObject({ priya: 1 });
  });

  test('never goes to the owner of the agent', async () => {
    await askedPriya();
    onLevel1('dana');
    await follow();
    expect((await summoned()).sort()).toEqual(['priya 1, handed to Sam Okafor', `sam ${FALLBACK}`]);
  });

  test('does not concern the fallback group', async () => {
    await askedPriya();
    world.clock.advance(GROUP);
    for (let step = 0; step < 2; step++) await route();
    onLevel1('lena');
    await follow();
    expect(await summoned()).toContain(`sam ${FALLBACK}`);
    expect(await told()).toMatchObject({ sam: 1, lena: 1 });
  });

  test('does not keep the fallback group from being asked when its time comes', async () => {
    onLevel1('sam');
    await held('high');
    await route();
    expect(await summoned()).toEqual(['sam 1']);
    onLevel1('lena');
    await follow();
    expect(await summoned()).toContain('sam 1, handed to Lena Fischer');
    world.clock.advance(GROUP);
    for (let step = 0; step < 2; step++) await route();
    expect(await summoned()).toContain(`sam ${FALLBACK}`);
  });

  test('of another policy changes nothing', async () => {
    const request = await askedPriya();
    await world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q3TRACKINGLAG1', note: 'x' } });
    onSchedule(schedules.trackingPrimary, 'lena');
    await follow();
    expect(await summoned()).toEqual(['priya 1']);
    expect(await told(request.id)).toEqual({ channel: 2, priya: 1 });
  });

  test('while PagerDuty is away is noticed when it is back', async () => {
    await askedPriya();
    onLevel1('lena');
    pagerDutyIsAway();
    await follow();
    expect(await summoned()).toEqual(['priya 1']);
    await follow();
    expect(await summoned()).toHaveLength(2);
  });

  test.each(['approved', 'denied'] as const)('of a request that is %s moves nothing', async (end) => {
    const request = await askedPriya();
    await (end === 'approved' ? world.approve(request) : world.deny(request));
    const before = await told();
    onLevel1('lena');
    await follow();
    expect(await summoned()).toEqual(['priya 1']);
    expect(await told()).toEqual(before);
  });
});

test('asking gives no right: who was asked and is no longer on call may not decide', async () => {
  const request = await held('medium');
  await route();
  onLevel1('lena');
  const stale = world.person('priya');
  const fresh = { ...stale, onCall: createOnCallReader(stale.pagerduty) };
  const approve = { requestId: request.id, decision: 'approve', digest: request.digest } as const;
  await expect(review(fresh, approve)).rejects.toMatchObject({ code: 'forbidden' });
  expect(world.fake.ledger()).toEqual([]);
});

test('a running worker asks when something is held, and follows the shifts', async () => {
  const changes = listenForChanges({ url: world.url, db: world.db, log: silentLog, pollMs: 50 });
  const { actor: _, ...ctx } = worker();
  const limits = { ...ctx.limits, onCallRefreshSeconds: 0 };
  const running = runWorker({ ctx: { ...ctx, limits }, writer: world.writer, changes, pollMs: 20 });
  try {
    const request = await held('high');
    await until(async () => (await summoned()).includes('priya 1'));
    onLevel1('lena');
    await until(async () => (await summoned()).includes('lena 1'));
    await until(async () => (await summoned()).includes('priya 1, handed to Lena Fischer'));
    await world.deny(request, 'sam');
    world.clock.advance(GROUP);
    await until(async () => (await timers()) === 0);
  } finally {
    await running.stop();
    await changes.close();
  }
  expect(await summoned()).toHaveLength(2);
  expect(Object.keys(await told()).sort()).toEqual(['channel', 'lena', 'priya']);
});
