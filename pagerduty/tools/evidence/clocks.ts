import type { AttemptFacts } from '../../write-tool.ts';

/** Clocks usually differ by seconds, and PagerDuty's times have no fractions of one. */
export const CLOCK_SKEW_MS = 6_000;

/** A lost call arrives within so many seconds, if at all: what is not there by then never will be. */
export const ARRIVES_WITHIN_SECONDS = 120;

/** Whether something dated so may be from between the claim and the end of the call, or up to `lateMs` after it. */
export const isDuring = (at: number, { claimedAt, lostAt }: AttemptFacts, lateMs = 0): boolean =>
  at >= claimedAt.getTime() - CLOCK_SKEW_MS && at <= lostAt.getTime() + lateMs + CLOCK_SKEW_MS;
