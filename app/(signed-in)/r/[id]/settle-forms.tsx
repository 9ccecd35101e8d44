'use client';
import { RotateCw } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useRefresh } from '#app/_live/live.tsx';
import { post } from '#app/_live/post.ts';
import { Button } from '#app/_ui/button.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import type { Permission } from '#approvals/lifecycle.ts';

interface Props {
  id: string;
  /** Whether "not applied" may be said yet. */
  windowOver: boolean;
  byHand: Permission;
}

function ByHand({
  windowOver,
  byHand,
  busy,
  onSubmit,
}: Omit<Props, 'id'> & { busy: boolean; onSubmit: (event: FormEvent<HTMLFormElement>) => void }) {
  return (
    <form onSubmit={onSubmit} className="space-y-3 border-t border-line pt-4">
      <fieldset>
        <legend className="font-medium">Or look in PagerDuty yourself. Was it applied?</legend>
        <label className="flex min-h-11 items-center gap-3">
          <input type="radio" name="applied" value="yes" required className="size-5" /> It was applied
        </label>
        <label className={`flex min-h-11 items-center gap-3 ${windowOver ? '' : 'text-muted'}`}>
          <input type="radio" name="applied" value="no" className="size-5" disabled={!windowOver} />
          {windowOver ? 'It was not applied' : 'It was not applied (only when a lost call cannot arrive any more)'}
        </label>
      </fieldset>
      <label className="block">
        <span className="font-medium">What did you see in PagerDuty?</span>
        <textarea
          name="evidence"
          required
          minLength={10}
          maxLength={500}
          rows={2}
          className="mt-1 block w-full rounded-md border border-edge bg-surface px-3 py-2"
        />
      </label>
      <Button type="submit" off={!byHand.allowed || busy} aria-describedby="by-hand-why">
        {busy ? 'Recording…' : 'Record what I saw'}
      </Button>
      <p id="by-hand-why" className="text-sm text-muted">
        {byHand.allowed ? 'It is kept with your name in the timeline.' : <Foreign text={byHand.because} />}
      </p>
    </form>
  );
}

/** Read PagerDuty again, or say what one saw there. */
export function SettleForms({ id, windowOver, byHand }: Props) {
  const { refresh, busy: reading } = useRefresh();
  const [busy, setBusy] = useState<'check' | 'hand' | null>(null);
  const [said, setSaid] = useState('');
  const run = async (what: 'check' | 'hand', path: string, fields: Record<string, string>) => {
    setBusy(what);
    setSaid('');
    const reply = await post(`/api/requests/${id}/${path}`, fields);
    setSaid(reply.ok ? (reply.message ?? '') : reply.sentence);
    if (reply.ok && reply.message === null) document.getElementById('outcome')?.focus();
    refresh();
    setBusy(null);
  };
  const record = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!byHand.allowed || busy !== null) return;
    const form = new FormData(event.currentTarget);
    void run('hand', 'settle-by-hand', {
      applied: String(form.get('applied')),
      evidence: String(form.get('evidence')),
    });
  };
  const checking = busy === 'check' || reading;
  return (
    <div className="mt-4 space-y-4">
      <div className="flex flex-wrap items-center gap-3">
        <Button look="primary" off={checking} onClick={() => void run('check', 'settle', {})}>
          <RotateCw aria-hidden className={`size-4 ${checking ? 'animate-spin' : ''}`} />
          Check PagerDuty again
        </Button>
        <p role="status" className="min-w-0 grow basis-60 font-medium">
          <Foreign text={said} />
        </p>
      </div>
      <ByHand windowOver={windowOver} byHand={byHand} busy={busy === 'hand'} onSubmit={record} />
    </div>
  );
}
