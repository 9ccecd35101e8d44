import { base } from '#app/_server/context.ts';
import { webProcess } from '#app/_server/process.ts';
import { countWaiting } from '#approvals/views/queries.ts';

const ANSWER_WITHIN_MS = 2_000;

/** Whether this process can do its work: 200 when the database answers. */
export async function GET(): Promise<Response> {
  if (webProcess().stopping) return Response.json({ ok: false }, { status: 503 });
  const late = new Promise<never>((_, reject) => {
    setTimeout(reject, ANSWER_WITHIN_MS, new Error('The database did not answer in time.')).unref();
  });
  try {
    await Promise.race([countWaiting(base()), late]);
    return Response.json({ ok: true });
  } catch {
    return Response.json({ ok: false }, { status: 503 });
  }
}
