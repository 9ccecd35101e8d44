import { MessageSquareShare } from 'lucide-react';
import Link from 'next/link';
import { redirect } from 'next/navigation';
import { previewHandover } from '#approvals/handover.ts';
import { can } from '#approvals/lifecycle.ts';
import { PageTitle } from '../../../_live/live.tsx';
import { loadCard } from '../../../_server/card.ts';
import { requirePersonContext } from '../../../_server/session.ts';
import { buttonClasses } from '../../../_ui/button.tsx';
import { Message } from '../../../_ui/empty-page.tsx';
import { Notice } from '../../../_ui/notice.tsx';
import { RequestCard } from '../../r/[id]/request-card.tsx';

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
  if (!can.approve(status).allowed || (!link.usable && !may.approve.allowed)) redirect(`/r/${id}`);
  if (!link.usable) return dead;
  if (link.digest !== digest) {
    return <DeadLink requestId={id} because="What you were shown in Slack is not what would be sent now." />;
  }
  return (
    <>
      <div className="px-4 pt-4 sm:px-0 sm:pt-6">
        <Notice tone="info" icon={MessageSquareShare} title="You came from Slack to decide on this.">
          <p>The link is yours alone and works once.</p>
        </Notice>
      </div>
      <RequestCard card={card} handover={token} />
    </>
  );
}
