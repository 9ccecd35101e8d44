'use client';
import { useSyncExternalStore } from 'react';
import { age, nextTickMs, RUNNING_OUT_MS, timeLeft } from './clock.ts';
import { useServerNow } from './server-now.ts';

const never = () => () => undefined;

/** False on the server and while hydrating, so that both render the same. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}

function clockText(at: Date, local: boolean): string {
  const zone = local ? {} : { timeZone: 'UTC' };
  const today = at.toDateString() === new Date().toDateString();
  const day = local && today ? {} : ({ day: 'numeric', month: 'short' } as const);
  const format = new Intl.DateTimeFormat('en-GB', {
    ...day,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    ...zone,
  });
  return `${format.format(at)}${local ? '' : ' UTC'}`;
}

/** A moment in the reader's own time zone; until the page is alive in UTC. */
export function ClockTime({ at }: { at: string }) {
  const local = useHydrated();
  return <time dateTime={at}>{clockText(new Date(at), local)}</time>;
}

/** How long ago something was. */
export function Age({ at, serverNow }: { at: string; serverNow: number }) {
  const ms = new Date(at).getTime();
  const now = useServerNow(serverNow, (current) => (current - ms < 60_000 ? 5_000 : 30_000));
  return <time dateTime={at}>{age(now - ms)}</time>;
}

/**
 * Minutes left and the moment it ends.
 * @param props.brief without the moment on a phone.
 */
export function TimeLeft(props: { expiresAt: string; serverNow: number; brief?: boolean }) {
  const { expiresAt, serverNow, brief = false } = props;
  const ends = new Date(expiresAt).getTime();
  const now = useServerNow(serverNow, (current) => nextTickMs(ends - current));
  const left = ends - now;
  return (
    <span className={`tabular-nums ${left < RUNNING_OUT_MS ? 'font-semibold text-bad' : ''}`}>
      {timeLeft(left)}
      <span className={`font-normal text-muted ${brief ? 'max-sm:hidden' : ''}`}>
        {' · '}
        {left > 0 ? 'until' : 'since'} <ClockTime at={expiresAt} />
      </span>
    </span>
  );
}
