import { eq, sql } from 'drizzle-orm';
import { approvalRequests, people, reviews } from '#db/schema.ts';
import { requirePerson } from './actor.ts';
import { type Context, later } from './context.ts';
import { ApprovalError } from './errors.ts';
import { can } from './lifecycle.ts';
import { mayReview, type Reviewable, type Reviewer, resolution } from './policy.ts';
import { annotate, type RequestRow, transition } from './transition.ts';

export interface Review {
  requestId: string;
  decision: 'approve' | 'deny';
  /** The digest of what the reviewer was shown. */
  digest: string;
  /** The agent sees it when denied. */
  reason?: string;
}

/** A person as far as rights go. @throws ApprovalError `forbidden` for somebody unknown. */
export async function loadReviewer(ctx: Pick<Context, 'db'>, personId: string): Promise<Reviewer> {
  const person = await ctx.db.query.people.findFirst({ where: eq(people.id, personId) });
  if (!person) throw new ApprovalError('forbidden', 'Your account is not known here.');
  const { name, pagerdutyUserId, fallback, active } = person;
  return { personId, name, pagerdutyUserId, fallback, active };
}

export const reviewableFrom = (row: RequestRow): Reviewable => ({
  requesterChain: [row.ownerId, row.actsForId, row.proposedBy],
  proposedBy: row.proposedBy,
  escalationPolicyIds: row.escalationPolicyIds,
});

function refuseBySight(row: RequestRow | undefined, input: Review): RequestRow {
  if (!row) throw new ApprovalError('not_found', 'There is no such request.');
  const permission = can[input.decision](row.status);
  if (!permission.allowed) {
    throw new ApprovalError(
      row.status === 'expired' ? 'expired' : 'conflict',
      `${permission.because} ${row.because ?? ''}`.trim(),
    );
  }
  if (row.digest !== input.digest) {
    throw new ApprovalError(
      'precondition_failed',
      'What you were shown is not what would be sent. Reload and read it again.',
    );
  }
  return row;
}

/**
 * Records a human's decision on exactly the digest they saw. The approval that completes the quorum makes the request
 * approved; a deny by anybody entitled ends it, also after approval, until the claim.
 *
 * @throws ApprovalError `forbidden` (not entitled; says who is), `conflict` (already decided, or twice the same
 *   person), `expired`, `precondition_failed` (another digest), `not_found`.
 */
export async function review(ctx: Context, input: Review): Promise<RequestRow> {
  const { personId, surface } = requirePerson(ctx.actor);
  const seen = refuseBySight(
    await ctx.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, input.requestId) }),
    input,
  );
  const [reviewer, onCall] = await Promise.all([
    loadReviewer(ctx, personId),
    ctx.onCall.get(seen.escalationPolicyIds, ctx.limits.onCallMaxAgeSeconds),
  ]);
  const right = mayReview(input.decision, reviewer, reviewableFrom(seen), onCall, ctx.limits.reviewerLevels);
  if (!right.allowed) throw new ApprovalError('forbidden', right.because);

  const decided = await ctx.db.transaction(async (tx) => {
    const [locked] = await tx
      .select({ row: approvalRequests, late: sql<boolean>`${approvalRequests.expiresAt} <= ${ctx.now()}` })
      .from(approvalRequests)
      .where(eq(approvalRequests.id, seen.id))
      .for('update');
    const row = refuseBySight(locked?.row, input);
    if (locked?.late && can.approve(row.status).allowed) {
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
        entitlement: right.as,
        at: ctx.now(),
      })
      .onConflictDoNothing()
      .returning();
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
  ctx: Context,
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
