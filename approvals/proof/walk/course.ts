import { incidents } from '#pagerduty/fake/company.ts';
import type { Action, Scene } from '../model/actions.ts';
import type { Plan, State } from '../model/state.ts';
import type { Gate } from './gate.ts';
import type { Hand, Row } from './real.ts';
import type { WalkScene } from './stage.ts';

/** The two incidents of a walk; the same people are on call for both. */
export const INCIDENTS: readonly string[] = [incidents.checkout5xx.id, incidents.paymentWebhooks.id];

/** A held reading of the settler. */
export type Reading = { at: 'idle' } | { at: 'read'; request: number; gate: Gate; settling: Promise<unknown> };

/** A walk under way: the real thing, and the model beside it. */
export interface Walk {
  real: WalkScene;
  scene: Scene & { plans: Plan[] };
  state: State;
  rows: Row[];
  hands: Hand[];
  reading: Reading;
  /** Requests on the slow line, in the order they will arrive. */
  late: number[];
  /** Services that no incident has been moved to yet. */
  services: string[];
  asked: number;
  /** Steps done so far. */
  steps: number;
}

/** What a step amounted to for the model; null = it makes no sense now. */
export type Amounts = Action[] | null;

export class Mismatch extends Error {}

export function rowOf(walk: Walk, index: number): Row {
  const row = walk.rows[index];
  if (row === undefined) throw new Mismatch(`The store has no request ${index + 1}.`);
  return row;
}
