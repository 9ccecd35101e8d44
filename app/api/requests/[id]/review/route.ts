import { z } from 'zod';
import { openPersonDoor } from '#app/_server/door.ts';
import { parseForm } from '#app/_server/form.ts';
import { review } from '#approvals/review.ts';

const schema = z.object({
  decision: z.enum(['approve', 'deny']),
  digest: z.string().regex(/^[0-9a-f]{64}$/, 'must be the digest of what was shown'),
  handover: z
    .string()
    .regex(/^csh_[0-9a-z]{52}$/, 'must be that of a link from Slack')
    .optional(),
  reason: z.string().trim().max(500, 'must have at most 500 characters').default(''),
});

/** Records the signed-in person's decision on the digest they were shown; a link from Slack is used up by it. */
export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return openPersonDoor(request, async ({ ctx, form }) => {
    const { reason, ...decision } = parseForm(form, schema);
    await review(ctx, { requestId: id, ...decision, ...(reason === '' ? {} : { reason }) });
    return {};
  });
}
