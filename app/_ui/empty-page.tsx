import type { ReactNode } from 'react';

/** One message with a title: not found, an error. */
export function Message({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="mx-auto flex w-full max-w-lg flex-col gap-4 px-4 py-16">
      <h1 className="text-2xl font-semibold text-balance">{title}</h1>
      {children}
    </div>
  );
}

/** A page that is nothing but a message. */
export function EmptyPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="flex min-h-dvh flex-col justify-center">
      <p className="mx-auto -mb-12 w-full max-w-lg px-4 font-semibold text-accent">Countersign</p>
      <Message title={title}>{children}</Message>
    </main>
  );
}
