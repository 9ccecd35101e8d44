import type { ServerResponse } from 'node:http';

const HEALTHY_WITHIN_MS = 2_000;

export function answer(response: ServerResponse, status: number, body: unknown = null): void {
  if (response.headersSent) return;
  const text = body === null ? '' : JSON.stringify(body);
  // A refused sender may still be sending; nothing more of it is read.
  if (status >= 400) response.setHeader('connection', 'close');
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(text);
}

/** Says whether this process can do its work, soon. */
export async function answerHealth(response: ServerResponse, healthy: () => Promise<unknown>): Promise<void> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(reject, HEALTHY_WITHIN_MS, new Error('late')).unref();
  });
  const ok = await Promise.race([healthy(), late]).then(
    () => true,
    () => false,
  );
  answer(response, ok ? 200 : 503, { ok });
}
