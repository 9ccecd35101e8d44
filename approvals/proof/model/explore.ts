import { type Action, allActions, describe, isInevitable } from './actions.ts';
import { IllegalMove, type Model } from './moves.ts';
import { brokenBetween, brokenIn, isAtRest, isOver } from './properties.ts';
import { initial, keyOf, type State } from './state.ts';
import { step } from './step.ts';

export interface Violation {
  invariant: string;
  /** A shortest way to it, from nothing. */
  trace: string[];
}

export interface Exploration {
  states: number;
  moves: number;
  /** Steps to the farthest state. */
  depth: number;
  violation: Violation | null;
  /** Status changes seen, as `from → to`. */
  statusMoves: Set<string>;
  /** A state from which workers and time alone lead to no rest, or, with readings that tell, to no end. */
  trap: Violation | null;
}

/** States in the order of discovery, each with the action that first led to it. */
class Discovered {
  readonly index = new Map<string, number>();
  readonly parents: number[] = [];
  readonly actions: (Action | null)[] = [];
  readonly depths: number[] = [];

  /** @returns whether it is new. */
  add(key: string, parent: number, action: Action | null): boolean {
    if (this.index.has(key)) return false;
    this.index.set(key, this.parents.length);
    this.parents.push(parent);
    this.actions.push(action);
    this.depths.push(parent < 0 ? 0 : (this.depths[parent] ?? 0) + 1);
    return true;
  }

  trace(state: number, last: Action | null = null): string[] {
    const names = last ? [describe(last)] : [];
    for (let index = state; index > 0; index = this.parents[index] ?? 0) {
      const action = this.actions[index];
      if (action) names.unshift(describe(action));
    }
    return names;
  }
}

interface Edge {
  from: number;
  to: number;
}

/** The first state, in order of discovery, that cannot get to any of the good ones over the edges. */
function firstTrapped(count: number, edges: readonly Edge[], good: readonly boolean[]): number | null {
  const into = Array.from({ length: count }, (): number[] => []);
  for (const { from, to } of edges) into[to]?.push(from);
  const reaches = good.slice();
  const queue = reaches.flatMap((isGood, index) => (isGood ? [index] : []));
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    for (const from of into[next] ?? []) {
      if (reaches[from]) continue;
      reaches[from] = true;
      queue.push(from);
    }
  }
  const trapped = reaches.indexOf(false);
  return trapped < 0 ? null : trapped;
}

function noteMoves(before: State, after: State, seen: Set<string>): void {
  for (const [index, held] of before.requests.entries()) {
    const to = after.requests[index]?.status;
    if (to !== undefined && to !== held.status) seen.add(`${held.status} → ${to}`);
  }
}

function attempt(model: Model, state: State, action: Action): State | IllegalMove {
  try {
    return step(model, state, action);
  } catch (error) {
    if (error instanceof IllegalMove) return error;
    throw error;
  }
}

/**
 * Visits every reachable state, nearest first, and stops at the first that breaks an invariant; so its trace is a
 * shortest one.
 *
 * @param steps states farther away are not visited; without it all are, and liveness (I13) is checked too.
 */
export function explore(model: Model, steps = Number.POSITIVE_INFINITY): Exploration {
  const actions = allActions(model.scene).map((action) => ({ action, sure: isInevitable(action) }));
  const found = new Discovered();
  const first = initial(model.scene.plans.length, model.scene.reviewers, model.scene.workers);
  found.add(keyOf(first), -1, null);
  const frontier: (State | undefined)[] = [first];
  const atRest = [isAtRest(first)];
  const over = [isOver(first)];
  const sure: Edge[] = [];
  const readings: Edge[] = [];
  const statusMoves = new Set<string>();
  let moves = 0;
  const result = (violation: Violation | null, trap: Violation | null = null): Exploration => {
    const depth = found.depths.at(-1) ?? 0;
    return { states: found.parents.length, moves, depth, violation, statusMoves, trap };
  };

  for (let from = 0; from < frontier.length; from++) {
    const state = frontier[from];
    if (state === undefined || (found.depths[from] ?? 0) >= steps) continue;
    frontier[from] = undefined;
    for (const { action, sure: isSure } of actions) {
      const next = attempt(model, state, action);
      if (next === state) continue;
      if (next instanceof IllegalMove) return result({ invariant: 'table', trace: found.trace(from, action) });
      moves++;
      const invariant = brokenBetween(state, next) ?? brokenIn(model.scene, next);
      if (invariant) return result({ invariant, trace: found.trace(from, action) });
      noteMoves(state, next, statusMoves);
      const key = keyOf(next);
      if (found.add(key, from, action)) {
        frontier.push(next);
        atRest.push(isAtRest(next));
        over.push(isOver(next));
      }
      const to = found.index.get(key) ?? from;
      if (isSure) sure.push({ from, to });
      else if (action.do === 'read') readings.push({ from, to });
    }
  }
  const stuck =
    firstTrapped(frontier.length, sure, atRest) ?? firstTrapped(frontier.length, [...sure, ...readings], over);
  return result(null, stuck === null ? null : { invariant: 'I13', trace: found.trace(stuck) });
}
