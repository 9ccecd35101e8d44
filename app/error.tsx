'use client';
import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { Button } from './_ui/button.tsx';
import { EmptyPage } from './_ui/empty-page.tsx';

export default function PageError({ error, reset }: { error: Error & { digest?: string }; reset: () => void }) {
  const router = useRouter();
  const retry = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <EmptyPage title="This page could not be shown">
      <title>Error · Countersign</title>
      <p>Something went wrong in Countersign. Nothing was decided and nothing was sent by this.</p>
      {error.digest === undefined ? null : <p className="text-muted">Error id: {error.digest}</p>}
      <div>
        <Button onClick={retry}>Try again</Button>
      </div>
    </EmptyPage>
  );
}
