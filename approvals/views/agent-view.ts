import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import { columnsOf, query } from '#db/query.ts';
import { agents, approvalRequests, reviews } from '#db/schema.ts';
import { requireAgent } from '#identity/actor.ts';
import type { JsonObject } from '#pagerduty/json.ts';
import { findWriteTool } from '#pagerduty/tools/index.ts';
import { hasSecret, withoutSecrets } from '#pagerduty/tools/words/secrets.ts';
import { toolsetsOf } from '#pagerduty/toolsets.ts';
import { visible } from '#pagerduty/visible-text.ts';
import type { Summary } from '#pagerduty/write-tool.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Context } from '../context.ts';
import { isFinal, MEANING, type RequestStatus } from '../lifecycle.ts';
import type { RequestRow } from '../transition.ts';
import { undoOf } from '../undo.ts';
import { readRequest } from '../wait.ts';

/** What an agent may know of its own request: never who decided, human words only bounded and marked as data. */
export interface AgentView {
  requestId: string;
  tool: string;
  title: string;
  status: RequestStatus;
  /** true = PagerDuty applied it, false = certainly not, null = not known (yet). */
  executed: boolean | null;
  final: boolean;
  /** In words: whether the tool ran, and why things are as they are. */
  explanation: string;
  /** A human's note on a denial: data, not an instruction. */
  humanNote: string | null;
  /** What PagerDuty answered; null unless it was applied. */
  result: unknown;
  /** What the agent may ask for to take it back; null unless it was applied and can be undone. */
  undo: { tool: string; arguments: JsonObject } | null;
  createdAt: Date;
  expiresAt: Date;
}

/** Statuses whose reason is written by the system and names no human. */
const SYSTEM_REASON: Record<RequestStatus, boolean> = {
  blocked: true,
  pending: false,
  approved: false,
  executing: false,
  succeeded: true,
  failed: true,
  unknown: true,
  denied: false,
  expired: true,
  cancelled: true,
  stale: true,
};

/** An ordinary ask, for which an ordinary approval is needed. */
async function undoFor(ctx: Pick<Context, 'db' | 'toolsets'>, row: RequestRow): Promise<AgentView['undo']> {
  if (MEANING[row.status].ran !== true) return null;
  const undo = undoOf(row);
  if (!undo.possible || undo.input === null) return null;
  // Former values are PagerDuty's own text, word for word: no reading would have told the agent a secret in it.
  if (hasSecret(JSON.stringify(undo.input))) return null;
  const agent = await ctx.db.query.agents.findFirst({ where: eq(agents.id, row.agentId) });
  const toolset = findWriteTool(undo.tool)?.toolset;
  const offered = toolset !== undefined && toolsetsOf(agent?.toolsets ?? null, ctx.toolsets).includes(toolset);
  return offered ? { tool: undo.tool, arguments: undo.input } : null;
}

function render(row: RequestRow, humanNote: string | null, undo: AgentView['undo']): AgentView {
  const meaning = MEANING[row.status];
  const known = row.because === null || row.because === meaning.sentence;
  const why = SYSTEM_REASON[row.status] && !known ? ` ${row.because}` : '';
  return {
    requestId: row.id,
    tool: row.tool,
    // Names in it are PagerDuty's, for which agents get the same protection as in a reading.
    title: withoutSecrets((row.summary as Summary).title),
    status: row.status,
    executed: meaning.ran,
    final: isFinal(row.status),
    explanation: `${meaning.sentence}${why}`,
    humanNote,
    result: row.result ?? null,
    undo,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
  };
}

/** The agent's view of a row it owns. */
export async function viewForAgent(ctx: Pick<Context, 'db' | 'toolsets'>, row: RequestRow): Promise<AgentView> {
  if (row.status !== 'denied') return render(row, null, await undoFor(ctx, row));
  const [deny] = await ctx.db
    .select({ reason: reviews.reason })
    .from(reviews)
    .where(and(eq(reviews.requestId, row.id), eq(reviews.decision, 'deny')));
  return render(row, deny?.reason ? visible(deny.reason, { maxCharacters: 300, maxLines: 4 }).text : null, null);
}

/** What a human proposed is the human's, also where it undoes what the agent had asked for. */
const askedBy = (agentId: string) => and(eq(approvalRequests.agentId, agentId), isNull(approvalRequests.proposedBy));

/**
 * A request of the asking agent.
 * @throws ApprovalError `not_found`, the same for what does not exist and for what is another agent's.
 */
export async function getForAgent(ctx: Context, requestId: string): Promise<RequestRow> {
  const { agentId } = requireAgent(ctx.actor);
  const row = await ctx.db.query.approvalRequests.findFirst({
    where: and(eq(approvalRequests.id, requestId), askedBy(agentId)),
  });
  if (!row)
    throw new ApprovalError('not_found', 'There is no such request of yours. list_my_requests shows what there is.');
  return row;
}

/** The newest requests of the asking agent. */
export async function listForAgent(
  ctx: Context,
  filter: { status?: RequestStatus; limit: number },
): Promise<AgentView[]> {
  const { agentId } = requireAgent(ctx.actor);
  const rows = await ctx.db.query.approvalRequests.findMany({
    where: and(askedBy(agentId), filter.status ? eq(approvalRequests.status, filter.status) : undefined),
    orderBy: desc(approvalRequests.createdAt),
    limit: filter.limit,
  });
  return Promise.all(rows.map((row) => viewForAgent(ctx, row)));
}

/** Notes that the agent has its handle: from now on silence is patience, not absence. */
export async function markDelivered(ctx: Context, requestId: string): Promise<void> {
  // Not worth waiting for the disk: lost in a crash of the database, the request is withdrawn as if nobody waited.
  await ctx.db.execute(sql`
    with hurry as materialized (select set_config('synchronous_commit', 'off', true))
    update ${approvalRequests} set delivered_at = ${ctx.now()} from hurry
      where ${approvalRequests.id} = ${requestId} and ${approvalRequests.deliveredAt} is null`);
}

const columns = columnsOf(approvalRequests, 'r');

/** A request as it is now, which its agent is about to get: reads it and notes the delivery in one query. */
export async function readDelivered(
  ctx: Pick<Context, 'db' | 'now'>,
  requestId: string,
): Promise<RequestRow | undefined> {
  const [delivered] = await query<RequestRow>(
    ctx.db,
    sql`with hurry as materialized (select set_config('synchronous_commit', 'off', true))
      update ${approvalRequests} r set delivered_at = ${ctx.now()} from hurry
        where r.id = ${requestId} and r.delivered_at is null and r.finished_at is null
        returning ${columns}`,
  );
  return delivered ?? readRequest(ctx, requestId);
}
