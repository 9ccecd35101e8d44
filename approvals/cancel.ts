import { eq } from 'drizzle-orm';
import { approvalRequests } from '#db/schema.ts';
import type { Actor } from '#identity/actor.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Context } from './context.ts';
import { can } from './lifecycle.ts';
import { type RequestRow, transition } from './transition.ts';

/** Whose request it is; when it is too late is another question. */
export function mayCancel(actor: Actor, row: RequestRow): boolean {
  switch (actor.kind) {
    case 'agent':
      return row.proposedBy === null && actor.agentId === row.agentId;
    case 'person':
      if (row.proposedBy !== null) return actor.personId === row.proposedBy;
      return actor.personId === row.ownerId || actor.personId === row.actsForId;
    case 'system':
      return true;
  }
}

/**
 * Withdraws a request that was not claimed yet: by its agent, by the agent's owner, or by the kill switch; what a human
 * proposed, by that human alone.
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
    const person = request.proposedBy === null ? "Withdrawn by the agent's owner" : 'Withdrawn by whoever proposed it';
    const by = { agent: 'Withdrawn by the agent', person, system: 'Withdrawn' };
    return transition(tx, ctx.now, request.status === 'approved' ? 'approved' : 'pending', 'cancelled', {
      request,
      actor: ctx.actor,
      because: input.reason ? `${by[ctx.actor.kind]}: ${input.reason}` : `${by[ctx.actor.kind]}.`,
    });
  });
  ctx.log.info('withdrawn', { request: row.id });
  return row;
}
