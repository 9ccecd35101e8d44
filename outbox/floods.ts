import { and, eq, inArray, isNotNull, isNull, sql } from 'drizzle-orm';
import { approvalRequests, lanes, outbox, type Risk } from '#db/schema.ts';
import { addDelivery, type Delivery, type Pace } from './deliveries.ts';
import { toTarget } from './place.ts';

// More new messages in one place than anybody reads are told of in one message.

/** What was folded into that one; worded as the index is. */
const foldedInto = (flood: string) => sql`${outbox.receipt} ? 'flood' and ${outbox.receipt} ->> 'flood' = ${flood}`;

/**
 * Counts a new message in a lane that one holds.
 * @returns the flood it is to be told of in instead; null = it may have a message of its own.
 */
export async function countPost(ctx: Pace, { lane, fence }: Delivery): Promise<string | null> {
  const over = sql`${lanes.postsSince} <= ${ctx.now()} - ${ctx.limits.floodSeconds}::double precision * interval '1 second'`;
  const [row] = await ctx.db
    .update(lanes)
    .set({
      posts: sql`case when ${over} then 1 else ${lanes.posts} + 1 end`,
      postsSince: sql`case when ${over} then ${ctx.now()} else ${lanes.postsSince} end`,
    })
    .where(eq(lanes.fence, fence))
    .returning({ posts: lanes.posts, since: lanes.postsSince });
  if (row === undefined || row.posts <= ctx.limits.floodPosts) return null;
  return toTarget({ kind: 'flood', lane, sinceMs: row.since.getTime() });
}

/** Takes back what was counted for a message that was refused: nothing is there that anybody would have to read. */
export async function uncountPost(ctx: Pace, { fence }: Delivery): Promise<void> {
  await ctx.db
    .update(lanes)
    .set({ posts: sql`greatest(${lanes.posts} - 1, 0)` })
    .where(eq(lanes.fence, fence));
}

/**
 * Tells of what one holds, and of everything else in the lane that has no message yet, in the one of that flood. Gives
 * lane and delivery back. What somebody else holds by now is theirs, and what has one of the risks `apart` has a message of its own.
 */
export async function fold(ctx: Pace, leased: Delivery, flood: string, apart: readonly Risk[]): Promise<void> {
  const { kind, lane, fence, id } = { kind: 'slack' as const, ...leased };
  // The one that is leased may have had a message that was deleted.
  const mine = sql`${outbox.id} = ${id} and ${outbox.fence} = ${fence}`;
  const risky = ctx.db
    .select({ one: sql`1` })
    .from(approvalRequests)
    .where(and(eq(approvalRequests.id, outbox.requestId), inArray(approvalRequests.risk, apart)));
  const untold = sql`${outbox.receipt} is null and ${outbox.fence} is null and not exists ${risky}`;
  await ctx.db.transaction(async (tx) => {
    const folded = await tx
      .update(outbox)
      .set({ receipt: { flood }, doneAt: ctx.now(), leasedUntil: null, fence: null, attempts: 0, lastError: null })
      .where(
        and(
          eq(outbox.kind, kind),
          eq(outbox.lane, lane),
          isNotNull(outbox.requestId),
          isNull(outbox.doneAt),
          sql`((${mine}) or (${untold}))`,
        ),
      )
      .returning({ id: outbox.id });
    if (folded.length > 0) await addDelivery(tx, ctx.now, { kind, requestId: null, target: flood, lane });
    await tx.update(lanes).set({ fence: null, leasedUntil: null }).where(eq(lanes.fence, fence));
  });
}

/** Something that a flood tells of has changed: its message is due instead. Gives lane and deliveries back. */
export async function touchFlood(ctx: Pace, leased: Delivery, flood: string): Promise<void> {
  const { lane, fence } = leased;
  await ctx.db.transaction(async (tx) => {
    await tx
      .update(outbox)
      .set({ doneAt: ctx.now(), leasedUntil: null, fence: null, attempts: 0 })
      .where(and(eq(outbox.lane, lane), isNull(outbox.doneAt), foldedInto(flood)));
    await addDelivery(tx, ctx.now, { kind: 'slack', requestId: null, target: flood, lane });
    await tx.update(lanes).set({ fence: null, leasedUntil: null }).where(eq(lanes.fence, fence));
  });
}

/** How many requests a flood tells of, and how many of them still wait for a human. */
export async function countFlood(ctx: Pick<Pace, 'db'>, flood: string): Promise<{ total: number; waiting: number }> {
  const [row] = await ctx.db
    .select({
      total: sql<number>`count(*)::integer`,
      waiting: sql<number>`(count(*) filter (where ${approvalRequests.status} = 'pending'))::integer`,
    })
    .from(outbox)
    .innerJoin(approvalRequests, eq(approvalRequests.id, outbox.requestId))
    .where(foldedInto(flood));
  return row ?? { total: 0, waiting: 0 };
}
