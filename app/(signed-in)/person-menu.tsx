'use client';
import { ChevronDown, LogOut, MessageSquare } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import { post } from '#app/_live/post.ts';
import { buttonClasses } from '#app/_ui/button.tsx';

const ITEM = 'flex min-h-11 w-full items-center gap-2 px-4 py-2 text-left -outline-offset-2 hover:bg-hover';

interface Props {
  id: string;
  name: string;
  email: string;
  /** Who one may become; null outside the playable company. */
  people: { id: string; name: string; fallback: boolean }[] | null;
}

function Become({
  id,
  people,
  onChoose,
}: {
  id: string;
  people: NonNullable<Props['people']>;
  onChoose: (id: string) => void;
}) {
  return (
    <div className="border-t border-line pt-2">
      <p className="px-4 pb-1 text-sm text-muted">
        Playable company: this PagerDuty is not the real one, so you may be anybody here and see who may decide what.
      </p>
      <ul>
        {people
          .filter((person) => person.id !== id)
          .map((person) => (
            <li key={person.id}>
              <button type="button" className={ITEM} onClick={() => onChoose(person.id)}>
                <span>Become {person.name}</span>
                {person.fallback ? <span className="text-sm text-muted">(fallback group)</span> : null}
              </button>
            </li>
          ))}
      </ul>
    </div>
  );
}

/** Who is signed in, their Slack account, the way out, and in the playable company the way to be somebody else. */
export function PersonMenu({ id, name, email, people }: Props) {
  const [problem, setProblem] = useState('');
  const go = async (path: string, fields: Record<string, string>, where: string | null) => {
    const reply = await post(path, fields);
    if (!reply.ok) setProblem(reply.sentence);
    else if (where === null) window.location.reload();
    else window.location.assign(where);
  };
  return (
    <>
      <button
        type="button"
        popoverTarget="account"
        aria-label={`Account: ${name}`}
        className={`${buttonClasses('quiet')} -mr-2 min-w-0`}
      >
        <span className="max-w-[10rem] truncate">{name}</span>
        <ChevronDown aria-hidden className="size-4 shrink-0" />
      </button>
      <section
        popover="auto"
        id="account"
        aria-label="Account"
        className="fixed top-14 right-[max(0.5rem,calc((100vw-56rem)/2+1.5rem))] left-auto w-80 max-w-[calc(100vw-1rem)] rounded-md border border-edge bg-surface py-2 text-ink shadow-lg"
      >
        <p className="px-4 py-1 text-sm text-muted">
          Signed in as {name}, {email}
        </p>
        <Link
          href="/slack"
          className={ITEM}
          onClick={({ currentTarget }) => currentTarget.closest('section')?.hidePopover()}
        >
          <MessageSquare aria-hidden className="size-4" /> Slack account
        </Link>
        <button type="button" className={ITEM} onClick={() => void go('/api/session/end', {}, '/sign-in')}>
          <LogOut aria-hidden className="size-4" /> Sign out
        </button>
        {people === null ? null : (
          <Become id={id} people={people} onChoose={(person) => void go('/api/play', { person }, null)} />
        )}
        <p role="status" className="px-4 text-sm text-bad">
          {problem}
        </p>
      </section>
    </>
  );
}
