import { sql } from 'drizzle-orm';
import { columnsOf, query } from '#db/query.ts';
import { approvalRequests } from '#db/schema.ts';
import type { Changes } from './changes.ts';
import type { Context } from './context.ts';
import type { RequestRow } from './transition.ts';

const columns = columnsOf(approvalRequests, 'r');

export async function readRequest(ctx: Pick<Context, 'db'>, id: string): Promise<RequestRow | undefined> {
  const [row] = await query<RequestRow>(ctx.db, sql`select ${columns} from ${approvalRequests} r where r.id = ${id}`);
  return row;
}

export interface Waiting {
  requestId: string;
  /** The wait ends early when this holds. */
  until: (row: RequestRow) => boolean;
  timeoutMs: number;
  /** Ends the wait, never the request. */
  signal?: AbortSignal;
  /** Reads the row when the wait is over whatever it says. Default: the plain reading. */
  atTheEnd?: () => Promise<RequestRow | undefined>;
}

/** Resolves on a change, the timeout or the signal, whichever is first; a change before it is not missed. */
function oneChange(changes: Changes, requestId: string, timeoutMs: number, signal: AbortSignal | undefined) {
  let done: () => void = () => undefined;
  const changed = new Promise<void>((resolve) => {
    done = resolve;
  });
  const stop = changes.onRequest(requestId, done);
  const timer = setTimeout(done, timeoutMs);
  signal?.addEventListener('abort', done, { once: true });
  const release = () => {
    stop();
    clearTimeout(timer);
    signal?.removeEventListener('abort', done);
    done();
  };
  return { changed, release };
}

/** One reading: the row when it ends the wait, else null. A row that does not is not kept, however long we wait. */
async function ending(
  ctx: Pick<Context, 'db' | 'now'>,
  wait: Waiting,
  endsAt: number,
): Promise<{ row: RequestRow | undefined } | null> {
  const isOver = () => performance.now() >= endsAt || wait.signal?.aborted === true;
  if (wait.atTheEnd !== undefined && isOver()) return { row: await wait.atTheEnd() };
  const row = await readRequest(ctx, wait.requestId);
  return row === undefined || wait.until(row) || isOver() ? { row } : null;
}

/**
 * Waits for a request to get where the caller wants it. Every answer is a reading of the row.
 * @returns the row as it is when the wait ends; undefined if there is no such request.
 */
export async function waitFor(
  ctx: Pick<Context, 'db' | 'now'>,
  changes: Changes,
  wait: Waiting,
): Promise<RequestRow | undefined> {
  const endsAt = performance.now() + wait.timeoutMs;
  for (;;) {
    // Subscribe before reading: a change in between wakes us instead of being lost.
    const next = oneChange(changes, wait.requestId, Math.max(0, endsAt - performance.now()), wait.signal);
    try {
      const end = await ending(ctx, wait, endsAt);
      if (end !== null) return end.row;
      await next.changed;
    } finally {
      next.release();
    }
  }
}
