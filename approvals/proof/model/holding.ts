import type { Action } from './actions.ts';
import { change, isAskerOff, type Model, move, undone } from './moves.ts';
import { at, type Held, isUnclaimed, type State } from './state.ts';

export function ask(model: Model, state: State, action: Extract<Action, { do: 'ask' }>): State {
  const { request, blocked } = action;
  if (at(state, request).status !== 'unasked' || isAskerOff(model, state, request)) return state;
  const original = undone(model, request);
  if (original !== null && at(state, original).status !== 'succeeded') return state;
  if (blocked) return move(model, state, request, 'blocked');
  const older = model.scene.plans[request]?.replaces ?? null;
  const held = move(model, state, request, 'pending');
  if (older === null || at(state, older).status !== 'pending') return held;
  const replaced = change(held, older, { superseded: true });
  return model.rules.supersedes ? move(model, replaced, older, 'cancelled') : replaced;
}

export function approve(model: Model, state: State, action: Extract<Action, { do: 'approve' }>): State {
  const { rules, scene } = model;
  const { request, by } = action;
  const held = at(state, request);
  if (held.status !== 'pending' || (held.answerOver && rules.answerInTime)) return state;
  if (action.digest === 'other' && rules.digestBound) return state;
  if (by === 'owner' && rules.ownNeverCounts) return state;
  if (by !== 'owner' && (state.revoked[by] ?? false) !== action.oldReading) return state;
  // Nothing that an older tool held can be approved: whoever may and tries ends it.
  if (held.upgraded && rules.readsOwnVersion) return move(model, state, request, 'stale');
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

export function deny(model: Model, state: State, action: Extract<Action, { do: 'deny' }>): State {
  const { request, by } = action;
  const held = at(state, request);
  if (by === 'owner' || !isUnclaimed(held) || (state.revoked[by] ?? false) !== action.oldReading) return state;
  if (held.status === 'pending' && held.answerOver) return state;
  const heard = change(state, request, { denied: true });
  if (held.status === 'approved' && !model.rules.denyUntilClaim) return heard;
  return move(model, heard, request, 'denied');
}

export function cancel(model: Model, state: State, action: Extract<Action, { do: 'cancel' }>): State {
  const { request, by } = action;
  const held = at(state, request);
  // What a human proposed only that human withdraws; no agent waits for its handle.
  if (undone(model, request) !== null && by !== 'owner') return state;
  if (by === 'kill switch' && !state.agentOff) return state;
  // The clock withdraws what nobody was told of; when that is, is left open.
  if (by === 'clock' && held.status !== 'pending') return state;
  const tooLate = held.status === 'executing' && !model.rules.cancelUntilClaim;
  return isUnclaimed(held) || tooLate ? move(model, state, request, 'cancelled') : state;
}

export function expire(model: Model, state: State, request: number): State {
  const held = at(state, request);
  const due = (held.status === 'pending' && held.answerOver) || (held.status === 'approved' && held.approvalOver);
  return due ? move(model, state, request, 'expired') : state;
}
