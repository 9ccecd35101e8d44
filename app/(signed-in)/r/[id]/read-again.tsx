'use client';
import { RotateCw } from 'lucide-react';
import { useRefresh } from '#app/_live/live.tsx';
import { Button } from '#app/_ui/button.tsx';

export function ReadAgain() {
  const { refresh, busy } = useRefresh();
  return (
    <Button look="quiet" className="-mr-2 whitespace-nowrap" onClick={() => refresh()} aria-busy={busy}>
      <RotateCw aria-hidden className={`size-4 ${busy ? 'animate-spin' : ''}`} />
      Read again
    </Button>
  );
}
