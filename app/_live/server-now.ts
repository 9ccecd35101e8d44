'use client';
import { useEffect, useState } from 'react';

/**
 * The server's time, going on from what it was when the page was rendered. The browser's own clock may be wrong; only
 * how much time passed is taken from it.
 * @param everyMs when to look again, from what the time is then.
 */
export function useServerNow(serverNow: number, everyMs: (now: number) => number): number {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    const offset = serverNow - Date.now();
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      const current = Date.now() + offset;
      setNow(current);
      timer = setTimeout(tick, everyMs(current));
    };
    tick();
    return () => clearTimeout(timer);
    // A new function each render must not restart the clock.
    // biome-ignore lint/correctness/useExhaustiveDependencies: everyMs is pure and depends on the same props
  }, [serverNow]);
  return now;
}
