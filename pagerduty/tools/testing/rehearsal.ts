import type { FakePagerDuty } from '../../fake/server/server.ts';

/**
 * What a test of the whole way needs to know about one write tool, whose `example` it asks for. Test support, beside
 * the tools because whoever writes a tool knows this best.
 */
export interface Rehearsal {
  /** Changes, behind everybody's back, something that makes the example stale. */
  drift(play: FakePagerDuty): void;
  /**
   * How a call that never arrived is settled by reading: `failed` when PagerDuty proves that it did not happen,
   * `unknown` when only a human can tell.
   */
  lost: 'failed' | 'unknown';
  /** How a call whose answer was lost is settled by reading: `unknown` when no reading shows it. */
  unanswered: 'succeeded' | 'unknown';
  /** Keys in the state that never go back, not even by an undo: a version, the ids of levels. */
  stamps?: readonly string[];
  /** True when undo makes the thing again under a new id: the test of the tool itself compares the two. */
  comesBackAsNew?: true;
}

export type Rehearsals = Record<string, Rehearsal>;
