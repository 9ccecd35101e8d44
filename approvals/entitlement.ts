import { eq } from 'drizzle-orm';
import { type Decision, people } from '#db/schema.ts';
import type { OnCall } from '#pagerduty/on-call.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Context, Deciding } from './context.ts';
import { type Entitlement, mayReview, type Reviewable, type Reviewer } from './policy.ts';
import { lastTouched } from './stored-touched.ts';
import { movedSince, type Touched } from './touched.ts';
import type { RequestRow } from './transition.ts';

/** What somebody wants to do: decide, or what comes after sending (settle, undo). */
export type Act = Decision | 'after';

/** How somebody stands towards a request: who it is, the right they have, and what speaks against using it. */
export interface Footing {
  reviewer: Reviewer;
  right: Entitlement;
  /** Why nobody may approve it any more; null = it is what was shown, as far as is known. Asked only for approving. */
  moved: string | null;
}

/** A person as far as rights go. @throws ApprovalError `forbidden` for somebody unknown. */
export async function loadReviewer(ctx: Pick<Context, 'db'>, personId: string): Promise<Reviewer> {
  const person = await ctx.db.query.people.findFirst({ where: eq(people.id, personId) });
  if (!person) throw new ApprovalError('forbidden', 'Your account is not known here.');
  const { name, pagerdutyUserId, fallback, active } = person;
  return { personId, name, pagerdutyUserId, fallback, active };
}

/** @param policies those whose people decide; default: as they were shown. */
export const reviewableFrom = (row: RequestRow, policies = row.escalationPolicyIds): Reviewable => ({
  requesterChain: [row.ownerId, row.actsForId, row.proposedBy],
  proposedBy: row.proposedBy,
  escalationPolicyIds: policies,
});

/**
 * Whether somebody may approve, on a fresh reading of what the request touches and of who is on call for the policies
 * that were shown. Without such a reading only the fallback group may.
 */
export function entitledToApprove(
  reviewer: Reviewer,
  row: RequestRow,
  touched: Touched,
  onCall: OnCall,
  levels: number,
): Omit<Footing, 'reviewer'> {
  const moved = movedSince(row, touched);
  const known = touched.known || moved !== null ? onCall : touched;
  return { right: mayReview('approve', reviewer, reviewableFrom(row), known, levels), moved };
}

const presentOf = (touched: Touched | null) => (touched?.known ? touched.touches?.escalationPolicyIds : undefined);

/**
 * The one answer to *who may*, for every decision and every button; the claim asks {@link entitledToApprove}, which is
 * its part for approvals, for each who approved.
 *
 * Approving needs a fresh reading of what is touched, and whoever decides about what it touches now may find out that
 * it moved. Denying waits for none: the policies that were shown or were last known give the right. After sending,
 * those that were shown or are read now do.
 * @throws ApprovalError `forbidden` for somebody unknown.
 */
export async function entitlement(ctx: Deciding, row: RequestRow, personId: string, act: Act): Promise<Footing> {
  const { onCallMaxAgeSeconds, touchedMaxAgeSeconds, reviewerLevels } = ctx.limits;
  const onCallFor = (policies: readonly string[]) => ctx.onCall.get(policies, onCallMaxAgeSeconds);
  const [reviewer, onCall, fresh] = await Promise.all([
    loadReviewer(ctx, personId),
    onCallFor(row.escalationPolicyIds),
    act === 'approve' ? ctx.touched.get(row, touchedMaxAgeSeconds) : null,
  ]);
  const decision = act === 'deny' ? 'deny' : 'approve';
  const { right, moved } =
    fresh === null
      ? { right: mayReview(decision, reviewer, reviewableFrom(row), onCall, reviewerLevels), moved: null }
      : entitledToApprove(reviewer, row, fresh, onCall, reviewerLevels);
  if (right.allowed || (fresh !== null && moved === null)) return { reviewer, right, moved };
  const touched =
    fresh ?? (await (act === 'deny' ? lastTouched(ctx, row) : ctx.touched.get(row, touchedMaxAgeSeconds)));
  const present = presentOf(touched);
  if (present === undefined) return { reviewer, right, moved };
  const other = mayReview(decision, reviewer, reviewableFrom(row, present), await onCallFor(present), reviewerLevels);
  return { reviewer, right: other.allowed ? other : right, moved };
}
