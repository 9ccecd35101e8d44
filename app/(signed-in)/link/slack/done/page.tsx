import { CircleCheck } from 'lucide-react';
import Link from 'next/link';
import { PageTitle } from '../../../../_live/live.tsx';
import { requirePersonContext } from '../../../../_server/session.ts';
import { buttonClasses } from '../../../../_ui/button.tsx';
import { Message } from '../../../../_ui/empty-page.tsx';
import { Notice } from '../../../../_ui/notice.tsx';

export default async function SlackLinkedPage() {
  await requirePersonContext();
  return (
    <Message title="Your Slack account">
      <PageTitle of="Slack account" />
      <Notice tone="good" icon={CircleCheck} title="Linked. You can go back to Slack.">
        <p>To end it, type /countersign unlink there.</p>
      </Notice>
      <div>
        <Link href="/queue" className={buttonClasses('plain')}>
          To the queue
        </Link>
      </div>
    </Message>
  );
}
