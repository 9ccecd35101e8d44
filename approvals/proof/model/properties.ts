import { MEANING } from '../../lifecycle.ts';
import type { Scene } from './actions.ts';
import { mayArrive } from './moves.ts';
import { type Held, hasEnded, type Settler, type State } from './state.ts';

export interface Invariant {
  id: string;
  says: string;
  /** Whether one request in a state breaks it. */
  broken(held: Held, quorum: number): boolean;
}

const inTable = (held: Held) => (held.status === 'unasked' ? null : MEANING[held.status]);

function hasQuorum(held: Held, quorum: number): boolean {
  return held.approvals.filter((counted) => counted > 0).length - held.otherDigestApprovals >= quorum;
}

export const INVARIANTS: readonly Invariant[] = [
  {
    id: 'I1',
    says: 'nothing is sent without a claim, and nothing is claimed without a quorum for its digest',
    broken: (held, quorum) => (held.sends > 0 && held.claims === 0) || (held.claims > 0 && !hasQuorum(held, quorum)),
  },
  {
    id: 'I2',
    says: 'at most one claim, one send and one effect',
    broken: (held) => held.claims > 1 || held.sends > 1 || held.applied > 1,
  },
  { id: 'I3', says: 'the bytes that are sent are the bytes that were shown', broken: (held) => held.otherBytes },
  { id: 'I5', says: 'every move has its event', broken: (held) => held.eventLost },
  { id: 'I6', says: 'nothing is approved or claimed at or after its expiry', broken: (held) => held.movedLate },
  {
    id: 'I7',
    says: 'approvals are of distinct persons outside the requester chain',
    broken: (held) => held.ownApprovals > 0 || held.approvals.some((counted) => counted > 1),
  },
  {
    id: 'I8',
    says: 'applied means executing, unknown or succeeded',
    broken: (held) => held.applied > 0 && (inTable(held) === null || inTable(held)?.ran === false),
  },
  {
    id: 'I9',
    says: 'succeeded means applied',
    broken: (held) => held.applied === 0 && inTable(held)?.ran === true,
  },
  {
    id: 'I10',
    says: 'denied before the claim means never claimed',
    broken: (held) => held.denied && held.claims > 0,
  },
  { id: 'I11', says: 'an approval never counts for another digest', broken: (held) => held.otherDigestApprovals > 0 },
  {
    id: 'I12',
    says: 'nothing is claimed that was checked against another world, right, policy, tool, or whose asker was switched off',
    broken: (held) => held.takenDespite,
  },
  { id: 'I15', says: 'superseded means never claimed', broken: (held) => held.superseded && held.claims > 0 },
];

/** Checked where two requests, or two states, meet. */
export const WIDER = {
  I4: 'a final status is never left',
  I13: 'everything ends or becomes an open human task, by workers and time alone',
  I14: 'one call per incident that may be on its way',
  table: 'every move is in the table of lifecycle.ts',
} as const;

function twoOnOneIncident(scene: Scene, state: State): boolean {
  const busy = state.requests.flatMap((held, index) => (mayArrive(held) ? [scene.plans[index]?.incident] : []));
  return new Set(busy).size < busy.length;
}

/** The invariant that a state breaks, if any. */
export function brokenIn(scene: Scene, state: State): string | null {
  for (const [index, held] of state.requests.entries()) {
    const quorum = scene.plans[index]?.quorum ?? 1;
    const broken = INVARIANTS.find((invariant) => invariant.broken(held, quorum));
    if (broken) return broken.id;
  }
  return twoOnOneIncident(scene, state) ? 'I14' : null;
}

/** The invariant that the way from one state to the next breaks, if any. */
export function brokenBetween(before: State, after: State): string | null {
  const left = before.requests.some((held, index) => hasEnded(held) && after.requests[index]?.status !== held.status);
  return left ? 'I4' : null;
}

const isIdle = (settler: Settler) => settler.at === 'idle';

/** Nothing is under way: every request has ended or waits, past its window, for a reading or a human. */
export function isAtRest(state: State): boolean {
  return (
    isIdle(state.settler) &&
    state.requests.every(
      (held) => held.status === 'unasked' || hasEnded(held) || (held.status === 'unknown' && held.windowOver),
    )
  );
}

/** Nothing is left to be read: what an older version of a tool lost is a human's to settle. */
const isForHumans = (held: Held) => held.status === 'unknown' && held.upgraded && held.windowOver;

export const isOver = (state: State) =>
  state.requests.every((held) => held.status === 'unasked' || hasEnded(held) || isForHumans(held));
