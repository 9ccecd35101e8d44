import { openLiveStream } from '#app/_server/live-stream.ts';
import { webProcess } from '#app/_server/process.ts';
import { sessionSecret, signedInPerson } from '#app/_server/session.ts';

const refuse = (sentence: string, status: number) => new Response(`${sentence}\n`, { status });

/** What changes, as it changes, for a signed-in person. */
export async function GET(request: Request): Promise<Response> {
  if (webProcess().stopping) return refuse('Countersign is being stopped.', 503);
  const secret = await sessionSecret();
  if (secret === null || (await signedInPerson()) === null) return refuse('Sign in first.', 401);
  return new Response(openLiveStream(secret, request.signal), {
    headers: {
      'content-type': 'text/event-stream; charset=utf-8',
      // Neither a proxy nor Next's own compression may hold events back.
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
    },
  });
}
