import { inArray } from 'drizzle-orm';
import pg from 'pg';
import type { Database } from '#db/connection.ts';
import { approvalRequests } from '#db/schema.ts';
import type { Log } from './log.ts';
import { CHANGES_CHANNEL } from './transition.ts';

/** What was announced: a hint to read the row, not a fact. */
export interface Change {
  id: string;
  status: string;
}

export interface Changes {
  /** Calls back on every change of any request, and with null when some may have been missed: read again. */
  onAny(listener: (change: Change | null) => void): () => void;
  /** Calls back when one request may have changed. Read the row after this, then wait. */
  onRequest(id: string, listener: () => void): () => void;
  close(): Promise<void>;
}

export interface ChangesOptions {
  url: string;
  db: Database;
  log: Log;
  /** How often requests that are waited for are looked at in case a notification was lost. Default 2,000 (2 s). */
  pollMs?: number;
}

/**
 * Listens for changes with one connection of its own, which is opened again whenever it breaks. Notifications are for
 * speed; a poll of everything that is waited for, in one statement, makes sure that a lost one costs only time.
 */
export function listenForChanges(options: ChangesOptions): Changes {
  const { url, db, log, pollMs = 2000 } = options;
  const any = new Set<(change: Change | null) => void>();
  const waiting = new Map<string, Set<() => void>>();
  const versions = new Map<string, number>();
  let client: pg.Client | null = null;
  let closed = false;
  let retryMs = 100;

  const tell = (id: string, status: string) => {
    for (const listener of [...any]) listener({ id, status });
    for (const listener of [...(waiting.get(id) ?? [])]) listener();
  };
  const tellEverybody = () => {
    for (const listener of [...any]) listener(null);
    for (const listeners of [...waiting.values()]) for (const listener of [...listeners]) listener();
  };

  async function open(): Promise<void> {
    if (closed) return;
    const mine = new pg.Client({ connectionString: url, keepAlive: true });
    const again = () => {
      if (closed || client !== mine) return;
      client = null;
      mine.end().catch(() => undefined);
      log.warn('lost the notification connection; opening it again');
      setTimeout(() => void open(), retryMs).unref();
      retryMs = Math.min(retryMs * 2, 5000);
    };
    client = mine;
    mine.on('error', again);
    mine.on('end', again);
    mine.on('notification', (message) => {
      const [id = '', status = ''] = message.payload?.split(' ') ?? [];
      tell(id, status);
    });
    try {
      await mine.connect();
      await mine.query(`listen ${CHANGES_CHANNEL}`);
      retryMs = 100;
      // Whatever happened while nobody listened was missed.
      tellEverybody();
    } catch {
      again();
    }
  }

  async function poll(): Promise<void> {
    const ids = [...waiting.keys()];
    if (ids.length === 0) return;
    const rows = await db
      .select({ id: approvalRequests.id, version: approvalRequests.version, status: approvalRequests.status })
      .from(approvalRequests)
      .where(inArray(approvalRequests.id, ids));
    for (const { id, version, status } of rows) {
      const known = versions.get(id);
      versions.set(id, version);
      if (known !== undefined && known !== version) tell(id, status);
    }
  }
  const timer = setInterval(() => {
    // A database that is away is noticed by whoever reads the row; the next poll tries again.
    poll().catch(() => undefined);
  }, pollMs);
  timer.unref();
  void open();

  return {
    onAny(listener) {
      any.add(listener);
      return () => any.delete(listener);
    },
    onRequest(id, listener) {
      const listeners = waiting.get(id) ?? new Set();
      listeners.add(listener);
      waiting.set(id, listeners);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && waiting.get(id) === listeners) {
          waiting.delete(id);
          versions.delete(id);
        }
      };
    },
    async close() {
      closed = true;
      clearInterval(timer);
      await client?.end().catch(() => undefined);
    },
  };
}
