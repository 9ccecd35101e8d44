import { PagerDutyError } from '#pagerduty/errors.ts';
import { oneLook, type ReadClient } from '#pagerduty/read-client.ts';
import type { Touches } from '#pagerduty/write-tool.ts';
import { reopen, type Stored } from './stored.ts';
import type { RequestRow } from './transition.ts';

/** What a request touches on a reading of PagerDuty, as of when; or that there is none that is fresh enough. */
export type Touched =
  /** `touches` is null when what the request names is not there any more. */
  { known: true; asOf: Date; touches: Touches | null } | { known: false; because: string };

export interface TouchedReader {
  /** @param maxAgeSeconds a reading of that age will do; 0 = read now. */
  get(row: RequestRow, maxAgeSeconds: number): Promise<Touched>;
}

const same = (some: readonly string[], others: readonly string[]) => {
  const [a, b] = [new Set(some), new Set(others)];
  return a.size === b.size && [...a].every((one) => b.has(one));
};

export const GONE = 'What it touches no longer exists in PagerDuty.';
const MOVED = 'It touches something else now than when it was shown, so others may have to decide.';

/**
 * Why a request no longer stands on what it touches now; null = it does, or nobody knows. Compared are the escalation
 * policies whose people decide and the objects the call names, not what is derived from them.
 */
export function movedSince(row: RequestRow, touched: Touched): string | null {
  const stored = reopen(row);
  if ('because' in stored) return stored.because;
  if (!touched.known) return null;
  if (touched.touches === null) return GONE;
  const shown = stored.tool.touches(stored.input, stored.before);
  const stands =
    same(shown.subjects, touched.touches.subjects) &&
    same(shown.escalationPolicyIds, touched.touches.escalationPolicyIds) &&
    same(shown.escalationPolicyIds, row.escalationPolicyIds);
  return stands ? null : MOVED;
}

/** What a reading says of it that began at `asOf`. */
export const touchedBy = ({ tool, input }: Stored, now: unknown, asOf: Date): Touched => ({
  known: true,
  asOf,
  touches: tool.touches(input, now),
});

/**
 * Reads PagerDuty for what a request touches.
 * @param asOf when the look at PagerDuty began; default now.
 */
export async function readTouched(pagerduty: ReadClient, row: RequestRow, asOf = new Date()): Promise<Touched> {
  const stored = reopen(row);
  if ('because' in stored) return { known: false, because: stored.because };
  try {
    return touchedBy(stored, await stored.tool.read(pagerduty, stored.input), asOf);
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    if (error.kind === 'not_found') return { known: true, asOf, touches: null };
    return { known: false, because: error.message };
  }
}

/**
 * A reader that remembers.
 * @param elapsedMs a monotonic clock; default `performance.now`.
 */
export function createTouchedReader(pagerduty: ReadClient, elapsedMs = () => performance.now()): TouchedReader {
  const remembered = new Map<string, { readAtMs: number; touched: Touched }>();
  return {
    async get(row, maxAgeSeconds) {
      const known = remembered.get(row.id);
      if (known && elapsedMs() - known.readAtMs < maxAgeSeconds * 1000) return known.touched;
      const readAtMs = elapsedMs();
      const touched = await readTouched(oneLook(pagerduty), row);
      if (touched.known) {
        if (remembered.size > 500) remembered.clear();
        remembered.set(row.id, { readAtMs, touched });
      }
      return touched;
    },
  };
}
