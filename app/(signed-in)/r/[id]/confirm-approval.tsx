'use client';
import { AlertDialog } from '@base-ui/react/alert-dialog';
import { useRef } from 'react';
import { Button } from '#app/_ui/button.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import type { RequestListItem } from '#approvals/views/queries.ts';

interface Props {
  open: boolean;
  setOpen: (open: boolean) => void;
  risk: RequestListItem['risk'];
  title: string;
  effect: string[];
  /** Why confirming is off; empty while the page catches up; null while it is on. */
  off: string | null;
  onConfirm: () => void;
}

/** One more look at what happens, for what cannot be taken lightly. */
export function ConfirmApproval({ open, setOpen, risk, title, effect, off, onConfirm }: Props) {
  const back = useRef<HTMLButtonElement>(null);
  return (
    <AlertDialog.Root open={open} onOpenChange={setOpen}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-30 bg-black/50" />
        <AlertDialog.Popup
          initialFocus={back}
          className="fixed top-1/2 left-1/2 z-40 flex max-h-[90dvh] w-[32rem] max-w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 flex-col gap-4 overflow-auto rounded-lg border border-edge bg-surface p-5 shadow-xl sm:p-6"
        >
          <AlertDialog.Title className="text-lg font-semibold">Approve this {risk}-risk change?</AlertDialog.Title>
          <AlertDialog.Description render={<div />} className="space-y-3">
            <p className="font-medium">
              <Foreign text={title} />
            </p>
            <ul className="list-disc space-y-1 pl-5 marker:text-muted">
              {effect.map((line) => (
                <li key={line}>
                  <Foreign text={line} />
                </li>
              ))}
            </ul>
            {off ? <p className="font-medium text-bad">{off}</p> : null}
          </AlertDialog.Description>
          <div className="flex flex-wrap justify-end gap-3">
            <AlertDialog.Close ref={back} render={<Button className="max-sm:grow" />}>
              Go back
            </AlertDialog.Close>
            <Button look="primary" className="max-sm:grow" off={off !== null} onClick={onConfirm}>
              Yes, approve
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
