/** What the live stream says; `id: null` = something may have been missed, read again. */
export type LiveEvent =
  | { kind: 'change'; id: string | null }
  | { kind: 'waiting'; waiting: number }
  | { kind: 'beat' }
  | { kind: 'lost' };

const NAME = 'countersign-live';

function openSource(tell: (event: LiveEvent) => void): () => void {
  const source = new EventSource('/api/stream');
  const on = (name: string, read: (data: unknown) => LiveEvent | null) =>
    source.addEventListener(name, (message: MessageEvent<string>) => {
      const event = read(JSON.parse(message.data));
      if (event !== null) tell(event);
    });
  const field = (data: unknown, name: string): unknown =>
    typeof data === 'object' && data !== null ? Object.entries(data).find(([key]) => key === name)?.[1] : undefined;
  on('change', (data) => {
    const id = field(data, 'id');
    return { kind: 'change', id: typeof id === 'string' ? id : null };
  });
  on('waiting', (data) => {
    const waiting = field(data, 'waiting');
    return typeof waiting === 'number' ? { kind: 'waiting', waiting } : null;
  });
  on('beat', () => ({ kind: 'beat' }));
  // Nothing of the time without a stream is repeated, so whoever comes back reads everything again.
  source.addEventListener('open', () => tell({ kind: 'change', id: null }));
  let reopen: ReturnType<typeof setTimeout> | undefined;
  let inner: () => void = () => undefined;
  source.addEventListener('error', () => {
    tell({ kind: 'lost' });
    if (source.readyState !== EventSource.CLOSED) return;
    // The browser gives up on an answer that is not a stream, as from a proxy while we restart.
    clearTimeout(reopen);
    reopen = setTimeout(() => {
      inner = openSource(tell);
    }, 3_000);
  });
  return () => {
    clearTimeout(reopen);
    source.close();
    inner();
  };
}

/**
 * Listens to the live stream. Browsers allow six connections per host over HTTP/1.1, so one tab holds the stream and
 * tells the others; when it goes, the next one takes over.
 */
export function follow(listener: (event: LiveEvent) => void): () => void {
  // Web Locks exist only in secure contexts; without them every tab has a stream of its own.
  if (!navigator.locks) return openSource(listener);
  const channel = new BroadcastChannel(NAME);
  channel.addEventListener('message', (message: MessageEvent<LiveEvent>) => listener(message.data));
  // What the other tab heard before we listened is not repeated.
  listener({ kind: 'change', id: null });
  const stop = new AbortController();
  const lead = () =>
    new Promise<void>((resolve) => {
      if (stop.signal.aborted) return resolve();
      const close = openSource((event) => {
        listener(event);
        channel.postMessage(event);
      });
      stop.signal.addEventListener('abort', () => {
        close();
        resolve();
      });
    });
  navigator.locks.request(NAME, { signal: stop.signal }, lead).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return () => {
    stop.abort();
    channel.close();
  };
}
