import { z } from 'zod';
import { openPersonDoor } from '#app/_server/door.ts';
import { parseForm } from '#app/_server/form.ts';
import { proposeUndo } from '#approvals/undo.ts';

const schema = z.object({ note: z.string().trim().max(500, 'must have at most 500 characters').default('') });

/** Proposes to undo a request, and leads to the proposal that is open now. */
export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return openPersonDoor(request, async ({ ctx, form }) => {
    const { note } = parseForm(form, schema);
    const proposal = await proposeUndo(ctx, { requestId: id, ...(note === '' ? {} : { note }) });
    return { goTo: `/r/${proposal.id}` };
  });
}
