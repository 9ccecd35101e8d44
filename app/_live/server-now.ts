'use client';
import { useEffect, useEffectEvent, useState } from 'react';

/**
 * The server's time, going on from what it was when the page was rendered. The browser's own clock may be wrong; only
 * how much time passed is taken from it.
 * @param everyMs when to look again, from what the time is then.
 */
export function useServerNow(serverNow: number, everyMs: (now: number) => number): number {
  const [now, setNow] = useState(serverNow);
  // Not a dependency: a new function each render must not restart the clock.
  const pause = useEffectEvent(everyMs);
  useEffect(() => {
    const offset = serverNow - Date.now();
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      const current = Date.now() + offset;
      setNow(current);
      timer = setTimeout(tick, pause(current));
    };
    tick();
    return () => clearTimeout(timer);
  }, [serverNow]);
  return now;
}
