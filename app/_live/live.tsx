'use client';
import { useRouter } from 'next/navigation';
import {
  createContext,
  type ReactNode,
  startTransition,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  useTransition,
} from 'react';
import { follow } from './feed.ts';

/** Three beats missed. */
const LOST_AFTER_MS = 30_000;
const REFRESH_AFTER_MS = 200;
/** After a reading that did not reach the server. */
const REFRESH_AGAIN_MS = 3_000;
/** More changes that nobody has read are any. */
const MOST_UNREAD = 200;

interface Live {
  /** When the connection was lost; null while it is fine. */
  lostAt: Date | null;
  waiting: number;
  /** Calls back when a request changed, or with null when any may have; at first with what nobody has read yet. */
  onChange(listener: (id: string | null) => void): () => void;
  /** What changed until now is being read. */
  taken(): void;
}

const LiveContext = createContext<Live>({
  lostAt: null,
  waiting: 0,
  onChange: () => () => undefined,
  taken: () => undefined,
});

export function LiveProvider({ waiting: atFirst, children }: { waiting: number; children: ReactNode }) {
  const [lostAt, setLostAt] = useState<Date | null>(null);
  const [waiting, setWaiting] = useState(atFirst);
  const listeners = useRef(new Set<(id: string | null) => void>());
  // A page that was read before a change and listens only after it would otherwise stay as it was.
  const unread = useRef(new Set<string | null>());

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
      if (event.kind !== 'change') return;
      if (unread.current.size >= MOST_UNREAD) unread.current = new Set([null]);
      unread.current.add(event.id);
      for (const listener of listeners.current) listener(event.id);
    });
    return () => {
      clearTimeout(silence);
      stop();
    };
  }, []);

  const onChange = useCallback<Live['onChange']>((listener) => {
    listeners.current.add(listener);
    for (const id of unread.current) listener(id);
    return () => listeners.current.delete(listener);
  }, []);
  const taken = useCallback(() => unread.current.clear(), []);
  const live = useMemo<Live>(() => ({ lostAt, waiting, onChange, taken }), [lostAt, waiting, onChange, taken]);
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

/** Reads the page again if the server is there; `busy` until the new one is. `otherwise` is called if it is not. */
export function useRefresh(): { refresh: (otherwise?: () => void) => void; busy: boolean } {
  const router = useRouter();
  const { taken } = useLive();
  const [busy, start] = useTransition();
  const refresh = useCallback(
    (otherwise?: () => void) => {
      start(async () => {
        if (!(await reachable())) return otherwise?.();
        taken();
        startTransition(() => router.refresh());
      });
    },
    [router, taken],
  );
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
  useEffect(() => {
    let soon: ReturnType<typeof setTimeout> | undefined;
    let open = true;
    const readIn = (ms: number) => {
      clearTimeout(soon);
      if (open) soon = setTimeout(() => refresh(() => readIn(REFRESH_AGAIN_MS)), ms);
    };
    const stop = onChange((id) => {
      if (of === undefined || id === null || id === of) readIn(REFRESH_AFTER_MS);
    });
    const ifSeen = () => document.visibilityState === 'visible' && refresh();
    const again = everyMs === undefined ? undefined : setInterval(ifSeen, everyMs);
    return () => {
      open = false;
      stop();
      clearTimeout(soon);
      clearInterval(again);
    };
  }, [of, everyMs, refresh, onChange]);
  return null;
}

/** The title of a page, with how many requests wait in front. */
export function PageTitle({ of }: { of?: string }) {
  const { waiting } = useLive();
  const name = of === undefined ? 'Countersign' : `${of} · Countersign`;
  return <title>{waiting > 0 ? `(${waiting}) ${name}` : name}</title>;
}
