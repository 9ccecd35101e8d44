import { eq, sql } from 'drizzle-orm';
import { later } from '#db/clock.ts';
import { approvalRequests, reviews } from '#db/schema.ts';
import { requirePerson } from '#identity/actor.ts';
import { ApprovalError } from '#process/errors.ts';
import { refuseBySight, type Sight, weigh } from './check-review.ts';
import type { Deciding } from './context.ts';
import { consumeHandover } from './handover.ts';
import { MEANING } from './lifecycle.ts';
import { mayDecideOn, type Reviewer, resolution } from './policy.ts';
import { endMoved } from './stored-touched.ts';
import { annotate, type RequestRow, transition } from './transition.ts';

export interface Review extends Sight {
  requestId: string;
  /** The one-use token with which they came from Slack to the web; used up by an approval. */
  handover?: string;
  /** The agent sees it when denied. */
  reason?: string;
}

/**
 * Records a human's decision on exactly the digest they saw. The approval that completes the quorum makes the request
 * approved; a deny by anybody entitled ends it, also after approval, until the claim. What touches something else by now
 * than when it was shown cannot be approved: trying to ends it as stale.
 *
 * @throws ApprovalError `forbidden` (not entitled; says who is), `conflict` (already decided, or twice the same
 *   person, or another version than theirs), `expired`, `precondition_failed` (another digest, or it moved),
 *   `not_found`.
 */
export async function review(ctx: Deciding, input: Review): Promise<RequestRow> {
  const { personId, surface } = requirePerson(ctx.actor);
  const { row: seen, reviewer, as, moved } = await weigh(ctx, input);
  const surfaced = mayDecideOn(surface, input.decision, seen.risk);
  if (!surfaced.allowed) throw new ApprovalError('forbidden', surfaced.because);
  if (moved !== null) {
    await endMoved(ctx, seen, moved);
    throw new ApprovalError('precondition_failed', `${moved} Nothing was sent.`);
  }

  const decided = await ctx.db.transaction(async (tx) => {
    const [locked] = await tx
      .select({ row: approvalRequests, late: sql<boolean>`${approvalRequests.expiresAt} <= ${ctx.now()}` })
      .from(approvalRequests)
      .where(eq(approvalRequests.id, seen.id))
      .for('update');
    const row = refuseBySight(locked?.row, input);
    if (locked?.late && MEANING[row.status].phase === 'waiting') {
      throw new ApprovalError('expired', 'The time to decide is over. Nothing was sent.');
    }
    const [mine] = await tx
      .insert(reviews)
      .values({
        requestId: row.id,
        personId,
        decision: input.decision,
        digest: input.digest,
        reason: input.reason ?? null,
        surface,
        entitlement: as,
        at: ctx.now(),
      })
      .onConflictDoNothing()
      .returning();
    // A no is never held up by a link that has run out.
    if (input.handover !== undefined && input.decision === 'approve') {
      await consumeHandover(ctx, tx, { ...input, token: input.handover, personId });
    }
    if (!mine)
      throw new ApprovalError('conflict', 'You have decided already. If more people are needed, somebody else must.');
    const all = await tx.select().from(reviews).where(eq(reviews.requestId, row.id));
    return settleReviews(ctx, tx, row, reviewer, all, input);
  });
  ctx.log.info(`${input.decision === 'approve' ? 'approved' : 'denied'} by a reviewer`, {
    request: decided.id,
    person: personId,
    status: decided.status,
  });
  return decided;
}

async function settleReviews(
  ctx: Deciding,
  tx: Parameters<typeof transition>[0],
  row: RequestRow,
  reviewer: Reviewer,
  all: (typeof reviews.$inferSelect)[],
  input: Review,
): Promise<RequestRow> {
  const outcome = resolution(all, row.digest, row.reviewsRequired);
  const detail = { decision: input.decision, digest: input.digest };
  const change = { request: row, actor: ctx.actor, detail };
  const words = input.reason ? `${reviewer.name}: ${input.reason}` : reviewer.name;
  if (outcome === 'denied') {
    const from = row.status === 'approved' ? 'approved' : 'pending';
    return transition(tx, ctx.now, from, 'denied', { ...change, because: `Denied by ${words}` });
  }
  const inTime = sql`${approvalRequests.expiresAt} > ${ctx.now()}`;
  if (outcome === 'approved') {
    return transition(tx, ctx.now, 'pending', 'approved', {
      ...change,
      because: `Approved by ${words}`,
      provided: inTime,
      set: { approvedAt: ctx.now(), approvalExpiresAt: later(ctx.now, ctx.limits.approvalValidSeconds) },
    });
  }
  const approvals = all.filter((one) => one.decision === 'approve').length;
  const because = `${approvals} of ${row.reviewsRequired} approvals: ${words}`;
  return annotate(tx, ctx.now, 'pending', { ...change, because, provided: inTime });
}
