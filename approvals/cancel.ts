import { and, eq, inArray } from 'drizzle-orm';
import { approvalRequests } from '#db/schema.ts';
import type { Actor } from './actor.ts';
import type { Context } from './context.ts';
import { ApprovalError } from './errors.ts';
import { can } from './lifecycle.ts';
import { type RequestRow, transition } from './transition.ts';

function mayCancel(actor: Actor, row: RequestRow): boolean {
  switch (actor.kind) {
    case 'agent':
      return actor.agentId === row.agentId;
    case 'person':
      return actor.personId === row.ownerId || actor.personId === row.actsForId;
    case 'system':
      return true;
  }
}

/**
 * Withdraws a request that was not claimed yet: by its agent, by the agent's owner, or by the kill switch.
 * @throws ApprovalError `not_found` (also for somebody else's), `conflict` when it is too late.
 */
export async function cancel(ctx: Context, input: { requestId: string; reason?: string }): Promise<RequestRow> {
  const row = await ctx.db.transaction(async (tx) => {
    const [request] = await tx
      .select()
      .from(approvalRequests)
      .where(eq(approvalRequests.id, input.requestId))
      .for('update');
    // The same answer for "does not exist" and "not yours": no oracle.
    if (!request || !mayCancel(ctx.actor, request)) throw new ApprovalError('not_found', 'There is no such request.');
    const permission = can.cancel(request.status);
    if (!permission.allowed) throw new ApprovalError('conflict', permission.because);
    const by = { agent: 'Withdrawn by the agent', person: "Withdrawn by the agent's owner", system: 'Withdrawn' };
    return transition(tx, ctx.now, request.status === 'approved' ? 'approved' : 'pending', 'cancelled', {
      request,
      actor: ctx.actor,
      because: input.reason ? `${by[ctx.actor.kind]}: ${input.reason}` : `${by[ctx.actor.kind]}.`,
    });
  });
  ctx.log.info('withdrawn', { request: row.id });
  return row;
}

/** Withdraws everything of an agent that was not claimed yet. @returns how many. */
export async function cancelAllOf(ctx: Context, agentId: string, reason: string): Promise<number> {
  const open = await ctx.db
    .select({ id: approvalRequests.id })
    .from(approvalRequests)
    .where(and(eq(approvalRequests.agentId, agentId), inArray(approvalRequests.status, ['pending', 'approved'])));
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
