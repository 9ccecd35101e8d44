import { newRequestId } from '#db/ids.ts';
import type { agents } from '#db/schema.ts';
import { PagerDutyError } from '#pagerduty/errors.ts';
import type { Json } from '#pagerduty/json.ts';
import { oneLook } from '#pagerduty/read-client.ts';
import { findings } from '#pagerduty/visible-text.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Ask } from './ask.ts';
import { canonicalOf, digestOf } from './canonical.ts';
import type { Context } from './context.ts';
import { TERMS } from './limits.ts';
import { admission, riskOf } from './policy.ts';

type AgentRow = typeof agents.$inferSelect;

/** Who asks: an agent, or a human who proposes to undo what an agent had asked for. */
export interface Asker extends Pick<AgentRow, 'id' | 'ownerId' | 'actsForId'> {
  /** Null for an agent's own ask. */
  undoes: { requestId: string; proposedBy: string } | null;
  /** The PagerDuty user in whose name it is asked; null without a link. */
  requesterUserId: string | null;
}

async function readBefore(ctx: Context, tool: WriteTool, input: unknown): Promise<unknown> {
  try {
    return await tool.read(oneLook(ctx.pagerduty), input);
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    const invalid = error.kind === 'not_found' || error.kind === 'invalid';
    throw new ApprovalError(
      invalid ? 'invalid' : 'unavailable',
      `${tool.name} was not held: what it touches could not be read. ${error.message}`,
      { cause: error, ...(error.retryAfterSeconds === null ? {} : { retryAfterSeconds: error.retryAfterSeconds }) },
    );
  }
}

const strings = (value: Json): string[] => {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Array.isArray(value) ? value.flatMap(strings) : Object.values(value).flatMap(strings);
};

/** Everything about the request that never changes again. @throws ApprovalError as {@link submit}. */
export async function shape(ctx: Context, asker: Asker, tool: WriteTool, ask: Ask, input: unknown) {
  const id = newRequestId();
  const before = await readBefore(ctx, tool, input);
  const binding = { requestId: id, requesterUserId: asker.requesterUserId };
  const admitted = tool.admit(input, before, binding);
  if (!admitted.holds) throw new ApprovalError('precondition_failed', `${tool.name} was not held. ${admitted.because}`);

  const summary = tool.summarize(input, before);
  const touches = tool.touches(input, before);
  const found = [...new Set(strings(ask.arguments).flatMap((text) => findings(text)))];
  const { level: risk, reasons: riskReasons } = riskOf(tool, input, before, found);
  const canonical = canonicalOf(tool, input, before, binding);
  return {
    row: {
      id,
      agentId: asker.id,
      tool: tool.name,
      toolVersion: tool.version,
      canonical,
      digest: digestOf(canonical),
      idempotencyKey: ask.idempotencyKey ?? null,
      // A proposal replaces nothing that an agent asks, nor is it replaced.
      supersedeKey: asker.undoes === null ? tool.supersedes(input) : null,
      agentReason: ask.reason?.slice(0, ctx.limits.reasonCharacters * 4).toWellFormed() ?? null,
      risk,
      riskReasons,
      reviewsRequired: TERMS[risk].reviewsRequired,
      summary,
      before,
      undo: tool.undo(input, before, null),
      escalationPolicyIds: touches.escalationPolicyIds,
      findings: found,
      ownerId: asker.ownerId,
      actsForId: asker.actsForId,
      linkedTo: asker.undoes?.requestId ?? null,
      proposedBy: asker.undoes?.proposedBy ?? null,
    },
    reviewWindowSeconds: TERMS[risk].reviewWindowSeconds,
    subjects: touches.subjects,
    ruling: admission(found),
  };
}

export type Shaped = Awaited<ReturnType<typeof shape>>;
