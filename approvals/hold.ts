import { and, eq, type SQL, sql } from 'drizzle-orm';
import { underLock } from '#db/clock.ts';
import type { Transaction } from '#db/connection.ts';
import { columnsOf, query, rowAsJson } from '#db/query.ts';
import { approvalRequests } from '#db/schema.ts';
import type { Toolset } from '#pagerduty/toolsets.ts';
import type { Standing } from './ask.ts';
import type { Context } from './context.ts';
import type { Shaped } from './shape.ts';
import { toolsetArguments } from './toolset-arguments.ts';
import { type RequestRow, transition } from './transition.ts';

/** The request that was made; null when how the ask stands speaks against it. */
export interface Held extends Standing {
  request: RequestRow | null;
}

/** An answer of `hold_ask`; the id is of what it made. */
interface Tried extends Standing {
  /** Nothing speaks against it, but an older ask for the same thing waits. */
  replaces: boolean | null;
  id: string | null;
}

const columns = columnsOf(approvalRequests, '(made)');

/** What both functions that make a request take. */
function requestArguments(ctx: Context, argumentsDigest: string, shaped: Shaped): SQL {
  const { row, subjects, ruling, reviewWindowSeconds } = shaped;
  return sql`request => ${rowAsJson(approvalRequests, { ...row, argumentsDigest })}, subjects => ${sql.param(subjects)},
    actor => ${JSON.stringify(ctx.actor)}, window_seconds => ${reviewWindowSeconds},
    blocked => ${ruling.allowed ? null : ruling.because}`;
}

/** The row with what it touches, its first event and its delivery, in the caller's transaction. */
export async function insertRequest(ctx: Context, tx: Transaction, argumentsDigest: string, shaped: Shaped) {
  await tx.execute(
    sql`select from insert_request(${requestArguments(ctx, argumentsDigest, shaped)}, at => ${ctx.now()})`,
  );
  return readMade(tx, shaped.row.id);
}

async function readMade(db: Pick<Transaction, 'query'>, id: string): Promise<RequestRow> {
  const made = await db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });
  if (made === undefined) throw new Error(`request ${id} was not made`);
  return made;
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

/**
 * Makes the request, durably before anybody hears of it, unless something speaks against it. The lock and the rules are
 * `hold_ask` of `db/migrations`; only what replaces an older ask takes more than that one call.
 */
export async function hold(
  ctx: Context,
  { toolset, argumentsDigest, shaped }: { toolset: Toolset; argumentsDigest: string; shaped: Shaped },
): Promise<Held> {
  const holdAsk = (made: SQL) =>
    sql`select barred, same_id as "sameId", waiting, replaces, ${made}
      from hold_ask(${requestArguments(ctx, argumentsDigest, shaped)}, toolset => ${toolset}, ${toolsetArguments(ctx)},
        most_waiting => ${ctx.limits.pendingPerAgent}, at => ${underLock(ctx.now)})`;
  const [first] = await query<Tried & (RequestRow | { id: null })>(ctx.db, holdAsk(columns));
  if (first === undefined) throw new Error('hold_ask gave no row');
  const { barred, sameId, waiting, replaces, ...request } = first;
  if (replaces !== true) return { barred, sameId, waiting, request: request.id === null ? null : request };

  return ctx.db.transaction(async (tx) => {
    const again = async () =>
      (await tx.execute<Tried & { [column: string]: unknown }>(holdAsk(sql`(made).id`))).rows[0];
    let tried = await again();
    if (tried?.replaces === true) {
      await supersede(ctx, tx, shaped.row);
      tried = await again();
    }
    if (tried === undefined || tried.replaces === true)
      throw new Error('an ask is in the way of one that has replaced it');
    return { ...tried, request: tried.id === null ? null : await readMade(tx, tried.id) };
  });
}
