import { eq } from 'drizzle-orm';
import { approvalRequests, type Decision, people } from '#db/schema.ts';
import { requirePerson } from '#identity/actor.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Context, Deciding } from './context.ts';
import { can, MEANING } from './lifecycle.ts';
import { mayReview, type Reviewable, type Reviewer } from './policy.ts';
import type { RequestRow } from './transition.ts';

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

/** What somebody was shown and wants to do about it. */
export interface Sight {
  decision: Decision;
  /** The digest of what the reviewer was shown. */
  digest: string;
  /** The version of the request that they saw, where it might be an old one, as in a message. Default: any. */
  version?: number;
}

/** Why it is as it is. Withdrawing, an agent may give a reason: its own words, which are not repeated as ours. */
const reasonOf = ({ status, because }: RequestRow) =>
  status === 'cancelled' ? MEANING[status].sentence : (because ?? '');

/** @throws ApprovalError when that cannot be done in the status, or what was shown is not what would be sent. */
export function refuseBySight(row: RequestRow | undefined, input: Sight): RequestRow {
  if (!row) throw new ApprovalError('not_found', 'There is no such request.');
  const permission = can[input.decision](row.status);
  if (!permission.allowed) {
    throw new ApprovalError(
      row.status === 'expired' ? 'expired' : 'conflict',
      `${permission.because} ${reasonOf(row)}`.trim(),
    );
  }
  if (row.digest !== input.digest) {
    throw new ApprovalError(
      'precondition_failed',
      'What you were shown is not what would be sent. Reload and read it again.',
    );
  }
  // A deny is never held up by what others did meanwhile.
  if (input.decision === 'approve' && input.version !== undefined && input.version !== row.version) {
    throw new ApprovalError('conflict', 'This request has changed since you were shown it. Read it again.');
  }
  return row;
}

/**
 * Whether the person could decide now, without doing it.
 * @throws ApprovalError as {@link review}.
 */
export async function checkReview(
  ctx: Deciding,
  input: Sight & { requestId: string },
): Promise<{ row: RequestRow; reviewer: Reviewer; as: string }> {
  const { personId } = requirePerson(ctx.actor);
  const row = refuseBySight(
    await ctx.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, input.requestId) }),
    input,
  );
  const [reviewer, onCall] = await Promise.all([
    loadReviewer(ctx, personId),
    ctx.onCall.get(row.escalationPolicyIds, ctx.limits.onCallMaxAgeSeconds),
  ]);
  const right = mayReview(input.decision, reviewer, reviewableFrom(row), onCall, ctx.limits.reviewerLevels);
  if (!right.allowed) throw new ApprovalError('forbidden', right.because);
  return { row, reviewer, as: right.as };
}
