import { and, eq, gt, inArray, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import { type Clock, later, type Store } from '#db/clock.ts';
import type { Transaction } from '#db/connection.ts';
import { newFence } from '#db/ids.ts';
import { approvalRequests, lanes, outbox } from '#db/schema.ts';
import { toTarget } from './place.ts';

/** In which pace a place may be told, and how long whoever tells holds it. */
export interface Pace extends Store {
  limits: {
    leaseSeconds: number;
    /** So many calls within any `deliverySeconds`. */
    deliveriesAtOnce: number;
    deliverySeconds: number;
    /** More new messages in one place within `floodSeconds` are told of in one. */
    floodPosts: number;
    floodSeconds: number;
  };
}

/** Where a delivery is made; each adapter leases only its own. */
export type DeliveryKind = 'slack';

/** Seconds between two tries double from the first to the longest; after so many tries the delivery is given up. */
export const BACK_OFF = { firstSeconds: 5, longestSeconds: 600, tries: 10 };

/** A delivery that is due, leased by whoever knows the fence, who is also the only writer of its lane. */
export interface Delivery {
  id: number;
  /** Null for what tells of several requests. */
  requestId: string | null;
  target: string;
  lane: string;
  /** Counts how often it became due. What is delivered is the request as it is when it is read. */
  version: number;
  fence: string;
  /** Tries since the last one that worked, this one included. */
  attempts: number;
  /** What the adapter stored about where it delivered before, in its own shape; null = never. */
  receipt: unknown;
}

/** What proves that a delivery is still one's own. */
type Leased = Pick<Delivery, 'id' | 'fence' | 'version'>;

const mine = ({ id, fence }: Leased) => and(eq(outbox.id, id), eq(outbox.fence, fence));

const seconds = (value: number | SQL) => sql`${value}::double precision * interval '1 second'`;

const OLD_NEWS_AT_ONCE = 200;

/** A surface that is switched on late must not tell of everything that was ever asked: old news is no delivery. */
async function skipOldNews(ctx: Store, kind: DeliveryKind): Promise<void> {
  // Some at a time: there may be years of it.
  const old = ctx.db
    .select({ id: outbox.id })
    .from(outbox)
    .innerJoin(approvalRequests, eq(approvalRequests.id, outbox.requestId))
    .where(
      and(
        eq(outbox.kind, kind),
        isNull(outbox.doneAt),
        isNull(outbox.fence),
        isNull(outbox.receipt),
        isNotNull(approvalRequests.finishedAt),
      ),
    )
    .limit(OLD_NEWS_AT_ONCE)
    .for('update', { of: outbox, skipLocked: true });
  await ctx.db.update(outbox).set({ doneAt: ctx.now() }).where(inArray(outbox.id, old));
}

/**
 * Takes the delivery that is longest due, of requests before what tells of many, in a lane that nobody writes to and
 * whose pace allows it, together with the lane, for `limits.leaseSeconds`. Requests that were over before anything was
 * delivered are passed over for good.
 * @returns null when nothing is due now.
 */
export async function leaseDelivery(ctx: Pace, kind: DeliveryKind): Promise<Delivery | null> {
  await skipOldNews(ctx, kind);
  const fence = newFence();
  const until = later(ctx.now, ctx.limits.leaseSeconds);
  const most = ctx.limits.deliveriesAtOnce;
  const paceFrom = later(ctx.now, -ctx.limits.deliverySeconds);
  // Both rows or none: a lane that was taken without a delivery would be silent until its lease is over.
  const { rows } = await ctx.db.execute<{
    id: string;
    request_id: string | null;
    target: string;
    lane: string;
    version: number;
    attempts: number;
    receipt: unknown;
  }>(sql`
    with picked as (
      select o.id, l.kind, l.lane from ${outbox} o join ${lanes} l on l.kind = o.kind and l.lane = o.lane
        where o.kind = ${kind} and o.done_at is null and o.run_at <= ${ctx.now()}
          and (o.receipt is not null or not exists (
            select 1 from ${approvalRequests} r where r.id = o.request_id and r.finished_at is not null))
          and (o.leased_until is null or o.leased_until <= ${ctx.now()})
          and (l.leased_until is null or l.leased_until <= ${ctx.now()}) and l.not_before <= ${ctx.now()}
          and coalesce(l.recent_calls[cardinality(l.recent_calls) - ${most - 1}::integer] <= ${paceFrom}, true)
        order by (o.request_id is null), o.run_at, o.id limit 1 for update of o, l skip locked),
    taken as (
      update ${lanes} l set fence = ${fence}, leased_until = ${until} from picked
        where l.kind = picked.kind and l.lane = picked.lane)
    update ${outbox} o set fence = ${fence}, leased_until = ${until}, attempts = o.attempts + 1
      from picked where o.id = picked.id
      returning o.id, o.request_id, o.target, o.lane, o.version, o.attempts, o.receipt`);
  const [row] = rows;
  if (row === undefined) return null;
  const { id, request_id: requestId, ...rest } = row;
  return { id: Number(id), requestId, ...rest, fence };
}

/** A pause that is longer already stays. */
const pausedFor = (ctx: Store, pause: number) => sql`greatest(${lanes.notBefore}, ${later(ctx.now, pause)})`;

/** Gives the lane back; what was sent counts for its pace. */
async function releaseLane(tx: Transaction, ctx: Pace, { fence }: Leased, made: { calls: number; pause?: number }) {
  const calls = sql`${lanes.recentCalls} || array_fill(${ctx.now()}::timestamptz, array[${made.calls}::integer])`;
  const forgotten = sql`greatest(0, cardinality(${lanes.recentCalls}) + ${made.calls}::integer - ${ctx.limits.deliveriesAtOnce}::integer)`;
  await tx
    .update(lanes)
    .set({
      fence: null,
      leasedUntil: null,
      ...(made.calls > 0 ? { recentCalls: sql`(${calls})[${forgotten} + 1:]` } : {}),
      ...(made.pause === undefined ? {} : { notBefore: pausedFor(ctx, made.pause) }),
    })
    .where(eq(lanes.fence, fence));
}

/**
 * Stores what must be known should this process die in the middle of the delivery, which has the whole lease from here:
 * finding out where to deliver may have taken most of it.
 * @returns false when delivery or lane were lost: then nothing must be delivered.
 */
export async function noteReceipt(ctx: Pace, leased: Leased, receipt: unknown): Promise<boolean> {
  const until = later(ctx.now, ctx.limits.leaseSeconds);
  const { rowCount } = await ctx.db.execute(sql`
    with lane as (update ${lanes} set leased_until = ${until} where fence = ${leased.fence} returning 1)
    update ${outbox} set receipt = ${JSON.stringify(receipt)}::jsonb, leased_until = ${until}
      where ${mine(leased)} and exists (select from lane)`);
  return rowCount === 1;
}

export interface DeliveryMade {
  receipt: unknown;
  /** Calls made for it; 0 = there was nothing to say. */
  calls: number;
  /** True when something else of it is still to be delivered. */
  more?: boolean;
}

/**
 * Ends a delivery that worked. It stays due when it became due again since it was leased.
 * @returns false when the lease was lost and nothing was recorded.
 */
export async function completeDelivery(ctx: Pace, leased: Leased, made: DeliveryMade): Promise<boolean> {
  return ctx.db.transaction(async (tx) => {
    const rows = await tx
      .update(outbox)
      .set({
        receipt: made.receipt,
        doneAt: made.more ? null : sql`case when ${outbox.version} = ${leased.version} then ${ctx.now()} end`,
        // Later only where it was to be said again no sooner.
        runAt: sql`greatest(${outbox.runAt}, ${ctx.now()})`,
        attempts: 0,
        lastError: null,
        leasedUntil: null,
        fence: null,
      })
      .where(mine(leased))
      .returning({ id: outbox.id });
    await releaseLane(tx, ctx, leased, made);
    return rows.length === 1;
  });
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
  /** The receiver wants the whole lane to be quiet for so long. */
  pauseSeconds?: number;
}

/**
 * Records a delivery that did not work and when to try again; after `BACK_OFF.tries` it is given up until the request
 * changes.
 * @returns false when the lease was lost and nothing was recorded.
 */
export async function failDelivery(ctx: Pace, leased: Leased, failure: DeliveryFailure): Promise<boolean> {
  const { error, retryAfterSeconds, receipt, stop = false, pauseSeconds } = failure;
  const { firstSeconds, longestSeconds, tries } = BACK_OFF;
  const patience = sql`least(${firstSeconds}::double precision * power(2, ${outbox.attempts} - 1), ${longestSeconds})`;
  const appointed = retryAfterSeconds !== undefined;
  const over = stop ? sql`true` : appointed ? sql`false` : sql`${outbox.attempts} >= ${tries}`;
  return ctx.db.transaction(async (tx) => {
    const rows = await tx
      .update(outbox)
      .set({
        ...(receipt === undefined ? {} : { receipt }),
        lastError: error,
        attempts: appointed ? sql`${outbox.attempts} - 1` : sql`${outbox.attempts}`,
        runAt: appointed ? later(ctx.now, retryAfterSeconds) : sql`${ctx.now()} + ${patience} * interval '1 second'`,
        // What became due meanwhile is not given up with it.
        doneAt: sql`case when ${over} and ${outbox.version} = ${leased.version} then ${ctx.now()} end`,
        leasedUntil: null,
        fence: null,
      })
      .where(mine(leased))
      .returning({ id: outbox.id });
    await releaseLane(tx, ctx, leased, { calls: 1, ...(pauseSeconds === undefined ? {} : { pause: pauseSeconds }) });
    return rows.length === 1;
  });
}

/** The receiver wants to be left alone altogether. */
export async function pauseDeliveries(ctx: Store, kind: DeliveryKind, pauseSeconds: number): Promise<void> {
  await ctx.db
    .update(lanes)
    .set({ notBefore: pausedFor(ctx, pauseSeconds) })
    .where(eq(lanes.kind, kind));
}

export interface NewDelivery {
  kind: DeliveryKind;
  requestId: string | null;
  target: string;
  lane: string;
  /** What is there already, e.g. a copy that somebody found. Default null = nothing. */
  receipt?: unknown;
}

/** Adds a place that tells of a request, due at once. One that is there already becomes due again. */
export async function addDelivery(db: Pick<Transaction, 'insert'>, now: Clock, delivery: NewDelivery): Promise<void> {
  const { kind, lane } = delivery;
  const start = { notBefore: now(), postsSince: now() };
  await db
    .insert(lanes)
    .values({ kind, lane, ...start })
    .onConflictDoNothing();
  await db
    .insert(outbox)
    .values({ ...delivery, version: 1, runAt: now() })
    .onConflictDoUpdate({
      target: [outbox.kind, outbox.requestId, outbox.target],
      set: {
        version: sql`${outbox.version} + 1`,
        doneAt: null,
        runAt: now(),
        attempts: sql`case when ${outbox.doneAt} is null then ${outbox.attempts} else 0 end`,
      },
    });
}

/**
 * Makes every delivery of a request due, in the transaction that changed it. One that is being made right now stays
 * leased and is due again afterwards.
 */
export async function announceDeliveries(tx: Transaction, now: Clock, request: { id: string }): Promise<void> {
  await tx
    .update(outbox)
    .set({
      version: sql`${outbox.version} + 1`,
      runAt: now(),
      // One that was given up gets all its tries again; one that is failing does not.
      attempts: sql`case when ${outbox.doneAt} is null then ${outbox.attempts} else 0 end`,
      doneAt: null,
    })
    .where(eq(outbox.requestId, request.id));
}

/**
 * Says again what is shown in places that tell of many requests, each at most once in so many seconds. One that is being
 * made right now may have been read before the change, so it is due again afterwards.
 */
export async function repeatDeliveries(ctx: Store, kind: DeliveryKind, prefix: string, onceInSeconds: number) {
  await ctx.db
    .update(outbox)
    .set({
      version: sql`${outbox.version} + 1`,
      runAt: sql`greatest(${ctx.now()}, coalesce(${outbox.doneAt}, ${ctx.now()}) + ${seconds(onceInSeconds)})`,
      doneAt: null,
    })
    .where(
      and(
        eq(outbox.kind, kind),
        isNull(outbox.requestId),
        sql`starts_with(${outbox.target}, ${prefix})`,
        or(
          isNotNull(outbox.doneAt),
          gt(outbox.leasedUntil, ctx.now()),
          // What is to be said later than this is said sooner, unless it waits because it failed.
          and(isNull(outbox.lastError), sql`${outbox.runAt} > ${ctx.now()} + ${seconds(onceInSeconds)}`),
        ),
      ),
    );
}

/** A copy of a message that is told apart by where it is. */
export interface Copy {
  channel: string;
  ts: string;
}

/**
 * Makes the delivery that is at that place due; a copy that nobody knows of is kept true from now on.
 * @param laneOf the lane of a channel that nothing was delivered to yet.
 */
export async function adoptCopy(
  ctx: Store,
  kind: DeliveryKind,
  requestId: string,
  copy: Copy,
  laneOf: (channel: string) => string,
): Promise<void> {
  const { channel } = copy;
  const healed = await ctx.db
    .update(outbox)
    .set({ version: sql`${outbox.version} + 1`, runAt: ctx.now(), doneAt: null, attempts: 0 })
    .where(
      and(
        eq(outbox.kind, kind),
        eq(outbox.requestId, requestId),
        sql`${outbox.receipt} @> ${JSON.stringify(copy)}::jsonb`,
      ),
    )
    .returning({ id: outbox.id });
  if (healed.length > 0) return;
  const known = await ctx.db.query.outbox.findFirst({
    where: and(eq(outbox.requestId, requestId), sql`${outbox.receipt} ->> 'channel' = ${channel}`),
  });
  const lane = known?.lane ?? laneOf(channel);
  await addDelivery(ctx.db, ctx.now, {
    kind,
    requestId,
    target: toTarget({ kind: 'copy', ...copy }),
    lane,
    receipt: copy,
  });
}
