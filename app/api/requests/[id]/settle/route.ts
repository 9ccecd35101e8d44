import { settle } from '#approvals/settle.ts';
import { openPersonDoor } from '../../../../_server/door.ts';

/** Reads PagerDuty again to settle an unknown outcome; says what the reading showed. */
export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return openPersonDoor(request, async ({ ctx }) => {
    const { evidence } = await settle(ctx, id);
    return { message: evidence.because };
  });
}
