'use client';
import { Copy } from 'lucide-react';
import { useState } from 'react';
import { useHydrated } from '#app/_live/time.tsx';
import { Button } from './button.tsx';

/** Copies the text as it is, hidden characters included; absent where the browser has no clipboard. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [said, setSaid] = useState('');
  const able = useHydrated() && navigator.clipboard !== undefined;
  if (!able) return null;
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setSaid('Copied'),
      () => setSaid('The browser did not allow it'),
    );
  return (
    <span className="flex items-center gap-2 text-sm">
      <span role="status">{said}</span>
      <Button look="quiet" onClick={copy} aria-label={`Copy ${what}`}>
        <Copy aria-hidden className="size-4" /> Copy
      </Button>
    </span>
  );
}
