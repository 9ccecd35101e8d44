import { Ban, Equal, TriangleAlert } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { PageTitle } from '#app/_live/live.tsx';
import { requirePersonContext } from '#app/_server/session.ts';
import { buttonClasses } from '#app/_ui/button.tsx';
import { Message } from '#app/_ui/empty-page.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import { Notice } from '#app/_ui/notice.tsx';
import { previewSlackLink, type SlackLinkPreview } from '#identity/slack-identities.ts';

function DeadLink() {
  return (
    <Message title="This link does not work any more">
      <PageTitle of="Link Slack" />
      <p>It was used already or is too old. If you have just confirmed it, you are linked.</p>
      <p>Otherwise type /countersign link in Slack for a new one.</p>
    </Message>
  );
}

function Identity({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="rounded-md border border-line bg-sunken px-3 py-3 sm:px-4">
      <h2 className="mb-2 text-sm font-semibold text-muted">{title}</h2>
      <dl className="space-y-2">{children}</dl>
    </section>
  );
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="grid grid-cols-[4rem_minmax(0,1fr)]">
      <dt className="pt-px text-sm text-muted">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The e-mails prove nothing: whoever runs a Slack workspace can give a user any. */
function EmailHint({ email, sameEmail }: SlackLinkPreview) {
  if (sameEmail) {
    return (
      <p className="flex items-start gap-2 text-muted">
        <Equal aria-hidden className="mt-0.5 size-5 shrink-0" />
        The e-mails are the same. That is only a hint: look at the name and the user id too.
      </p>
    );
  }
  const title = email === null ? 'Slack shows no e-mail' : 'The e-mails differ';
  return <Notice tone="warn" icon={TriangleAlert} title={`${title}: make sure this is your Slack account.`} />;
}

/** What linking means, and the button that does it. */
function Confirm({ link, token }: { link: SlackLinkPreview; token: string }) {
  return (
    <>
      <EmailHint {...link} />
      <p>Whoever controls this Slack account can then deny, and approve low and medium risk, in your name.</p>
      {link.replaces === null ? null : (
        <p>
          It takes the place of your Slack user <Foreign text={link.replaces} className="font-mono text-sm" />, which
          then loses its link and can decide nothing any more.
        </p>
      )}
      <form method="post" action="/api/link/slack" className="space-y-3">
        <input type="hidden" name="token" value={token} />
        {link.sameEmail ? null : (
          <label className="flex min-h-11 items-center gap-3">
            <input type="checkbox" name="sure" value="yes" required className="size-5 shrink-0" />
            This Slack account is mine, although the e-mails differ.
          </label>
        )}
        <div className="flex flex-wrap gap-3">
          <button type="submit" className={`${buttonClasses(link.sameEmail ? 'primary' : 'plain')} max-sm:grow`}>
            Yes, this is me: link
          </button>
          <Link href="/queue" className={`${buttonClasses('plain')} max-sm:grow`}>
            No, leave it
          </Link>
        </div>
      </form>
    </>
  );
}

/** A Slack user and the signed-in person, side by side: only who knows both can say that they are one. */
export default async function SlackLinkPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params;
  const { ctx, person } = await requirePersonContext();
  const link = await previewSlackLink(ctx, token);
  if (link === null) return <DeadLink />;
  return (
    <div className="pt-4 pb-16 sm:pt-6">
      <PageTitle of="Link Slack" />
      <div className="space-y-5 border-y border-line bg-surface px-4 py-5 sm:rounded-lg sm:border-x sm:px-6">
        <h1 className="text-xl leading-snug font-semibold text-pretty sm:text-2xl">
          {link.obstacle === null ? 'Is this Slack account yours?' : 'This Slack account cannot be linked'}
        </h1>
        {link.obstacle === null ? (
          <p>
            Confirm only a link that you asked for yourself in Slack a moment ago. If somebody sent you this link, close
            this page: whoever controls that Slack account would decide in your name.
          </p>
        ) : null}
        <div className="grid gap-3 sm:grid-cols-2">
          <Identity title="You, in Countersign">
            <Line name="Name">
              <Foreign text={person.name} />
            </Line>
            <Line name="E-mail">
              <Foreign text={person.email} />
            </Line>
          </Identity>
          <Identity title="The Slack account">
            <Line name="Name">
              <Foreign text={link.userName} />
            </Line>
            <Line name="E-mail">{link.email === null ? 'Not shown by Slack' : <Foreign text={link.email} />}</Line>
            <Line name="User id">
              <Foreign text={link.userId} className="font-mono text-sm" />
            </Line>
          </Identity>
        </div>
        {link.obstacle === null ? (
          <Confirm link={link} token={token} />
        ) : (
          <Notice tone="bad" icon={Ban} title={link.obstacle} />
        )}
      </div>
    </div>
  );
}
