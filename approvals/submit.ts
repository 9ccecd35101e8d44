import { newRequestId, sha256 } from '#db/ids.ts';
import type { agents } from '#db/schema.ts';
import { requireAgent } from '#identity/actor.ts';
import { PagerDutyError } from '#pagerduty/errors.ts';
import type { Json, JsonObject } from '#pagerduty/json.ts';
import { oneLook } from '#pagerduty/read-client.ts';
import { findWriteTool } from '#pagerduty/tools/index.ts';
import { toolsetsOf } from '#pagerduty/toolsets.ts';
import { findings } from '#pagerduty/visible-text.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { ApprovalError } from '#process/errors.ts';
import { refusedArguments } from './arguments.ts';
import { canonicalOf, canonicalText, digestOf } from './canonical.ts';
import type { Context } from './context.ts';
import { hold } from './hold.ts';
import { TERMS } from './limits.ts';
import { admission, riskOf } from './policy.ts';
import { refuseReadings } from './read.ts';
import { type Ask, attach, loadAgent, refuseFlood, type Submitted } from './standing.ts';

type AgentRow = typeof agents.$inferSelect;

/** Who asks: an agent, or a human who proposes to undo what an agent had asked for. */
export interface Asker extends Pick<AgentRow, 'id' | 'ownerId' | 'actsForId'> {
  /** Null for an agent's own ask. */
  undoes: { requestId: string; proposedBy: string } | null;
  /** The PagerDuty user in whose name it is asked; null without a link. */
  requesterUserId: string | null;
}

/** A sentence for arguments a tool cannot take: field, reason and an example. */
export function refusedInput(
  tool: WriteTool,
  issues: readonly { path: PropertyKey[]; message: string }[],
): ApprovalError {
  return new ApprovalError('invalid', refusedArguments(`${tool.name} was not held.`, issues, tool.example));
}

export function checkSizes(ctx: Context, ask: Ask): void {
  const bytes = Buffer.byteLength(canonicalText(ask.arguments));
  if (bytes > ctx.limits.argumentsBytes) {
    throw new ApprovalError(
      'invalid',
      `The arguments are ${bytes} bytes; at most ${ctx.limits.argumentsBytes} are held.`,
    );
  }
  const key = ask.idempotencyKey;
  if (key !== undefined && (key === '' || key.length > ctx.limits.idempotencyKeyCharacters)) {
    throw new ApprovalError(
      'invalid',
      `idempotency_key must have 1 to ${ctx.limits.idempotencyKeyCharacters} characters.`,
    );
  }
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
      version: 1,
    },
    reviewWindowSeconds: TERMS[risk].reviewWindowSeconds,
    subjects: touches.subjects,
    ruling: admission(found),
  };
}

export type Shaped = Awaited<ReturnType<typeof shape>>;

/**
 * Holds a write: validates it, reads what it touches, and stores it durably as a pending request. Asking the same
 * again while it is open gives the same request.
 *
 * @throws ApprovalError `invalid` (field, reason, example), `forbidden`, `precondition_failed` (makes no sense on what
 *   was read), `limit_exceeded`, `conflict` (idempotency key), `unavailable` (PagerDuty could not be read). None of
 *   them leaves a request behind.
 */
export async function submit(ctx: Context, ask: Ask): Promise<Submitted> {
  const { agentId } = requireAgent(ctx.actor);
  checkSizes(ctx, ask);
  const tool = findWriteTool(ask.tool);
  const parsed = tool?.input.safeParse(ask.arguments);
  const argumentsDigest = parsed?.success ? sha256(canonicalText(parsed.data as JsonObject)) : '';
  const offered = tool !== undefined && (ctx.toolsets === null || ctx.toolsets.includes(tool.toolset));
  const reads = offered && parsed?.success ? { toolset: tool.toolset, input: parsed.data as JsonObject } : null;
  // Once before PagerDuty is read, to spare the reading; what counts is asked again under the lock.
  const agent = await loadAgent(ctx, agentId, { ask, argumentsDigest, reads });
  // Outside its toolsets an agent is told what it would be told of a tool that does not exist.
  if (tool === undefined || !toolsetsOf(agent.toolsets, ctx.toolsets).includes(tool.toolset))
    throw new ApprovalError('invalid', `There is no write tool called ${JSON.stringify(ask.tool.slice(0, 60))}.`);
  if (!parsed?.success) throw refusedInput(tool, parsed?.error.issues ?? []);
  // What is held already is answered also to an agent that is at its limit.
  if (agent.sameId !== null) return attach(ctx.db, agent.sameId, ask, argumentsDigest);
  refuseFlood(ctx, agent);
  if (agent.readings === null) throw new Error(`a reading for ${tool.name} was not noted`);
  refuseReadings(agent.readings);
  const shaped = await shape(ctx, { ...agent, undoes: null }, tool, ask, parsed.data);
  const held = await hold(ctx, { ask, argumentsDigest, shaped });
  const facts = { request: held.request.id, tool: tool.name, agent: agent.name };
  if (!held.attached) ctx.log.info(held.request.status === 'blocked' ? 'blocked' : 'held', facts);
  return held;
}
