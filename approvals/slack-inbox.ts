import { eq, isNull, lt, sql } from 'drizzle-orm';
import { slackInbox } from '#db/schema.ts';
import { type Context, later } from './context.ts';

type Store = Pick<Context, 'db' | 'now'>;

/** Longer than any signature is accepted; afterwards the same bytes are refused for their age. */
const KEEP_SECONDS = 3600;

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

/** Forgets what is too old to be accepted again. */
export async function clearInbox(ctx: Store): Promise<void> {
  await ctx.db.delete(slackInbox).where(lt(slackInbox.receivedAt, later(ctx.now, -KEEP_SECONDS)));
}
