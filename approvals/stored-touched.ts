import { and, asc, eq, inArray, isNull, lt, lte, or, sql } from 'drizzle-orm';
import { later, type Store } from '#db/clock.ts';
import { approvalRequests, touchedReadings } from '#db/schema.ts';
import { oneLook, type ReadClient } from '#pagerduty/read-client.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Context } from './context.ts';
import { movedSince, readTouched, type Touched, type TouchedReader } from './touched.ts';
import { type RequestRow, transition } from './transition.ts';

// What waiting requests touch as the worker last read it, for processes that may not ask PagerDuty themselves.

const fromRow = ({ subjects, escalationPolicyIds, readAt }: typeof touchedReadings.$inferSelect): Touched => ({
  known: true,
  asOf: readAt,
  touches: subjects === null || escalationPolicyIds === null ? null : { subjects, escalationPolicyIds },
});

const UNREAD = { known: false, because: 'It is not known what this touches now.' } as const;

/** As it was last read, however long ago. */
export async function lastTouched(ctx: Pick<Store, 'db'>, row: RequestRow): Promise<Touched> {
  const found = await ctx.db.query.touchedReadings.findFirst({ where: eq(touchedReadings.requestId, row.id) });
  return found === undefined ? UNREAD : fromRow(found);
}

/**
 * What is missing, or older than asked for, is not known: then only the fallback group may approve. No reading can be
 * of now, so 0 seconds gives nothing but "not known".
 */
export function storedTouched(ctx: Store): TouchedReader {
  return { get: async (row, maxAgeSeconds) => (await freshTouched(ctx, [row], maxAgeSeconds))(row) };
}

/** The same for many at once. */
export async function freshTouched(
  ctx: Store,
  rows: readonly RequestRow[],
  maxAgeSeconds: number,
): Promise<(row: RequestRow) => Touched> {
  const ids = rows.map(({ id }) => id);
  const fresh = sql`${touchedReadings.readAt} > ${later(ctx.now, -maxAgeSeconds)}`;
  const found = await ctx.db
    .select()
    .from(touchedReadings)
    .where(and(inArray(touchedReadings.requestId, ids), fresh));
  const readings = new Map(found.map((one) => [one.requestId, fromRow(one)]));
  return ({ id }) => readings.get(id) ?? UNREAD;
}

/** Keeps a reading. One that failed leaves the old one to age. */
export async function storeTouched(ctx: Store, requestId: string, touched: Touched): Promise<void> {
  if (!touched.known) return;
  // Its age by this machine's clock, its time by the database's: clocks of two machines differ.
  const readAt = later(ctx.now, (touched.asOf.getTime() - Date.now()) / 1000);
  const { subjects, escalationPolicyIds } = touched.touches ?? { subjects: null, escalationPolicyIds: null };
  await ctx.db
    .insert(touchedReadings)
    .values({ requestId, subjects, escalationPolicyIds, readAt })
    .onConflictDoUpdate({
      target: touchedReadings.requestId,
      set: { subjects, escalationPolicyIds, readAt },
      setWhere: lt(touchedReadings.readAt, sql`excluded.read_at`),
    });
}

/**
 * Ends what waits and is no longer what was shown.
 * @throws ApprovalError `conflict` when somebody else moved it first, or its time is over.
 */
export async function endMoved(ctx: Pick<Context, 'db' | 'now' | 'actor' | 'log'>, row: RequestRow, moved: string) {
  const ended = await ctx.db.transaction((tx) =>
    transition(tx, ctx.now, 'pending', 'stale', {
      request: row,
      actor: ctx.actor,
      because: `${moved} Nothing was sent.`,
      provided: sql`${approvalRequests.expiresAt} > ${ctx.now()}`,
    }),
  );
  ctx.log.info('stale', { request: row.id, tool: row.tool });
  return ended;
}

/** What waits and has not been read yet, or with `all` not for a while, longest unread first. */
function unread(ctx: Context, which: 'new' | 'all') {
  const old = lte(touchedReadings.readAt, later(ctx.now, -ctx.limits.touchedRefreshSeconds));
  const never = isNull(touchedReadings.readAt);
  return ctx.db
    .select({ row: approvalRequests })
    .from(approvalRequests)
    .leftJoin(touchedReadings, eq(touchedReadings.requestId, approvalRequests.id))
    .where(and(eq(approvalRequests.status, 'pending'), which === 'new' ? never : or(never, old)))
    .orderBy(sql`${touchedReadings.readAt} asc nulls first`, asc(approvalRequests.createdAt))
    .limit(ctx.limits.touchedAtOnce);
}

/** @returns whether PagerDuty answered. */
async function refreshOne(ctx: Context, pagerduty: ReadClient, row: RequestRow, asOf: Date): Promise<boolean> {
  const touched = await readTouched(pagerduty, row, asOf);
  await storeTouched(ctx, row.id, touched);
  const moved = movedSince(row, touched);
  if (moved === null) return touched.known;
  await endMoved(ctx, row, moved).catch((error: unknown) => {
    // Decided or withdrawn in between: then there is nothing left to end.
    if (!(error instanceof ApprovalError && error.code === 'conflict')) throw error;
  });
  return true;
}

/**
 * Reads what waiting requests touch, keeps it for those who cannot read it, and ends what has moved. At most
 * `limits.touchedAtOnce` are read; the others age until the next time.
 * @returns whether PagerDuty answered for all of them.
 */
export async function refreshTouched(ctx: Context, which: 'new' | 'all'): Promise<boolean> {
  // All of them are one look, and what it found first may be an answer for the last: they are as old as its beginning.
  const asOf = new Date();
  const pagerduty = oneLook(ctx.pagerduty, { ahead: false });
  let complete = true;
  for (const { row } of await unread(ctx, which)) {
    const known = await refreshOne(ctx, pagerduty, row, asOf).catch((error: unknown) => {
      // One that fails must not keep the others from being read.
      ctx.log.error('what a request touches could not be read', {
        request: row.id,
        error: error instanceof Error ? error.name : 'unknown',
      });
      return false;
    });
    complete &&= known;
  }
  return complete;
}
