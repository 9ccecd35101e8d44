import { z } from 'zod';
import { openPersonDoor } from '#app/_server/door.ts';
import { parseForm } from '#app/_server/form.ts';
import { confirmSlackLink } from '#identity/slack-identities.ts';
import { ApprovalError, type ApprovalErrorCode } from '#process/errors.ts';

const schema = z.object({
  token: z.string().regex(/^csk_[0-9a-z]{52}$/, 'must be that of a link from Slack'),
  // A box that was not ticked is not sent.
  sure: z.literal('yes').optional(),
});

/** The page of the link says why it cannot be confirmed, or what is still to be ticked. */
const TOLD_BY_PAGE: readonly ApprovalErrorCode[] = ['forbidden', 'conflict', 'precondition_failed'];

/** Links the signed-in person to the Slack user of a link, which is used up by this. */
export function POST(request: Request): Promise<Response> {
  return openPersonDoor(request, async ({ ctx, form }) => {
    const { token, sure } = parseForm(form, schema);
    try {
      await confirmSlackLink(ctx, token, sure === 'yes');
      return { goTo: '/slack?linked=1' };
    } catch (error) {
      const told = error instanceof ApprovalError && TOLD_BY_PAGE.includes(error.code);
      if (!told) throw error;
      return { goTo: `/link/slack/${token}` };
    }
  });
}
