'use client';
import { useRouter } from 'next/navigation';
import { startTransition } from 'react';
import { Button } from './button.tsx';

export interface FailureProps {
  error: Error & { digest?: string };
  reset: () => void;
}

/** What a page says that could not be made. */
export function Failure({ error, reset }: FailureProps) {
  const router = useRouter();
  const retry = () =>
    startTransition(() => {
      router.refresh();
      reset();
    });
  return (
    <>
      <title>Error · Countersign</title>
      <p>Something went wrong in Countersign. Nothing was decided and nothing was sent by this.</p>
      {error.digest === undefined ? null : <p className="text-muted">Error id: {error.digest}</p>}
      <div>
        <Button onClick={retry}>Try again</Button>
      </div>
    </>
  );
}
