export const FAULT_KINDS = [
  /** Connection destroyed, nothing applied. */
  'drop_before',
  /** Applied, then the connection is destroyed. */
  'drop_after',
  /** Connection destroyed at once, applied `delayMs` later or as soon as `until` settles. */
  'late_apply',
  /** 429 with JSON and rate headers; nothing applied. */
  'rate_limit_json',
  /** 429 as a bare HTML page without rate headers; nothing applied. */
  'rate_limit_html',
  /** 500, nothing applied. */
  'error_before',
  /** Applied, then 500. */
  'error_after',
  /** Applied at once, answered `delayMs` later or as soon as `until` settles. */
  'slow',
  /** A read is answered from the state before the last write. */
  'stale_read',
  /** Applied, then 200 with a body that cannot be parsed. */
  'garbage',
  /** 400, nothing applied. */
  'refuse',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  match?: {
    /** Without it: any write (for `stale_read`: any GET). */
    method?: string;
    /** A prefix of the path; a text that starts with `^` is a regular expression. */
    path?: string | RegExp;
  };
  kind: FaultKind;
  /** How many calls it hits; default 1. */
  times?: number;
  /** Milliseconds; default 1,000. */
  delayMs?: number;
  /** Instead of a delay: whoever holds it back lets it go. */
  until?: Promise<void>;
}

export interface ActiveFault extends Fault {
  id: number;
  left: number;
}

export interface Faults {
  add(fault: Fault): ActiveFault;
  clear(): void;
  list(): ActiveFault[];
  /** The first fault that fits this call, used up by one. */
  take(call: { method: string; path: string; write: boolean }): ActiveFault | null;
}

function fits(fault: Fault, call: { method: string; path: string; write: boolean }): boolean {
  const { method, path } = fault.match ?? {};
  const expected = fault.kind === 'stale_read' ? call.method === 'GET' : call.write;
  if (method === undefined ? !expected : method.toUpperCase() !== call.method) return false;
  if (path === undefined) return true;
  if (path instanceof RegExp) return path.test(call.path);
  return path.startsWith('^') ? new RegExp(path).test(call.path) : call.path.startsWith(path);
}

/** Faults waiting for the calls they hit, oldest first. */
export function createFaults(): Faults {
  let active: ActiveFault[] = [];
  let added = 0;
  return {
    add(fault) {
      added += 1;
      const entry = { ...fault, id: added, left: fault.times ?? 1 };
      active.push(entry);
      return entry;
    },
    clear() {
      active = [];
    },
    list: () => active,
    take(call) {
      const fault = active.find((candidate) => fits(candidate, call));
      if (fault === undefined) return null;
      fault.left -= 1;
      active = active.filter(({ left }) => left > 0);
      return fault;
    },
  };
}
