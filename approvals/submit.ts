import { and, eq, inArray, type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '#db/connection.ts';
import { agents, approvalRequests, events, outbox, people, requestSubjects } from '#db/schema.ts';
import { PagerDutyError } from '#pagerduty/errors.ts';
import type { Json, JsonObject } from '#pagerduty/json.ts';
import { oneLook } from '#pagerduty/read-client.ts';
import { findWriteTool } from '#pagerduty/tools/index.ts';
import { findings } from '#pagerduty/visible-text.ts';
import type { WriteTool } from '#pagerduty/write-tool.ts';
import { requireAgent } from './actor.ts';
import { refusedArguments } from './arguments.ts';
import { canonicalText, digestOf } from './canonical.ts';
import { type Context, later } from './context.ts';
import { ApprovalError } from './errors.ts';
import { newRequestId, sha256 } from './ids.ts';
import { OPEN } from './lifecycle.ts';
import { TERMS } from './limits.ts';
import { admission, raise } from './policy.ts';
import { recordReading } from './read.ts';
import { toolsetsOf } from './toolsets.ts';
import { announcement, type RequestRow, transition } from './transition.ts';

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

/** Who asks: an agent, or a human who proposes to undo what an agent had asked for. */
export interface Asker extends Pick<AgentRow, 'id' | 'ownerId' | 'actsForId'> {
  /** Null for an agent's own ask. */
  undoes: { requestId: string; proposedBy: string } | null;
}

type Reading = Pick<Transaction, 'query' | 'execute'>;

/** A sentence for arguments a tool cannot take: field, reason and an example. */
export function refusedInput(
  tool: WriteTool,
  issues: readonly { path: PropertyKey[]; message: string }[],
): ApprovalError {
  return new ApprovalError('invalid', refusedArguments(`${tool.name} was not held.`, issues, tool.example));
}

async function loadAgent(ctx: Context, agentId: string, tool: string): Promise<AgentRow> {
  const agent = await ctx.db.query.agents.findFirst({ where: eq(agents.id, agentId) });
  if (!agent || agent.disabledAt !== null) throw new ApprovalError('forbidden', 'This agent is switched off.');
  if (!agent.canWrite) throw new ApprovalError('forbidden', `This agent may not ask for writes, so not for ${tool}.`);
  return agent;
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

interface Standing {
  /** The request an ask attaches to; null = none. */
  sameId: string | null;
  /** Requests of the agent's own that wait for a human. */
  held: number;
  /** False once it is switched off. */
  on: boolean;
}

/** The request with the ask's key, or the open one that asks for the same. */
function sameAsk(agentId: string, ask: Ask, argumentsDigest: string): SQL {
  const { tool, idempotencyKey: key } = ask;
  if (key !== undefined) return sql`agent_id = ${agentId} and idempotency_key = ${key}`;
  return sql`agent_id = ${agentId} and tool = ${tool} and arguments_digest = ${argumentsDigest}
    and idempotency_key is null and proposed_by is null and ${inArray(approvalRequests.status, OPEN)}`;
}

/**
 * How an agent stands towards an ask, in one question. Under the lock also against a switch-off: either that waits for
 * us and withdraws this ask too, or we see it.
 */
async function standing(db: Reading, agentId: string, ask: Ask, argumentsDigest: string, lock: 'share' | null) {
  const found = await db.execute<{ same_id: string | null; held: number; on: boolean }>(sql`
    select ${agents.disabledAt} is null as on,
      (select id from ${approvalRequests} where ${sameAsk(agentId, ask, argumentsDigest)} limit 1) as same_id,
      (select count(*)::int from ${approvalRequests}
        where agent_id = ${agentId} and status = 'pending' and proposed_by is null) as held
    from ${agents} where ${agents.id} = ${agentId} ${lock === 'share' ? sql`for share of agents` : sql``}`);
  const [row] = found.rows;
  return { sameId: row?.same_id ?? null, held: row?.held ?? 0, on: row?.on ?? false } satisfies Standing;
}

/** The request an ask attaches to. @throws ApprovalError `conflict` when its key was used for another ask. */
async function attach(db: Reading, sameId: string, ask: Ask, argumentsDigest: string): Promise<Submitted> {
  const request = await db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, sameId) });
  if (request?.tool === ask.tool && request.argumentsDigest === argumentsDigest) return { request, attached: true };
  throw new ApprovalError('conflict', `idempotency_key was used before for another ask (${sameId}). Use a new one.`);
}

function refuseFlood({ limits }: Context, { held }: Standing): void {
  if (held < limits.pendingPerAgent) return;
  const message = `${held} requests of this agent wait for a human already. Wait for a decision, or withdraw one.`;
  throw new ApprovalError('limit_exceeded', message, { retryAfterSeconds: 60 });
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

/** The PagerDuty user in whose name it is asked; null without a link. */
async function requesterOf(ctx: Context, asker: Asker): Promise<string | null> {
  const id = asker.undoes?.proposedBy ?? asker.actsForId ?? asker.ownerId;
  const person = id === null ? undefined : await ctx.db.query.people.findFirst({ where: eq(people.id, id) });
  return person?.pagerdutyUserId ?? null;
}

/** Everything about the request that never changes again. @throws ApprovalError as {@link submit}. */
export async function shape(ctx: Context, asker: Asker, tool: WriteTool, ask: Ask, input: unknown) {
  const id = newRequestId();
  const [requesterUserId, before] = await Promise.all([requesterOf(ctx, asker), readBefore(ctx, tool, input)]);
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

type Shaped = Awaited<ReturnType<typeof shape>>;

/** The row with what it touches, its first event and its deliveries, in the caller's transaction. */
export async function insertRequest(
  ctx: Context,
  tx: Transaction,
  argumentsDigest: string,
  { row, subjects, ruling }: Shaped,
): Promise<RequestRow> {
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
  const { digest, risk: level, linkedTo } = request;
  const detail = { digest, risk: level, ...(linkedTo === null ? {} : { undoes: linkedTo }) };
  // One statement: each round trip to the database is half a millisecond that the agent waits.
  await tx.execute(sql`
    with touched as (
      insert into ${requestSubjects} (request_id, subject)
        select ${request.id}, jsonb_array_elements_text(${JSON.stringify(subjects)}::jsonb)),
    event as (
      insert into ${events} (request_id, version, to_status, actor, because, detail, at)
        values (${request.id}, 1, ${request.status}, ${JSON.stringify(ctx.actor)}::jsonb, ${request.because},
          ${JSON.stringify(detail)}::jsonb, ${ctx.now()}))
    insert into ${outbox} (kind, request_id, version, run_at) values ('slack', ${request.id}, 1, ${ctx.now()})
      returning ${announcement(request)}`);
  return request;
}

/**
 * One transaction: the row is durable before anybody hears of it. Asks of one agent queue up here, so that the same
 * ask made twice at once is one request and the limits are exact.
 */
async function hold(ctx: Context, ask: Ask, argumentsDigest: string, shaped: Shaped): Promise<Submitted> {
  const { row, ruling } = shaped;
  const { agentId } = row;
  return ctx.db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${agentId}, 0))`);
    const now = await standing(tx, agentId, ask, argumentsDigest, 'share');
    if (now.sameId !== null) return attach(tx, now.sameId, ask, argumentsDigest);
    if (!now.on) throw new ApprovalError('forbidden', 'This agent is switched off.');
    refuseFlood(ctx, now);
    if (ruling.allowed) await supersede(ctx, tx, agentId, row);
    return { request: await insertRequest(ctx, tx, argumentsDigest, shaped), attached: false };
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
  const { agentId } = requireAgent(ctx.actor);
  checkSizes(ctx, ask);
  const tool = findWriteTool(ask.tool);
  const parsed = tool?.input.safeParse(ask.arguments);
  const argumentsDigest = parsed?.success ? sha256(canonicalText(parsed.data as JsonObject)) : '';
  // Once before PagerDuty is read, to spare the reading; what counts is asked again under the lock.
  const [agent, now] = await Promise.all([
    loadAgent(ctx, agentId, ask.tool),
    standing(ctx.db, agentId, ask, argumentsDigest, null),
  ]);
  // Outside its toolsets an agent is told what it would be told of a tool that does not exist.
  if (tool === undefined || !toolsetsOf(agent.toolsets, ctx.toolsets).includes(tool.toolset))
    throw new ApprovalError('invalid', `There is no write tool called ${JSON.stringify(ask.tool.slice(0, 60))}.`);
  if (!parsed?.success) throw refusedInput(tool, parsed?.error.issues ?? []);
  // What is held already is answered also to an agent that is at its limit.
  if (now.sameId !== null) return attach(ctx.db, now.sameId, ask, argumentsDigest);
  refuseFlood(ctx, now);
  await recordReading(ctx, { agentId: agent.id, tool: tool.name, arguments: parsed.data as JsonObject });
  const shaped = await shape(ctx, { ...agent, undoes: null }, tool, ask, parsed.data);
  const held = await hold(ctx, ask, argumentsDigest, shaped);
  const facts = { request: held.request.id, tool: tool.name, agent: agent.name };
  if (!held.attached) ctx.log.info(held.request.status === 'blocked' ? 'blocked' : 'held', facts);
  return held;
}
