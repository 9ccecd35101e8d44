/**
 * What the next calls of the app meet. `done` calls take effect although the app does not hear so. Without `method`
 * a fault hits the next call of the Web API, whichever it is; answers to a click are met as `response_url`.
 */
export type Fault = { method?: string } & (
  | { kind: 'rate_limited'; retryAfterSeconds: number }
  | { kind: 'status'; status: number; done: boolean }
  | { kind: 'error'; error: string }
  /** An answer in HTML, as of a proxy that wants somebody to sign in. */
  | { kind: 'page' }
  /** The connection breaks. */
  | { kind: 'reset'; done: boolean }
  /** No answer ever comes. */
  | { kind: 'silent'; done: boolean }
  /** It takes effect at once and is answered, truthfully, as soon as `until` settles. */
  | { kind: 'late'; until: Promise<void> }
);

export interface Faults {
  add(...faults: Fault[]): void;
  clear(): void;
  list(): readonly Fault[];
  /** The oldest fault that fits this method, used up. */
  take(method: string): Fault | null;
}

/** Faults waiting for the calls they hit, oldest first. */
export function createFaults(): Faults {
  let waiting: Fault[] = [];
  return {
    // Copies, since the same fault may be meant to be met twice.
    add: (...faults) => void waiting.push(...faults.map((fault) => ({ ...fault }))),
    clear: () => {
      waiting = [];
    },
    list: () => waiting,
    take(method) {
      const fits = (fault: Fault) =>
        fault.method === method || (fault.method === undefined && method !== 'response_url');
      const fault = waiting.find(fits) ?? null;
      waiting = waiting.filter((one) => one !== fault);
      return fault;
    },
  };
}
