'use client';
import { Dialog } from '@base-ui/react/dialog';
import { Keyboard } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, buttonClasses } from '#app/_ui/button.tsx';

const SWITCH = 'countersign-keys';
const FIELDS = 'input, textarea, select, [contenteditable], [role=dialog], [role=alertdialog], [popover]';

const KEYS = [
  ['j', 'Next request of the queue'],
  ['k', 'Previous request of the queue'],
  ['o or Enter', 'Open it'],
  ['a', 'Go to Approve (Enter approves)'],
  ['d', 'Open the reasons for denying'],
  ['e', 'Show the exact call'],
  ['?', 'Show this list'],
] as const;

const find = (selector: string) => document.querySelector<HTMLElement>(selector);

function moveInQueue(step: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>('[data-key=row]')];
  const at = rows.findIndex((row) => row.matches(':focus'));
  rows.at(at === -1 ? (step === 1 ? 0 : -1) : Math.min(Math.max(at + step, 0), rows.length - 1))?.focus();
}

function openReasons(): void {
  const toggle = find('[data-key=deny-reasons]');
  if (toggle?.getAttribute('aria-expanded') === 'false') toggle.click();
  else (find('[data-key=deny-reason]') ?? find('[data-key=deny]'))?.focus();
}

function showCall(): void {
  const call = document.querySelector<HTMLDetailsElement>('details[data-key=call]');
  if (call === null) return;
  call.open = true;
  call.querySelector('summary')?.focus();
}

const ACTS: Record<string, () => void> = {
  j: () => moveInQueue(1),
  k: () => moveInQueue(-1),
  o: () => find('[data-key=row]:focus')?.click(),
  a: () => find('[data-key=approve]')?.focus(),
  d: openReasons,
  e: showCall,
};

/** Single keys for those who live on the keyboard, their list, and the switch that turns them off. */
export function Keys() {
  const [open, setOpen] = useState(false);
  const [on, setOn] = useState(true);
  useEffect(() => setOn(localStorage.getItem(SWITCH) !== 'off'), []);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!on || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (event.target instanceof Element && event.target.closest(FIELDS)) return;
      if (document.querySelector('[role=dialog], [role=alertdialog], :popover-open')) return;
      const act = event.key === '?' ? () => setOpen(true) : ACTS[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [on]);
  const turn = (to: boolean) => {
    setOn(to);
    localStorage.setItem(SWITCH, to ? 'on' : 'off');
  };
  return (
    <Dialog.Root open={open} onOpenChange={setOpen}>
      <Dialog.Trigger className={`${buttonClasses('quiet')} max-sm:hidden`} aria-label="Keyboard shortcuts">
        <Keyboard aria-hidden className="size-5" />
      </Dialog.Trigger>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-30 bg-black/50" />
        <Dialog.Popup className="fixed top-1/2 left-1/2 z-40 flex max-h-[90dvh] w-96 max-w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 flex-col gap-4 overflow-auto rounded-lg border border-edge bg-surface p-6 shadow-xl">
          <Dialog.Title className="text-lg font-semibold">Keyboard shortcuts</Dialog.Title>
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-2">
            {KEYS.map(([key, what]) => (
              <div key={key} className="contents">
                <dt className="font-mono text-sm">{key}</dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
          <label className="flex min-h-11 items-center gap-3">
            <input type="checkbox" className="size-5" checked={on} onChange={(event) => turn(event.target.checked)} />
            Single-key shortcuts are on
          </label>
          <Dialog.Close render={<Button />}>Close</Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
