import { and, eq, isNull, type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '#db/connection.ts';
import { approvalRequests } from '#db/schema.ts';
import type { Context } from './context.ts';
import { type RequestRow, transition } from './transition.ts';

const BATCH = 100;

/** Locks some rows that are due, skipping those another worker holds, and moves each in one transaction. */
async function moveDue(
  ctx: Context,
  due: SQL | undefined,
  move: (tx: Transaction, row: RequestRow) => Promise<unknown>,
) {
  return ctx.db.transaction(async (tx) => {
    const rows = await tx.select().from(approvalRequests).where(due).limit(BATCH).for('update', { skipLocked: true });
    for (const row of rows) await move(tx, row);
    return rows.length;
  });
}

/**
 * Ends what nobody answered in time, approvals that were not used in time, and requests whose agent never got its
 * handle and did not come back. Always means: not done.
 * @returns how many ended.
 */
export async function expire(ctx: Context): Promise<number> {
  const unanswered = await moveDue(
    ctx,
    and(eq(approvalRequests.status, 'pending'), sql`${approvalRequests.expiresAt} <= ${ctx.now()}`),
    (tx, request) =>
      transition(tx, ctx.now, 'pending', 'expired', {
        request,
        actor: ctx.actor,
        because: 'Nobody decided in time. Nothing was sent.',
      }),
  );
  const unused = await moveDue(
    ctx,
    and(eq(approvalRequests.status, 'approved'), sql`${approvalRequests.approvalExpiresAt} <= ${ctx.now()}`),
    (tx, request) =>
      transition(tx, ctx.now, 'approved', 'expired', {
        request,
        actor: ctx.actor,
        because: 'The approval was not used in time. Nothing was sent.',
      }),
  );
  const orphanedSince = sql`${approvalRequests.createdAt} + ${ctx.limits.orphanSeconds}::double precision * interval '1 second'`;
  const orphaned = await moveDue(
    ctx,
    and(
      eq(approvalRequests.status, 'pending'),
      isNull(approvalRequests.deliveredAt),
      isNull(approvalRequests.proposedBy),
      sql`${orphanedSince} <= ${ctx.now()}`,
    ),
    (tx, request) =>
      transition(tx, ctx.now, 'pending', 'cancelled', {
        request,
        actor: ctx.actor,
        because: 'The agent went away before it learned the request id, and did not ask again.',
      }),
  );
  const ended = unanswered + unused + orphaned;
  if (ended > 0) ctx.log.info('ended by the clock', { count: ended });
  return ended;
}
