'use client';
import { Check, X } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import { nextTickMs } from '#app/_live/clock.ts';
import { LOST } from '#app/_live/connection.tsx';
import { useLive, useRefresh } from '#app/_live/live.tsx';
import { post } from '#app/_live/post.ts';
import { useServerNow } from '#app/_live/server-now.ts';
import { TimeLeft } from '#app/_live/time.tsx';
import { Button } from '#app/_ui/button.tsx';
import { Foreign } from '#app/_ui/foreign.tsx';
import type { Permission } from '#approvals/lifecycle.ts';
import type { RequestListItem } from '#approvals/views/queries.ts';
import { ConfirmApproval } from './confirm-approval.tsx';
import { DenyReasons } from './deny-reasons.tsx';

/** So long nobody can press what has just changed under the finger. */
const ARM_AFTER_MS = 500;

interface Props {
  id: string;
  /** Of what this page shows; the server compares. */
  digest: string;
  /** Of the link from Slack that brought them here; the decision uses it up. */
  handover: string | undefined;
  fingerprint: string;
  may: { approve: Permission; deny: Permission; cancel: Permission };
  /** What the status still allows, to whomever. */
  open: { approve: boolean; deny: boolean };
  final: boolean;
  drift: string | null;
  risk: RequestListItem['risk'];
  title: string;
  effect: string[];
  expiresAt: string;
  serverNow: number;
}

/** False for a moment after everything a decision depends on has changed, and until the page is alive. */
function useArmed(fingerprint: string): boolean {
  const [armedFor, setArmedFor] = useState<string | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setArmedFor(fingerprint), ARM_AFTER_MS);
    return () => clearTimeout(timer);
  }, [fingerprint]);
  return armedFor === fingerprint;
}

const refusal = (permission: Permission) => (permission.allowed ? null : permission.because);

type Act = 'approve' | 'deny' | 'cancel';

/** Sends one act and shows what the server made of it: nothing is shown as done before it is. */
function useAct(id: string) {
  const { refresh, busy: reading } = useRefresh();
  const [acting, setActing] = useState<Act | null>(null);
  const [problem, setProblem] = useState('');
  const act = async (what: Act, fields: Record<string, string>) => {
    setActing(what);
    setProblem('');
    const path = what === 'cancel' ? 'cancel' : 'review';
    const reply = await post(`/api/requests/${id}/${path}`, fields);
    if (reply.ok) document.getElementById('outcome')?.focus();
    else setProblem(reply.sentence);
    refresh();
    setActing(null);
  };
  return { act, acting, busy: acting !== null || reading, problem };
}

const RISKY: Record<RequestListItem['risk'], boolean> = { low: false, medium: false, high: true, critical: true };

/** Why a button is off, in words beside it; one sentence where both have the same reason. */
function Whys({ ids, approve, deny }: { ids: string; approve: string | null; deny: string | null }) {
  return (
    <>
      {approve === null ? null : (
        <p id={`${ids}-approve`}>
          <Foreign text={approve} />
        </p>
      )}
      {deny === null || deny === approve ? null : (
        <p id={`${ids}-deny`}>
          <Foreign text={deny} />
        </p>
      )}
    </>
  );
}

export function DecideBar(props: Props) {
  const { id, digest, handover, may, open, final, drift, expiresAt, serverNow } = props;
  const ids = useId();
  const { lostAt } = useLive();
  const armed = useArmed(props.fingerprint);
  const { act, acting, busy, problem } = useAct(id);
  const [reason, setReason] = useState('');
  const [confirming, setConfirming] = useState(false);
  const ends = new Date(expiresAt).getTime();
  const left = ends - useServerNow(serverNow, (now) => nextTickMs(ends - now));
  const over = open.approve && left <= 0;
  if (!open.deny || over) {
    // Why somebody was too late says no more than what it has become.
    const refused = final ? '' : problem;
    return (
      <p role="status" className="border-t border-line px-4 py-6 font-medium sm:px-0">
        <Foreign text={over ? 'Time is over. It was not sent.' : refused} />
      </p>
    );
  }

  const lost = lostAt === null ? null : LOST;
  const stale = drift === null ? null : 'Approving is off: PagerDuty has changed, so it would not be sent.';
  const whyNotApprove = open.approve ? (lost ?? refusal(may.approve) ?? stale) : null;
  const whyNotDeny = lost ?? refusal(may.deny);
  const waiting = !armed || busy;
  const sight: Record<string, string> = handover === undefined ? { digest } : { digest, handover };
  // Every approval leaves the page here, with all that proves who approves what.
  const approve = () => act('approve', { decision: 'approve', ...sight });
  return (
    <section
      aria-label="Decide"
      className="sticky bottom-0 z-10 max-h-[75dvh] overflow-y-auto border border-edge bg-surface px-4 pt-2 pb-[max(0.75rem,env(safe-area-inset-bottom))] shadow-[0_-4px_12px_rgb(0_0_0/0.08)] max-sm:border-x-0 sm:rounded-b-lg sm:px-6 sm:pt-3"
    >
      <p role="status" className="sr-only">
        {open.approve && left < 60_000 ? 'One minute left to decide.' : ''}
      </p>
      <div className="space-y-1 text-sm">
        <Whys ids={ids} approve={whyNotApprove} deny={whyNotDeny} />
        <p role="status" className="font-medium text-bad">
          <Foreign text={problem} />
        </p>
      </div>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="grow py-1 text-sm">
          {open.approve ? (
            <TimeLeft expiresAt={expiresAt} serverNow={serverNow} brief />
          ) : (
            'Can be denied until it is sent.'
          )}
        </span>
        {may.deny.allowed ? <DenyReasons onChange={setReason} /> : null}
        <span className="flex flex-wrap gap-3 max-sm:basis-full">
          {may.cancel.allowed ? (
            <Button className="max-sm:grow" off={lost !== null || waiting} onClick={() => void act('cancel', {})}>
              {acting === 'cancel' ? 'Withdrawing…' : 'Withdraw'}
            </Button>
          ) : null}
          <Button
            data-key="deny"
            className="min-w-32 max-sm:grow"
            off={whyNotDeny !== null || waiting}
            aria-describedby={
              whyNotDeny === null ? undefined : `${ids}-${whyNotDeny === whyNotApprove ? 'approve' : 'deny'}`
            }
            onClick={() => void act('deny', { decision: 'deny', ...sight, reason })}
          >
            <X aria-hidden className="size-5" />
            {acting === 'deny' ? 'Denying…' : 'Deny'}
          </Button>
          {open.approve ? (
            <Button
              data-key="approve"
              look="primary"
              className="min-w-32 max-sm:grow"
              off={whyNotApprove !== null || waiting}
              aria-describedby={whyNotApprove === null ? undefined : `${ids}-approve`}
              onClick={() => (RISKY[props.risk] ? setConfirming(true) : void approve())}
            >
              <Check aria-hidden className="size-5" />
              {acting === 'approve' ? 'Approving…' : 'Approve'}
            </Button>
          ) : null}
        </span>
      </div>
      <ConfirmApproval
        {...{ open: confirming, setOpen: setConfirming, risk: props.risk, title: props.title, effect: props.effect }}
        off={whyNotApprove ?? (waiting ? '' : null)}
        onConfirm={() => {
          setConfirming(false);
          void approve();
        }}
      />
    </section>
  );
}
