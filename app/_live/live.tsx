'use client';
import { useRouter } from 'next/navigation';
import {
  createContext,
  type ReactNode,
  startTransition,
  useCallback,
  useContext,
  useEffect,
  useEffectEvent,
  useMemo,
  useRef,
  useState,
  useTransition,
} from 'react';
import { follow } from './feed.ts';

/** Three beats missed. */
const LOST_AFTER_MS = 30_000;
const REFRESH_AFTER_MS = 200;

interface Live {
  /** When the connection was lost; null while it is fine. */
  lostAt: Date | null;
  waiting: number;
  /** Calls back when a request changed, or with null when any may have. */
  onChange(listener: (id: string | null) => void): () => void;
}

const LiveContext = createContext<Live>({ lostAt: null, waiting: 0, onChange: () => () => undefined });

export function LiveProvider({ waiting: atFirst, children }: { waiting: number; children: ReactNode }) {
  const [lostAt, setLostAt] = useState<Date | null>(null);
  const [waiting, setWaiting] = useState(atFirst);
  const listeners = useRef(new Set<(id: string | null) => void>());

  useEffect(() => setWaiting(atFirst), [atFirst]);
  useEffect(() => {
    const lose = () => setLostAt((since) => since ?? new Date());
    let silence = setTimeout(lose, LOST_AFTER_MS);
    const stop = follow((event) => {
      clearTimeout(silence);
      if (event.kind === 'lost') return lose();
      silence = setTimeout(lose, LOST_AFTER_MS);
      setLostAt(null);
      if (event.kind === 'waiting') setWaiting(event.waiting);
      if (event.kind === 'change') for (const listener of listeners.current) listener(event.id);
    });
    return () => {
      clearTimeout(silence);
      stop();
    };
  }, []);

  const live = useMemo<Live>(
    () => ({
      lostAt,
      waiting,
      onChange(listener) {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [lostAt, waiting],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useLive(): Live {
  return useContext(LiveContext);
}

/** When a reading of the page fails, Next replaces the page by the browser's error page: ask first. */
async function reachable(): Promise<boolean> {
  try {
    return (await fetch('/healthz', { cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

/** Reads the page again if the server is there; `busy` until the new one is. */
export function useRefresh(): { refresh: () => void; busy: boolean } {
  const router = useRouter();
  const [busy, start] = useTransition();
  const refresh = useCallback(() => {
    start(async () => {
      if (await reachable()) startTransition(() => router.refresh());
    });
  }, [router]);
  return { refresh, busy };
}

/**
 * Renders the page again when something on it changed.
 * @param props.of only this request; without it any.
 * @param props.everyMs also after this time, while somebody can see the page.
 */
export function RefreshOnChange({ of, everyMs }: { of?: string; everyMs?: number }) {
  const { refresh } = useRefresh();
  const { onChange } = useLive();
  const subscribe = useEffectEvent(onChange);
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    const stop = subscribe((id) => {
      if (of !== undefined && id !== null && id !== of) return;
      clearTimeout(soon);
      soon = setTimeout(refresh, REFRESH_AFTER_MS);
    });
    const ifSeen = () => document.visibilityState === 'visible' && refresh();
    const again = everyMs === undefined ? undefined : setInterval(ifSeen, everyMs);
    return () => {
      stop();
      clearTimeout(soon);
      clearInterval(again);
    };
  }, [of, everyMs, refresh]);
  return null;
}

/** The title of a page, with how many requests wait in front. */
export function PageTitle({ of }: { of?: string }) {
  const { waiting } = useLive();
  const name = of === undefined ? 'Countersign' : `${of} · Countersign`;
  return <title>{waiting > 0 ? `(${waiting}) ${name}` : name}</title>;
}
