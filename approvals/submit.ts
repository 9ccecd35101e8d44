import { requireAgent } from '#identity/actor.ts';
import type { JsonObject } from '#pagerduty/json.ts';
import { findWriteTool } from '#pagerduty/tools/index.ts';
import { toolsetsOf } from '#pagerduty/toolsets.ts';
import { ApprovalError } from '#process/errors.ts';
import { type Ask, checkSizes, refusedInput, type Submitted } from './ask.ts';
import { canonicalText } from './canonical.ts';
import type { Context } from './context.ts';
import { hold } from './hold.ts';
import { sha256 } from '#db/ids.ts';
import { refuseReadings } from './read.ts';
import { shape } from './shape.ts';
import { attach, loadAgent, refuseFlood } from './standing.ts';

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
