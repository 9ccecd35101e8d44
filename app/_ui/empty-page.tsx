import type { ReactNode } from 'react';

/** A page with one message: not found, an error, the sign-in. */
export function EmptyPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-lg flex-col justify-center gap-4 px-4 py-12">
      <p className="font-semibold text-accent">Countersign</p>
      <h1 className="text-2xl font-semibold text-balance">{title}</h1>
      {children}
    </main>
  );
}
