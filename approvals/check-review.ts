import { eq } from 'drizzle-orm';
import { approvalRequests, type Decision } from '#db/schema.ts';
import { requirePerson } from '#identity/actor.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Deciding } from './context.ts';
import { entitlement, type Footing } from './entitlement.ts';
import { can, MEANING } from './lifecycle.ts';
import type { RequestRow } from './transition.ts';

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

/** What somebody wants to do about what they saw, and how they stand towards it. */
export interface Weighed extends Omit<Footing, 'right'> {
  row: RequestRow;
  as: string;
}

/**
 * How the person stands towards deciding now. What has moved meanwhile is told, not refused.
 * @throws ApprovalError as {@link checkReview}.
 */
export async function weigh(ctx: Deciding, input: Sight & { requestId: string }): Promise<Weighed> {
  const { personId } = requirePerson(ctx.actor);
  const row = refuseBySight(
    await ctx.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, input.requestId) }),
    input,
  );
  const { reviewer, right, moved } = await entitlement(ctx, row, personId, input.decision);
  if (!right.allowed) throw new ApprovalError('forbidden', right.because);
  return { row, reviewer, as: right.as, moved };
}

/**
 * Whether the person could decide now, without doing it.
 * @throws ApprovalError as `review`.
 */
export async function checkReview(ctx: Deciding, input: Sight & { requestId: string }): Promise<Weighed> {
  const weighed = await weigh(ctx, input);
  if (weighed.moved !== null) throw new ApprovalError('precondition_failed', weighed.moved);
  return weighed;
}
