import { and, asc, eq, inArray, isNull, or, type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '#db/connection.ts';
import { approvalRequests, outbox } from '#db/schema.ts';
import { type Clock, type Context, later } from './context.ts';
import { newFence } from './ids.ts';

type Store = Pick<Context, 'db' | 'now' | 'limits'>;

/** Where a delivery is made; each adapter leases only its own. */
export type DeliveryKind = 'slack';

/** Seconds between two tries double from the first to the longest; after so many tries the delivery is given up. */
export const BACK_OFF = { firstSeconds: 5, longestSeconds: 600, tries: 10 };

/** A delivery that is due, held by whoever knows the fence. */
export interface Delivery {
  id: number;
  requestId: string;
  /** The version that made it due. What is delivered is the row as it is when it is read. */
  version: number;
  fence: string;
  /** Tries since the last one that worked, this one included. */
  attempts: number;
  /** What the adapter stored about where it delivered before, in its own shape; null = never. */
  receipt: unknown;
}

/** What proves that a delivery is still one's own. */
type Held = Pick<Delivery, 'id' | 'fence'>;

const mine = ({ id, fence }: Held) => and(eq(outbox.id, id), eq(outbox.fence, fence));

function dueNow(ctx: Store, kind: DeliveryKind): SQL | undefined {
  const free = or(isNull(outbox.leasedUntil), sql`${outbox.leasedUntil} <= ${ctx.now()}`);
  return and(eq(outbox.kind, kind), isNull(outbox.doneAt), sql`${outbox.runAt} <= ${ctx.now()}`, free);
}

/** A surface that is switched on late must not tell of everything that was ever asked: old news is no delivery. */
async function skipOldNews(ctx: Store, kind: DeliveryKind): Promise<void> {
  const over = ctx.db
    .select({ one: sql`1` })
    .from(approvalRequests)
    .where(and(eq(approvalRequests.id, outbox.requestId), sql`${approvalRequests.finishedAt} is not null`));
  await ctx.db
    .update(outbox)
    .set({ doneAt: ctx.now() })
    .where(and(dueNow(ctx, kind), isNull(outbox.receipt), sql`exists ${over}`));
}

/**
 * Takes deliveries that are due, the longest due first, for `limits.leaseSeconds`; nobody else gets them meanwhile.
 * Requests that were over before anything was delivered are passed over for good.
 */
export async function leaseDeliveries(ctx: Store, kind: DeliveryKind, max: number): Promise<Delivery[]> {
  await skipOldNews(ctx, kind);
  const fence = newFence();
  const picked = ctx.db
    .$with('picked')
    .as(
      ctx.db
        .select({ id: outbox.id })
        .from(outbox)
        .where(dueNow(ctx, kind))
        .orderBy(asc(outbox.runAt), asc(outbox.id))
        .limit(max)
        .for('update', { skipLocked: true }),
    );
  const { id, requestId, version, attempts, receipt } = outbox;
  const rows = await ctx.db
    .with(picked)
    .update(outbox)
    .set({ fence, leasedUntil: later(ctx.now, ctx.limits.leaseSeconds), attempts: sql`${outbox.attempts} + 1` })
    .where(inArray(outbox.id, ctx.db.select({ id: picked.id }).from(picked)))
    .returning({ id, requestId, version, attempts, receipt });
  return rows.map((row) => ({ ...row, fence }));
}

/**
 * Stores what must be known should this process die in the middle of the delivery.
 * @returns false when the lease was lost: then nothing must be delivered.
 */
export async function noteReceipt(ctx: Store, held: Held, receipt: unknown): Promise<boolean> {
  const rows = await ctx.db.update(outbox).set({ receipt }).where(mine(held)).returning({ id: outbox.id });
  return rows.length === 1;
}

/**
 * Ends a delivery that worked. It stays due when a newer version than the delivered one was announced meanwhile.
 *
 * @param made.version the version of the row that was delivered.
 * @returns false when the lease was lost and nothing was recorded.
 */
export async function completeDelivery(
  ctx: Store,
  held: Held,
  made: { version: number; receipt: unknown },
): Promise<boolean> {
  const rows = await ctx.db
    .update(outbox)
    .set({
      receipt: made.receipt,
      doneAt: sql`case when ${outbox.version} <= ${made.version} then ${ctx.now()} end`,
      attempts: 0,
      lastError: null,
      leasedUntil: null,
      fence: null,
    })
    .where(mine(held))
    .returning({ id: outbox.id });
  return rows.length === 1;
}

export interface DeliveryFailure {
  /** In our own words or codes; shown to operators. */
  error: string;
  /** When to try again instead of after the back-off, e.g. as the receiver asked. Such a try does not count. */
  retryAfterSeconds?: number;
  /** Replaces the stored receipt when given. */
  receipt?: unknown;
  /** Trying again would do harm or is pointless: until the next change of the request there is no other try. */
  stop?: boolean;
}

/**
 * Records a delivery that did not work and when to try again; after `BACK_OFF.tries` it is given up until the request
 * changes.
 * @returns false when the lease was lost and nothing was recorded.
 */
export async function failDelivery(ctx: Store, held: Held, failure: DeliveryFailure): Promise<boolean> {
  const { error, retryAfterSeconds, receipt, stop = false } = failure;
  const { firstSeconds, longestSeconds, tries } = BACK_OFF;
  const patience = sql`least(${firstSeconds}::double precision * power(2, ${outbox.attempts} - 1), ${longestSeconds})`;
  const asked = retryAfterSeconds !== undefined;
  const rows = await ctx.db
    .update(outbox)
    .set({
      ...(receipt === undefined ? {} : { receipt }),
      lastError: error,
      attempts: asked ? sql`${outbox.attempts} - 1` : sql`${outbox.attempts}`,
      runAt: asked ? later(ctx.now, retryAfterSeconds) : sql`${ctx.now()} + ${patience} * interval '1 second'`,
      doneAt: stop ? ctx.now() : asked ? null : sql`case when ${outbox.attempts} >= ${tries} then ${ctx.now()} end`,
      leasedUntil: null,
      fence: null,
    })
    .where(mine(held))
    .returning({ id: outbox.id });
  return rows.length === 1;
}

/**
 * Makes every delivery of a request due, in the transaction that changed it. One that is being made right now stays
 * leased and is due again afterwards.
 */
export async function announceDeliveries(
  tx: Transaction,
  now: Clock,
  request: { id: string; version: number },
): Promise<void> {
  await tx
    .update(outbox)
    .set({
      version: request.version,
      runAt: now(),
      // One that was given up gets all its tries again; one that is failing does not.
      attempts: sql`case when ${outbox.doneAt} is null then ${outbox.attempts} else 0 end`,
      doneAt: null,
    })
    .where(eq(outbox.requestId, request.id));
}
