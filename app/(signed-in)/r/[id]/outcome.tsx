import Link from 'next/link';
import { ClockTime } from '#app/_live/time.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import { StatusBadge } from '#app/_ui/status-badge.tsx';
import type { RequestDetail, RequestListItem } from '#approvals/views/queries.ts';

function Sent({ attempt }: { attempt: RequestDetail['attempt'] }) {
  if (attempt === null) return null;
  return (
    <p className="text-sm text-muted">
      Sent once, at <ClockTime at={attempt.claimedAt.toISOString()} />, as <Foreign text={attempt.fromEmail} />.
      {attempt.httpStatus === null ? '' : ` PagerDuty answered ${attempt.httpStatus}.`}
    </p>
  );
}

const DECISIONS = { approve: 'Approved', deny: 'Denied' };
const SURFACES: Record<string, string> = { web: 'on the web', slack: 'in Slack' };

/** What the request is now and why; announced politely whenever it changes. */
export function Outcome({ detail, next }: { detail: RequestDetail; next: RequestListItem | null }) {
  const { status, meaning, because, attempt, reviews, final } = detail;
  return (
    <div className="space-y-1.5">
      <div
        role="status"
        id="outcome"
        tabIndex={-1}
        className="flex scroll-mt-40 outline-none flex-wrap items-center gap-x-3 gap-y-1"
      >
        <StatusBadge status={status} />
        <span>{meaning.sentence}</span>
        {because === null || because === meaning.sentence ? null : (
          <Foreign text={because} className="basis-full font-medium" />
        )}
      </div>
      {reviews.map(({ personName, decision, entitlement, surface, at }) => (
        <p key={`${personName} ${decision}`} className="text-sm text-muted">
          {DECISIONS[decision]} by <Foreign text={personName} />, <Foreign text={entitlement} />,{' '}
          {SURFACES[surface] ?? surface} at <ClockTime at={at.toISOString()} />.
        </p>
      ))}
      <Sent attempt={attempt} />
      {final && next !== null ? (
        <p>
          Next to decide:{' '}
          <Link
            href={`/r/${next.id}`}
            className="inline-flex min-h-11 items-center font-medium text-accent underline underline-offset-4"
          >
            <Foreign text={next.title} />
          </Link>
        </p>
      ) : null}
    </div>
  );
}
