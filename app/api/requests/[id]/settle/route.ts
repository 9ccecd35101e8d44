import { openPersonDoor } from '#app/_server/door.ts';
import { isFinal } from '#approvals/lifecycle.ts';
import { settle } from '#approvals/settle.ts';

/** Reads PagerDuty again to settle an unknown outcome; says what the reading showed if that does not. */
export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return openPersonDoor(request, async ({ ctx }) => {
    const { request: settled, evidence } = await settle(ctx, id);
    // Once it is settled the page itself says why.
    return isFinal(settled.status) ? {} : { message: evidence.because };
  });
}
