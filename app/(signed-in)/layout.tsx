import Link from 'next/link';
import type { ReactNode } from 'react';
import { ConnectionBanner, ConnectionSign } from '#app/_live/connection.tsx';
import { LiveProvider } from '#app/_live/live.tsx';
import { base } from '#app/_server/context.ts';
import { personContext, signedInPerson } from '#app/_server/session.ts';
import { countWaiting } from '#approvals/views/queries.ts';
import { listPeople } from '#identity/people.ts';
import { Keys } from './keys.tsx';
import { PersonMenu } from './person-menu.tsx';
import { ToSignIn } from './to-sign-in.tsx';

async function playable(): Promise<{ id: string; name: string; fallback: boolean }[] | null> {
  if (!base().settings.play) return null;
  const people = await listPeople(base());
  return people.filter(({ active }) => active).map(({ id, name, fallback }) => ({ id, name, fallback }));
}

export default async function SignedInLayout({ children }: { children: ReactNode }) {
  const person = await signedInPerson();
  if (person === null) return <ToSignIn />;
  const [waiting, others] = await Promise.all([countWaiting(personContext(person)), playable()]);
  return (
    <LiveProvider waiting={waiting}>
      <a href="#main" className="sr-only focus:not-sr-only focus:absolute focus:z-30 focus:bg-surface focus:p-3">
        Skip to the content
      </a>
      <header className="sticky top-0 z-20 border-b border-line bg-surface">
        <div className="mx-auto flex max-w-4xl items-center gap-2 px-4 sm:px-6">
          <Link href="/queue" className="mr-auto inline-flex min-h-12 items-center font-semibold">
            Countersign
          </Link>
          <ConnectionSign />
          <Keys />
          <PersonMenu name={person.name} email={person.email} id={person.id} people={others} />
        </div>
        <ConnectionBanner />
      </header>
      <main id="main" tabIndex={-1} className="mx-auto max-w-4xl outline-none sm:px-6">
        {children}
      </main>
    </LiveProvider>
  );
}
