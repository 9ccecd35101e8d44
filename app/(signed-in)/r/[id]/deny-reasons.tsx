'use client';
import { ChevronDown, ChevronUp } from 'lucide-react';
import { useEffect, useId, useRef, useState } from 'react';
import { Button } from '#app/_ui/button.tsx';
import { DENY_REASONS, denyReason } from '#approvals/deny-reasons.ts';

/** An optional reason for denying; Deny works without it. */
export function DenyReasons({ onChange }: { onChange: (reason: string) => void }) {
  const ids = useId();
  const [open, setOpen] = useState(false);
  const [preset, setPreset] = useState('');
  const [note, setNote] = useState('');
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (open) first.current?.focus();
  }, [open]);
  useEffect(() => {
    onChange(open ? (denyReason(preset, note) ?? '') : '');
  }, [open, preset, note, onChange]);
  const Sign = open ? ChevronDown : ChevronUp;
  return (
    <>
      <Button
        look="quiet"
        className="text-sm"
        data-key="deny-reasons"
        aria-expanded={open}
        aria-controls={`${ids}-reasons`}
        onClick={() => setOpen(!open)}
      >
        <Sign aria-hidden className="size-4" />
        Reason for denying
      </Button>
      <div id={`${ids}-reasons`} hidden={!open} className="basis-full space-y-3 pb-3">
        <fieldset>
          <legend className="mb-1 text-sm">
            Optional. <strong>The agent sees this text.</strong>
          </legend>
          <div className="flex flex-wrap gap-x-2 gap-y-2">
            {DENY_REASONS.map((word, index) => (
              <label
                key={word}
                className="flex min-h-11 items-center gap-2 rounded-md border border-line px-3 has-checked:border-accent has-checked:bg-hover"
              >
                <input
                  ref={index === 0 ? first : undefined}
                  data-key={index === 0 ? 'deny-reason' : undefined}
                  type="radio"
                  name={`${ids}-preset`}
                  checked={preset === word}
                  onChange={() => setPreset(word)}
                />
                {word}
              </label>
            ))}
          </div>
        </fieldset>
        <label className="block">
          <span className="text-sm">Note to the agent</span>
          <textarea
            rows={2}
            maxLength={400}
            value={note}
            onChange={(event) => setNote(event.target.value)}
            className="mt-1 block w-full rounded-md border border-edge bg-surface px-3 py-2"
          />
        </label>
      </div>
    </>
  );
}
