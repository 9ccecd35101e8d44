import { base } from '#app/_server/context.ts';
import { openPersonDoor } from '#app/_server/door.ts';
import { sessionCookie, sessionSecret } from '#app/_server/session.ts';
import { listPeople } from '#identity/people.ts';
import { signOut, startSession } from '#identity/sessions.ts';
import { ApprovalError } from '#process/errors.ts';

/** Lets somebody be another person of the playable company; exists only where PagerDuty is the playable one. */
export function POST(request: Request): Promise<Response> {
  return openPersonDoor(request, async ({ ctx, form }) => {
    if (!base().settings.play) throw new ApprovalError('not_found', 'There is nothing here.');
    const person = (await listPeople(ctx)).find(({ id, active }) => active && id === form.get('person'));
    if (person === undefined) throw new ApprovalError('invalid', 'There is no such person.');
    const former = await sessionSecret();
    const secret = await startSession(ctx, person.id);
    if (former !== null) await signOut(ctx, former);
    return { goTo: '/queue', cookies: [sessionCookie(secret)] };
  });
}
