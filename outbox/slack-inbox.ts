import { eq, isNull, lt, sql } from 'drizzle-orm';
import { later, type Store } from '#db/clock.ts';
import { handovers, slackInbox, slackLinks } from '#db/schema.ts';

/** Longer than any signature is accepted. What comes over a socket of ours is not signed, but nobody else can send there. */
const KEEP_SECONDS = 3600;
/** Links that were of no use any more for so long. */
const KEEP_LINKS_SECONDS = 7 * 24 * 3600;

/**
 * Notes what Slack sent. @returns false when exactly this was handled before. What was begun and not finished may be
 * handled again: every decision is guarded by the request's own state.
 */
export async function receiveOnce(ctx: Store, hash: string): Promise<boolean> {
  const rows = await ctx.db
    .insert(slackInbox)
    .values({ hash, receivedAt: ctx.now() })
    .onConflictDoUpdate({
      target: slackInbox.hash,
      set: { receivedAt: sql`excluded.received_at` },
      setWhere: isNull(slackInbox.handledAt),
    })
    .returning({ hash: slackInbox.hash });
  return rows.length === 1;
}

/** Notes that it was answered. */
export async function markHandled(ctx: Store, hash: string): Promise<void> {
  await ctx.db.update(slackInbox).set({ handledAt: ctx.now() }).where(eq(slackInbox.hash, hash));
}

/** Forgets what is too old to be accepted again, and links that ran out long ago. */
export async function clearInbox(ctx: Store): Promise<void> {
  const longAgo = later(ctx.now, -KEEP_LINKS_SECONDS);
  await ctx.db.delete(slackInbox).where(lt(slackInbox.receivedAt, later(ctx.now, -KEEP_SECONDS)));
  await ctx.db.delete(slackLinks).where(lt(slackLinks.expiresAt, longAgo));
  await ctx.db.delete(handovers).where(lt(handovers.expiresAt, longAgo));
}
