import Link from 'next/link';
import type { RequestDetail } from '#approvals/queries.ts';
import { ClockTime } from '../../../_live/time.tsx';
import { Foreign } from '../../../_ui/foreign.tsx';
import { Fact, Section } from '../../../_ui/section.tsx';
import { StatusBadge } from '../../../_ui/status-badge.tsx';

function AlsoAsked({ alsoAsked }: { alsoAsked: RequestDetail['alsoAsked'] }) {
  if (alsoAsked.length === 0) return <>Nothing else</>;
  return (
    <ul>
      {alsoAsked.map(({ id, title, status }) => (
        <li key={id} className="flex flex-wrap items-center gap-x-2 py-1">
          <Link href={`/r/${id}`} className="py-2 text-accent underline underline-offset-4">
            <Foreign text={title} />
          </Link>
          <StatusBadge status={status} />
        </li>
      ))}
    </ul>
  );
}

function HadRead({ hadRead }: { hadRead: RequestDetail['hadRead'] }) {
  if (hadRead.length === 0) return <>Nothing through Countersign</>;
  return (
    <ul className="space-y-1">
      {hadRead.map((read) => (
        <li key={`${read.at.toISOString()} ${read.tool} ${read.arguments}`}>
          <ClockTime at={read.at.toISOString()} /> <code className="font-mono text-sm">{read.tool}</code>{' '}
          <Foreign text={read.arguments} className="font-mono text-sm text-muted" />
        </li>
      ))}
    </ul>
  );
}

/** Who asks, what else it asked in the last hour, what it had read. */
export function Asker({ detail }: { detail: RequestDetail }) {
  const { agent, alsoAsked, hadRead, createdAt } = detail;
  return (
    <Section title="Who asks">
      <dl className="grid gap-x-6 gap-y-3 sm:grid-cols-2">
        <Fact name="Agent">
          <Foreign text={agent.name} />, at <ClockTime at={createdAt.toISOString()} />
        </Fact>
        <Fact name="Belongs to">{agent.ownerName === null ? 'Nobody' : <Foreign text={agent.ownerName} />}</Fact>
        {agent.actsForName === null ? null : (
          <Fact name="Acts for">
            <Foreign text={agent.actsForName} />
          </Fact>
        )}
        <Fact name="Also asked in the hour before">
          <AlsoAsked alsoAsked={alsoAsked} />
        </Fact>
        <Fact name="Had read">
          <HadRead hadRead={hadRead} />
        </Fact>
      </dl>
    </Section>
  );
}
