import { and, eq, sql } from 'drizzle-orm';
import { later } from '#db/clock.ts';
import { approvalRequests, attempts } from '#db/schema.ts';
import { requirePerson } from '#identity/actor.ts';
import { PagerDutyError } from '#pagerduty/errors.ts';
import type { Evidence } from '#pagerduty/write-tool.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Context } from './context.ts';
import { entitlement } from './entitlement.ts';
import { can } from './lifecycle.ts';
import { reopen } from './stored.ts';
import { type RequestRow, transition } from './transition.ts';

/** Takes workers that fell silent for dead: their requests become unknown, never approved again. @returns how many. */
export async function sweepDead(ctx: Context): Promise<number> {
  const swept = await ctx.db.transaction(async (tx) => {
    const rows = await tx
      .select({ request: approvalRequests })
      .from(approvalRequests)
      .innerJoin(attempts, eq(attempts.requestId, approvalRequests.id))
      .where(and(eq(approvalRequests.status, 'executing'), sql`${attempts.deadlineAt} <= ${ctx.now()}`))
      .limit(100)
      .for('update', { of: approvalRequests, skipLocked: true });
    for (const { request } of rows) {
      await transition(tx, ctx.now, 'executing', 'unknown', {
        request,
        actor: ctx.actor,
        because: 'The process that was sending it died. It may or may not have reached PagerDuty.',
        set: { settleAfter: later(ctx.now, ctx.limits.settleWindowSeconds) },
      });
    }
    return rows.length;
  });
  if (swept > 0) ctx.log.warn('a sender died; outcome unknown', { count: swept });
  return swept;
}

async function load(ctx: Context, requestId: string) {
  const [found] = await ctx.db
    .select({
      request: approvalRequests,
      attempt: attempts,
      windowOver: sql<boolean>`coalesce(${approvalRequests.settleAfter} <= ${ctx.now()}, false)`,
    })
    .from(approvalRequests)
    .innerJoin(attempts, eq(attempts.requestId, approvalRequests.id))
    .where(eq(approvalRequests.id, requestId));
  if (!found) throw new ApprovalError('not_found', 'There is no such request, or it was never sent.');
  const permission = can.settle(found.request.status);
  if (!permission.allowed) throw new ApprovalError('conflict', permission.because);
  return found;
}

async function readEvidence(
  ctx: Context,
  request: RequestRow,
  attempt: typeof attempts.$inferSelect,
): Promise<Evidence> {
  const stored = reopen(request);
  if ('because' in stored) {
    return { applied: null, because: `${stored.because} Somebody has to look in PagerDuty.` };
  }
  const { tool, input } = stored;
  const facts = {
    requestId: request.id,
    fromUserId: attempt.fromUserId,
    claimedAt: attempt.claimedAt,
    lostAt: attempt.finishedAt ?? attempt.deadlineAt,
  };
  try {
    return tool.verify(input, await tool.readBack(ctx.pagerduty, input, facts), facts);
  } catch (error) {
    if (error instanceof PagerDutyError) return { applied: null, because: error.message };
    throw error;
  }
}

/**
 * Settles an unknown outcome by reading PagerDuty. Finding it applied settles at once; "not applied" counts only after
 * the settle window, because a lost call can still arrive. What reading cannot tell stays unknown for a human.
 *
 * @returns the request as it is now and what the reading said.
 * @throws ApprovalError `conflict` when it is not unknown (any more), `not_found`.
 */
export async function settle(ctx: Context, requestId: string): Promise<{ request: RequestRow; evidence: Evidence }> {
  const { request, attempt, windowOver } = await load(ctx, requestId);
  const evidence = await readEvidence(ctx, request, attempt);
  const decided = evidence.applied === true || (evidence.applied === false && windowOver);
  if (!decided) {
    const because =
      evidence.applied === false
        ? `${evidence.because} It may still arrive; it is read again later.`
        : evidence.because;
    return { request, evidence: { applied: null, because } };
  }
  const change = {
    request,
    actor: ctx.actor,
    because: evidence.because,
    detail: { settledBy: 'reading' },
    set: { result: evidence.applied ? evidence.result : null },
  };
  const settled = await ctx.db.transaction((tx) =>
    transition(tx, ctx.now, 'unknown', evidence.applied ? 'succeeded' : 'failed', change),
  );
  ctx.log.info('settled by reading', { request: requestId, status: settled.status });
  return { request: settled, evidence };
}

export interface Statement {
  requestId: string;
  applied: boolean;
  /** What the human looked at; goes into the audit. At least 10 characters. */
  evidence: string;
}

/**
 * Settles an unknown outcome by what an entitled human saw in PagerDuty.
 * @throws ApprovalError `forbidden`, `invalid` (no evidence), `conflict`, `precondition_failed` ("not applied" before
 *   the settle window is over).
 */
export async function settleByHand(ctx: Context, statement: Statement): Promise<RequestRow> {
  const { personId } = requirePerson(ctx.actor);
  const evidence = statement.evidence.trim();
  if (evidence.length < 10) throw new ApprovalError('invalid', 'Say what you looked at, in at least 10 characters.');
  const { request, windowOver } = await load(ctx, statement.requestId);
  const { right } = await entitlement(ctx, request, personId, 'after');
  if (!right.allowed) throw new ApprovalError('forbidden', right.because);
  if (!statement.applied && !windowOver) {
    throw new ApprovalError(
      'precondition_failed',
      'The call may still arrive. Say "not applied" when the settle window is over.',
    );
  }
  return ctx.db.transaction((tx) =>
    transition(tx, ctx.now, 'unknown', statement.applied ? 'succeeded' : 'failed', {
      request,
      actor: ctx.actor,
      because: `A human looked in PagerDuty: it was ${statement.applied ? '' : 'not '}applied.`,
      detail: { settledBy: 'human', as: right.as, evidence: evidence.slice(0, 500) },
    }),
  );
}
