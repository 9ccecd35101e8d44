import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { eq, isNull } from 'drizzle-orm';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { approvalRequests, attempts, events } from '#db/schema.ts';
import type { Actor } from '#identity/actor.ts';
import { incidents, tokens } from '#pagerduty/fake/company.ts';
import type { FaultKind } from '#pagerduty/fake/server/faults.ts';
import { createWriteClient } from '#pagerduty/write-client.ts';
import { silentLog } from '#process/log.ts';
import { listenForChanges } from '../changes.ts';
import type { RequestStatus } from '../lifecycle.ts';
import type { Limits } from '../limits.ts';
import { review } from '../review.ts';
import { sweepDead } from '../settle.ts';
import { submit } from '../submit.ts';
import { letPass, makeMovedClock, movedClock } from '../testing/moved-clock.ts';
import { createWorld, type World } from '../testing/world.ts';
import { runWorker, type WorkerPoint } from '../worker.ts';
import { assertInvariants } from './invariants.ts';

/**
 * Real worker processes die by SIGKILL at every point of a request's way, whatever PagerDuty did meanwhile; another
 * worker takes over. The playable PagerDuty counts what was applied.
 */

// Two processes at a time are what two cores can carry; the rest of a test is waiting for PostgreSQL.
vi.setConfig({ maxConcurrency: 4, testTimeout: 240_000 });

// The product's own, but that an approval outlasts the times that are let pass, and that a failed claim is soon repeated.
const LIMITS: Partial<Limits> = { approvalValidSeconds: 7 * 24 * 3600, claimAgainSeconds: 0.05, pendingPerAgent: 100 };
// Longer than any lease, deadline or window of ours.
const LONG_SECONDS = 3600;
const LATE_MS = 200;
const root = join(import.meta.dirname, '..', '..');
const NOBODY_LISTENS = 'http://127.0.0.1:9';
const BOUND = { timeout: 200_000, interval: 50 };

type Outcome = 'ok' | 'nobody_listens' | FaultKind;

/** What PagerDuty does with the call, and how often it has then been applied. */
const OUTCOMES = [
  ['ok', 1],
  ['refuse', 0],
  ['nobody_listens', 0],
  ['drop_before', 0],
  ['drop_after', 1],
  ['late_apply', 1],
  ['error_after', 1],
  ['error_before', 0],
  ['rate_limit_html', 0],
  ['garbage', 1],
] as const satisfies readonly (readonly [Outcome, number])[];

/** What a death leaves behind; shows that it happened where it was meant to. */
const LEFT: Record<WorkerPoint, readonly RequestStatus[]> = {
  leased: ['approved'],
  claimed: ['executing'],
  sending: ['executing'],
  answered: ['executing'],
  recorded: ['succeeded', 'failed', 'unknown'],
  settling: ['unknown'],
  settled: ['succeeded', 'failed'],
};

let bundle: string;
// The same sources in one file: of the many processes here each would compile hundreds.
beforeAll(async () => {
  const cache = join(root, 'node_modules', '.cache');
  await mkdir(cache, { recursive: true });
  bundle = await mkdtemp(join(cache, 'doomed-worker-'));
  await build({
    entryPoints: [join(root, 'approvals', 'testing', 'doomed-worker.ts')],
    outfile: join(bundle, 'doomed-worker.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
  });
});
afterAll(() => rm(bundle, { recursive: true, force: true }));

/** Starts a worker process that dies at a point, or that waits for somebody to kill it. */
function startDoomed(world: World, at: WorkerPoint | null, outcome: Outcome = 'ok'): ChildProcess {
  return spawn(process.execPath, [join(bundle, 'doomed-worker.mjs')], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {
      NODE_ENV: 'test',
      PATH: process.env.PATH,
      DATABASE_URL: world.url,
      PAGERDUTY_API_URL: world.fake.url,
      PAGERDUTY_READ_TOKEN: tokens.accountRead,
      PAGERDUTY_WRITE_TOKEN: tokens.accountFull,
      COUNTERSIGN_SECRETS_KEY: randomBytes(32).toString('base64'),
      DOOMED_LIMITS: JSON.stringify(LIMITS),
      ...(outcome === 'nobody_listens' ? { DOOMED_WRITE_URL: NOBODY_LISTENS } : {}),
      ...(at === null ? {} : { DOOMED_AT: at }),
    },
  });
}

async function deathOf(doomed: ChildProcess): Promise<void> {
  const [, signal] = doomed.signalCode === null ? await once(doomed, 'exit') : [null, doomed.signalCode];
  expect(signal).toBe('SIGKILL');
}

/** A process dies at a point. */
async function dieIn(world: World, at: WorkerPoint, outcome: Outcome): Promise<void> {
  const doomed = startDoomed(world, at, outcome);
  try {
    await deathOf(doomed);
  } finally {
    doomed.kill('SIGKILL');
  }
}

const as = (world: World, actor: Actor) => ({ ...world.as(actor), now: movedClock });

/** A note on an incident, held and approved. */
async function approvedNote(world: World, note: string, incidentId: string = incidents.paymentWebhooks.id) {
  const { request } = await submit(as(world, { kind: 'agent', agentId: 'agt_triage' }), {
    tool: 'add_note_to_incident',
    arguments: { incident_id: incidentId, note },
  });
  return review(as(world, { kind: 'person', personId: world.ids.sam, surface: 'web' }), {
    requestId: request.id,
    decision: 'approve',
    digest: request.digest,
  });
}

/** Starts the workers that outlive the dead, in this process. */
function startSurvivor(world: World, outcome: Outcome = 'ok') {
  const { actor: _, ...ctx } = as(world, { kind: 'system', part: 'sender' });
  const changes = listenForChanges({ url: world.url, db: world.db, log: silentLog });
  const nowhere = createWriteClient({ baseUrl: NOBODY_LISTENS, token: tokens.accountFull });
  const writer = outcome === 'nobody_listens' ? nowhere : world.writer;
  const worker = runWorker({ ctx, writer, changes, pollMs: 200 });
  return async () => {
    await worker.stop();
    await changes.close();
  };
}

async function load(world: World, id: string) {
  const row = await world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });
  if (!row) throw new Error(`request ${id} is lost`);
  return row;
}

/**
 * Lets all leases, deadlines and windows pass, when nobody is sending: what was sent is in PagerDuty by the end of the
 * settle window, which the product counts on and a crowded machine would not promise.
 */
async function letAllPass(world: World): Promise<void> {
  // Whatever dead processes left in their connections is read before what comes now.
  await fetch(world.fake.url);
  await vi.waitUntil(() => world.fake.requests().every(({ outcome }) => outcome !== 'pending'), BOUND);
  world.clock.advance(LONG_SECONDS);
  await letPass(world.db, LONG_SECONDS);
}

/** The same, and what dead senders left may be settled: nobody has to wait a settle window for that. */
async function letWindowsPass(world: World): Promise<void> {
  await letAllPass(world);
  await sweepDead(as(world, { kind: 'system', part: 'clock' }));
  await letAllPass(world);
}

/** Runs survivors, one after another, until every request ended. */
async function finish(world: World, outcome: Outcome = 'ok'): Promise<void> {
  const statuses = async () => {
    const open = world.db.select({ status: approvalRequests.status }).from(approvalRequests);
    return new Set((await open.where(isNull(approvalRequests.finishedAt))).map(({ status }) => status));
  };
  while ((await statuses()).size > 0) {
    await letAllPass(world);
    const stop = startSurvivor(world, outcome);
    try {
      // What may be sent only after another one is settled waits for the next time.
      await vi.waitUntil(async () => {
        const open = await statuses();
        return !open.has('executing') && (!open.has('approved') || open.has('unknown'));
      }, BOUND);
    } finally {
      await stop();
    }
  }
}

const timesApplied = (world: World, id: string) =>
  world.fake.ledger().filter(({ bodyText }) => bodyText.includes(id)).length;

/** What must be true of a request however its workers died. */
async function expectHonestEnd(world: World, id: string): Promise<void> {
  const row = await load(world, id);
  const applied = timesApplied(world, id);
  expect(applied, 'applied at most once').toBeLessThanOrEqual(1);
  expect(row.status, `applied ${applied} times; ${row.because}`).toBe(applied === 1 ? 'succeeded' : 'failed');
  const rows = await world.db.select().from(attempts).where(eq(attempts.requestId, id));
  expect(rows.length, 'one attempt').toBe(1);
  const history = await world.db.select().from(events).where(eq(events.requestId, id)).orderBy(events.version);
  expect(history.map((event) => event.version)).toEqual(Array.from({ length: row.version }, (_, index) => index + 1));
}

/** A world with a clock that its processes share. */
async function createSharedWorld(): Promise<World> {
  const world = await createWorld(LIMITS);
  world.clock.run();
  await makeMovedClock(world.db);
  return world;
}

/** One world, one request; one process dies at each of the points in turn, and a survivor finishes. */
async function dieAt(points: readonly WorkerPoint[], outcome: Outcome, applied: number): Promise<void> {
  const world = await createSharedWorld();
  try {
    const request = await approvedNote(world, `${points.join(', ')}; ${outcome}`);
    if (outcome !== 'ok' && outcome !== 'nobody_listens') {
      world.fake.faults.add({ match: { method: 'POST' }, kind: outcome, delayMs: LATE_MS });
    }
    for (const point of points) {
      await letWindowsPass(world);
      await dieIn(world, point, outcome);
      expect(LEFT[point]).toContain((await load(world, request.id)).status);
    }
    await finish(world, outcome);
    expect(timesApplied(world, request.id)).toBe(applied);
    await expectHonestEnd(world, request.id);
    await assertInvariants(world.db, world.fake.ledger());
  } finally {
    await world.close();
  }
}

describe.concurrent('a worker killed', () => {
  test.each(OUTCOMES)('holding only a lease leaves the request to the next worker (%s)', (outcome, applied) =>
    dieAt(['leased'], outcome, applied),
  );

  test.each(OUTCOMES)(
    'between the claim and the connection has sent nothing, and nobody sends it again (%s)',
    (outcome) => dieAt(['claimed'], outcome, 0),
  );

  // Without a connection there is no moment before the first byte.
  test.each(OUTCOMES.filter(([outcome]) => outcome !== 'nobody_listens'))(
    'right before the first byte has sent nothing, and nobody sends it again (%s)',
    (outcome) => dieAt(['sending'], outcome, 0),
  );

  test.each(OUTCOMES)(
    'with the answer in hand, and two more while settling, leave what PagerDuty knows (%s)',
    (outcome, applied) => dieAt(['answered', 'settling', 'settled'], outcome, applied),
  );

  test.each(OUTCOMES)('after recording the answer has left nothing undone (%s)', (outcome, applied) =>
    dieAt(['recorded'], outcome, applied),
  );

  test('from outside while the call is on the wire is not believed to have failed', async () => {
    const world = await createSharedWorld();
    const doomed = startDoomed(world, null);
    try {
      world.fake.faults.add({ match: { method: 'POST' }, kind: 'slow', delayMs: 60_000 });
      const request = await approvedNote(world, 'on the wire');
      await vi.waitUntil(() => world.fake.ledger().length === 1, { ...BOUND, interval: 2 });
      doomed.kill('SIGKILL');
      await deathOf(doomed);
      await finish(world);
      expect(await load(world, request.id)).toMatchObject({ status: 'succeeded' });
      await expectHonestEnd(world, request.id);
      await assertInvariants(world.db, world.fake.ledger());
    } finally {
      doomed.kill('SIGKILL');
      await world.close();
    }
  });
});

describe('workers killed', () => {
  test('all at once, twice, among thirty requests lose none and repeat none', async () => {
    const world = await createSharedWorld();
    let workers: ChildProcess[] = [];
    const startThree = () => {
      workers = [1, 2, 3].map(() => startDoomed(world, null));
    };
    const killAll = async () => {
      for (const worker of workers) worker.kill('SIGKILL');
      await Promise.all(workers.map(deathOf));
    };
    try {
      const targets = Object.values(incidents).map(({ id }) => id);
      const kinds: FaultKind[] = ['slow', 'drop_after', 'drop_before', 'late_apply', 'error_after', 'garbage', 'slow'];
      for (const kind of kinds) world.fake.faults.add({ match: { method: 'POST' }, kind, delayMs: LATE_MS });
      const requests: { id: string }[] = [];
      for (let index = 0; index < 30; index++) {
        requests.push(await approvedNote(world, `note ${index}`, targets[index % targets.length]));
      }
      for (const arrived of [4, 10]) {
        startThree();
        await vi.waitUntil(() => world.fake.requests().length >= arrived, { ...BOUND, interval: 2 });
        await killAll();
        await letWindowsPass(world);
      }
      await finish(world);
      for (const { id } of requests) await expectHonestEnd(world, id);
      await assertInvariants(world.db, world.fake.ledger());
    } finally {
      for (const worker of workers) worker.kill('SIGKILL');
      await world.close();
    }
  });
});
