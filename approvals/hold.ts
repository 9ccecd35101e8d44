import { and, eq, getTableColumns, type SQL, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import type { Transaction } from '#db/connection.ts';
import { agents, approvalRequests, events, outbox, requestSubjects } from '#db/schema.ts';
import { say, sayTogether, statement } from '#db/statement.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Ask, Submitted } from './ask.ts';
import type { Context } from './context.ts';
import type { Shaped } from './shape.ts';
import { askedBy, attach, refuseFlood, STOOD, type Standing, standing } from './standing.ts';
import { CHANGES_CHANNEL, type RequestRow, transition } from './transition.ts';

const { placeholder } = sql;

/** Nothing of these is known when a request is made. */
const { approvedAt, approvalExpiresAt, settleAfter, result, leasedUntil, deliveredAt, ...made } =
  getTableColumns(approvalRequests);

/** The values of a new row, in the order of its columns. Its dates are the database's. */
function valuesAt(now: SQL<Date>): SQL {
  const dates: Record<string, SQL> = {
    createdAt: now,
    expiresAt: sql`${now} + ${placeholder('reviewWindowSeconds')}::double precision * interval '1 second'`,
    finishedAt: sql`case when ${placeholder('status')} = 'blocked' then ${now} end`,
  };
  const values = Object.entries(made).map(
    ([key, column]) => dates[key] ?? sql`${sql.param(placeholder(key), column)}::${sql.raw(column.getSQLType())}`,
  );
  return sql.join(values, sql`, `);
}

const names = sql.join(
  Object.values(made).map(({ name }) => sql.identifier(name)),
  sql`, `,
);
const request = alias(approvalRequests, 'request');
const requestColumns = getTableColumns(request);

/**
 * A row with what it touches, its first event, its deliveries and its announcement, as parts of one statement.
 * @param provided from what it is made: nothing is when that has no rows.
 */
function insertion(now: SQL<Date>, provided: SQL): SQL {
  return sql`request as (
      insert into ${approvalRequests} (${names}) select ${valuesAt(now)} ${provided} returning *),
    touched as (
      insert into ${requestSubjects} (request_id, subject)
        select id, jsonb_array_elements_text(${placeholder('subjects')}::jsonb) from request),
    event as (
      insert into ${events} (request_id, version, to_status, actor, because, detail, at)
        select id, version, status, ${placeholder('actor')}::jsonb, because, ${placeholder('detail')}::jsonb, ${now}
        from request),
    delivery as (
      insert into ${outbox} (kind, request_id, version, run_at) select 'slack', id, version, ${now} from request),
    announced as materialized (
      select pg_notify(${sql.raw(`'${CHANGES_CHANNEL}'`)}, id || ' ' || status) from request)`;
}

const INSERT = statement<RequestRow>(
  'insert_request',
  requestColumns,
  (columns, now) => sql`with ${insertion(now, sql``)} select ${columns} from request, announced`,
);

const LOCK = statement<object>(
  'lock_agent',
  {},
  () => sql`select pg_advisory_xact_lock(hashtextextended(${placeholder('agentId')}, 0))`,
);

/** {@link Standing} under the lock. */
interface Found extends Standing {
  /** Whether an older ask for the same thing waits, which this one would replace. */
  replaces: boolean;
}

type Tried = Found & (RequestRow | { id: null });

const older = sql`exists (select from ${approvalRequests} where agent_id = ${placeholder('agentId')}
  and tool = ${placeholder('tool')} and supersede_key = ${placeholder('replacing')} and status = 'pending')`;
const found = { ...STOOD, replaces: sql`standing.replaces` };

const provided = sql`from standing
  where is_on and same_id is null and held < ${placeholder('pendingPerAgent')}::int and not replaces`;

/**
 * How the agent stands now, and the request if nothing speaks against it. A switch-off either waits for us and
 * withdraws this ask too, or is seen.
 */
const HOLD = statement<Tried>(
  'hold_ask',
  { ...found, ...requestColumns },
  (columns, now) => sql`with standing as materialized (
      select ${standing}, ${older} as replaces from ${agents} where ${agents.id} = ${placeholder('agentId')}
        for share of agents),
    ${insertion(now, provided)}
    select ${columns} from standing left join (request cross join announced) on true`,
);

/** What is to be held. */
interface Held {
  ask: Ask;
  argumentsDigest: string;
  shaped: Shaped;
}

/** What {@link insertion} leaves open. */
function valuesOf(ctx: Context, argumentsDigest: string, { row, subjects, ruling, reviewWindowSeconds }: Shaped) {
  const { digest, risk, linkedTo } = row;
  const detail = { digest, risk, ...(linkedTo === null ? {} : { undoes: linkedTo }) };
  return {
    ...row,
    argumentsDigest,
    status: ruling.allowed ? 'pending' : 'blocked',
    because: ruling.allowed ? null : ruling.because,
    reviewWindowSeconds,
    subjects: JSON.stringify(subjects),
    actor: JSON.stringify(ctx.actor),
    detail: JSON.stringify(detail),
  };
}

/** The row with what it touches, its first event and its deliveries, in the caller's transaction. */
export async function insertRequest(
  ctx: Context,
  tx: Transaction,
  argumentsDigest: string,
  shaped: Shaped,
): Promise<RequestRow> {
  const [inserted] = await say(tx, INSERT(ctx.now, valuesOf(ctx, argumentsDigest, shaped)));
  if (inserted === undefined) throw new Error('insert … returning gave no row');
  return inserted;
}

/** The newer of two asks for the same thing replaces the older: its buttons die. */
async function supersede(ctx: Context, tx: Transaction, row: Shaped['row']) {
  if (row.supersedeKey === null) return;
  const older = await tx
    .select()
    .from(approvalRequests)
    .where(
      and(
        eq(approvalRequests.agentId, row.agentId),
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

/** What became of an ask; null when only an older one is in its way. @throws ApprovalError as submit. */
async function outcome(
  ctx: Context,
  db: Pick<Transaction, 'query'>,
  { ask, argumentsDigest }: Held,
  tried: Tried | undefined,
): Promise<Submitted | null> {
  if (tried === undefined) throw new ApprovalError('forbidden', 'There is no such agent.');
  const { on, sameId, held, replaces, ...request } = tried;
  if (request.id !== null) return { request, attached: false };
  if (sameId !== null) return attach(db, sameId, ask, argumentsDigest);
  if (!on) throw new ApprovalError('forbidden', 'This agent is switched off.');
  refuseFlood(ctx, tried);
  return null;
}

/**
 * One transaction: the row is durable before anybody hears of it. Asks of one agent queue up here, so that the same
 * ask made twice at once is one request and the limits are exact.
 */
export async function hold(ctx: Context, held: Held): Promise<Submitted> {
  const { shaped, ask, argumentsDigest } = held;
  const { agentId } = shaped.row;
  const given = {
    ...valuesOf(ctx, argumentsDigest, shaped),
    ...askedBy(agentId, ask, argumentsDigest),
    // What is blocked replaces nothing.
    replacing: shaped.ruling.allowed ? shaped.row.supersedeKey : null,
    pendingPerAgent: ctx.limits.pendingPerAgent,
  };
  const [lock, attempt] = [LOCK(ctx.now, given), HOLD(ctx.now, given)];
  const [tried] = await sayTogether(ctx.db, lock, attempt);
  const done = await outcome(ctx, ctx.db, held, tried);
  if (done !== null) return done;
  return ctx.db.transaction(async (tx) => {
    const again = async () => outcome(ctx, tx, held, (await say(tx, attempt))[0]);
    await say(tx, lock);
    const late = await again();
    if (late !== null) return late;
    await supersede(ctx, tx, shaped.row);
    const last = await again();
    if (last === null) throw new Error('an ask is in the way of one that has replaced it');
    return last;
  });
}
