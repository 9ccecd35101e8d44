import type { Action } from './actions.ts';
import { type Model, move } from './moves.ts';
import { at, IDLE, type State } from './state.ts';

export function sweep(model: Model, state: State, request: number): State {
  const held = at(state, request);
  if (held.status !== 'executing' || !held.deadlineOver) return state;
  return move(model, state, request, model.rules.sweepToUnknown ? 'unknown' : 'approved');
}

/** The settler's first half: load the row, read PagerDuty. A reading is right about what is applied by now. */
export function read(model: Model, state: State, action: Extract<Action, { do: 'read' }>): State {
  const { rules } = model;
  const { request } = action;
  const held = at(state, request);
  if (state.settler.at !== 'idle' || held.status !== 'unknown' || !action.tells) return state;
  if (held.upgraded && rules.readsOwnVersion) return state;
  // Read by a tool that means something else by now, the evidence may say the opposite.
  const applied = held.upgraded ? held.applied === 0 : held.applied > 0;
  const counts = applied || held.windowOver || !rules.settleWindow || !rules.windowBeforeReading;
  return counts ? { ...state, settler: { at: 'read', request, applied } } : state;
}

/** The settler's second half: the guarded move. */
export function settle(model: Model, state: State): State {
  const { settler } = state;
  if (settler.at === 'idle') return state;
  const next: State = { ...state, settler: IDLE };
  const held = at(state, settler.request);
  if (held.status !== 'unknown') return next;
  if (!settler.applied && !held.windowOver && model.rules.settleWindow) return next;
  return move(model, next, settler.request, settler.applied ? 'succeeded' : 'failed');
}

/** A human looks in PagerDuty and says what is there. */
export function settleByHand(model: Model, state: State, action: Extract<Action, { do: 'settle by hand' }>): State {
  const held = at(state, action.request);
  if (held.status !== 'unknown' || action.applied !== held.applied > 0) return state;
  if (!action.applied && !held.windowOver && model.rules.windowForHumans) return state;
  return move(model, state, action.request, action.applied ? 'succeeded' : 'failed');
}
