import type { ReactNode } from 'react';

/** A titled part of a page. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section aria-label={title} className="border-t border-line px-4 py-4 sm:px-6">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
        <h2 className="text-sm font-semibold text-muted">{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** One fact of a `<dl>`; on a phone the name stands beside it to save height. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0 max-sm:grid max-sm:grid-cols-[6rem_minmax(0,1fr)]">
      <dt className="mb-0.5 pt-px text-sm text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </div>
  );
}

/** A list of short sentences. */
export function Sentences({ children }: { children: ReactNode }) {
  return <ul className="list-disc space-y-1 pl-5 marker:text-muted">{children}</ul>;
}
