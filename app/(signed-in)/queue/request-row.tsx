import Link from 'next/link';
import { Age, TimeLeft } from '#app/_live/time.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import { RiskBadge } from '#app/_ui/risk-badge.tsx';
import { StatusBadge } from '#app/_ui/status-badge.tsx';
import { MEANING } from '#approvals/lifecycle.ts';
import type { RequestListItem } from '#approvals/views/queries.ts';

/** One line of a list of requests, a link as a whole. */
export function RequestRow({ item, serverNow }: { item: RequestListItem; serverNow: number }) {
  const decidable = MEANING[item.status].phase === 'waiting';
  const at = (item.finishedAt ?? item.createdAt).toISOString();
  return (
    <li className="border-t border-line first:border-t-0">
      <Link
        href={`/r/${item.id}`}
        data-key="row"
        className="grid min-h-11 gap-x-4 gap-y-1.5 px-4 py-3 -outline-offset-3 hover:bg-hover sm:grid-cols-[minmax(0,1fr)_auto] sm:px-6"
      >
        <span className={item.final ? '' : 'font-semibold'}>
          <Foreign text={item.title} />
        </span>
        <span className="flex flex-wrap items-center gap-2 sm:justify-end">
          {decidable ? <RiskBadge risk={item.risk} /> : <StatusBadge status={item.status} />}
        </span>
        <span className="text-sm text-muted">
          {item.services.length === 0 ? null : (
            <>
              <Foreign text={item.services.join(', ')} />
              {' · '}
            </>
          )}
          {item.proposedByName === null ? 'asked by ' : 'undo proposed by '}
          <Foreign text={item.proposedByName ?? item.agentName} />
        </span>
        <span className="text-sm sm:text-right">
          {decidable ? (
            <TimeLeft expiresAt={item.expiresAt.toISOString()} serverNow={serverNow} />
          ) : (
            <span className="text-muted">
              <Age at={at} serverNow={serverNow} />
            </span>
          )}
        </span>
      </Link>
    </li>
  );
}
