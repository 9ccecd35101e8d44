import { and, asc, eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/connection.ts';
import {
  agents,
  approvalRequests,
  events,
  people,
  reviews,
  slackAddresses,
  slackIdentities,
  summonses,
} from '#db/schema.ts';
import type { Actor } from '#identity/actor.ts';
import { findWriteTool } from '#pagerduty/tools/index.ts';
import { type VisibleText, visible } from '#pagerduty/visible-text.ts';
import type { Summary } from '#pagerduty/write-tool.ts';
import { ApprovalError } from '#process/errors.ts';
import { bodyText, shownFrom } from '../canonical.ts';
import type { Context } from '../context.ts';
import { isFinal, MEANING } from '../lifecycle.ts';
import { FALLBACK } from '../limits.ts';
import { isWebOnly } from '../policy.ts';
import type { RequestRow } from '../transition.ts';

/** Somebody of ours, and where Slack knows them. */
export interface SlackPerson {
  personId: string;
  name: string;
  /** For addressing and mentioning only. */
  slackUserId: string | null;
}

/** Somebody who was summoned to decide. */
export interface SlackSummons extends SlackPerson {
  /** Level of the escalation policy; 0 = the fallback group. */
  level: number;
  nudged: boolean;
  /** Somebody else has the shift now: their names; empty when nobody has. Null = it is still theirs. */
  handedTo: string | null;
}

/** What Slack messages tell of a request, all of it as of one version. */
export interface SlackView extends Pick<RequestRow, 'id' | 'version' | 'status' | 'digest' | 'risk' | 'expiresAt'> {
  meaning: (typeof MEANING)[RequestRow['status']];
  final: boolean;
  /** Whether a human may still approve it. */
  decidable: boolean;
  /** Whether approving it takes more than Slack. */
  webOnly: boolean;
  /** Why the status is what it is; null where nothing is to say, or where the agent itself said it. */
  because: string | null;
  /** The tool's title, in our own words. */
  toolTitle: string;
  summary: Summary;
  riskReasons: string[];
  agentName: string;
  /** The human who proposed it, to undo what the agent had asked for; null for what an agent asks itself. */
  proposedByName: string | null;
  /** The asker's own words, already visible; null when it said nothing. */
  agentSays: VisibleText | null;
  /** What is suspicious about the arguments, in our words. */
  findings: string[];
  approvals: (SlackPerson & { at: Date })[];
  reviewsRequired: number;
  /** Those who were summoned, first level first. */
  summoned: SlackSummons[];
  /** Exactly what is sent. */
  call: { method: string; path: string; body: string | null };
}

type Reading = Pick<Transaction, 'select'>;

const slackUserId = sql<string | null>`coalesce(${slackIdentities.userId}, ${slackAddresses.userId})`;

async function loadApprovals(db: Reading, requestId: string): Promise<SlackView['approvals']> {
  const rows = await db
    .select({ personId: people.id, name: people.name, slackUserId, at: reviews.at })
    .from(reviews)
    .innerJoin(people, eq(people.id, reviews.personId))
    .leftJoin(slackIdentities, eq(slackIdentities.personId, people.id))
    .leftJoin(slackAddresses, eq(slackAddresses.personId, people.id))
    .where(and(eq(reviews.requestId, requestId), eq(reviews.decision, 'approve')))
    .orderBy(asc(reviews.id));
  return [...new Map(rows.map((row) => [row.personId, row])).values()];
}

async function loadSummoned(db: Reading, requestId: string): Promise<SlackSummons[]> {
  const rows = await db
    .select({ summons: summonses, name: people.name, slackUserId })
    .from(summonses)
    .innerJoin(people, eq(people.id, summonses.personId))
    .leftJoin(slackIdentities, eq(slackIdentities.personId, people.id))
    .leftJoin(slackAddresses, eq(slackAddresses.personId, people.id))
    .where(eq(summonses.requestId, requestId))
    .orderBy(sql`${summonses.level} = ${FALLBACK}`, asc(summonses.level), asc(summonses.summonedAt), asc(people.name));
  const all = rows.map(({ summons, name, slackUserId: userId }) => ({
    personId: summons.personId,
    name,
    slackUserId: userId,
    level: summons.level,
    nudged: summons.nudgedAt !== null,
    handedTo: summons.endedAt === null ? null : (summons.handedTo ?? ''),
  }));
  return [...new Map(all.map((one) => [one.personId, one])).values()];
}

/**
 * Reads a request for its Slack messages.
 * @throws ApprovalError `not_found`.
 */
export async function getForSlack(ctx: Pick<Context, 'db' | 'limits'>, id: string): Promise<SlackView> {
  return ctx.db.transaction(
    async (tx) => {
      const [found] = await tx
        .select({ row: approvalRequests, agentName: agents.name, proposedByName: people.name, actor: events.actor })
        .from(approvalRequests)
        .innerJoin(agents, eq(agents.id, approvalRequests.agentId))
        .leftJoin(people, eq(people.id, approvalRequests.proposedBy))
        .innerJoin(events, and(eq(events.requestId, approvalRequests.id), eq(events.version, approvalRequests.version)))
        .where(eq(approvalRequests.id, id));
      if (!found) throw new ApprovalError('not_found', 'There is no such request.');
      const { row, agentName, proposedByName } = found;
      const approvals = await loadApprovals(tx, id);
      const summoned = await loadSummoned(tx, id);
      const { call } = shownFrom(row.canonical);
      // Withdrawing, an agent may give a reason: its own words, which have no place among ours.
      const byAgent = (found.actor as Actor).kind === 'agent';
      const { version, status, digest, risk, expiresAt, riskReasons, findings, reviewsRequired } = row;
      const says = row.agentReason;
      return {
        ...{ id, version, status, digest, risk, expiresAt, riskReasons, findings, reviewsRequired },
        meaning: MEANING[status],
        final: isFinal(status),
        decidable: MEANING[status].phase === 'waiting',
        webOnly: isWebOnly(risk),
        because: byAgent ? null : row.because,
        toolTitle: findWriteTool(row.tool)?.title ?? 'Change PagerDuty',
        summary: row.summary as Summary,
        agentName,
        proposedByName,
        agentSays: says === null ? null : visible(says, { maxCharacters: ctx.limits.reasonCharacters }),
        approvals,
        summoned,
        call: { method: call.method, path: call.path, body: bodyText(call.body) },
      };
    },
    // All of it as of one moment: a message must not show the status of one version with the approvals of another.
    { isolationLevel: 'repeatable read', accessMode: 'read only' },
  );
}
