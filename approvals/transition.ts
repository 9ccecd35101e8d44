import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Clock } from '#db/clock.ts';
import type { Transaction } from '#db/connection.ts';
import { approvalRequests, events, requestSubjects } from '#db/schema.ts';
import type { Actor } from '#identity/actor.ts';
import { announceDeliveries } from '#outbox/deliveries.ts';
import { ApprovalError } from '#process/errors.ts';
import { type Following, isFinal, type RequestStatus } from './lifecycle.ts';

export type RequestRow = typeof approvalRequests.$inferSelect;

/** Columns that change together with the status. */
type Dates = Partial<Record<'approvedAt' | 'approvalExpiresAt' | 'settleAfter', SQL<Date>>>;

export interface Change {
  request: { id: string; version: number };
  actor: Actor;
  /** One sentence for humans and agents. */
  because: string | null;
  /** What the event says where that is not why the status is what it is. Default: `because`. */
  remark?: string;
  /** Facts for the audit. */
  detail?: Record<string, unknown>;
  /** A further condition, e.g. not expired. When it does not hold the move is a conflict like any other. */
  provided?: SQL;
  set?: Dates & { result?: unknown };
}

/** The channel on which every change of a request is announced, as `id status`. */
export const CHANGES_CHANNEL = 'countersign_requests';

async function record(
  tx: Transaction,
  now: Clock,
  row: RequestRow,
  from: RequestStatus,
  change: Change,
): Promise<void> {
  await tx.insert(events).values({
    requestId: row.id,
    version: row.version,
    fromStatus: from,
    toStatus: row.status,
    actor: change.actor,
    because: change.remark ?? change.because,
    detail: change.detail ?? null,
    at: now(),
  });
  await announceDeliveries(tx, now, row);
  await announce(tx, row);
}

/** Tells everybody who listens, when the transaction commits. */
export async function announce(tx: Transaction, row: { id: string; status: RequestStatus }): Promise<void> {
  await tx.execute(sql`select pg_notify(${CHANGES_CHANNEL}, ${`${row.id} ${row.status}`})`);
}

function lost(request: { id: string }): ApprovalError {
  return new ApprovalError('conflict', `Request ${request.id} was changed by somebody else a moment ago. Look again.`);
}

/**
 * The only writer of a request's status: one guarded UPDATE, the event and the subject locks, in the caller's
 * transaction. An illegal move does not compile.
 * @throws ApprovalError `conflict` when the request is no longer in `from` at that version, or `provided` fails.
 */
export async function transition<From extends RequestStatus>(
  tx: Transaction,
  now: Clock,
  from: From,
  to: Following<From>,
  change: Change,
): Promise<RequestRow> {
  const { id, version } = change.request;
  const [row] = await tx
    .update(approvalRequests)
    .set({
      ...change.set,
      status: to,
      version: version + 1,
      because: change.because,
      leasedUntil: null,
      ...(isFinal(to) ? { finishedAt: now() } : {}),
    })
    .where(
      and(
        eq(approvalRequests.id, id),
        eq(approvalRequests.status, from),
        eq(approvalRequests.version, version),
        change.provided,
      ),
    )
    .returning();
  if (row === undefined) throw lost(change.request);
  if (to === 'executing' || from === 'executing') {
    await tx
      .update(requestSubjects)
      .set({ executing: to === 'executing' })
      .where(eq(requestSubjects.requestId, id));
  }
  await record(tx, now, row, from, change);
  return row;
}

/**
 * Records something that does not move the status, as a new version with its event.
 * @throws ApprovalError `conflict` as {@link transition}.
 */
export async function annotate(
  tx: Transaction,
  now: Clock,
  status: RequestStatus,
  change: Change,
): Promise<RequestRow> {
  const { id, version } = change.request;
  const [row] = await tx
    .update(approvalRequests)
    .set({ version: version + 1, because: change.because, ...change.set })
    .where(
      and(
        eq(approvalRequests.id, id),
        eq(approvalRequests.status, status),
        eq(approvalRequests.version, version),
        change.provided,
      ),
    )
    .returning();
  if (row === undefined) throw lost(change.request);
  await record(tx, now, row, status, change);
  return row;
}
