import { CircleCheck } from 'lucide-react';
import { PageTitle, RefreshOnChange } from '#app/_live/live.tsx';
import { requirePersonContext } from '#app/_server/session.ts';
import { listClosed, listOpen, type RequestListItem } from '#approvals/views/queries.ts';
import { groupOpen } from './groups.ts';
import { RequestRow } from './request-row.tsx';

function List({ title, items, serverNow }: { title: string; items: RequestListItem[]; serverNow: number }) {
  return (
    <section aria-label={title} className="mt-6">
      <h2 className="px-4 pb-2 text-sm font-semibold text-muted sm:px-0">
        {title} <span className="font-normal">({items.length})</span>
      </h2>
      <ul className="border-y border-line bg-surface sm:overflow-hidden sm:rounded-lg sm:border-x">
        {items.map((item) => (
          <RequestRow key={item.id} item={item} serverNow={serverNow} />
        ))}
      </ul>
    </section>
  );
}

function Nothing() {
  return (
    <div className="mt-6 flex items-start gap-3 border-y border-line bg-surface px-4 py-8 sm:rounded-lg sm:border-x sm:px-6">
      <CircleCheck aria-hidden className="mt-0.5 size-5 shrink-0 text-good" />
      <p>Nothing waits for a human. New requests show up here by themselves.</p>
    </div>
  );
}

export default async function QueuePage() {
  const { ctx } = await requirePersonContext();
  const [open, closed] = await Promise.all([listOpen(ctx), listClosed(ctx)]);
  const serverNow = Date.now();
  return (
    <div className="pt-6 pb-16">
      <PageTitle />
      <RefreshOnChange everyMs={60_000} />
      <h1 className="px-4 text-2xl font-semibold sm:px-0">Queue</h1>
      {open.length === 0 ? <Nothing /> : null}
      {groupOpen(open, serverNow).map((group) => (
        <List key={group.title} {...group} serverNow={serverNow} />
      ))}
      {closed.length === 0 ? null : <List title="Recently closed" items={closed} serverNow={serverNow} />}
    </div>
  );
}
