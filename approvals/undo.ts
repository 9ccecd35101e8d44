import { and, eq, inArray, isNotNull } from 'drizzle-orm';
import { sha256 } from '#db/ids.ts';
import { approvalRequests } from '#db/schema.ts';
import { requirePerson } from '#identity/actor.ts';
import type { JsonObject } from '#pagerduty/json.ts';
import { findWriteTool } from '#pagerduty/tools/index.ts';
import type { Undo } from '#pagerduty/write-tool.ts';
import { ApprovalError } from '#process/errors.ts';
import { type Ask, checkSizes, refusedInput } from './ask.ts';
import { canonicalText } from './canonical.ts';
import type { Context } from './context.ts';
import { entitlement } from './entitlement.ts';
import { insertRequest } from './hold.ts';
import { MEANING, OPEN, type Permission } from './lifecycle.ts';
import { type Shaped, shape } from './shape.ts';
import { reopen, UPDATED } from './stored.ts';
import { announce, type RequestRow } from './transition.ts';

/**
 * How a request can be undone, as its tool says now, from what is stored: input, reading and PagerDuty's answer. Makes
 * no difference before it was sent; after, it knows the ids that only the answer told.
 */
export function undoOf(row: RequestRow): Undo {
  const stored = reopen(row);
  if ('because' in stored) return { possible: false, because: stored.because };
  // Our own column: either null or the `result` of an `Answer` or `Evidence`, which is an object.
  return stored.tool.undo(stored.input, stored.before, row.result as JsonObject | null);
}

type Possible = Extract<Undo, { possible: true }> & { input: JsonObject };

/** The undo as a request, or the sentence why there is none. */
function proposable(row: RequestRow): { undo: Possible } | { because: string } {
  if (MEANING[row.status].ran !== true) return { because: 'Only what PagerDuty applied can be undone.' };
  const undo = undoOf(row);
  if (!undo.possible) return { because: undo.because };
  const { input } = undo;
  if (input === null) {
    return { because: 'The id it needs was in an answer of PagerDuty that never arrived. Undo it in PagerDuty.' };
  }
  return { undo: { ...undo, input } };
}

/** Whether a request can be undone at all; who may propose it is another question. */
export function mayUndo(row: RequestRow): Permission {
  const found = proposable(row);
  return 'because' in found ? { allowed: false, because: found.because } : { allowed: true };
}

/** One transaction under the lock of the original, so that two proposals at once are one request. */
async function hold(ctx: Context, originalId: string, digest: string, draft: Shaped) {
  const held = await ctx.db.transaction(async (tx) => {
    const [original] = await tx
      .select()
      .from(approvalRequests)
      .where(eq(approvalRequests.id, originalId))
      .for('update');
    if (!original) throw new ApprovalError('not_found', 'There is no such request.');
    const [open] = await tx.select().from(approvalRequests).where(openProposalOf(originalId));
    if (open !== undefined) return { request: open, isNew: false };
    const request = await insertRequest(ctx, tx, digest, draft);
    // Its page shows what undoes it.
    await announce(tx, original);
    return { request, isNew: true };
  });
  const { id, tool } = held.request;
  if (held.isNew) ctx.log.info('an undo was proposed', { request: id, tool });
  return held.request;
}

const openProposalOf = (requestId: string) =>
  and(
    eq(approvalRequests.linkedTo, requestId),
    isNotNull(approvalRequests.proposedBy),
    inArray(approvalRequests.status, OPEN),
  );

/**
 * Holds the undo of a request that succeeded, as a new request that somebody else must approve. Needs nothing of the
 * agent, which may be switched off by now. While one is open, proposing again gives that one.
 *
 * @param input.note for whoever decides; at most `limits.reasonCharacters`.
 * @returns the request that is open now.
 * @throws ApprovalError `forbidden` (could not approve the original now; says who can), `precondition_failed` (not
 *   applied, no undo, or it makes no sense on what was read), `invalid`, `unavailable`, `not_found`.
 */
export async function proposeUndo(ctx: Context, input: { requestId: string; note?: string }): Promise<RequestRow> {
  const { personId } = requirePerson(ctx.actor);
  if ((input.note?.length ?? 0) > ctx.limits.reasonCharacters) {
    throw new ApprovalError('invalid', `The note may have ${ctx.limits.reasonCharacters} characters.`);
  }
  const original = await ctx.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, input.requestId) });
  if (!original) throw new ApprovalError('not_found', 'There is no such request.');
  const { reviewer, right } = await entitlement(ctx, original, personId, 'after');
  if (!right.allowed) throw new ApprovalError('forbidden', right.because);
  const found = proposable(original);
  if ('because' in found) throw new ApprovalError('precondition_failed', found.because);
  const open = await ctx.db.query.approvalRequests.findFirst({ where: openProposalOf(original.id) });
  if (open !== undefined) return open;

  const tool = findWriteTool(found.undo.tool);
  if (tool === undefined) throw new ApprovalError('precondition_failed', UPDATED);
  if (ctx.toolsets !== null && !ctx.toolsets.includes(tool.toolset)) {
    const because = `It takes ${tool.name}, whose toolset ${tool.toolset} this installation does not allow. Undo it in PagerDuty.`;
    throw new ApprovalError('precondition_failed', because);
  }
  const ask: Ask = {
    tool: tool.name,
    arguments: found.undo.input,
    ...(input.note === undefined ? {} : { reason: input.note }),
  };
  checkSizes(ctx, ask);
  const parsed = tool.input.safeParse(ask.arguments);
  if (!parsed.success) throw refusedInput(tool, parsed.error.issues);
  // Whoever could not decide on the original for its agent's sake cannot decide on its undo, and undoing that, either.
  const { agentId, ownerId, actsForId } = original;
  const undoes = { requestId: original.id, proposedBy: personId };
  const asker = { id: agentId, ownerId, actsForId, undoes, requesterUserId: reviewer.pagerdutyUserId };
  const draft = await shape(ctx, asker, tool, ask, parsed.data);
  return hold(ctx, original.id, sha256(canonicalText(parsed.data)), draft);
}
