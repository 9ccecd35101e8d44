import { z } from 'zod';
import { ApprovalError } from '#approvals/errors.ts';
import { confirmSlackLink } from '#approvals/slack-identities.ts';
import { openPersonDoor } from '../../../_server/door.ts';
import { parseForm } from '../../../_server/form.ts';

const schema = z.object({ token: z.string().regex(/^csk_[0-9a-z]{52}$/, 'must be that of a link from Slack') });

/** Links the signed-in person to the Slack user of a link, which is used up by this. */
export function POST(request: Request): Promise<Response> {
  return openPersonDoor(request, async ({ ctx, form }) => {
    const { token } = parseForm(form, schema);
    try {
      await confirmSlackLink(ctx, token);
      return { goTo: '/link/slack/done' };
    } catch (error) {
      // The page of the link says why it cannot be confirmed, and what to do.
      const told = error instanceof ApprovalError && (error.code === 'forbidden' || error.code === 'conflict');
      if (told) return { goTo: `/link/slack/${token}` };
      throw error;
    }
  });
}
