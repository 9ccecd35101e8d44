import { and, eq, isNull, sql } from 'drizzle-orm';
import { later } from '#db/clock.ts';
import type { Transaction } from '#db/connection.ts';
import { newSecret, sha256 } from '#db/ids.ts';
import { handovers } from '#db/schema.ts';
import { requirePerson } from '#identity/actor.ts';
import { ApprovalError } from '#process/errors.ts';
import { checkReview } from './check-review.ts';
import type { Context, Deciding } from './context.ts';

// From a message in Slack to a decision on the web: for what Slack alone is not enough for.

/**
 * Makes the one-use way to the web for somebody who may approve this now.
 * @returns the token for `/step-up/…`; it is stored as its hash.
 * @throws ApprovalError as `review`: whoever may not approve gets no link.
 */
export async function createHandover(
  ctx: Deciding,
  input: { requestId: string; digest: string; version: number },
): Promise<string> {
  const { personId } = requirePerson(ctx.actor);
  await checkReview(ctx, { ...input, decision: 'approve' });
  const token = newSecret('csh');
  const { requestId, digest } = input;
  const expiresAt = later(ctx.now, ctx.limits.handoverSeconds);
  await ctx.db.insert(handovers).values({ tokenHash: sha256(token), requestId, personId, digest, expiresAt });
  return token;
}

export type HandoverPreview =
  | { usable: true; requestId: string; digest: string }
  /** `requestId` where it is the person's own link, so that they can go on by themselves. */
  | { usable: false; requestId: string | null; because: string };

const live = (now: Context['now']) => sql<boolean>`${handovers.usedAt} is null and ${handovers.expiresAt} > ${now()}`;

/** Where a link leads the signed-in person, without using it up: opening a link must change nothing. */
export async function previewHandover(
  ctx: Pick<Context, 'db' | 'now' | 'actor'>,
  token: string,
): Promise<HandoverPreview> {
  const { personId } = requirePerson(ctx.actor);
  const [found] = await ctx.db
    .select({ row: handovers, live: live(ctx.now) })
    .from(handovers)
    .where(eq(handovers.tokenHash, sha256(token)));
  if (!found) return { usable: false, requestId: null, because: 'There is no such link.' };
  if (found.row.personId !== personId) {
    const because = 'This link was made for somebody else. Ask for one of your own in Slack.';
    return { usable: false, requestId: null, because };
  }
  const { requestId, digest } = found.row;
  if (found.live) return { usable: true, requestId, digest };
  return { usable: false, requestId, because: 'This link was used already or is too old.' };
}

/**
 * Uses a link up, in the transaction of the decision it was made for.
 * @throws ApprovalError `forbidden` unless it is for this person, this request and exactly these bytes, and unused.
 */
export async function consumeHandover(
  ctx: Pick<Context, 'now'>,
  tx: Transaction,
  use: { token: string; personId: string; requestId: string; digest: string },
): Promise<void> {
  const used = await tx
    .update(handovers)
    .set({ usedAt: ctx.now() })
    .where(
      and(
        eq(handovers.tokenHash, sha256(use.token)),
        eq(handovers.personId, use.personId),
        eq(handovers.requestId, use.requestId),
        eq(handovers.digest, use.digest),
        isNull(handovers.usedAt),
        sql`${handovers.expiresAt} > ${ctx.now()}`,
      ),
    )
    .returning({ tokenHash: handovers.tokenHash });
  if (used.length === 1) return;
  throw new ApprovalError('forbidden', 'The link from Slack was used already or is too old. Ask for a new one there.');
}
