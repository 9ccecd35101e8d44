import { openPersonDoor } from '#app/_server/door.ts';
import { cancel } from '#approvals/cancel.ts';

/** Withdraws a request of one's own agent. */
export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return openPersonDoor(request, async ({ ctx }) => {
    await cancel(ctx, { requestId: id });
    return {};
  });
}
