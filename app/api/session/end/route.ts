import { signOut } from '#identity/sessions.ts';
import { base } from '../../../_server/context.ts';
import { openDoor } from '../../../_server/door.ts';
import { sessionCookie, sessionSecret } from '../../../_server/session.ts';

/** Signs out; being signed out already is fine. */
export function POST(request: Request): Promise<Response> {
  return openDoor(request, async () => {
    const secret = await sessionSecret();
    if (secret !== null) await signOut(base(), secret);
    return { goTo: '/sign-in', cookies: [sessionCookie('')] };
  });
}
