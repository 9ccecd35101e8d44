'use client';
import { Eye } from 'lucide-react';
import { useId, useState } from 'react';
import { post } from '#app/_live/post.ts';
import { Button } from '#app/_ui/button.tsx';
import { CopyButton } from '#app/_ui/copy-button.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import type { Permission } from '#approvals/lifecycle.ts';

interface Props {
  id: string;
  label: string;
  /** Whether somebody saw it already. */
  shown: boolean;
  may: Permission;
}

/** Asks for a secret when pressed; the value lives in this component alone and is gone with the page. */
export function RevealSecret({ id, label, shown, may }: Props) {
  const ids = useId();
  const [value, setValue] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const reveal = async () => {
    setBusy(true);
    setProblem('');
    const reply = await post(`/api/requests/${id}/reveal`, { label });
    if (reply.ok) setValue(reply.message);
    else setProblem(reply.sentence);
    setBusy(false);
  };
  if (value !== null) {
    return (
      <div role="status">
        <p className="font-medium">
          <Foreign text={label} />. Copy it now: it is shown this once.
        </p>
        <p className="flex flex-wrap items-center gap-2">
          <Foreign text={value} className="rounded-md bg-sunken px-3 py-2 font-mono text-sm" />
          <CopyButton text={value} what={label.toLowerCase()} />
        </p>
      </div>
    );
  }
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span>
        <Foreign text={label} />:
      </span>
      {shown ? null : (
        <Button
          off={!may.allowed || busy}
          aria-label={`Show ${label} once`}
          aria-describedby={may.allowed ? undefined : `${ids}-why`}
          onClick={() => void reveal()}
        >
          <Eye aria-hidden className="size-4" />
          {busy ? 'Showing…' : 'Show once'}
        </Button>
      )}
      {may.allowed || shown ? null : (
        <span id={`${ids}-why`} className="text-sm text-muted">
          <Foreign text={may.because} />
        </span>
      )}
      <p role="status" className="basis-full font-medium text-bad empty:hidden">
        <Foreign text={problem} />
      </p>
    </div>
  );
}
