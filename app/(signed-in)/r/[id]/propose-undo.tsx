'use client';
import { Undo2 } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type FormEvent, useId, useState } from 'react';
import { post } from '#app/_live/post.ts';
import { Button } from '#app/_ui/button.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import type { Permission } from '#approvals/lifecycle.ts';

/** Makes the undo a request that somebody else decides on, and goes there. */
export function ProposeUndo({ id, may }: { id: string; may: Permission }) {
  const ids = useId();
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState('');
  const propose = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem('');
    const note = String(new FormData(event.currentTarget).get('note') ?? '');
    const reply = await post(`/api/requests/${id}/undo`, { note });
    if (reply.ok && reply.goTo !== null) return router.push(reply.goTo);
    setProblem(reply.ok ? '' : reply.sentence);
    setBusy(false);
  };
  return (
    <div className="mt-3 space-y-3">
      <Button
        data-key="propose-undo"
        off={!may.allowed}
        aria-expanded={open}
        aria-controls={`${ids}-form`}
        aria-describedby={may.allowed ? undefined : `${ids}-why`}
        onClick={() => setOpen(!open)}
      >
        <Undo2 aria-hidden className="size-4" />
        Propose undo…
      </Button>
      {may.allowed ? null : (
        <p id={`${ids}-why`} className="text-sm text-muted">
          <Foreign text={may.because} />
        </p>
      )}
      <form id={`${ids}-form`} hidden={!open} onSubmit={propose} className="space-y-3">
        <label className="block">
          <span className="text-sm">Note to whoever decides; optional</span>
          <textarea
            name="note"
            rows={2}
            maxLength={400}
            className="mt-1 block w-full rounded-md border border-edge bg-surface px-3 py-2"
          />
        </label>
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" look="primary" off={busy}>
            {busy ? 'Proposing…' : 'Propose it'}
          </Button>
          <p className="text-sm text-muted">Nothing is sent before somebody else has approved it.</p>
        </div>
        <p role="status" className="font-medium text-bad">
          <Foreign text={problem} />
        </p>
      </form>
    </div>
  );
}
