import { CircleCheck } from 'lucide-react';
import Link from 'next/link';
import { PageTitle } from '#app/_live/live.tsx';
import { Age, ClockTime } from '#app/_live/time.tsx';
import { requirePersonContext } from '#app/_server/session.ts';
import { Button, buttonClasses } from '#app/_ui/button.tsx';
import { Message } from '#app/_ui/empty-page.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import { Notice } from '#app/_ui/notice.tsx';
import { linkedSlack } from '#identity/slack-identities.ts';

type Account = Awaited<ReturnType<typeof linkedSlack>>[number];

/** Who decides in one's name, and the button that ends it. */
function Accounts({ accounts }: { accounts: Account[] }) {
  const serverNow = Date.now();
  return (
    <>
      <p>These Slack users can deny, and approve low and medium risk, in your name:</p>
      <ul className="divide-y divide-line rounded-md border border-line bg-sunken px-3 sm:px-4">
        {accounts.map(({ teamId, userId, linkedAt }) => (
          <li key={`${teamId} ${userId}`} className="py-3">
            <p>
              <Foreign text={userId} className="font-mono" /> in the workspace{' '}
              <Foreign text={teamId} className="font-mono" />
            </p>
            <p className="text-sm text-muted">
              since <ClockTime at={linkedAt.toISOString()} /> (<Age at={linkedAt.toISOString()} serverNow={serverNow} />
              )
            </p>
          </li>
        ))}
      </ul>
      <p className="text-muted">Your own user id is in your profile in Slack, under Copy member ID.</p>
      <form method="post" action="/api/link/slack/end" className="flex flex-wrap gap-3">
        <Button type="submit">Unlink</Button>
        <Link href="/queue" className={buttonClasses('quiet')}>
          To the queue
        </Link>
      </form>
    </>
  );
}

function HowToLink() {
  return (
    <>
      <p>No Slack account decides in your name. To link yours, type /countersign link in Slack.</p>
      <div>
        <Link href="/queue" className={buttonClasses('plain')}>
          To the queue
        </Link>
      </div>
    </>
  );
}

/** Which Slack account is theirs, also right after they linked it, and how to end that. */
export default async function SlackAccountPage({ searchParams }: { searchParams: Promise<{ linked?: string }> }) {
  const { ctx } = await requirePersonContext();
  const [accounts, { linked }] = await Promise.all([linkedSlack(ctx), searchParams]);
  return (
    <Message title="Your Slack account">
      <PageTitle of="Slack account" />
      {linked === '1' && accounts.length > 0 ? (
        <Notice tone="good" icon={CircleCheck} title="Linked. You can go back to Slack.">
          <p>If you did not ask for this, unlink it now.</p>
        </Notice>
      ) : null}
      {accounts.length > 0 ? <Accounts accounts={accounts} /> : <HowToLink />}
    </Message>
  );
}
