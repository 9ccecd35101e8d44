import { z } from 'zod';
import { openPersonDoor } from '#app/_server/door.ts';
import { parseForm } from '#app/_server/form.ts';
import { revealSecret } from '#approvals/secrets.ts';
import { ApprovalError } from '#process/errors.ts';

const schema = z.object({ label: z.string().min(1).max(200) });

/** Shows a secret of PagerDuty's answer, once; it is in this answer and nowhere else. */
export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return openPersonDoor(request, async ({ ctx, form }) => {
    // A plain form would get a redirect, and the secret would be used up unseen.
    if (!request.headers.get('accept')?.includes('application/json')) {
      throw new ApprovalError('invalid', 'Open it from the page of the request.');
    }
    const { label } = parseForm(form, schema);
    return { message: await revealSecret(ctx, { requestId: id, label }) };
  });
}
