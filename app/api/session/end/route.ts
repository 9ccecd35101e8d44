import { base } from '#app/_server/context.ts';
import { openDoor } from '#app/_server/door.ts';
import { sessionCookie, sessionSecret } from '#app/_server/session.ts';
import { signOut } from '#identity/sessions.ts';

/** Signs out; being signed out already is fine. */
export function POST(request: Request): Promise<Response> {
  return openDoor(request, async () => {
    const secret = await sessionSecret();
    if (secret !== null) await signOut(base(), secret);
    return { goTo: '/sign-in', cookies: [sessionCookie('')] };
  });
}
