import type { RequestStatus } from '#approvals/lifecycle.ts';
import type { Action, Scene } from './actions.ts';
import type { Rules } from './rules.ts';
import { at, type Held, hasEnded, IDLE, isUnclaimed, type State, type Worker } from './state.ts';

/** A move that the table of `lifecycle.ts` does not have. */
export class IllegalMove extends Error {
  readonly move: string;
  constructor(from: string, to: string) {
    super(`${from} → ${to} is not in the table`);
    this.move = `${from} → ${to}`;
  }
}

export interface Model {
  scene: Scene;
  rules: Rules;
}

/** A copy with one request changed. */
function change(state: State, index: number, facts: Partial<Held>): State {
  return { ...state, requests: state.requests.with(index, { ...at(state, index), ...facts }) };
}

/** The only writer of a status here too. */
function move(model: Model, state: State, index: number, to: RequestStatus, facts: Partial<Held> = {}): State {
  const from = at(state, index).status;
  if (from !== 'unasked' && !model.rules.follows(from, to)) throw new IllegalMove(from, to);
  return change(state, index, { ...facts, status: to });
}

function withWorker(state: State, index: number, worker: Worker): State {
  return { ...state, workers: state.workers.with(index, worker) };
}

/** PagerDuty commits the call: the world is now another one for whatever was shown before. */
function apply(model: Model, state: State, index: number, facts: Partial<Held>): State {
  const plan = model.scene.plans[index];
  const requests = state.requests.map((held, other): Held => {
    if (other === index) return { ...held, ...facts, applied: held.applied + 1 };
    const near = model.scene.plans[other];
    const touched = plan?.sharesState && near?.sharesState && near.incident === plan.incident && isUnclaimed(held);
    return touched ? { ...held, drifted: true } : held;
  });
  return { ...state, requests };
}

/** Another request of the same incident is executing. */
function isBusy(model: Model, state: State, index: number): boolean {
  const incident = model.scene.plans[index]?.incident;
  return state.requests.some(
    (held, other) => other !== index && held.status === 'executing' && model.scene.plans[other]?.incident === incident,
  );
}

function ask(model: Model, state: State, action: Extract<Action, { do: 'ask' }>): State {
  const { request, blocked } = action;
  if (at(state, request).status !== 'unasked' || state.agentOff) return state;
  if (blocked) return move(model, state, request, 'blocked');
  const older = model.scene.plans[request]?.replaces ?? null;
  const held = move(model, state, request, 'pending');
  if (older === null || at(state, older).status !== 'pending') return held;
  const replaced = change(held, older, { superseded: true });
  return model.rules.supersedes ? move(model, replaced, older, 'cancelled') : replaced;
}

function approve(model: Model, state: State, action: Extract<Action, { do: 'approve' }>): State {
  const { rules, scene } = model;
  const { request, by } = action;
  const held = at(state, request);
  if (held.status !== 'pending' || (held.answerOver && rules.answerInTime)) return state;
  if (action.digest === 'other' && rules.digestBound) return state;
  if (by === 'owner' && rules.ownNeverCounts) return state;
  if (by !== 'owner' && (state.revoked[by] ?? false) !== action.oldReading) return state;
  const mine = by === 'owner' ? held.ownApprovals : (held.approvals[by] ?? 0);
  if (mine > 0 && (rules.distinctPersons || mine > 1)) return state;
  const counted: Held = {
    ...held,
    ownApprovals: held.ownApprovals + (by === 'owner' ? 1 : 0),
    otherDigestApprovals: Math.min(2, held.otherDigestApprovals + (action.digest === 'other' ? 1 : 0)),
    approvals: by === 'owner' ? held.approvals : held.approvals.with(by, mine + 1),
    movedLate: held.movedLate || held.answerOver,
  };
  const all = counted.approvals.reduce((sum, one) => sum + one, counted.ownApprovals);
  const quorum = rules.fullQuorum ? (scene.plans[request]?.quorum ?? 1) : 1;
  const next = change(state, request, counted);
  return all >= quorum ? move(model, next, request, 'approved') : next;
}

function deny(model: Model, state: State, action: Extract<Action, { do: 'deny' }>): State {
  const { request, by } = action;
  const held = at(state, request);
  if (by === 'owner' || state.revoked[by] || !isUnclaimed(held)) return state;
  if (held.status === 'pending' && held.answerOver) return state;
  const heard = change(state, request, { denied: true });
  if (held.status === 'approved' && !model.rules.denyUntilClaim) return heard;
  return move(model, heard, request, 'denied');
}

function cancel(model: Model, state: State, action: Extract<Action, { do: 'cancel' }>): State {
  const { request, by } = action;
  const held = at(state, request);
  if (by === 'kill switch' && !state.agentOff) return state;
  // The clock withdraws what nobody was told of; when that is, is left open.
  if (by === 'clock' && held.status !== 'pending') return state;
  const tooLate = held.status === 'executing' && !model.rules.cancelUntilClaim;
  return isUnclaimed(held) || tooLate ? move(model, state, request, 'cancelled') : state;
}

function lostRight(state: State, held: Held): boolean {
  return held.approvals.some((counted, reviewer) => counted > 0 && state.revoked[reviewer]);
}

/** Everything that takes a network and can therefore not be in the transaction of the claim. */
function check(model: Model, state: State, action: Extract<Action, { do: 'check' }>): State {
  const { rules } = model;
  const { worker, request } = action;
  const held = at(state, request);
  if (state.workers[worker]?.at !== 'idle' || held.status !== 'approved' || isBusy(model, state, request)) return state;
  if (state.agentOff && rules.checksAgent) return move(model, state, request, 'cancelled');
  const rights = lostRight(state, held);
  const stale =
    (held.upgraded && rules.checksTool) ||
    (rights && rules.checksRights) ||
    (held.drifted && rules.checksDrift) ||
    (held.stricter && rules.checksPolicy);
  if (stale) return move(model, state, request, 'stale');
  const despite = rights || held.upgraded || held.drifted || held.stricter || state.agentOff;
  return withWorker(state, worker, { at: 'checked', request, despite });
}

/** The claim's one transaction. */
function take(model: Model, state: State, index: number): State {
  const { rules } = model;
  const worker = state.workers[index];
  if (worker?.at !== 'checked') return state;
  const held = at(state, worker.request);
  const free = withWorker(state, index, IDLE);
  const approved = held.status === 'approved';
  if (!approved && (rules.claimGuarded || held.status !== 'executing')) return free;
  if (held.approvalOver && rules.approvalInTime) return free;
  if (state.agentOff && rules.killSwitchInClaim) return free;
  if (rules.oneExecutingIndex && isBusy(model, state, worker.request)) return free;
  const facts = {
    claims: held.claims + 1,
    movedLate: held.movedLate || held.approvalOver,
    takenDespite: held.takenDespite || worker.despite || state.agentOff,
  };
  const claimed = withWorker(state, index, { at: 'claimed', request: worker.request });
  return approved ? move(model, claimed, worker.request, 'executing', facts) : change(claimed, worker.request, facts);
}

function send(model: Model, state: State, action: Extract<Action, { do: 'send' }>): State {
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

function record(model: Model, state: State, index: number): State {
  const { rules } = model;
  const worker = state.workers[index];
  if (worker?.at !== 'answered') return state;
  const next = withWorker(state, index, IDLE);
  const { status } = at(state, worker.request);
  const to = worker.answer === 'unknown' && !rules.silenceIsUnknown ? 'failed' : VERDICT[worker.answer];
  if (status === 'executing') return move(model, next, worker.request, to);
  if (status === 'unknown') return to === 'unknown' ? next : move(model, next, worker.request, to);
  return rules.finalsStay ? next : change(next, worker.request, { status: to });
}

function die(model: Model, state: State, index: number): State {
  const worker = state.workers[index];
  if (worker === undefined || worker.at === 'idle') return state;
  const next = withWorker(state, index, IDLE);
  // Without the transaction the event of the claim is still in the process's memory here.
  const lost = worker.at === 'claimed' && !model.rules.eventInTransaction;
  return lost ? change(next, worker.request, { eventLost: true }) : next;
}

/** Instants only pass in the order the implementation gives them. */
function pass(state: State, action: Extract<Action, { do: 'pass' }>): State {
  const { request, time } = action;
  const held = at(state, request);
  const over = `${time}Over` as const;
  const possible = {
    answer: held.status === 'pending',
    approval: held.status === 'approved',
    send: held.status === 'executing',
    deadline: held.status === 'executing' && held.sendOver,
    // The assumption about PagerDuty: what was lost arrives within the settle window or never.
    window: held.status === 'unknown' && !held.arrivesLate,
  };
  return possible[time] && !held[over] ? change(state, request, { [over]: true }) : state;
}

function expire(model: Model, state: State, request: number): State {
  const held = at(state, request);
  const due = (held.status === 'pending' && held.answerOver) || (held.status === 'approved' && held.approvalOver);
  return due ? move(model, state, request, 'expired') : state;
}

function sweep(model: Model, state: State, request: number): State {
  const held = at(state, request);
  if (held.status !== 'executing' || !held.deadlineOver) return state;
  return move(model, state, request, model.rules.sweepToUnknown ? 'unknown' : 'approved');
}

/** The settler's first half: load the row, read PagerDuty. A reading is right about what is applied by now. */
function read(model: Model, state: State, action: Extract<Action, { do: 'read' }>): State {
  const { rules } = model;
  const { request } = action;
  const held = at(state, request);
  if (state.settler.at !== 'idle' || held.status !== 'unknown' || !action.tells) return state;
  const applied = held.applied > 0;
  const counts = applied || held.windowOver || !rules.settleWindow || !rules.windowBeforeReading;
  return counts ? { ...state, settler: { at: 'read', request, applied } } : state;
}

/** The settler's second half: the guarded move. */
function settle(model: Model, state: State): State {
  const { settler } = state;
  if (settler.at === 'idle') return state;
  const next: State = { ...state, settler: IDLE };
  const held = at(state, settler.request);
  if (held.status !== 'unknown') return next;
  if (!settler.applied && !held.windowOver && model.rules.settleWindow) return next;
  return move(model, next, settler.request, settler.applied ? 'succeeded' : 'failed');
}

/** A human looks in PagerDuty and says what is there. */
function settleByHand(model: Model, state: State, action: Extract<Action, { do: 'settle by hand' }>): State {
  const held = at(state, action.request);
  if (held.status !== 'unknown' || action.applied !== held.applied > 0) return state;
  if (!action.applied && !held.windowOver && model.rules.windowForHumans) return state;
  return move(model, state, action.request, action.applied ? 'succeeded' : 'failed');
}

function arrive(model: Model, state: State, request: number): State {
  const held = at(state, request);
  return held.arrivesLate ? apply(model, state, request, { arrivesLate: false }) : state;
}

function recordWithoutFence(model: Model, state: State, request: number): State {
  const { status } = at(state, request);
  if (model.rules.fence || (status !== 'executing' && status !== 'unknown')) return state;
  return move(model, state, request, 'succeeded');
}

function changeWorld(state: State, what: 'drifted' | 'stricter' | 'upgraded'): State {
  const touches = (held: Held) => held.status !== 'unasked' && !hasEnded(held) && !held[what];
  if (!state.requests.some(touches)) return state;
  return { ...state, requests: state.requests.map((held) => (touches(held) ? { ...held, [what]: true } : held)) };
}

/**
 * What an action leads to. The same state means that it is refused, lost, or not possible now.
 * @throws IllegalMove when it would move a request against the table.
 */
export function step(model: Model, state: State, action: Action): State {
  switch (action.do) {
    case 'ask':
      return ask(model, state, action);
    case 'approve':
      return approve(model, state, action);
    case 'deny':
      return deny(model, state, action);
    case 'cancel':
      return cancel(model, state, action);
    case 'check':
      return check(model, state, action);
    case 'take':
      return take(model, state, action.worker);
    case 'send':
      return send(model, state, action);
    case 'record':
      return record(model, state, action.worker);
    case 'die':
      return die(model, state, action.worker);
    case 'record without fence':
      return recordWithoutFence(model, state, action.request);
    case 'arrive':
      return arrive(model, state, action.request);
    case 'pass':
      return pass(state, action);
    case 'expire':
      return expire(model, state, action.request);
    case 'sweep':
      return sweep(model, state, action.request);
    case 'read':
      return read(model, state, action);
    case 'settle':
      return settle(model, state);
    case 'settler dies':
      return state.settler.at === 'idle' ? state : { ...state, settler: IDLE };
    case 'settle by hand':
      return settleByHand(model, state, action);
    case 'change':
      return changeWorld(state, action.what);
    case 'revoke':
      return state.revoked[action.by] ? state : { ...state, revoked: state.revoked.with(action.by, true) };
    case 'switch off':
      return state.agentOff ? state : { ...state, agentOff: true };
  }
}
