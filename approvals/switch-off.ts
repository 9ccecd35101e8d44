import { and, eq, inArray, isNull } from 'drizzle-orm';
import { approvalRequests } from '#db/schema.ts';
import { disableAgent } from '#identity/agents.ts';
import { ApprovalError } from '#process/errors.ts';
import { cancel } from './cancel.ts';
import type { Context } from './context.ts';

/** Withdraws everything an agent asked for that was not claimed yet; what undoes its work stays. @returns how many. */
export async function cancelAllOf(ctx: Context, agentId: string, reason: string): Promise<number> {
  const open = await ctx.db
    .select({ id: approvalRequests.id })
    .from(approvalRequests)
    .where(
      and(
        eq(approvalRequests.agentId, agentId),
        isNull(approvalRequests.proposedBy),
        inArray(approvalRequests.status, ['pending', 'approved']),
      ),
    );
  let cancelled = 0;
  for (const { id } of open) {
    try {
      await cancel(ctx, { requestId: id, reason });
      cancelled++;
    } catch (error) {
      // Decided or claimed in between: then there is nothing left to withdraw.
      if (!(error instanceof ApprovalError && error.code === 'conflict')) throw error;
    }
  }
  return cancelled;
}

/**
 * The kill switch of one agent: nothing of it is sent any more, and what waits is withdrawn. @returns how much was.
 * @throws ApprovalError `not_found`.
 */
export async function switchOffAgent(ctx: Context, agentName: string): Promise<number> {
  return cancelAllOf(ctx, await disableAgent(ctx, agentName), 'the agent was switched off');
}
