import { and, asc, eq } from 'drizzle-orm';
import { agents, approvalRequests, reviews } from '#db/schema.ts';
import { requirePerson } from '#identity/actor.ts';
import { findWriteTool } from '#pagerduty/tools/index.ts';
import type { Summary } from '#pagerduty/write-tool.ts';
import type { Deciding } from '../context.ts';
import { entitledToApprove, loadReviewer } from '../entitlement.ts';
import { isWebOnly } from '../policy.ts';
import { freshTouched } from '../stored-touched.ts';
import type { RequestRow } from '../transition.ts';

/** One line of a queue. */
export interface SlackQueueItem extends Pick<RequestRow, 'id' | 'version' | 'digest' | 'risk' | 'expiresAt'> {
  /** The tool's title, in our own words. */
  toolTitle: string;
  /** The tool's sentence, with names that PagerDuty knows. */
  title: string;
  services: string[];
  agentName: string;
  webOnly: boolean;
}

export interface SlackQueue {
  /** What this person may approve now, what runs out first on top. */
  waiting: SlackQueueItem[];
  /** How many wait for somebody else. */
  forOthers: number;
}

/** Everything that waits, as far as this person can do something about it. At most 200 are looked at. */
export async function slackQueue(ctx: Deciding): Promise<SlackQueue> {
  const { personId } = requirePerson(ctx.actor);
  const [reviewer, mine, rows] = await Promise.all([
    loadReviewer(ctx, personId),
    ctx.db
      .select({ id: reviews.requestId })
      .from(reviews)
      .innerJoin(approvalRequests, eq(approvalRequests.id, reviews.requestId))
      .where(and(eq(reviews.personId, personId), eq(approvalRequests.status, 'pending'))),
    ctx.db
      .select({ row: approvalRequests, agentName: agents.name })
      .from(approvalRequests)
      .innerJoin(agents, eq(agents.id, approvalRequests.agentId))
      .where(eq(approvalRequests.status, 'pending'))
      .orderBy(asc(approvalRequests.expiresAt))
      .limit(200),
  ]);
  const decided = new Set(mine.map(({ id }) => id));
  const policyIds = rows.flatMap(({ row }) => row.escalationPolicyIds);
  const all = await ctx.onCall.get(policyIds, ctx.limits.onCallMaxAgeSeconds);
  const touchedBy = await freshTouched(
    ctx,
    rows.map(({ row }) => row),
    ctx.limits.touchedMaxAgeSeconds,
  );
  const waiting: SlackQueueItem[] = [];
  for (const { row, agentName } of rows) {
    // Where one of them is not known, the others may be.
    const onCall = all.known ? all : await ctx.onCall.get(row.escalationPolicyIds, ctx.limits.onCallMaxAgeSeconds);
    const { right, moved } = entitledToApprove(reviewer, row, touchedBy(row), onCall, ctx.limits.reviewerLevels);
    if (!right.allowed || moved !== null || decided.has(row.id)) continue;
    const { id, version, digest, risk, expiresAt } = row;
    const { title, services } = row.summary as Summary;
    const toolTitle = findWriteTool(row.tool)?.title ?? 'Change PagerDuty';
    waiting.push({
      id,
      version,
      digest,
      risk,
      expiresAt,
      toolTitle,
      title,
      services,
      agentName,
      webOnly: isWebOnly(risk),
    });
  }
  return { waiting, forOthers: rows.length - waiting.length };
}
