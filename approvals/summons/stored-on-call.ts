import { inArray, lt, sql } from 'drizzle-orm';
import { z } from 'zod';
import { later } from '#db/clock.ts';
import { approvalRequests, onCallReadings } from '#db/schema.ts';
import type { OnCall, OnCallEntry, OnCallReader } from '#pagerduty/on-call.ts';
import type { Context } from '../context.ts';

type Store = Pick<Context, 'db' | 'now'>;

const entries = z.array(
  z.object({
    userId: z.string(),
    userName: z.string(),
    policyId: z.string(),
    policyName: z.string(),
    level: z.number(),
    until: z.string().nullable(),
  }),
);

/** Keeps a reading for processes that may not ask PagerDuty themselves. One that failed leaves the old one to age. */
export async function storeOnCall(ctx: Store, policyIds: readonly string[], onCall: OnCall): Promise<void> {
  if (!onCall.known || policyIds.length === 0) return;
  const of = (id: string): OnCallEntry[] => onCall.entries.filter(({ policyId }) => policyId === id);
  // Its age by this machine's clock, its time by the database's: clocks of two machines differ.
  const readAt = later(ctx.now, (onCall.asOf.getTime() - Date.now()) / 1000);
  // In one order, so that two workers cannot wait for each other.
  const rows = [...new Set(policyIds)].sort().map((id) => ({ policyId: id, entries: of(id), readAt }));
  await ctx.db
    .insert(onCallReadings)
    .values(rows)
    .onConflictDoUpdate({
      target: onCallReadings.policyId,
      set: { entries: sql`excluded.entries`, readAt: sql`excluded.read_at` },
      setWhere: lt(onCallReadings.readAt, sql`excluded.read_at`),
    });
}

/** Policies of requests that may still be decided on. */
export async function policiesInQuestion(ctx: Pick<Context, 'db'>): Promise<string[]> {
  const rows = await ctx.db
    .selectDistinct({ id: sql<string>`unnest(${approvalRequests.escalationPolicyIds})` })
    .from(approvalRequests)
    .where(inArray(approvalRequests.status, ['pending', 'approved']));
  return rows.map(({ id }) => id).sort();
}

/**
 * Who is on call as the worker last read it. What is missing, or older than asked for, is not known: then only the
 * fallback group may decide. No reading can be of now, so 0 seconds gives nothing but "not known".
 */
export function storedOnCall(ctx: Store): OnCallReader {
  return {
    async get(policyIds, maxAgeSeconds) {
      const ids = [...new Set(policyIds)];
      if (ids.length === 0) return { known: true, asOf: new Date(), entries: [] };
      const rows = await ctx.db
        .select({ entries: onCallReadings.entries, readAt: onCallReadings.readAt })
        .from(onCallReadings)
        .where(
          sql`${inArray(onCallReadings.policyId, ids)} and ${onCallReadings.readAt} > ${ctx.now()} - ${maxAgeSeconds}::double precision * interval '1 second'`,
        );
      if (rows.length < ids.length) return { known: false, because: 'It is not known who is on call now.' };
      const oldest = Math.min(...rows.map(({ readAt }) => readAt.getTime()));
      return { known: true, asOf: new Date(oldest), entries: rows.flatMap((row) => entries.parse(row.entries)) };
    },
  };
}
