import { MessageSquareShare } from 'lucide-react';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { PageTitle } from '#app/_live/live.tsx';
import { loadCard } from '#app/_server/card.ts';
import { requirePersonContext } from '#app/_server/session.ts';
import { buttonClasses } from '#app/_ui/button.tsx';
import { Message } from '#app/_ui/empty-page.tsx';
import { RequestCard } from '#app/(signed-in)/r/[id]/request-card.tsx';
import { previewHandover } from '#approvals/handover.ts';
import { MEANING } from '#approvals/lifecycle.ts';

function DeadLink({ because, requestId }: { because: string; requestId: string | null }) {
  return (
    <Message title="This link decides nothing">
      <PageTitle of="Link from Slack" />
      <p>{because}</p>
      <div>
        <Link href={requestId === null ? '/queue' : `/r/${requestId}`} className={buttonClasses('plain')}>
          {requestId === null ? 'To the queue' : 'To the request'}
        </Link>
      </div>
    </Message>
  );
}

/** Where Slack is not enough to approve: the page of the request, by a link that the decision uses up. */
export default async function StepUpPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const { ctx } = await requirePersonContext();
  const link = await previewHandover(ctx, token);
  const dead = link.usable ? null : <DeadLink {...link} />;
  if (link.requestId === null) return dead;
  const card = await loadCard(ctx, link.requestId);
  const { id, status, digest, may } = card.detail;
  // Their own decision has used the link up, or somebody else was faster: the page of the request tells how it stands.
  if (MEANING[status].phase !== 'waiting' || (!link.usable && !may.approve.allowed)) redirect(`/r/${id}`);
  if (!link.usable) return dead;
  if (link.digest !== digest) {
    return <DeadLink requestId={id} because="What you were shown in Slack is not what would be sent now." />;
  }
  return (
    <>
      <p className="flex gap-2 border-b border-info/30 bg-info-soft px-4 py-2 text-sm text-info sm:mt-6 sm:rounded-lg sm:border sm:px-6">
        <MessageSquareShare aria-hidden className="mt-0.5 size-4 shrink-0" />
        You came from Slack to decide on this. The link is yours alone and works once.
      </p>
      <RequestCard card={card} handover={token} />
    </>
  );
}
