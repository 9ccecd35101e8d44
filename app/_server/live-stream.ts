import 'server-only';
import { countWaiting } from '#approvals/views/queries.ts';
import { personOfSession } from '#identity/sessions.ts';
import { base } from './context.ts';
import { webProcess } from './process.ts';

const BEAT_MS = 10_000;
/** A burst of changes is counted once. */
const COUNT_AFTER_MS = 150;
/** Events a browser may be behind before it is cut off; it comes back and reads everything again. */
const MAX_BEHIND = 200;

/**
 * One browser's stream of `change` (id and status, a hint to read again), `waiting` (how many wait for a human) and
 * `beat`. Ends with the session, the browser, or the process.
 */
export function openLiveStream(secret: string, signal: AbortSignal): ReadableStream<Uint8Array> {
  const shared = base();
  const encoder = new TextEncoder();
  let end: () => void = () => undefined;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      let open = true;
      let count: NodeJS.Timeout | null = null;
      const send = (event: string, data: unknown) => {
        if ((controller.desiredSize ?? 0) < -MAX_BEHIND) end();
        else controller.enqueue(encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
      };
      const tellCount = () => {
        count ??= setTimeout(() => {
          count = null;
          countWaiting(shared).then((waiting) => open && send('waiting', { waiting }), end);
        }, COUNT_AFTER_MS);
      };
      const stopListening = shared.changes.onAny((change) => {
        send('change', change ?? { id: null, status: null });
        tellCount();
      });
      const beat = setInterval(() => {
        // Signing out, or being switched off, ends the stream too.
        personOfSession(shared, secret).then((person) => (person === null ? end() : open && send('beat', {})), end);
      }, BEAT_MS);
      end = () => {
        if (!open) return;
        open = false;
        stopListening();
        clearInterval(beat);
        if (count !== null) clearTimeout(count);
        webProcess().endings.delete(end);
        signal.removeEventListener('abort', end);
        controller.close();
      };
      webProcess().endings.add(end);
      signal.addEventListener('abort', end, { once: true });
      controller.enqueue(encoder.encode('retry: 1000\n\n'));
      send('beat', {});
      tellCount();
      if (signal.aborted) end();
    },
    cancel() {
      end();
    },
  });
}
