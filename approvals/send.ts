import { and, eq } from 'drizzle-orm';
import { later } from '#db/clock.ts';
import { approvalRequests, attempts } from '#db/schema.ts';
import type { CallOutcome } from '#pagerduty/outcome.ts';
import type { WriteClient } from '#pagerduty/write-client.ts';
import type { Secret } from '#pagerduty/write-tool.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Claim } from './claim.ts';
import type { Context } from './context.ts';
import { keepSecrets } from './secrets.ts';
import { reopen } from './stored.ts';
import { annotate, type RequestRow, transition } from './transition.ts';

/**
 * Sends a claim's bytes, once. Never throws for the network, never repeats, and sends nothing when the monotonic
 * deadline has passed, however long the process was paused.
 *
 * @param sending called right before the first byte.
 */
export function send(
  ctx: Context,
  writer: WriteClient,
  claim: Claim,
  sending: () => void = () => undefined,
): Promise<CallOutcome> {
  const deadlineMs = claim.takenAtMs + ctx.limits.sendWithinSeconds * 1000;
  return writer.send({
    method: claim.method,
    path: claim.path,
    body: claim.body,
    from: claim.from,
    stillAllowed: () => {
      sending();
      return performance.now() < deadlineMs;
    },
  });
}

/** What the outcome means for the request: PagerDuty's 2xx may still carry a refusal inside. */
function judge(
  row: RequestRow,
  outcome: CallOutcome,
): { to: 'succeeded' | 'failed' | 'unknown'; because: string; result?: unknown; secrets?: Secret[] } {
  if (outcome.kind === 'rejected') return { to: 'failed', because: outcome.because };
  if (outcome.kind === 'unknown') return { to: 'unknown', because: outcome.because };
  const stored = reopen(row);
  if ('because' in stored) {
    return { to: 'unknown', because: `PagerDuty answered, but the answer cannot be read. ${stored.because}` };
  }
  try {
    const answer = stored.tool.interpret(stored.input, outcome.body);
    if (!answer.applied) return { to: 'failed', because: answer.because };
    const { result, secrets } = answer;
    return { to: 'succeeded', because: 'PagerDuty applied it.', result, secrets };
  } catch {
    // A 2xx whose body is not what the tool expects says nothing certain.
    return { to: 'unknown', because: 'PagerDuty answered in a shape that is not known.' };
  }
}

/**
 * Records what became of the attempt, and keeps the secrets of the answer; only the holder of its fence can. An outcome
 * that comes after the worker was taken for dead still settles `unknown`.
 *
 * @returns the request as it is now.
 * @throws ApprovalError `conflict` when the fence is not this attempt's.
 */
export async function recordOutcome(ctx: Context, claim: Claim, outcome: CallOutcome): Promise<RequestRow> {
  const row = await ctx.db.transaction(async (tx) => {
    const [request] = await tx
      .select()
      .from(approvalRequests)
      .where(eq(approvalRequests.id, claim.request.id))
      .for('update');
    const [attempt] = await tx
      .update(attempts)
      .set({
        finishedAt: ctx.now(),
        outcome: outcome.kind,
        httpStatus: outcome.httpStatus,
        pagerdutyRequestId: outcome.pagerdutyRequestId,
      })
      .where(and(eq(attempts.requestId, claim.request.id), eq(attempts.fence, claim.fence)))
      .returning();
    if (!request || !attempt) throw new ApprovalError('conflict', 'This attempt belongs to another worker.');
    const verdict = judge(request, outcome);
    await keepSecrets(ctx, tx, request.id, verdict.secrets ?? []);
    const change = {
      request,
      actor: ctx.actor,
      because: verdict.because,
      detail: { outcome: outcome.kind, httpStatus: outcome.httpStatus, pagerdutyRequestId: outcome.pagerdutyRequestId },
      set: { result: verdict.result ?? null },
    };
    if (request.status === 'executing') {
      if (verdict.to !== 'unknown') return transition(tx, ctx.now, 'executing', verdict.to, change);
      const settleAfter = later(ctx.now, ctx.limits.settleWindowSeconds);
      return transition(tx, ctx.now, 'executing', 'unknown', { ...change, set: { settleAfter } });
    }
    if (request.status === 'unknown' && verdict.to !== 'unknown') {
      return transition(tx, ctx.now, 'unknown', verdict.to, change);
    }
    // Settled as applied meanwhile, without the answer: it tells ids that undo needs.
    if (request.status === verdict.to && request.result === null && verdict.result != null) {
      const remark = 'PagerDuty’s answer came after all and says the same.';
      return annotate(tx, ctx.now, request.status, { ...change, because: request.because, remark });
    }
    // Settled meanwhile, by a reading or a human: what they found stays; a contradiction must be seen by an operator.
    if (request.status !== verdict.to) {
      ctx.log.warn('an outcome came after the request was settled otherwise', {
        request: request.id,
        outcome: outcome.kind,
      });
    }
    return request;
  });
  ctx.log.info('sent', {
    request: row.id,
    tool: row.tool,
    outcome: outcome.kind,
    httpStatus: outcome.httpStatus,
    status: row.status,
  });
  return row;
}
