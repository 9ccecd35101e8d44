/** How long an agent is kept waiting, and what it is told to do next. Tests and a process may use other numbers. */
export const WAITS = {
  /** A write call is kept open this long for a quick decision; some clients give up after 5 s. */
  openMs: 3_000,
  /** The same for a client that asked for progress, which shows that it has patience. */
  openWithProgressMs: 25_000,
  /** `wait_for_approval` without `timeout_seconds`. */
  waitDefaultMs: 25_000,
  /** The longest `wait_for_approval`; many clients end a call at 60 s. */
  waitLongestMs: 50_000,
  /** The same for a client that asked for progress; the hardest limit known is 4 minutes. */
  waitLongestWithProgressMs: 240_000,
  /** Between two progress notifications; the first is sent at once. */
  progressEveryMs: 5_000,
  /** What a pending answer recommends between two `get_request`. */
  pollAfterMs: 5_000,
  /** Calls of one agent that are kept open at once by this process; one above is answered at once with how it stands. */
  maxOpenCallsPerAgent: 100,
} as const;

export type Waits = { readonly [Name in keyof typeof WAITS]: number };

/** Who waits: its signal ends the wait, never the request. */
export interface Waiter {
  agentId: string;
  /** Names it for {@link OpenWaits.cancel}. */
  key: string;
  signal: AbortSignal;
  /** Sends one progress notification; null = the client did not ask for any. */
  tell: (() => void) | null;
}

/** A call of an agent by the id that its client gave it. */
export const waitKey = (agentId: string, callId: unknown) => JSON.stringify([agentId, callId]);

/** The calls that this process keeps open. One clock serves them all. */
export interface OpenWaits {
  /**
   * Runs a wait that ends when the client goes away or the server stops. For an agent that has too many open already
   * it is over before it begins: that takes one reading and is not counted.
   */
  run<T>(waiter: Waiter, wait: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /**
   * Ends the waits of that key early. In the 2025 protocol a cancellation is a message of its own, which finds its call
   * only by the agent and the client's own counting; two clients of one agent may count alike, and another process may
   * hold the call. So it costs a wait and nothing more.
   */
  cancel(key: string): void;
  /** Whether the client has gone or cancelled, so that it cannot be counted on to see an answer. */
  hasLeft(waiter: Waiter): boolean;
  /** Ends every wait, also those that begin later; each answers with what is known. */
  endAll(): void;
  count(): number;
}

export function createOpenWaits(waits: Pick<Waits, 'progressEveryMs' | 'maxOpenCallsPerAgent'>): OpenWaits {
  const { progressEveryMs, maxOpenCallsPerAgent } = waits;
  const open = new Map<AbortController, Waiter>();
  const openOf = new Map<string, number>();
  const left = new WeakSet<Waiter>();
  const listening = new Set<() => void>();
  let clock: NodeJS.Timeout | null = null;
  let ended = false;

  function listen(tell: () => void): void {
    tell();
    listening.add(tell);
    clock ??= setInterval(() => {
      for (const each of listening) each();
    }, progressEveryMs);
  }

  function unlisten(tell: () => void): void {
    listening.delete(tell);
    if (listening.size > 0 || clock === null) return;
    clearInterval(clock);
    clock = null;
  }

  function countOf(agentId: string, more: 1 | -1): void {
    const count = (openOf.get(agentId) ?? 0) + more;
    if (count === 0) openOf.delete(agentId);
    else openOf.set(agentId, count);
  }

  return {
    async run(waiter, wait) {
      const { agentId, signal, tell } = waiter;
      if ((openOf.get(agentId) ?? 0) >= maxOpenCallsPerAgent) return wait(AbortSignal.abort());
      const controller = new AbortController();
      const end = () => controller.abort();
      if (ended || signal.aborted) end();
      signal.addEventListener('abort', end, { once: true });
      open.set(controller, waiter);
      countOf(agentId, 1);
      if (tell !== null) listen(tell);
      try {
        return await wait(controller.signal);
      } finally {
        if (tell !== null) unlisten(tell);
        open.delete(controller);
        countOf(agentId, -1);
        signal.removeEventListener('abort', end);
      }
    },
    cancel(key) {
      for (const [controller, waiter] of open) {
        if (waiter.key !== key) continue;
        left.add(waiter);
        controller.abort();
      }
    },
    hasLeft: (waiter) => waiter.signal.aborted || left.has(waiter),
    endAll() {
      ended = true;
      for (const controller of open.keys()) controller.abort();
    },
    count: () => open.size,
  };
}
