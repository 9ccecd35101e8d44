import { and, eq, sql } from 'drizzle-orm';
import { agents, approvalRequests, events, people, reviews } from '#db/schema.ts';
import { findWriteTool } from '#pagerduty/tools/index.ts';
import type { Summary } from '#pagerduty/write-tool.ts';
import type { Actor } from './actor.ts';
import type { Context } from './context.ts';
import { ApprovalError } from './errors.ts';
import { can, MEANING } from './lifecycle.ts';
import type { RequestRow } from './transition.ts';

/** What a Slack message tells of a request. Nothing in it is the agent's reason. */
export interface SlackView extends Pick<RequestRow, 'id' | 'version' | 'digest' | 'risk' | 'expiresAt'> {
  meaning: (typeof MEANING)[RequestRow['status']];
  /** Whether a human may still approve it. */
  decidable: boolean;
  /** Why the status is what it is; null where nothing is to say, or where the agent itself said it. */
  because: string | null;
  /** The tool's title, in our own words. */
  toolTitle: string;
  summary: Summary;
  agentName: string;
  /** The human who proposed it, to undo what the agent had asked for; null for an agent's own ask. */
  proposedByName: string | null;
  approvals: number;
  reviewsRequired: number;
}

/**
 * Reads a request for its Slack message, all of it as of one version.
 * @throws ApprovalError `not_found`.
 */
export async function getForSlack(ctx: Pick<Context, 'db'>, id: string): Promise<SlackView> {
  const approved = ctx.db
    .select({ count: sql`count(distinct ${reviews.personId})` })
    .from(reviews)
    .where(and(eq(reviews.requestId, approvalRequests.id), eq(reviews.decision, 'approve')));
  const [found] = await ctx.db
    .select({
      row: approvalRequests,
      agentName: agents.name,
      proposedByName: people.name,
      actor: events.actor,
      approvals: sql<number>`(${approved})::integer`,
    })
    .from(approvalRequests)
    .innerJoin(agents, eq(agents.id, approvalRequests.agentId))
    .leftJoin(people, eq(people.id, approvalRequests.proposedBy))
    .innerJoin(events, and(eq(events.requestId, approvalRequests.id), eq(events.version, approvalRequests.version)))
    .where(eq(approvalRequests.id, id));
  if (!found) throw new ApprovalError('not_found', 'There is no such request.');
  const { row, agentName, proposedByName, approvals } = found;
  // Withdrawing, an agent may give a reason: its own words, which have no place here.
  const byAgent = (found.actor as Actor).kind === 'agent';
  return {
    id: row.id,
    version: row.version,
    digest: row.digest,
    risk: row.risk,
    expiresAt: row.expiresAt,
    meaning: MEANING[row.status],
    decidable: can.approve(row.status).allowed,
    because: byAgent ? null : row.because,
    toolTitle: findWriteTool(row.tool)?.title ?? 'Change PagerDuty',
    summary: row.summary as Summary,
    agentName,
    proposedByName,
    approvals,
    reviewsRequired: row.reviewsRequired,
  };
}
