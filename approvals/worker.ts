import { hostname } from 'node:os';
import { and, asc, eq, inArray, isNull, or, type SQL, sql } from 'drizzle-orm';
import { later } from '#db/clock.ts';
import { approvalRequests } from '#db/schema.ts';
import type { Actor } from '#identity/actor.ts';
import type { WriteClient } from '#pagerduty/write-client.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Log } from '#process/log.ts';
import type { Changes } from './changes.ts';
import { type Claim, claim } from './claim.ts';
import type { Context } from './context.ts';
import { expire } from './expire.ts';
import { recordOutcome, send } from './send.ts';
import { settle, sweepDead } from './settle.ts';
import { refreshTouched } from './stored-touched.ts';
import { refreshOnCall, routeDue } from './summons/routing.ts';

/** The places where a worker can die; named so that a test can kill it at each of them. */
export type WorkerPoint = 'leased' | 'claimed' | 'sending' | 'answered' | 'recorded' | 'settling' | 'settled';

export interface WorkerOptions {
  ctx: Omit<Context, 'actor'>;
  /** The only holder of the write credential. */
  writer: WriteClient;
  changes: Changes;
  /** How often due work is looked for when no notification came. Default 1,000 (1 s). */
  pollMs?: number;
  /** Requests sent at the same time. Default 8. */
  parallel?: number;
  /** Called at each point; default does nothing. */
  at?: (point: WorkerPoint) => void;
}

export interface Worker {
  /** Takes nothing new, finishes what is being sent, and resolves. */
  stop(): Promise<void>;
}

type Row = { id: string };
type SystemPart = Extract<Actor, { kind: 'system' }>['part'];

/** Leases some rows that are due and that no other worker looks at. A lease only spares work; it gives no right. */
async function lease(ctx: Context, due: SQL | undefined, order: SQL, max: number, seconds: number): Promise<Row[]> {
  const free = or(isNull(approvalRequests.leasedUntil), sql`${approvalRequests.leasedUntil} <= ${ctx.now()}`);
  const picked = ctx.db
    .select({ id: approvalRequests.id })
    .from(approvalRequests)
    .where(and(due, free))
    .orderBy(order)
    .limit(max)
    // Not the strongest lock: rows that point here, as of somebody being summoned, must not make us pass it over.
    .for('no key update', { skipLocked: true });
  return ctx.db
    .update(approvalRequests)
    .set({ leasedUntil: later(ctx.now, seconds) })
    .where(inArray(approvalRequests.id, picked))
    .returning({ id: approvalRequests.id });
}

/** A conflict says that somebody else was first, which is how several workers get along. */
async function unlessLost(ctx: Context, id: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof ApprovalError && error.code === 'conflict') return;
    ctx.log.error('work on a request failed', {
      request: id,
      error: error instanceof Error ? error.name : 'unknown',
    });
  }
}

/**
 * What PagerDuty answered must not be lost to a hiccup of the database. The fence makes trying again harmless; after the
 * time of the attempt others take the request for lost anyway.
 */
async function keepTrying(ctx: Context, { takenAtMs, request }: Claim, record: () => Promise<unknown>): Promise<void> {
  const untilMs = takenAtMs + (ctx.limits.sendWithinSeconds + ctx.limits.callTimeoutSeconds) * 1000;
  for (let waitMs = 50; ; waitMs = Math.min(waitMs * 2, 2000)) {
    try {
      await record();
      return;
    } catch (error) {
      if (error instanceof ApprovalError || performance.now() + waitMs > untilMs) throw error;
      ctx.log.warn('the outcome could not be recorded yet; trying again', { request: request.id });
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** Claims and sends one approved request. */
export async function execute(
  ctx: Context,
  writer: WriteClient,
  id: string,
  worker: string,
  at: (point: WorkerPoint) => void,
) {
  const answer = await claim(ctx, id, worker);
  if (answer.kind === 'not_now') {
    // Not before the lease is over: the obstacle is looked at again, not hammered.
    await ctx.db
      .update(approvalRequests)
      .set({ leasedUntil: later(ctx.now, ctx.limits.claimAgainSeconds) })
      .where(and(eq(approvalRequests.id, id), eq(approvalRequests.status, 'approved')));
    return;
  }
  if (answer.kind === 'ended') return;
  at('claimed');
  const outcome = await send(ctx, writer, answer.claim, () => at('sending'));
  at('answered');
  await keepTrying(ctx, answer.claim, () => recordOutcome(ctx, answer.claim, outcome));
  at('recorded');
}

/** Approved requests nobody looks at, oldest approval first. */
function leaseApproved(ctx: Context, max: number): Promise<Row[]> {
  const due = eq(approvalRequests.status, 'approved');
  return lease(ctx, due, asc(approvalRequests.approvedAt), max, ctx.limits.leaseSeconds);
}

/** Unknown outcomes whose settle window is over. */
function leaseUnsettled(ctx: Context): Promise<Row[]> {
  const due = and(eq(approvalRequests.status, 'unknown'), sql`${approvalRequests.settleAfter} <= ${ctx.now()}`);
  return lease(ctx, due, asc(approvalRequests.settleAfter), 4, ctx.limits.settleAgainSeconds);
}

/** Runs `work` one at a time; being woken while it runs makes it run once more. */
function wakeable(log: Log, work: () => Promise<void>) {
  let busy: Promise<void> | null = null;
  let again = false;
  let stopped = false;
  const wake = () => {
    if (stopped) return;
    again = busy !== null;
    busy ??= work()
      .catch((error: unknown) => {
        log.error('could not look for work; tried again', { error: error instanceof Error ? error.name : 'unknown' });
      })
      .finally(() => {
        busy = null;
        if (again) wake();
      });
  };
  const stop = async () => {
    stopped = true;
    await busy;
  };
  return { wake, stop };
}

/**
 * Runs the sender, the clock, the settler and the summoning of people until stopped. Any number of workers may run on
 * one database.
 */
export function runWorker(options: WorkerOptions): Worker {
  const { writer, changes, pollMs = 1000, parallel = 8, at = () => undefined } = options;
  const name = `${hostname()}:${process.pid}`;
  const as = (part: SystemPart): Context => ({ ...options.ctx, actor: { kind: 'system', part } });
  const [sender, clock, settler] = [as('sender'), as('clock'), as('settler')];
  const running = new Set<Promise<void>>();
  // Apart from the sender's, so that slow readings never take its places.
  const settling = new Set<Promise<void>>();

  const start = (among: Set<Promise<void>>, id: string, work: () => Promise<void>) => {
    const task = unlessLost(sender, id, work).finally(() => {
      among.delete(task);
      sending.wake();
      // What could not be claimed yet is looked at again then, without waiting for the poll.
      setTimeout(sending.wake, sender.limits.claimAgainSeconds * 1000).unref();
    });
    among.add(task);
  };
  const sending = wakeable(sender.log, async () => {
    const room = parallel - running.size;
    if (room <= 0) return;
    for (const { id } of await leaseApproved(sender, room)) {
      at('leased');
      start(running, id, () => execute(sender, writer, id, name, at));
    }
  });
  const settleSome = async () => {
    for (const { id } of await leaseUnsettled(settler)) {
      at('settling');
      start(settling, id, async () => {
        await settle(settler, id);
        at('settled');
      });
    }
  };
  let followAtMs = Number.NEGATIVE_INFINITY;
  const follow = async () => {
    if (performance.now() < followAtMs) return;
    followAtMs = performance.now() + clock.limits.onCallRefreshSeconds * 1000;
    await refreshOnCall(clock);
  };
  const tending = wakeable(clock.log, async () => {
    // One that fails must not keep the others from being done.
    const done = await Promise.allSettled([sweepDead(clock), expire(clock), settleSome()]);
    for (const duty of done) if (duty.status === 'rejected') throw duty.reason;
  });

  // Apart, because it reads PagerDuty: an expiry must not wait for that.
  const summoning = wakeable(clock.log, async () => {
    await routeDue(clock);
    await follow();
  });

  let allAtMs = Number.NEGATIVE_INFINITY;
  let answering = true;
  // Apart from the summoning: however slow these readings are, people are summoned in time. Where PagerDuty does not
  // answer, it is read again with everything else, not at every wake.
  const touching = wakeable(clock.log, async () => {
    const all = performance.now() >= allAtMs;
    if (all) allAtMs = performance.now() + clock.limits.touchedRefreshSeconds * 1000;
    if (all || answering) answering = await refreshTouched(clock, all ? 'all' : 'new');
  });

  const stopListening = changes.onAny((change) => {
    if (change === null || change.status === 'approved') sending.wake();
    if (change === null || change.status === 'pending') {
      touching.wake();
      summoning.wake();
    }
  });
  const tick = () => {
    sending.wake();
    tending.wake();
    touching.wake();
    summoning.wake();
  };
  const timer = setInterval(tick, pollMs);
  tick();

  return {
    async stop() {
      clearInterval(timer);
      stopListening();
      await Promise.all([sending.stop(), tending.stop(), summoning.stop(), touching.stop()]);
      await Promise.all([...running, ...settling]);
    },
  };
}
