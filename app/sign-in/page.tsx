import { Link2Off } from 'lucide-react';
import { redirect } from 'next/navigation';
import { base } from '#app/_server/context.ts';
import { isOwnPath } from '#app/_server/own-path.ts';
import { cameFor, signedInPerson } from '#app/_server/session.ts';
import { buttonClasses } from '#app/_ui/button.tsx';
import { EmptyPage } from '#app/_ui/empty-page.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import { Notice } from '#app/_ui/notice.tsx';
import { previewSignIn } from '#identity/sessions.ts';

const one = (value: string | string[] | undefined) => (typeof value === 'string' ? value : null);

export default async function SignInPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const query = await searchParams;
  const token = one(query.token);
  // Only a door can set the cookie that keeps it; it comes back here.
  if (token === null && isOwnPath(query.next))
    redirect(`/api/session/next?${new URLSearchParams({ path: query.next })}`);
  // Looking at a link must not use it up: mail and chat programs open links too.
  const [person, now, next] = await Promise.all([
    token === null ? null : previewSignIn(base(), token),
    signedInPerson(),
    cameFor(),
  ]);
  const dead = (token !== null && person === null) || one(query.problem) !== null;
  return (
    <EmptyPage title={person === null ? 'Sign in' : `Sign in as ${person.name}`}>
      <title>Sign in · Countersign</title>
      {dead ? <Notice tone="warn" icon={Link2Off} title="This sign-in link was used already or is too old." /> : null}
      {person === null || token === null ? (
        <p>
          You sign in with a link that works once. Ask whoever runs Countersign for one; they make it with{' '}
          <code className="rounded bg-sunken px-1.5 py-0.5 font-mono text-sm">npm run people -- link EMAIL</code>.
          {next === null ? '' : ' Open it in this browser.'}
        </p>
      ) : (
        <form method="post" action="/api/session" className="flex flex-col gap-4">
          <p>
            This link is for <Foreign text={person.name} /> (<Foreign text={person.email} />
            ). It works once. If that is not you, close this page.
          </p>
          {now !== null && now.id !== person.id ? (
            <p className="text-muted">It ends your session as {now.name}.</p>
          ) : null}
          <input type="hidden" name="token" value={token} />
          <button type="submit" className={`${buttonClasses('primary')} self-start`}>
            Sign in
          </button>
        </form>
      )}
      {next === null ? null : <p>Then you go on to what you came for.</p>}
    </EmptyPage>
  );
}
