import { and, asc, desc, eq, inArray, isNull, ne, notInArray, or, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { agents, approvalRequests, attempts, events, people, reads, reviews } from '#db/schema.ts';
import { type Actor, requirePerson } from '#identity/actor.ts';
import { writeTools } from '#pagerduty/tools/index.ts';
import { type Leaf, unsaid } from '#pagerduty/unsaid.ts';
import { visible } from '#pagerduty/visible-text.ts';
import type { Summary, Undo } from '#pagerduty/write-tool.ts';
import { ApprovalError } from '#process/errors.ts';
import { mayCancel } from '../cancel.ts';
import { bodyText, shownFrom } from '../canonical.ts';
import type { Context } from '../context.ts';
import { type Act, entitlement, loadReviewer } from '../entitlement.ts';
import { can, isFinal, MEANING, OPEN, type Permission, type RequestStatus } from '../lifecycle.ts';
import { onCallNames, type Reviewer } from '../policy.ts';
import { noteSecrets, type SecretNote } from '../secrets.ts';
import type { RequestRow } from '../transition.ts';
import { mayUndo, undoOf } from '../undo.ts';

export interface RequestListItem {
  id: string;
  version: number;
  status: RequestStatus;
  final: boolean;
  risk: 'low' | 'medium' | 'high' | 'critical';
  title: string;
  services: string[];
  agentName: string;
  /** The human who proposed it, to undo another; null where the agent asks. */
  proposedByName: string | null;
  createdAt: Date;
  expiresAt: Date;
  /** When it became final; null while it is open. */
  finishedAt: Date | null;
  because: string | null;
  reviewsRequired: number;
}

const proposer = alias(people, 'proposer');

const item = {
  id: approvalRequests.id,
  version: approvalRequests.version,
  status: approvalRequests.status,
  risk: approvalRequests.risk,
  summary: approvalRequests.summary,
  agentName: agents.name,
  proposedByName: proposer.name,
  createdAt: approvalRequests.createdAt,
  expiresAt: approvalRequests.expiresAt,
  finishedAt: approvalRequests.finishedAt,
  because: approvalRequests.because,
  reviewsRequired: approvalRequests.reviewsRequired,
};

async function list(
  ctx: Pick<Context, 'db'>,
  where: SQL | undefined,
  order: SQL,
  limit: number,
): Promise<RequestListItem[]> {
  const rows = await ctx.db
    .select(item)
    .from(approvalRequests)
    .innerJoin(agents, eq(agents.id, approvalRequests.agentId))
    .leftJoin(proposer, eq(proposer.id, approvalRequests.proposedBy))
    .where(where)
    .orderBy(order)
    .limit(limit);
  return rows.map(({ summary, ...row }) => {
    const { title, services } = summary as Summary;
    return { ...row, title, services, final: isFinal(row.status) };
  });
}

/** Everything that is not over, what runs out first on top; at most 200. */
export function listOpen(ctx: Pick<Context, 'db'>): Promise<RequestListItem[]> {
  return list(ctx, inArray(approvalRequests.status, OPEN), asc(approvalRequests.expiresAt), 200);
}

/** What else waits for a decision that this person has not made and that is not about what they want themselves. */
export async function nextFor(ctx: Pick<Context, 'db' | 'actor'>, id: string): Promise<RequestListItem | null> {
  const { personId } = requirePerson(ctx.actor);
  const { ownerId, actsForId, proposedBy, status, expiresAt } = approvalRequests;
  const decided = sql`exists (select 1 from ${reviews} v where v.request_id = ${approvalRequests.id} and v.person_id = ${personId})`;
  const own = sql`${personId} in (${ownerId}, ${actsForId}, ${proposedBy})`;
  const others = sql`not ${decided} and ${own} is not true and ${approvalRequests.id} <> ${id}`;
  const [next] = await list(ctx, and(eq(status, 'pending'), others), asc(expiresAt), 1);
  return next ?? null;
}

/** What is over, newest first. */
export function listClosed(ctx: Pick<Context, 'db'>, limit = 30): Promise<RequestListItem[]> {
  const over = sql`${approvalRequests.finishedAt} is not null`;
  return list(ctx, over, desc(approvalRequests.finishedAt), limit);
}

export interface TimelineEntry {
  version: number;
  toStatus: RequestStatus;
  /** False for what happened within a status, e.g. the first of two approvals. */
  moved: boolean;
  /** Who did it, in words. */
  by: string;
  because: string | null;
  detail: Record<string, unknown> | null;
  at: Date;
}

export interface RequestDetail extends RequestListItem {
  tool: string;
  digest: string;
  summary: Summary;
  /** As the tool says now; once it was sent, with what PagerDuty answered. */
  undo: Undo;
  /** What this one undoes; null for what an agent asks. */
  undoes: { id: string; title: string } | null;
  /** What was proposed to undo this one, newest first. */
  undoneBy: RequestListItem[];
  /** What only humans may see of PagerDuty's answer; never the values. */
  secrets: SecretNote[];
  riskReasons: string[];
  /** Empty: it belongs to none, and the fallback group decides. */
  escalationPolicyIds: string[];
  /** Exactly what is sent: `body` is the text of the HTTP body. */
  call: { method: string; path: string; body: string | null };
  /** What the call carries that no line of the summary says word for word. */
  unsaid: Leaf[];
  canonical: string;
  findings: string[];
  /** The asker's own words, made visible; null when it said nothing. */
  agentSays: { text: string; findings: string[] } | null;
  agent: { name: string; ownerName: string | null; actsForName: string | null };
  /** Other asks of the agent in the last hour, newest first, at most 10. */
  alsoAsked: RequestListItem[];
  /** Reads of the agent before it asked, newest first, at most 8. */
  hadRead: { tool: string; arguments: string; at: Date }[];
  reviews: {
    personId: string;
    personName: string;
    decision: 'approve' | 'deny';
    reason: string | null;
    entitlement: string;
    surface: string;
    at: Date;
  }[];
  approvals: number;
  timeline: TimelineEntry[];
  attempt: {
    claimedAt: Date;
    finishedAt: Date | null;
    outcome: string | null;
    httpStatus: number | null;
    fromEmail: string;
  } | null;
  settleAfter: Date | null;
  result: unknown;
  /** What the signed-in person may do, with the refusing sentence. */
  may: Record<'approve' | 'deny' | 'cancel' | 'settle' | 'undo', Permission>;
  onCall: { known: boolean; asOf: Date | null; names: string[]; because: string | null };
  meaning: (typeof MEANING)[RequestStatus];
  /** The database's time when this was read. */
  now: Date;
}

const owner = alias(people, 'owner');
const actsFor = alias(people, 'acts_for');

async function loadRow(ctx: Context, id: string) {
  const [found] = await ctx.db
    .select({
      row: approvalRequests,
      agentName: agents.name,
      ownerName: owner.name,
      actsForName: actsFor.name,
      proposedByName: proposer.name,
      now: sql<string>`${ctx.now()}`,
    })
    .from(approvalRequests)
    .innerJoin(agents, eq(agents.id, approvalRequests.agentId))
    .leftJoin(owner, eq(owner.id, approvalRequests.ownerId))
    .leftJoin(actsFor, eq(actsFor.id, approvalRequests.actsForId))
    .leftJoin(proposer, eq(proposer.id, approvalRequests.proposedBy))
    .where(eq(approvalRequests.id, id));
  if (!found) throw new ApprovalError('not_found', 'There is no such request.');
  return found;
}

async function loadReads(ctx: Context, agentId: string, before: Date): Promise<RequestDetail['hadRead']> {
  const rows = await ctx.db
    .select()
    .from(reads)
    .where(
      and(eq(reads.agentId, agentId), sql`${reads.at} <= ${before}`, notInArray(reads.tool, Object.keys(writeTools))),
    )
    .orderBy(desc(reads.at))
    .limit(8);
  return rows.map((row) => ({
    tool: row.tool,
    arguments: visible(JSON.stringify(row.arguments), { maxCharacters: 120, maxLines: 1 }).text,
    at: row.at,
  }));
}

const PARTS = { sender: 'the sender', clock: 'the clock', settler: 'the settler', command: 'an operator' };

async function loadTimeline(ctx: Context, id: string, agentName: string): Promise<TimelineEntry[]> {
  const rows = await ctx.db
    .select({ event: events, personName: people.name })
    .from(events)
    .leftJoin(people, eq(people.id, sql`${events.actor} ->> 'personId'`))
    .where(eq(events.requestId, id))
    .orderBy(asc(events.version));
  return rows.map(({ event, personName }) => {
    const actor = event.actor as Actor;
    const by =
      actor.kind === 'agent' ? agentName : actor.kind === 'system' ? PARTS[actor.part] : (personName ?? 'somebody');
    const { version, toStatus, because, at } = event;
    return {
      version,
      toStatus,
      moved: event.fromStatus !== toStatus,
      by,
      because,
      detail: event.detail as TimelineEntry['detail'],
      at,
    };
  });
}

async function loadReviews(ctx: Context, id: string): Promise<RequestDetail['reviews']> {
  return ctx.db
    .select({
      personId: people.id,
      personName: people.name,
      decision: reviews.decision,
      reason: reviews.reason,
      entitlement: reviews.entitlement,
      surface: reviews.surface,
      at: reviews.at,
    })
    .from(reviews)
    .innerJoin(people, eq(people.id, reviews.personId))
    .where(eq(reviews.requestId, id))
    .orderBy(asc(reviews.id));
}

/** First the status, then the right: one sentence for the disabled button. Rights are asked only where they matter. */
async function permissions(ctx: Context, row: RequestRow, reviewer: Reviewer): Promise<RequestDetail['may']> {
  const { personId } = reviewer;
  const right = async (act: Act): Promise<Permission> => {
    const { right, moved } = await entitlement(ctx, row, personId, act);
    if (!right.allowed) return { allowed: false, because: right.because };
    return moved === null ? { allowed: true } : { allowed: false, because: moved };
  };
  const [mine] = await ctx.db
    .select({ id: reviews.id })
    .from(reviews)
    .where(and(eq(reviews.requestId, row.id), eq(reviews.personId, personId), eq(reviews.decision, 'approve')));
  const then = async (first: Permission, next: () => Permission | Promise<Permission>) =>
    first.allowed ? await next() : first;
  const once: Permission = mine
    ? { allowed: false, because: 'You have approved already. Somebody else must approve too.' }
    : { allowed: true };
  const whose = row.proposedBy === null ? "the agent's owner" : 'whoever proposed it';
  const ownOnly: Permission = mayCancel(ctx.actor, row)
    ? { allowed: true }
    : { allowed: false, because: `Only ${whose} can withdraw it. Deny it instead.` };
  const [approve, deny, cancel, settle, undo] = await Promise.all([
    then(can.approve(row.status), () => then(once, () => right('approve'))),
    then(can.deny(row.status), () => right('deny')),
    then(can.cancel(row.status), () => ownOnly),
    then(can.settle(row.status), () => right('after')),
    then(mayUndo(row), () => right('after')),
  ]);
  return { approve, deny, cancel, settle, undo };
}

async function loadOriginal(ctx: Context, id: string | null): Promise<RequestDetail['undoes']> {
  if (id === null) return null;
  const [found] = await list(ctx, eq(approvalRequests.id, id), asc(approvalRequests.createdAt), 1);
  return found ? { id: found.id, title: found.title } : null;
}

/**
 * Everything the card shows to the signed-in person, except the live reading of PagerDuty.
 * @throws ApprovalError `not_found`, `forbidden`.
 */
export async function getDetail(ctx: Context, id: string): Promise<RequestDetail> {
  const { row, agentName, ownerName, actsForName, proposedByName, now } = await loadRow(ctx, id);
  const reviewer = await loadReviewer(ctx, requirePerson(ctx.actor).personId);
  const hourBefore = sql`${row.createdAt}::timestamptz - interval '1 hour'`;
  const sameAgent = and(
    eq(approvalRequests.agentId, row.agentId),
    ne(approvalRequests.id, id),
    isNull(approvalRequests.proposedBy),
    sql`${approvalRequests.createdAt} > ${hourBefore}`,
  );
  const undoing = eq(approvalRequests.linkedTo, id);
  const [onCall, attempt, alsoAsked, hadRead, timeline, given, undoes, undoneBy, secrets] = await Promise.all([
    ctx.onCall.get(row.escalationPolicyIds, ctx.limits.onCallMaxAgeSeconds),
    ctx.db.query.attempts.findFirst({ where: eq(attempts.requestId, id) }),
    list(ctx, sameAgent, desc(approvalRequests.createdAt), 10),
    loadReads(ctx, row.agentId, row.createdAt),
    loadTimeline(ctx, id, agentName),
    loadReviews(ctx, id),
    loadOriginal(ctx, row.linkedTo),
    list(ctx, undoing, desc(approvalRequests.createdAt), 10),
    noteSecrets(ctx, row, reviewer),
  ]);
  const { call } = shownFrom(row.canonical);
  const summary = row.summary as Summary;
  return {
    ...row,
    title: summary.title,
    services: summary.services,
    summary,
    final: isFinal(row.status),
    undo: MEANING[row.status].ran === true ? undoOf(row) : (row.undo as Undo),
    undoes,
    undoneBy,
    secrets,
    call: { method: call.method, path: call.path, body: bodyText(call.body) },
    unsaid: unsaid(call.body, summary),
    agentSays:
      row.agentReason === null ? null : visible(row.agentReason, { maxCharacters: ctx.limits.reasonCharacters }),
    agentName,
    proposedByName,
    agent: { name: agentName, ownerName, actsForName },
    alsoAsked,
    hadRead,
    reviews: given,
    approvals: new Set(given.filter((one) => one.decision === 'approve').map((one) => one.personId)).size,
    timeline,
    attempt: attempt ?? null,
    may: await permissions(ctx, row, reviewer),
    onCall: {
      known: onCall.known,
      asOf: onCall.known ? onCall.asOf : null,
      names: onCallNames(onCall, ctx.limits.reviewerLevels),
      because: onCall.known ? null : onCall.because,
    },
    meaning: MEANING[row.status],
    now: new Date(now),
  };
}

/** How many requests wait for a human. */
export async function countWaiting(ctx: Pick<Context, 'db'>): Promise<number> {
  return ctx.db.$count(
    approvalRequests,
    or(eq(approvalRequests.status, 'pending'), eq(approvalRequests.status, 'unknown')),
  );
}
