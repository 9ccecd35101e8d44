import { sha256 } from '#db/ids.ts';
import { requireAgent } from '#identity/actor.ts';
import type { JsonObject } from '#pagerduty/json.ts';
import { findWriteTool } from '#pagerduty/tools/index.ts';
import { ApprovalError } from '#process/errors.ts';
import { type Ask, checkSizes, refusedInput, type Standing, type Submitted } from './ask.ts';
import { canonicalText } from './canonical.ts';
import type { Context } from './context.ts';
import { hold } from './hold.ts';
import { refuseReadings } from './read.ts';
import { receive } from './receive.ts';
import { shape } from './shape.ts';
import { readRequest } from './wait.ts';

/** Outside its toolsets an agent is told what it is told of a tool that does not exist. */
const noTool = (name: string) =>
  new ApprovalError('invalid', `There is no write tool called ${JSON.stringify(name.slice(0, 60))}.`);

function refuseBarred({ barred }: Standing, tool: string): void {
  switch (barred) {
    case null:
      return;
    case 'off':
      throw new ApprovalError('forbidden', 'This agent is switched off.');
    case 'reads_only':
      throw new ApprovalError('forbidden', `This agent may not ask for writes, so not for ${tool}.`);
    case 'toolset':
      throw noTool(tool);
  }
}

/** The request that an ask attaches to, or null. @throws ApprovalError when nothing may be held, as {@link submit}. */
async function attach(
  ctx: Context,
  { ask, argumentsDigest }: { ask: Ask; argumentsDigest: string },
  { sameId, waiting }: Standing,
): Promise<Submitted | null> {
  // What is held already is answered also to an agent that is at its limit.
  if (sameId !== null) {
    const request = await readRequest(ctx, sameId);
    if (request?.tool === ask.tool && request.argumentsDigest === argumentsDigest) return { request, attached: true };
    throw new ApprovalError('conflict', `idempotency_key was used before for another ask (${sameId}). Use a new one.`);
  }
  if (waiting < ctx.limits.pendingPerAgent) return null;
  const message = `${waiting} requests of this agent wait for a human already. Wait for a decision, or withdraw one.`;
  throw new ApprovalError('limit_exceeded', message, { retryAfterSeconds: 60 });
}

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
  const input = parsed?.success ? (parsed.data as JsonObject) : null;
  const argumentsDigest = input === null ? '' : sha256(canonicalText(input));
  // Once before PagerDuty is read, to spare the reading; what counts is asked again under the lock.
  const received = await receive(ctx, agentId, { ask, argumentsDigest, toolset: tool?.toolset ?? null, input });
  refuseBarred(received, ask.tool);
  if (tool === undefined) throw noTool(ask.tool);
  if (!parsed?.success) throw refusedInput(tool, parsed?.error.issues ?? []);
  const earlier = await attach(ctx, { ask, argumentsDigest }, received);
  if (earlier !== null) return earlier;
  if (received.readings === null) throw new Error(`a reading for ${tool.name} was not noted`);
  refuseReadings(received.readings);

  const { agentName, ownerId, actsForId, requesterUserId } = received;
  const asker = { id: agentId, ownerId, actsForId, requesterUserId, undoes: null };
  const shaped = await shape(ctx, asker, tool, ask, parsed.data);
  const { request, ...standing } = await hold(ctx, { toolset: tool.toolset, argumentsDigest, shaped });
  if (request === null) {
    refuseBarred(standing, tool.name);
    const meanwhile = await attach(ctx, { ask, argumentsDigest }, standing);
    if (meanwhile === null) throw new Error('an ask was not held, and nothing speaks against it');
    return meanwhile;
  }
  const facts = { request: request.id, tool: tool.name, agent: agentName };
  ctx.log.info(request.status === 'blocked' ? 'blocked' : 'held', facts);
  return { request, attached: false };
}
