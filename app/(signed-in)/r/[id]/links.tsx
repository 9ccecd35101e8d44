import Link from 'next/link';
import { Foreign } from '#app/_ui/foreign.tsx';
import { MEANING } from '#approvals/lifecycle.ts';
import type { RequestDetail, RequestListItem } from '#approvals/views/queries.ts';

/** Other requests, each a link with what it is now. */
export function RequestLinks({ items }: { items: RequestListItem[] }) {
  return (
    <ul>
      {items.map(({ id, title, status }) => (
        <li key={id}>
          <Link href={`/r/${id}`} className="flex min-h-11 flex-wrap items-center gap-x-2 py-1 hover:bg-hover">
            <Foreign text={title} className="whitespace-normal text-accent underline underline-offset-4" />
            <span className="text-sm text-muted">{MEANING[status].word}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** What a proposal is for; nothing where an agent asks. */
export function Proposal({ detail }: { detail: RequestDetail }) {
  const { undoes, proposedByName } = detail;
  if (undoes === null || proposedByName === null) return null;
  return (
    <p className="mb-3">
      Proposed by <Foreign text={proposedByName} /> to undo{' '}
      <Link href={`/r/${undoes.id}`} className="text-accent underline underline-offset-4">
        <Foreign text={undoes.title} className="whitespace-normal" />
      </Link>
    </p>
  );
}
