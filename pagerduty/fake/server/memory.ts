import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { companyState, emptyState, type State } from '../state.ts';

/** One write as it came in. */
export interface ReceivedWrite {
  /** 1, 2, 3 … in the order of arrival. */
  number: number;
  requestId: string;
  method: string;
  path: string;
  body: unknown;
  /** The exact text of the body. */
  bodyText: string;
  /** The `From` header. */
  from: string | null;
  at: string;
  /** What became of it: `pending` only while a late write waits. */
  outcome: 'applied' | 'refused' | 'not_applied' | 'pending';
  /** The status that was or would have been answered; null when there was none. */
  status: number | null;
}

/** A write that was applied. `appliedNumber` counts the applied ones. */
export interface AppliedWrite extends ReceivedWrite {
  appliedNumber: number;
  appliedAt: string;
}

interface Kept {
  state: State;
  ledger: AppliedWrite[];
  requests: ReceivedWrite[];
}

export interface Memory {
  state(): State;
  /** The state before the last change. */
  before(): State;
  ledger(): AppliedWrite[];
  requests(): ReceivedWrite[];
  /** Makes `next` the state and writes everything down before it returns. */
  commit(next: State): void;
  /** Writes down what changed in the ledger or the requests. */
  keep(): void;
  reset(): void;
}

/** What the playable PagerDuty remembers; with a file it survives being killed. */
export function createMemory(options: { stateFile?: string; seed: 'company' | 'empty'; now: () => Date }): Memory {
  const { stateFile, seed, now } = options;
  const fresh = (): Kept => ({
    state: seed === 'empty' ? emptyState() : companyState(now()),
    ledger: [],
    requests: [],
  });
  // The file is only ever written by `keep` below; a broken one must stop the start, not be papered over.
  const stored = stateFile !== undefined && existsSync(stateFile);
  let kept: Kept = stored ? (JSON.parse(readFileSync(stateFile, 'utf8')) as Kept) : fresh();
  // A file of an older version lacks what came since.
  if (stored) kept.state = { ...fresh().state, ...kept.state };
  let before = kept.state;

  function keep(): void {
    if (stateFile === undefined) return;
    mkdirSync(dirname(stateFile), { recursive: true });
    const draft = `${stateFile}.${process.pid}.tmp`;
    writeFileSync(draft, JSON.stringify(kept));
    renameSync(draft, stateFile);
  }

  if (!stored) keep();
  return {
    state: () => kept.state,
    before: () => before,
    ledger: () => kept.ledger,
    requests: () => kept.requests,
    commit(next) {
      before = kept.state;
      kept.state = next;
      keep();
    },
    keep,
    reset() {
      kept = fresh();
      before = kept.state;
      keep();
    },
  };
}
