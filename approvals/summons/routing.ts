import { and, eq, inArray, isNotNull, isNull, lte, notInArray, type SQL, sql } from 'drizzle-orm';
import type { Transaction } from '#db/connection.ts';
import { approvalRequests, people, routes, summonses } from '#db/schema.ts';
import { addDelivery } from '#outbox/deliveries.ts';
import { CHANNEL, inPlace } from '#outbox/place.ts';
import type { OnCall, OnCallEntry } from '#pagerduty/on-call.ts';
import type { Context } from '../context.ts';
import { reviewableFrom } from '../entitlement.ts';
import { FALLBACK, ROUTES } from '../limits.ts';
import type { RequestRow } from '../transition.ts';
import { policiesInQuestion, storeOnCall } from './stored-on-call.ts';

// Who is summoned to decide, and when. A summons gives no right: that is looked at when somebody decides.

const BATCH = 50;

type Summons = typeof summonses.$inferSelect;
type Person = typeof people.$inferSelect;

/** Makes what one person is told of a request due. */
async function tell(ctx: Context, tx: Transaction, requestId: string, personId: string): Promise<void> {
  await addDelivery(tx, ctx.now, { kind: 'slack', requestId, ...inPlace({ kind: 'person', personId }) });
}

/** Timers of requests that nobody has one for yet. A request that is over needs none. */
async function startRoutes(ctx: Context): Promise<void> {
  await ctx.db.execute(sql`
    insert into ${routes} (request_id, next_at)
      select id, created_at from ${approvalRequests} r
        where status = 'pending' and not exists (select 1 from ${routes} where request_id = r.id)
      on conflict do nothing`);
}

/** Whether it makes sense to summon somebody at all: whoever can be told and could decide. */
function canBeSummoned(row: RequestRow, person: Person): boolean {
  return person.active && person.pagerdutyUserId !== null && !reviewableFrom(row).requesterChain.includes(person.id);
}

/**
 * A request as long as it waits. Nobody can decide on it until the transaction is over; one that is being decided on is
 * left for the next time, since whoever waits for its lock keeps it from the sender for a moment.
 */
async function stillWaiting(tx: Transaction, requestId: string): Promise<RequestRow | null> {
  const waits = and(eq(approvalRequests.id, requestId), eq(approvalRequests.status, 'pending'));
  const [row] = await tx.select().from(approvalRequests).where(waits).for('share', { skipLocked: true });
  return row ?? null;
}

async function fallbackFor(tx: Transaction, row: RequestRow): Promise<Person[]> {
  const fallback = await tx.select().from(people).where(eq(people.fallback, true));
  return fallback.filter((person) => canBeSummoned(row, person));
}

/** The people of a step. Where nobody is on call, or that cannot be read, the fallback group is all there is. */
async function peopleFor(tx: Transaction, row: RequestRow, level: number, onCall: OnCall) {
  const there = (entries: readonly OnCallEntry[]) => entries.filter((entry) => entry.level === level);
  const userIds = level === FALLBACK || !onCall.known ? [] : there(onCall.entries).map(({ userId }) => userId);
  const found =
    userIds.length === 0 ? [] : await tx.select().from(people).where(inArray(people.pagerdutyUserId, userIds));
  const onLevel = found.filter((person) => canBeSummoned(row, person));
  if (onLevel.length > 0 || (level > 1 && onCall.known)) return { level, persons: onLevel };
  return { level: FALLBACK, persons: await fallbackFor(tx, row) };
}

/** Whether anybody on call covers everything the request touches: one policy of several is enough only for a no. */
async function somebodyCanApprove(ctx: Context, tx: Transaction, row: RequestRow, onCall: OnCall): Promise<boolean> {
  if (!onCall.known) return false;
  const onDuty = onCall.entries.filter(({ level }) => level >= 1 && level <= ctx.limits.reviewerLevels);
  const covers = (userId: string) =>
    row.escalationPolicyIds.every((id) => onDuty.some((entry) => entry.userId === userId && entry.policyId === id));
  const userIds = [...new Set(onDuty.map(({ userId }) => userId))].filter(covers);
  if (userIds.length === 0) return false;
  const able = await tx.select().from(people).where(inArray(people.pagerdutyUserId, userIds));
  return able.some((person) => canBeSummoned(row, person));
}

/**
 * Summons people whom it is not with yet, each with a message of their own; who had handed it over finds it there
 * again.
 */
async function summon(ctx: Context, tx: Transaction, row: RequestRow, persons: Person[], level: number): Promise<void> {
  for (const { id: personId } of persons) {
    const [summoned] = await tx
      .insert(summonses)
      .values({ requestId: row.id, personId, level, summonedAt: ctx.now() })
      .onConflictDoUpdate({
        target: [summonses.requestId, summonses.personId],
        set: { level, endedAt: null, handedTo: null },
        setWhere: isNotNull(summonses.endedAt),
      })
      .returning();
    if (summoned === undefined) continue;
    await tell(ctx, tx, row.id, personId);
  }
}

/** Reminds those who were summoned before and have not been reminded, each once in the life of the request. */
async function nudge(ctx: Context, tx: Transaction, row: RequestRow): Promise<void> {
  const quiet = and(eq(summonses.requestId, row.id), isNull(summonses.nudgedAt), isNull(summonses.endedAt));
  const nudged = await tx.update(summonses).set({ nudgedAt: ctx.now() }).where(quiet).returning();
  for (const { personId } of nudged) {
    await tell(ctx, tx, row.id, personId);
  }
}

/** Takes the step that is due: reminds those summoned before, summons the next, and sets the timer anew. */
async function takeStep(ctx: Context, requestId: string): Promise<void> {
  const row = await ctx.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, requestId) });
  if (row === undefined) return;
  const onCall = await ctx.onCall.get(row.escalationPolicyIds, ctx.limits.onCallMaxAgeSeconds);
  await storeOnCall(ctx, row.escalationPolicyIds, onCall);
  const plan = ROUTES[row.risk];
  await ctx.db.transaction(async (tx) => {
    const [route] = await tx.select().from(routes).where(due(ctx, requestId)).for('update', { skipLocked: true });
    if (route === undefined || (await stillWaiting(tx, requestId)) === null) return;
    const step = plan[route.step];
    if (step !== undefined) {
      const { level, persons } = await peopleFor(tx, row, step.level, onCall);
      if (route.step > 0) await nudge(ctx, tx, row);
      await summon(ctx, tx, row, persons, level);
      // Those on call may be able to say no and nothing else: the group is summoned at once too.
      if (route.step === 0 && !(await somebodyCanApprove(ctx, tx, row, onCall))) {
        await summon(ctx, tx, row, await fallbackFor(tx, row), FALLBACK);
      }
      // The channel's message names whoever was summoned.
      if (persons.length > 0) await addDelivery(tx, ctx.now, { kind: 'slack', requestId, ...inPlace(CHANNEL) });
    }
    const next = plan[route.step + 1];
    const nextAt =
      next === undefined
        ? null
        : sql<Date>`${row.createdAt}::timestamptz + ${next.afterSeconds}::double precision * interval '1 second'`;
    await tx
      .update(routes)
      .set({ step: route.step + 1, nextAt })
      .where(eq(routes.requestId, requestId));
  });
}

const due = (ctx: Context, requestId?: string): SQL | undefined =>
  and(lte(routes.nextAt, ctx.now()), requestId === undefined ? undefined : eq(routes.requestId, requestId));

/** Summons whoever is to be summoned by now. Timers of requests that were decided on meanwhile are dropped. */
export async function routeDue(ctx: Context): Promise<void> {
  await startRoutes(ctx);
  const waiting = ctx.db
    .select({ id: approvalRequests.id })
    .from(approvalRequests)
    .where(eq(approvalRequests.status, 'pending'));
  await ctx.db
    .update(routes)
    .set({ nextAt: null })
    .where(and(due(ctx), notInArray(routes.requestId, waiting)));
  const rows = await ctx.db
    .select({ id: routes.requestId })
    .from(routes)
    .where(due(ctx))
    .orderBy(routes.nextAt)
    .limit(BATCH);
  for (const { id } of rows) {
    // One that fails must not keep the others from being summoned.
    await takeStep(ctx, id).catch((error: unknown) => {
      ctx.log.error('nobody could be summoned yet', {
        request: id,
        error: error instanceof Error ? error.name : 'unknown',
      });
    });
  }
}

/** Tells somebody that it is no longer theirs. */
async function handOver(ctx: Context, tx: Transaction, { requestId, personId }: Summons, to: Person[]): Promise<void> {
  await tx
    .update(summonses)
    .set({ endedAt: ctx.now(), handedTo: to.map(({ name }) => name).join(', ') || null })
    .where(and(eq(summonses.requestId, requestId), eq(summonses.personId, personId)));
  await tell(ctx, tx, requestId, personId);
}

/** Whoever has the shift now is summoned in the place of whoever had it. */
async function moveSummonses(ctx: Context, tx: Transaction, row: RequestRow, open: Summons[], entries: OnCallEntry[]) {
  const onDuty = entries.filter(({ level }) => level >= 1 && level <= ctx.limits.reviewerLevels);
  const ids = open.map(({ personId }) => personId);
  const summoned = await tx.select().from(people).where(inArray(people.id, ids));
  const isOff = ({ personId }: Summons) => {
    const person = summoned.find(({ id }) => id === personId);
    return !onDuty.some(({ userId }) => userId === person?.pagerdutyUserId);
  };
  for (const level of new Set(open.map((one) => one.level).filter((one) => one !== FALLBACK))) {
    const { level: found, persons } = await peopleFor(tx, row, level, { known: true, asOf: new Date(), entries });
    await summon(ctx, tx, row, persons, found);
    for (const one of open.filter((each) => each.level === level && isOff(each))) await handOver(ctx, tx, one, persons);
  }
}

async function followShifts(ctx: Context, requestId: string, onCall: Extract<OnCall, { known: true }>): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const row = await stillWaiting(tx, requestId);
    if (row === null) return;
    const open = await tx
      .select()
      .from(summonses)
      .where(and(eq(summonses.requestId, requestId), isNull(summonses.endedAt)))
      .for('update');
    if (open.length === 0) return;
    await moveSummonses(
      ctx,
      tx,
      row,
      open,
      onCall.entries.filter(({ policyId }) => row.escalationPolicyIds.includes(policyId)),
    );
  });
}

/** So many fit into one question to PagerDuty. */
const POLICIES_AT_ONCE = 50;

/** Reads who is on call and keeps what could be read; null when not all of it could. */
async function readOnCall(ctx: Context, policyIds: readonly string[]) {
  const entries: OnCallEntry[] = [];
  let complete = policyIds.length > 0;
  for (let from = 0; from < policyIds.length; from += POLICIES_AT_ONCE) {
    const some = policyIds.slice(from, from + POLICIES_AT_ONCE);
    const onCall = await ctx.onCall.get(some, ctx.limits.onCallRefreshSeconds / 2);
    await storeOnCall(ctx, some, onCall);
    if (onCall.known) entries.push(...onCall.entries);
    else complete = false;
  }
  return complete ? { known: true as const, asOf: new Date(), entries } : null;
}

/**
 * Reads who is on call for everything that waits, keeps it for those who cannot read it, and lets the summonses follow
 * the shifts.
 */
export async function refreshOnCall(ctx: Context): Promise<void> {
  const policyIds = await policiesInQuestion(ctx);
  const onCall = await readOnCall(ctx, policyIds);
  if (onCall === null) return;
  const waiting = await ctx.db
    .selectDistinct({ id: summonses.requestId })
    .from(summonses)
    .innerJoin(approvalRequests, eq(approvalRequests.id, summonses.requestId))
    .where(and(eq(approvalRequests.status, 'pending'), isNull(summonses.endedAt)));
  for (const { id } of waiting) await followShifts(ctx, id, onCall);
}
