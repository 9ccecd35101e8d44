import { eq, type SQL, sql } from 'drizzle-orm';
import { z } from 'zod';
import { later } from '#db/clock.ts';
import { newFence } from '#db/ids.ts';
import { approvalRequests, attempts, people, requestSubjects, reviews } from '#db/schema.ts';
import { PagerDutyError } from '#pagerduty/errors.ts';
import type { OnCall } from '#pagerduty/on-call.ts';
import { oneLook } from '#pagerduty/read-client.ts';
import { stillHolds } from '#pagerduty/tools/evidence/watching.ts';
import { findWriteTool } from '#pagerduty/tools/index.ts';
import { ApprovalError } from '#process/errors.ts';
import { bodyText, canonicalOf, digestOf, type Shown } from './canonical.ts';
import type { Context } from './context.ts';
import { entitledToApprove, loadReviewer } from './entitlement.ts';
import { TERMS } from './limits.ts';
import { isStricter, riskOf } from './policy.ts';
import { reopen, type Stored } from './stored.ts';
import { toolsetArguments } from './toolset-arguments.ts';
import { GONE, type Touched, touchedBy } from './touched.ts';
import { type RequestRow, transition } from './transition.ts';

/** The right to send one request, once, within a time. */
export interface Claim {
  request: RequestRow;
  fence: string;
  method: string;
  path: string;
  /** The bytes that were shown. */
  body: string | null;
  from: string;
  /** `performance.now()` right before the claim was taken: the send deadline counts from here. */
  takenAtMs: number;
}

/**
 * `claimed`: send it now. `ended`: it became stale or cancelled. `not_now`: nothing was changed, try again until the
 * approval runs out (PagerDuty unreachable, or another request executes on the same subject).
 */
export type ClaimAnswer = { kind: 'claimed'; claim: Claim } | { kind: 'ended' } | { kind: 'not_now'; because: string };

/** Why an approved request must not be sent; `wait` when that may pass by itself. */
type Obstacle = { end: 'stale' | 'cancelled'; because: string } | { wait: string };

interface Checked extends Stored {
  from: { email: string; userId: string };
}

const stale = (because: string): Obstacle => ({ end: 'stale', because });

/** Shown = decided on = sent: everything is computed again from what is stored. */
export function recompute(row: RequestRow, digests: readonly string[]): Stored | Obstacle {
  if (digestOf(row.canonical) !== row.digest) return stale('The stored text no longer has the digest that was shown.');
  if (digests.some((digest) => digest !== row.digest)) return stale('A review was given for other bytes.');
  const stored = reopen(row);
  if ('because' in stored) return stale(stored.because);
  const { tool, shown, input, before } = stored;
  const binding = { requestId: row.id, requesterUserId: requesterIn(shown.call.body) };
  return canonicalOf(tool, input, before, binding) === row.canonical
    ? stored
    : stale('The call computed now differs from the one that was shown.');
}

// The requester is a fact of the submission; a later change of the link must not look like tampering.
function requesterIn(body: Shown['call']['body']): string | null {
  const id = body?.requester_id;
  return typeof id === 'string' ? id : null;
}

async function approversOf(ctx: Context, row: RequestRow) {
  const all = await ctx.db.select().from(reviews).where(eq(reviews.requestId, row.id)).orderBy(reviews.id);
  return all.filter((one) => one.decision === 'approve');
}

/** Every counted approver must still have the right, on what PagerDuty says now. */
async function checkRights(
  ctx: Context,
  row: RequestRow,
  personIds: readonly string[],
  { touched, onCall }: { touched: Touched; onCall: OnCall },
): Promise<Obstacle | null> {
  for (const personId of personIds) {
    const reviewer = await loadReviewer(ctx, personId);
    const { right, moved } = entitledToApprove(reviewer, row, touched, onCall, ctx.limits.reviewerLevels);
    if (moved !== null) return stale(moved);
    if (right.allowed) continue;
    if (!onCall.known) return { wait: onCall.because };
    return stale('Somebody who approved may no longer decide on this.');
  }
  return null;
}

const account = z.object({ user: z.object({ id: z.string(), email: z.string() }) });

/** The login e-mail comes from PagerDuty at the moment of sending, never from an argument or an old copy. */
async function resolveFrom(ctx: Context, personId: string): Promise<Checked['from'] | Obstacle> {
  const person = await ctx.db.query.people.findFirst({ where: eq(people.id, personId) });
  const userId = person?.pagerdutyUserId;
  // Unnoticed without `!userId`: whoever is not linked had no right, a moment ago.
  if (!userId) return stale('The last approver is no longer linked to a PagerDuty user.');
  const { user } = await ctx.pagerduty.get(`/users/${encodeURIComponent(userId)}`, account);
  return { email: user.email, userId };
}

/** What the reading says of the world: drift and stricter policy end the request. */
function checkWorld(row: RequestRow, { tool, input, before }: Stored, now: unknown): Obstacle | null {
  const same = stillHolds(tool, input, before, now);
  if (!same.holds) return stale(same.because);
  const { level: risk } = riskOf(tool, input, now, row.findings);
  return isStricter(row.risk, risk) ? stale(`The risk is ${risk} now; it was ${row.risk} when it was approved.`) : null;
}

/** Why whoever asked may not any more, in words for the end of the request. */
const BARRED = {
  off: 'The agent was switched off before this was sent.',
  reads_only: 'The agent was switched off before this was sent.',
  proposer: 'Whoever proposed it was switched off or unlinked before this was sent.',
  toolset: 'The agent may no longer use this tool.',
} as const;

/** Why whoever asked may not any more: the one rule, in SQL; null = may. */
const barred = (ctx: Context, row: RequestRow) =>
  sql<keyof typeof BARRED | null>`asker_barred(agent => ${row.agentId}, proposer => ${row.proposedBy},
    toolset => ${findWriteTool(row.tool)?.toolset ?? null}, ${toolsetArguments(ctx)})`;

async function checkAsker(ctx: Context, row: RequestRow): Promise<Obstacle | null> {
  // A tool that is gone is of no toolset; that the request is stale is said by what opens it.
  if (findWriteTool(row.tool) === undefined) return null;
  const [asker] = await ctx.db.select({ barred: barred(ctx, row) }).from(sql`(select 1) as one`);
  const why = asker?.barred ?? null;
  return why === null ? null : { end: 'cancelled', because: BARRED[why] };
}

async function check(ctx: Context, row: RequestRow): Promise<Checked | Obstacle> {
  const off = await checkAsker(ctx, row);
  if (off !== null) return off;
  const approvals = await approversOf(ctx, row);
  const approvers = [...new Set(approvals.map((one) => one.personId))];
  const needed = Math.max(row.reviewsRequired, TERMS[row.risk].reviewsRequired);
  if (approvers.length < needed) return stale('It has fewer approvals than it needs.');
  const same = recompute(
    row,
    approvals.map((one) => one.digest),
  );
  if (!('tool' in same)) return same;
  const asOf = new Date();
  const look = oneLook(ctx.pagerduty);
  try {
    const [now, onCall] = await Promise.all([
      same.tool.read(look, same.input),
      ctx.onCall.get(row.escalationPolicyIds, 0),
    ]);
    const readings = { touched: touchedBy(same, now, asOf), onCall };
    const obstacle = (await checkRights(ctx, row, approvers, readings)) ?? checkWorld(row, same, now);
    // What a tool did without would look like something that changed.
    const missed = look.missed();
    if (obstacle) return missed === null ? obstacle : { wait: missed.message };
    const from = await resolveFrom(ctx, approvers.at(-1) ?? '');
    return 'email' in from ? { ...same, from } : from;
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    if (error.kind === 'not_found') return stale(GONE);
    return { wait: error.message };
  }
}

async function end(ctx: Context, row: RequestRow, to: 'stale' | 'cancelled', because: string): Promise<ClaimAnswer> {
  await ctx.db.transaction((tx) =>
    transition(tx, ctx.now, 'approved', to, {
      request: row,
      actor: ctx.actor,
      because: `${because} Nothing was sent.`,
    }),
  );
  ctx.log.info(to, { request: row.id, tool: row.tool });
  return { kind: 'ended' };
}

/** Nobody who approved was switched off or unlinked while PagerDuty was being read. */
const approversOn = sql`not exists (select 1 from ${reviews} r join ${people} p on p.id = r.person_id
  where r.request_id = ${approvalRequests.id} and r.decision = 'approve' and (not p.active or p.pagerduty_user_id is null))`;

/** One transaction, no network: status, locks, attempt and event become true together or not at all. */
async function take(ctx: Context, row: RequestRow, checked: Checked, worker: string): Promise<Claim> {
  const { limits } = ctx;
  const fence = newFence();
  const takenAtMs = performance.now();
  return ctx.db.transaction(async (tx) => {
    // Whoever moves a request of the same subject changes these rows, so from here on nobody does until we commit.
    await tx.execute(sql`select 1 from ${requestSubjects} where subject in
      (select subject from ${requestSubjects} where request_id = ${row.id}) order by subject, request_id for update`);
    const request = await transition(tx, ctx.now, 'approved', 'executing', {
      request: row,
      actor: ctx.actor,
      because: 'It is being sent to PagerDuty.',
      detail: { digest: row.digest, fromUserId: checked.from.userId, worker },
      provided: sql`${approvalRequests.approvalExpiresAt} > ${ctx.now()} and ${barred(ctx, row)} is null and ${approversOn} and not ${occupied(ctx, row.id)}`,
    });
    await tx.insert(attempts).values({
      requestId: row.id,
      fence,
      worker,
      fromEmail: checked.from.email,
      fromUserId: checked.from.userId,
      digest: row.digest,
      claimedAt: ctx.now(),
      deadlineAt: later(ctx.now, limits.sendWithinSeconds + limits.callTimeoutSeconds + limits.deathMarginSeconds),
    });
    const { method, path, body } = checked.shown.call;
    return { request, fence, method, path, body: bodyText(body), from: checked.from.email, takenAtMs };
  });
}

/**
 * Whether a call of another request may be on its way to the same subject: executing, or lost and not yet past the
 * window in which it can still arrive. A lost acknowledge that comes after a resolve would reopen the incident.
 */
function occupied(ctx: Context, requestId: string): SQL<boolean> {
  return sql<boolean>`exists (
    select 1 from ${requestSubjects} mine
    join ${requestSubjects} other on other.subject = mine.subject and other.request_id <> mine.request_id
    join ${approvalRequests} holder on holder.id = other.request_id
    where mine.request_id = ${requestId}
      and (other.executing or (holder.status = 'unknown' and holder.settle_after > ${ctx.now()})))`;
}

/** Asked before anything is read, to spare the reading; the claim's own UPDATE asks again. */
async function isBusy(ctx: Context, requestId: string): Promise<boolean> {
  const [row] = await ctx.db.select({ busy: occupied(ctx, requestId) }).from(sql`(select 1) as one`);
  return row?.busy ?? true;
}

const BUSY = { kind: 'not_now', because: 'Another call for the same thing may be on its way.' } as const;

function isSubjectTaken(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'constraint' in cause && cause.constraint === 'one_executing_per_subject';
}

/**
 * Takes the right to send an approved request, after checking everything again: agent, quorum, digest, rights, drift,
 * policy, expiry. At most one caller ever gets it.
 *
 * @param worker a name for the audit.
 * @throws ApprovalError `conflict` when somebody else moved the request first.
 */
export async function claim(ctx: Context, requestId: string, worker: string): Promise<ClaimAnswer> {
  const row = await ctx.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, requestId) });
  if (!row) throw new ApprovalError('not_found', 'There is no such request.');
  if (row.status !== 'approved') throw new ApprovalError('conflict', 'It is not waiting to be sent.');
  if (await isBusy(ctx, row.id)) return BUSY;
  const checked = await check(ctx, row);
  if ('end' in checked) return end(ctx, row, checked.end, checked.because);
  if ('wait' in checked) return { kind: 'not_now', because: checked.wait };
  try {
    return { kind: 'claimed', claim: await take(ctx, row, checked, worker) };
  } catch (error) {
    const lost = error instanceof ApprovalError && error.code === 'conflict';
    if (isSubjectTaken(error) || (lost && (await isBusy(ctx, row.id)))) return BUSY;
    throw error;
  }
}
