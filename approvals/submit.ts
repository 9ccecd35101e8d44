import { and, count, eq, inArray, sql } from 'drizzle-orm';
import type { Transaction } from '#db/connection.ts';
import { agents, approvalRequests, events, outbox, people, requestSubjects } from '#db/schema.ts';
import { PagerDutyError } from '#pagerduty/errors.ts';
import type { Json, JsonObject } from '#pagerduty/json.ts';
import { findWriteTool } from '#pagerduty/tools/index.ts';
import { findings, visible } from '#pagerduty/visible-text.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { requireAgent } from './actor.ts';
import { canonicalText, digestOf } from './canonical.ts';
import { type Context, later } from './context.ts';
import { ApprovalError } from './errors.ts';
import { newRequestId, sha256 } from './ids.ts';
import { OPEN } from './lifecycle.ts';
import { TERMS } from './limits.ts';
import { admission, raise } from './policy.ts';
import { recordReading } from './read.ts';
import { announce, type RequestRow, transition } from './transition.ts';

export interface Ask {
  tool: string;
  /** The tool's own arguments, from strict JSON. */
  arguments: Json;
  /** The agent's own words for the human. */
  reason?: string;
  /** The same key with the same arguments is the same ask, for ever; with others it is refused. */
  idempotencyKey?: string;
}

export interface Submitted {
  request: RequestRow;
  /** True when the ask was held before and this is that request. */
  attached: boolean;
}

type AgentRow = typeof agents.$inferSelect;
type Reading = Pick<Transaction, 'query' | 'select'>;

/** A sentence for arguments a tool cannot take: field, reason and an example. */
function refusedInput(tool: WriteTool, issues: readonly { path: PropertyKey[]; message: string }[]): ApprovalError {
  const reasons = issues
    .slice(0, 5)
    .map(({ path, message }) => `${path.map(String).join('.') || 'arguments'}: ${message}`);
  const sentence = `${tool.name} was not held. ${reasons.join('; ')}. Example: ${JSON.stringify(tool.example)}`;
  return new ApprovalError('invalid', visible(sentence, { maxCharacters: 1500, maxLines: 20 }).text);
}

async function loadAgent(ctx: Context, tool: string): Promise<AgentRow> {
  const { agentId } = requireAgent(ctx.actor);
  const agent = await ctx.db.query.agents.findFirst({ where: eq(agents.id, agentId) });
  if (!agent || agent.disabledAt !== null) throw new ApprovalError('forbidden', 'This agent is switched off.');
  if (!agent.canWrite) throw new ApprovalError('forbidden', `This agent may not ask for writes, so not for ${tool}.`);
  return agent;
}

function checkSizes(ctx: Context, ask: Ask): void {
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

/** The request an ask attaches to, if there is one. */
async function findSame(db: Reading, agentId: string, ask: Ask, argumentsDigest: string): Promise<RequestRow | null> {
  const mine = eq(approvalRequests.agentId, agentId);
  if (ask.idempotencyKey !== undefined) {
    const keyed = await db.query.approvalRequests.findFirst({
      where: and(mine, eq(approvalRequests.idempotencyKey, ask.idempotencyKey)),
    });
    if (!keyed) return null;
    if (keyed.tool === ask.tool && keyed.argumentsDigest === argumentsDigest) return keyed;
    throw new ApprovalError(
      'conflict',
      `idempotency_key was used before for another ask (${keyed.id}). Use a new one.`,
    );
  }
  const open = await db.query.approvalRequests.findFirst({
    where: and(
      mine,
      eq(approvalRequests.tool, ask.tool),
      eq(approvalRequests.argumentsDigest, argumentsDigest),
      sql`${approvalRequests.idempotencyKey} is null`,
      inArray(approvalRequests.status, OPEN),
    ),
  });
  return open ?? null;
}

async function refuseFlood(ctx: Context, db: Reading, agentId: string): Promise<void> {
  const [row] = await db
    .select({ held: count() })
    .from(approvalRequests)
    .where(and(eq(approvalRequests.agentId, agentId), eq(approvalRequests.status, 'pending')));
  if ((row?.held ?? 0) >= ctx.limits.pendingPerAgent) {
    throw new ApprovalError(
      'limit_exceeded',
      `${row?.held} requests of this agent wait for a human already. Wait for a decision, or withdraw one.`,
      { retryAfterSeconds: 60 },
    );
  }
}

async function readBefore(ctx: Context, tool: WriteTool, input: unknown): Promise<unknown> {
  try {
    return await tool.read(ctx.pagerduty, input);
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

/** The PagerDuty user in whose name the agent asks; null without a link. */
async function requesterOf(ctx: Context, agent: AgentRow): Promise<string | null> {
  const id = agent.actsForId ?? agent.ownerId;
  const person = id === null ? undefined : await ctx.db.query.people.findFirst({ where: eq(people.id, id) });
  return person?.pagerdutyUserId ?? null;
}

/** Everything about the request that never changes again. */
async function shape(ctx: Context, agent: AgentRow, tool: WriteTool, ask: Ask, input: unknown) {
  const id = newRequestId();
  const [requesterUserId, before] = await Promise.all([requesterOf(ctx, agent), readBefore(ctx, tool, input)]);
  const binding = { requestId: id, requesterUserId };
  const admitted = tool.admit(input, before, binding);
  if (!admitted.holds) throw new ApprovalError('precondition_failed', `${tool.name} was not held. ${admitted.because}`);

  const summary = tool.summarize(input, before);
  const touches = tool.touches(input, before);
  const found = [...new Set(strings(ask.arguments).flatMap((text) => findings(text)))];
  const base = tool.risk(input, before);
  const riskReasons = [...base.reasons];
  if (!summary.effect.known) riskReasons.push('The effect could not be computed.');
  if (found.length > 0) riskReasons.push('The arguments contain suspicious text.');
  const risk = raise(base.level, (summary.effect.known ? 0 : 1) + (found.length > 0 ? 1 : 0));
  const canonical = canonicalText({
    tool: tool.name,
    toolVersion: tool.version,
    input,
    call: tool.call(input, binding, before),
    before: tool.state(input, before),
  });
  return {
    row: {
      id,
      agentId: agent.id,
      tool: tool.name,
      toolVersion: tool.version,
      canonical,
      digest: digestOf(canonical),
      idempotencyKey: ask.idempotencyKey ?? null,
      supersedeKey: tool.supersedes(input),
      agentReason: ask.reason?.slice(0, ctx.limits.reasonCharacters * 4).toWellFormed() ?? null,
      risk,
      riskReasons,
      reviewsRequired: TERMS[risk].reviewsRequired,
      summary,
      before,
      undo: tool.undo(input, before, null),
      escalationPolicyIds: touches.escalationPolicyIds,
      findings: found,
      ownerId: agent.ownerId,
      actsForId: agent.actsForId,
      version: 1,
      createdAt: ctx.now(),
      expiresAt: later(ctx.now, TERMS[risk].reviewWindowSeconds),
    },
    subjects: touches.subjects,
    ruling: admission(found),
  };
}

/** The newer of two asks for the same thing replaces the older: its buttons die. */
async function supersede(
  ctx: Context,
  tx: Transaction,
  agentId: string,
  row: { id: string; tool: string; supersedeKey: string | null },
) {
  if (row.supersedeKey === null) return;
  const older = await tx
    .select()
    .from(approvalRequests)
    .where(
      and(
        eq(approvalRequests.agentId, agentId),
        eq(approvalRequests.tool, row.tool),
        eq(approvalRequests.supersedeKey, row.supersedeKey),
        eq(approvalRequests.status, 'pending'),
      ),
    )
    .for('update');
  for (const request of older) {
    await transition(tx, ctx.now, 'pending', 'cancelled', {
      request,
      actor: ctx.actor,
      because: `Replaced by a newer ask for the same thing (${row.id}).`,
      detail: { supersededBy: row.id },
    });
  }
}

/**
 * One transaction: the row is durable before anybody hears of it. Asks of one agent queue up here, so that the same
 * ask made twice at once is one request and the limits are exact.
 */
async function hold(
  ctx: Context,
  ask: Ask,
  argumentsDigest: string,
  { row, subjects, ruling }: Awaited<ReturnType<typeof shape>>,
): Promise<Submitted> {
  const { agentId } = row;
  return ctx.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${agentId}, 0))`);
    const same = await findSame(tx, agentId, ask, argumentsDigest);
    if (same !== null) return { request: same, attached: true };
    // With the lock of a switch-off: either it waits for us and withdraws this too, or we see it.
    const [agent] = await tx.select().from(agents).where(eq(agents.id, agentId)).for('share');
    if (!agent || agent.disabledAt !== null) throw new ApprovalError('forbidden', 'This agent is switched off.');
    await refuseFlood(ctx, tx, agentId);
    if (ruling.allowed) await supersede(ctx, tx, agentId, row);
    const [request] = await tx
      .insert(approvalRequests)
      .values({
        ...row,
        argumentsDigest,
        status: ruling.allowed ? 'pending' : 'blocked',
        because: ruling.allowed ? null : ruling.because,
        finishedAt: ruling.allowed ? null : ctx.now(),
      })
      .returning();
    if (request === undefined) throw new Error('insert … returning gave no row');
    if (subjects.length > 0) {
      await tx.insert(requestSubjects).values(subjects.map((subject) => ({ requestId: request.id, subject })));
    }
    await tx.insert(events).values({
      requestId: request.id,
      version: 1,
      toStatus: request.status,
      actor: ctx.actor,
      because: request.because,
      detail: { digest: request.digest, risk: request.risk },
      at: ctx.now(),
    });
    await tx.insert(outbox).values({ kind: 'slack', requestId: request.id, version: 1, runAt: ctx.now() });
    await announce(tx, request);
    return { request, attached: false };
  });
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
  const agent = await loadAgent(ctx, ask.tool);
  const tool = findWriteTool(ask.tool);
  if (tool === undefined)
    throw new ApprovalError('invalid', `There is no write tool called ${JSON.stringify(ask.tool.slice(0, 60))}.`);
  checkSizes(ctx, ask);
  const parsed = tool.input.safeParse(ask.arguments);
  if (!parsed.success) throw refusedInput(tool, parsed.error.issues);
  const argumentsDigest = sha256(canonicalText(parsed.data as JsonObject));

  // Once before PagerDuty is read, to spare the reading; what counts is asked again under the lock.
  const [same, flood] = await Promise.all([
    findSame(ctx.db, agent.id, ask, argumentsDigest),
    refuseFlood(ctx, ctx.db, agent.id).then(
      () => null,
      (error: unknown) => error,
    ),
  ]);
  // What is held already is answered also to an agent that is at its limit.
  if (same !== null) return { request: same, attached: true };
  if (flood !== null) throw flood;
  await recordReading(ctx, { agentId: agent.id, tool: tool.name, arguments: parsed.data as JsonObject });
  const held = await hold(ctx, ask, argumentsDigest, await shape(ctx, agent, tool, ask, parsed.data));
  const facts = { request: held.request.id, tool: tool.name, agent: agent.name };
  if (!held.attached) ctx.log.info(held.request.status === 'blocked' ? 'blocked' : 'held', facts);
  return held;
}
