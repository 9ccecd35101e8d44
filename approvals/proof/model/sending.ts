import type { Action } from './actions.ts';
import { apply, change, isAskerOff, isBusy, type Model, move, withWorker } from './moves.ts';
import { at, type Held, IDLE, type State } from './state.ts';

export function lostRight(state: State, held: Held): boolean {
  return held.approvals.some((counted, reviewer) => counted > 0 && state.revoked[reviewer]);
}

/** Everything that takes a network and can therefore not be in the transaction of the claim. */
export function check(model: Model, state: State, action: Extract<Action, { do: 'check' }>): State {
  const { rules } = model;
  const { worker, request } = action;
  const held = at(state, request);
  if (state.workers[worker]?.at !== 'idle' || held.status !== 'approved' || isBusy(model, state, request)) return state;
  const off = isAskerOff(model, state, request);
  if (off && rules.checksAsker) return move(model, state, request, 'cancelled');
  const rights = lostRight(state, held);
  const stale =
    (held.upgraded && rules.checksTool) ||
    (rights && rules.checksRights) ||
    (held.drifted && rules.checksDrift) ||
    (held.stricter && rules.checksPolicy);
  if (stale) return move(model, state, request, 'stale');
  const despite = rights || held.upgraded || held.drifted || held.stricter || off;
  return withWorker(state, worker, { at: 'checked', request, despite });
}

/** The claim's one transaction. */
export function take(model: Model, state: State, index: number): State {
  const { rules } = model;
  const worker = state.workers[index];
  if (worker?.at !== 'checked') return state;
  const held = at(state, worker.request);
  const free = withWorker(state, index, IDLE);
  const approved = held.status === 'approved';
  if (!approved && (rules.claimGuarded || held.status !== 'executing')) return free;
  if (held.approvalOver && rules.approvalInTime) return free;
  const off = isAskerOff(model, state, worker.request);
  if (off && rules.killSwitchInClaim) return free;
  if (rules.oneExecutingIndex && isBusy(model, state, worker.request)) return free;
  const facts = {
    claims: held.claims + 1,
    movedLate: held.movedLate || held.approvalOver,
    takenDespite: held.takenDespite || worker.despite || off,
  };
  const claimed = withWorker(state, index, { at: 'claimed', request: worker.request });
  return approved ? move(model, claimed, worker.request, 'executing', facts) : change(claimed, worker.request, facts);
}

export function send(model: Model, state: State, action: Extract<Action, { do: 'send' }>): State {
  const { rules } = model;
  const worker = state.workers[action.worker];
  const again = worker?.at === 'answered' && worker.answer === 'unknown' && !rules.sendsOnce;
  if (!worker || !('request' in worker) || (worker.at !== 'claimed' && !again)) return state;
  const { request } = worker;
  const held = at(state, request);
  const answered = (answer: 'applied' | 'rejected' | 'unknown', next: State = state) =>
    withWorker(next, action.worker, { at: 'answered', request, answer });
  const tooLate = held.sendOver && rules.sendDeadline;
  if (tooLate !== (action.ending === 'too late')) return state;
  if (action.ending === 'too late' || action.ending === 'not connected') return answered('rejected');
  const facts = { sends: held.sends + 1, otherBytes: held.upgraded && !rules.sendsStoredBytes };
  const sent = change(state, request, facts);
  switch (action.ending) {
    case 'applied':
      return answered('applied', apply(model, state, request, facts));
    case 'lost but applied':
      return answered('unknown', apply(model, state, request, facts));
    case 'refused with 4xx':
      return answered('rejected', sent);
    case 'lost for ever':
      return answered('unknown', sent);
    case 'lost and late':
      return answered('unknown', change(sent, request, { arrivesLate: true }));
  }
}

const VERDICT = { applied: 'succeeded', rejected: 'failed', unknown: 'unknown' } as const;

export function record(model: Model, state: State, index: number): State {
  const { rules } = model;
  const worker = state.workers[index];
  if (worker?.at !== 'answered') return state;
  const next = withWorker(state, index, IDLE);
  const { status, upgraded } = at(state, worker.request);
  const understood = worker.answer !== 'applied' || !upgraded || !rules.readsOwnVersion;
  const answer = understood ? worker.answer : 'unknown';
  const to = answer === 'unknown' && !rules.silenceIsUnknown ? 'failed' : VERDICT[answer];
  if (status === 'executing') return move(model, next, worker.request, to);
  if (status === 'unknown') return to === 'unknown' ? next : move(model, next, worker.request, to);
  return rules.finalsStay ? next : change(next, worker.request, { status: to });
}

export function die(model: Model, state: State, index: number): State {
  const worker = state.workers[index];
  if (worker === undefined || worker.at === 'idle') return state;
  const next = withWorker(state, index, IDLE);
  // Without the transaction the event of the claim is still in the process's memory here.
  const lost = worker.at === 'claimed' && !model.rules.eventInTransaction;
  return lost ? change(next, worker.request, { eventLost: true }) : next;
}

export function arrive(model: Model, state: State, request: number): State {
  const held = at(state, request);
  return held.arrivesLate ? apply(model, state, request, { arrivesLate: false }) : state;
}

/** PagerDuty refuses what comes late. */
export function vanish(state: State, request: number): State {
  return at(state, request).arrivesLate ? change(state, request, { arrivesLate: false }) : state;
}

export function recordWithoutFence(model: Model, state: State, request: number): State {
  const { status } = at(state, request);
  if (model.rules.fence || (status !== 'executing' && status !== 'unknown')) return state;
  return move(model, state, request, 'succeeded');
}
