import { z } from 'zod';
import { openPersonDoor } from '#app/_server/door.ts';
import { parseForm } from '#app/_server/form.ts';
import { settleByHand } from '#approvals/settle.ts';

const schema = z.object({
  applied: z.enum(['yes', 'no'], 'Say whether PagerDuty applied it.'),
  evidence: z.string().max(500, 'must have at most 500 characters'),
});

/** Records what a human saw in PagerDuty. */
export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return openPersonDoor(request, async ({ ctx, form }) => {
    const { applied, evidence } = parseForm(form, schema);
    await settleByHand(ctx, { requestId: id, applied: applied === 'yes', evidence });
    return {};
  });
}
