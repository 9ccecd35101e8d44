import { openPersonDoor } from '#app/_server/door.ts';
import { unlinkOwnSlack } from '#identity/slack-identities.ts';

/** Ends the Slack links of the signed-in person; having none is fine. */
export function POST(request: Request): Promise<Response> {
  return openPersonDoor(request, async ({ ctx }) => {
    await unlinkOwnSlack(ctx);
    return { goTo: '/slack' };
  });
}
