import type { RequestStatus } from '../../lifecycle.ts';
import type { Scene } from './actions.ts';
import type { Rules } from './rules.ts';
import { at, type Held, isUnclaimed, type State, type Worker } from './state.ts';

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
export function change(state: State, index: number, facts: Partial<Held>): State {
  return { ...state, requests: state.requests.with(index, { ...at(state, index), ...facts }) };
}

/** The only writer of a status here too. */
export function move(model: Model, state: State, index: number, to: RequestStatus, facts: Partial<Held> = {}): State {
  const from = at(state, index).status;
  if (from !== 'unasked' && !model.rules.follows(from, to)) throw new IllegalMove(from, to);
  return change(state, index, { ...facts, status: to });
}

export function withWorker(state: State, index: number, worker: Worker): State {
  return { ...state, workers: state.workers.with(index, worker) };
}

/** PagerDuty commits the call: the world is now another one for whatever was shown before. */
export function apply(model: Model, state: State, index: number, facts: Partial<Held>): State {
  const plan = model.scene.plans[index];
  const requests = state.requests.map((held, other): Held => {
    if (other === index) return { ...held, ...facts, applied: held.applied + 1 };
    const near = model.scene.plans[other];
    const touched = plan?.sharesState && near?.sharesState && near.incident === plan.incident && isUnclaimed(held);
    return touched ? { ...held, drifted: true } : held;
  });
  return { ...state, requests };
}

/** The request that this one undoes; null for what an agent asks. */
export const undone = (model: Model, index: number) => model.scene.plans[index]?.undoes ?? null;

/** Whoever asked was switched off: the agent, or for an undo the human who proposed it. */
export const isAskerOff = (model: Model, state: State, index: number) =>
  undone(model, index) === null ? state.agentOff : state.proposerOff;

/** A call of this request may be on its way to PagerDuty. */
export function mayArrive(held: Held): boolean {
  return held.status === 'executing' || (held.status === 'unknown' && !held.windowOver);
}

/** Another request of the same incident may be on its way. */
export function isBusy(model: Model, state: State, index: number): boolean {
  const incident = model.scene.plans[index]?.incident;
  const counts = (held: Held) => (model.rules.waitsForLostCalls ? mayArrive(held) : held.status === 'executing');
  return state.requests.some(
    (held, other) => other !== index && counts(held) && model.scene.plans[other]?.incident === incident,
  );
}
