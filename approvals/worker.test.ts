import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { databaseClock } from '#db/clock.ts';
import { approvalRequests, attempts } from '#db/schema.ts';
import { incidents } from '#pagerduty/fake/company.ts';
import { silentLog } from '#process/log.ts';
import { type Changes, listenForChanges } from './changes.ts';
import { claim } from './claim.ts';
import type { Limits } from './limits.ts';
import { assertInvariants } from './proof/invariants.ts';
import { createLatch } from './testing/latch.ts';
import { until } from './testing/until.ts';
import { createWorld, type World } from './testing/world.ts';
import { markDelivered } from './views/agent-view.ts';
import { waitFor } from './wait.ts';
import { execute, runWorker, type Worker } from './worker.ts';

let world: World;
let changes: Changes;
let workers: Worker[] = [];
const LIMITS: Partial<Limits> = { settleWindowSeconds: 0.3, claimAgainSeconds: 0.05, settleAgainSeconds: 0.1 };

beforeEach(async () => {
  world = await createWorld(LIMITS);
  world.clock.run();
  changes = listenForChanges({ url: world.url, db: world.db, log: silentLog, pollMs: 50 });
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  workers = [];
  await changes.close();
  await assertInvariants(world.db, world.fake.ledger());
  await world.close();
});

function startWorker(pollMs = 50, limits: Partial<Limits> = {}): Worker {
  const { actor: _, ...own } = world.system;
  const ctx = { ...own, now: databaseClock, limits: { ...own.limits, ...limits } };
  const worker = runWorker({ ctx, writer: world.writer, changes, pollMs, parallel: 4 });
  workers.push(worker);
  return worker;
}

const final = (id: string) =>
  waitFor(world.system, changes, { requestId: id, until: (row) => row.finishedAt !== null, timeoutMs: 110_000 });
const note = (text: string, incidentId = 'Q2PAYMENTHOOK1') =>
  world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: incidentId, note: text } });
/** Waits until PagerDuty has so many calls, answered or not. */
const arrived = (count: number) => until(() => world.fake.requests().length === count);
const load = (id: string) => world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });

describe('workers', () => {
  test('send what was approved, woken by the decision and not by the poll', async () => {
    startWorker(600_000);
    const request = await world.ask();
    await world.approve(request);
    expect(await final(request.id)).toMatchObject({ status: 'succeeded' });
  });

  test('send what was approved while none of them ran', async () => {
    const request = await world.approve(await world.ask());
    startWorker();
    expect(await final(request.id)).toMatchObject({ status: 'succeeded' });
  });

  test('four at once send ten requests once each, one at a time for the same incident', async () => {
    const requests = await Promise.all(Array.from({ length: 10 }, (_, index) => note(`note ${index}`)));
    // Woken by what changes; polls of four at once would only be in each other's way.
    for (let count = 0; count < 4; count++) startWorker(1000);
    await Promise.all(requests.map((request) => world.approve(request)));
    const ended = await Promise.all(requests.map(({ id }) => final(id)));
    expect(ended.map((row) => row?.status)).toEqual(Array(10).fill('succeeded'));
    expect(world.fake.ledger()).toHaveLength(10);
  });

  test('settle what became unknown, when the window is over', async () => {
    startWorker();
    world.fake.faults.add({ match: { method: 'PUT', path: '/incidents' }, kind: 'drop_after', times: 1 });
    const request = await world.approve(await world.ask());
    expect(await final(request.id)).toMatchObject({ status: 'succeeded' });
    expect(world.fake.ledger()).toHaveLength(1);
  });

  test('keep an approved request while PagerDuty cannot be read, and send it afterwards', async () => {
    const request = await world.approve(await world.ask());
    world.fake.faults.add({ match: { method: 'GET', path: '/oncalls' }, kind: 'error_before', times: 5 });
    startWorker();
    expect(await final(request.id)).toMatchObject({ status: 'succeeded' });
  });

  test('leave what they cannot send yet alone for a while', async () => {
    const request = await world.approve(await world.ask());
    // All the while: several things are read of it at once, in no order.
    world.fake.faults.add({ match: { method: 'GET', path: '/oncalls' }, kind: 'error_before', times: 1_000 });
    startWorker(50, { claimAgainSeconds: 3600 });
    const restsUntil = sql<boolean>`${approvalRequests.leasedUntil} > ${databaseClock()} + interval '30 minutes'`;
    const resting = () => world.db.select({ id: approvalRequests.id }).from(approvalRequests).where(restsUntil);
    await until(async () => (await resting()).length === 1);
    expect(await load(request.id)).toMatchObject({ status: 'approved' });
  });

  test('take a sender that fell silent for dead, and find out what it did', async () => {
    const request = await world.approve(await world.ask());
    expect(await claim(world.system, request.id, 'dead')).toMatchObject({ kind: 'claimed' });
    await world.db.update(attempts).set({ deadlineAt: new Date(0) });
    startWorker();
    expect(await final(request.id)).toMatchObject({ status: 'failed' });
    expect(world.fake.ledger()).toEqual([]);
  });

  test('end what nobody decided in time', async () => {
    world.clock.advance(-3600);
    const request = await world.ask();
    // Its agent has the handle; otherwise it might as well be withdrawn because nobody waits.
    await markDelivered(world.agent, request.id);
    startWorker();
    expect(await final(request.id)).toMatchObject({ status: 'expired' });
  });

  test('stop although more is waiting to be sent', async () => {
    const targets = Object.values(incidents).slice(0, 6);
    for (const { id } of targets) await world.approve(await note('held up', id), 'sam');
    const answer = createLatch();
    world.fake.faults.add({ match: { method: 'POST' }, kind: 'slow', until: answer.opened, times: targets.length });
    const worker = startWorker();
    // As many as one worker sends at once; it has no room for the others until PagerDuty answers.
    await arrived(4);
    const stopped = worker.stop();
    answer.open();
    await stopped;
    // Long enough for a look that was not stopped to have found the other two.
    for (const text of ['a', 'b', 'c']) await note(text);
    const states = await world.db.select().from(approvalRequests);
    expect(states.filter(({ status }) => status === 'succeeded')).toHaveLength(4);
    expect(states.filter(({ status, leasedUntil }) => status === 'approved' && leasedUntil === null)).toHaveLength(2);
  });

  test('do not lose what PagerDuty answered to one failure of the database', async () => {
    const request = await world.approve(await world.ask());
    let failures = 0;
    const db = new Proxy(world.db, {
      get(target, name) {
        if (name === 'transaction' && failures === 1) {
          failures += 1;
          return () => Promise.reject(new Error('connection terminated'));
        }
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    await execute({ ...world.system, db }, world.writer, request.id, 'test', (point) => {
      if (point === 'answered') failures = 1;
    });
    expect(failures).toBe(2);
    expect(await final(request.id)).toMatchObject({ status: 'succeeded' });
  });

  test('stop after finishing what is being sent, and take nothing new', async () => {
    const worker = startWorker();
    const answer = createLatch();
    world.fake.faults.add({ match: { method: 'PUT', path: '/incidents' }, kind: 'slow', until: answer.opened });
    const request = await world.approve(await world.ask());
    await arrived(1);
    const stopped = worker.stop();
    answer.open();
    await stopped;
    expect(await load(request.id)).toMatchObject({ status: 'succeeded' });
    const later = await world.approve(await note('later'));
    expect(await load(later.id)).toMatchObject({ status: 'approved' });
  });
});

describe('waiting', () => {
  test('ends on the change it waits for, seen by another connection', async () => {
    const request = await world.ask();
    const wait = waitFor(world.agent, changes, {
      requestId: request.id,
      until: (row) => row.status !== 'pending',
      timeoutMs: 110_000,
    });
    await world.deny(request);
    expect(await wait).toMatchObject({ status: 'denied' });
  });

  test('ends at the timeout and on the signal, with the row as it is', async () => {
    const request = await world.ask();
    const never = { requestId: request.id, until: () => false };
    expect(await waitFor(world.agent, changes, { ...never, timeoutMs: 1 })).toMatchObject({ status: 'pending' });
    const controller = new AbortController();
    const wait = waitFor(world.agent, changes, { ...never, timeoutMs: 600_000, signal: controller.signal });
    controller.abort();
    expect(await wait).toMatchObject({ status: 'pending' });
    expect(
      await waitFor(world.agent, changes, { ...never, requestId: 'apr_nothing', timeoutMs: 600_000 }),
    ).toBeUndefined();
  });

  test('survives the loss of the notification connection', async () => {
    const request = await world.ask();
    const wait = waitFor(world.agent, changes, {
      requestId: request.id,
      until: (row) => row.status !== 'pending',
      timeoutMs: 110_000,
    });
    await world.db.execute(
      "select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%' and datname = current_database()",
    );
    await world.deny(request);
    expect(await wait).toMatchObject({ status: 'denied' });
  });
});
