import { inArray } from 'drizzle-orm';
import pg from 'pg';
import type { Database } from '#db/connection.ts';
import { approvalRequests } from '#db/schema.ts';
import type { Log } from '#process/log.ts';
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

interface Listening {
  url: string;
  log: Log;
  heard: (payload: string) => void;
  /** After every (re)connection: what happened while nobody listened was missed. */
  reconnected: () => void;
}

/** Keeps one connection that listens, opening it again whenever it breaks, at first after 100 ms, at last every 5 s. */
function keepListening({ url, log, heard, reconnected }: Listening): { close(): Promise<void> } {
  let client: pg.Client | null = null;
  let closed = false;
  let retryMs = 100;

  async function open(): Promise<void> {
    if (closed) return;
    const mine = new pg.Client({
      connectionString: url,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
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
    mine.on('notification', ({ payload }) => heard(payload ?? ''));
    try {
      await mine.connect();
      await mine.query(`listen ${CHANGES_CHANNEL}`);
      retryMs = 100;
      reconnected();
    } catch {
      // `again` has logged it and will come back.
      again();
    }
  }
  void open();

  return {
    async close() {
      closed = true;
      await client?.end().catch(() => undefined);
    },
  };
}

/** Requests that somebody waits for, with the version each was last seen at. */
class Waiting {
  readonly #listeners = new Map<string, Set<() => void>>();
  readonly #versions = new Map<string, number>();

  add(id: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(id, listeners);
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0 || this.#listeners.get(id) !== listeners) return;
      this.#listeners.delete(id);
      this.#versions.delete(id);
    };
  }

  ids(): string[] {
    return [...this.#listeners.keys()];
  }

  /** Whether the version differs from the one seen last; the first one seen does not count. */
  moved(id: string, version: number): boolean {
    const known = this.#versions.get(id);
    this.#versions.set(id, version);
    return known !== undefined && known !== version;
  }

  tell(id: string): void {
    for (const listener of [...(this.#listeners.get(id) ?? [])]) listener();
  }
}

/**
 * Listens for changes with one connection of its own. Notifications are for speed; a poll of everything that is waited
 * for, in one query, makes sure that a lost one costs only time.
 */
export function listenForChanges(options: ChangesOptions): Changes {
  const { url, db, log, pollMs = 2000 } = options;
  const any = new Set<(change: Change | null) => void>();
  const waiting = new Waiting();

  const tell = (id: string, status: string) => {
    for (const listener of [...any]) listener({ id, status });
    waiting.tell(id);
  };
  const listening = keepListening({
    url,
    log,
    heard: (payload) => {
      const [id = '', status = ''] = payload.split(' ');
      tell(id, status);
    },
    reconnected: () => {
      for (const listener of [...any]) listener(null);
      for (const id of waiting.ids()) waiting.tell(id);
    },
  });

  async function poll(): Promise<void> {
    const ids = waiting.ids();
    if (ids.length === 0) return;
    const { id, version, status } = approvalRequests;
    const rows = await db.select({ id, version, status }).from(approvalRequests).where(inArray(id, ids));
    for (const row of rows) if (waiting.moved(row.id, row.version)) tell(row.id, row.status);
  }
  // A database that is away is noticed by whoever reads the row; the next poll tries again.
  const timer = setInterval(() => void poll().catch(() => undefined), pollMs);
  timer.unref();

  return {
    onAny(listener) {
      any.add(listener);
      return () => any.delete(listener);
    },
    onRequest: (id, listener) => waiting.add(id, listener),
    async close() {
      clearInterval(timer);
      await listening.close();
    },
  };
}
