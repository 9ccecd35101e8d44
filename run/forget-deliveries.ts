import { and, eq, isNull, or, sql } from 'drizzle-orm';
import type { Store } from '#db/clock.ts';
import { approvalRequests, outbox } from '#db/schema.ts';
import type { DeliveryKind } from '#outbox/deliveries.ts';
import { PREFIXES } from '#outbox/place.ts';

/**
 * Nothing of what was delivered is there any more, as after a playable receiver has started anew: what waits is told of
 * once more, and what tells of many is made when it is needed.
 */
export async function forgetDeliveries(ctx: Store, kind: DeliveryKind): Promise<void> {
  const open = sql`exists (select 1 from ${approvalRequests} r where r.id = ${outbox.requestId} and r.finished_at is null)`;
  await ctx.db.transaction(async (tx) => {
    const found = sql`starts_with(${outbox.target}, ${PREFIXES.copy})`;
    await tx.delete(outbox).where(and(eq(outbox.kind, kind), or(isNull(outbox.requestId), found)));
    await tx
      .update(outbox)
      .set({ receipt: null, version: sql`${outbox.version} + 1`, doneAt: null, runAt: ctx.now(), attempts: 0 })
      .where(and(eq(outbox.kind, kind), open));
  });
}
