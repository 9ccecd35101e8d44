import { base } from '#app/_server/context.ts';
import { openDoor } from '#app/_server/door.ts';
import { cameFor, cameForCookie, sessionCookie, sessionSecret } from '#app/_server/session.ts';
import { signIn, signOut } from '#identity/sessions.ts';
import { ApprovalError } from '#process/errors.ts';

/** Signs in with a link's token, which is used up by this, and leads on to what the visitor came for. */
export function POST(request: Request): Promise<Response> {
  return openDoor(request, async (form) => {
    const former = await sessionSecret();
    try {
      const { secret } = await signIn(base(), form.get('token') ?? '');
      if (former !== null) await signOut(base(), former);
      return { goTo: (await cameFor()) ?? '/queue', cookies: [sessionCookie(secret), cameForCookie('')] };
    } catch (error) {
      if (error instanceof ApprovalError && error.code === 'forbidden') return { goTo: '/sign-in?problem=link' };
      throw error;
    }
  });
}
