'use client';
import { CircleDot, Unplug } from 'lucide-react';
import { useLive } from './live.tsx';
import { ClockTime } from './time.tsx';

/** What a page says while it cannot hear of changes. */
export const LOST = 'Deciding is off: the connection to Countersign is lost and what you see may be old.';

export function ConnectionBanner() {
  const { lostAt } = useLive();
  return (
    <div role="status">
      {lostAt === null ? null : (
        <p className="flex items-start gap-2 border-b border-bad bg-bad-soft px-4 py-3 font-medium text-bad">
          <Unplug aria-hidden className="mt-0.5 size-5 shrink-0" />
          <span>
            Connection lost at <ClockTime at={lostAt.toISOString()} />. What you see may be old; deciding is off until
            it is back.
          </span>
        </p>
      )}
    </div>
  );
}

export function ConnectionSign() {
  const { lostAt } = useLive();
  const Sign = lostAt === null ? CircleDot : Unplug;
  return (
    <span
      className={`inline-flex items-center gap-1.5 text-sm max-sm:sr-only ${lostAt === null ? 'text-muted' : 'text-bad'}`}
    >
      <Sign aria-hidden className="size-4" />
      {lostAt === null ? 'Live' : 'Offline'}
    </span>
  );
}
