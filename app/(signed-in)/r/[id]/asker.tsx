import { ClockTime } from '#app/_live/time.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import { Fact, Section } from '#app/_ui/section.tsx';
import type { RequestDetail } from '#approvals/views/queries.ts';
import { RequestLinks } from './links.tsx';

/** More than this is folded away. */
const SHOWN = 3;

function AlsoAsked({ alsoAsked }: { alsoAsked: RequestDetail['alsoAsked'] }) {
  const more = alsoAsked.slice(SHOWN);
  if (alsoAsked.length === 0) return <>Nothing else</>;
  return (
    <>
      <RequestLinks items={alsoAsked.slice(0, SHOWN)} />
      {more.length === 0 ? null : (
        <details>
          <summary className="flex min-h-11 items-center font-medium text-accent underline underline-offset-4">
            {more.length} more
          </summary>
          <RequestLinks items={more} />
        </details>
      )}
    </>
  );
}

function HadRead({ hadRead }: { hadRead: RequestDetail['hadRead'] }) {
  if (hadRead.length === 0) return <>Nothing through Countersign</>;
  return (
    <ul className="space-y-1">
      {hadRead.map((read) => (
        <li key={`${read.at.toISOString()} ${read.tool} ${read.arguments}`}>
          <ClockTime at={read.at.toISOString()} /> <code className="font-mono text-sm wrap-anywhere">{read.tool}</code>{' '}
          <Foreign text={read.arguments} className="font-mono text-sm text-muted" />
        </li>
      ))}
    </ul>
  );
}

/** Who asks, what else it asked since an hour before, what it had read. */
export function Asker({ detail }: { detail: RequestDetail }) {
  const { agent, alsoAsked, hadRead, createdAt, proposedByName } = detail;
  const at = <ClockTime at={createdAt.toISOString()} />;
  const owner = (
    <Fact name="Belongs to">{agent.ownerName === null ? 'Nobody' : <Foreign text={agent.ownerName} />}</Fact>
  );
  if (proposedByName !== null) {
    return (
      <Section title="Who asks">
        <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-2 sm:gap-y-3">
          <Fact name="Proposed by">
            <Foreign text={proposedByName} />, at {at}
          </Fact>
          <Fact name="Undoes an ask of">
            <Foreign text={agent.name} />
          </Fact>
          {owner}
        </dl>
      </Section>
    );
  }
  return (
    <Section title="Who asks">
      <dl className="grid gap-x-6 gap-y-2 sm:grid-cols-2 sm:gap-y-3">
        <Fact name="Agent">
          <Foreign text={agent.name} />, at {at}
        </Fact>
        {owner}
        {agent.actsForName === null ? null : (
          <Fact name="Acts for">
            <Foreign text={agent.actsForName} />
          </Fact>
        )}
        <Fact name="Also asked">
          <AlsoAsked alsoAsked={alsoAsked} />
        </Fact>
        <Fact name="Had read">
          <HadRead hadRead={hadRead} />
        </Fact>
      </dl>
    </Section>
  );
}
