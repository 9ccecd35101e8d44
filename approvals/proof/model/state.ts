import { isFinal, type RequestStatus, STATUSES } from '../../lifecycle.ts';

/** What is fixed about a request before it is asked. */
export interface Plan {
  quorum: number;
  /** Requests on the same incident must not execute at the same time. */
  incident: number;
  /** The older request of the same agent that this one replaces while it is pending; null = none. */
  replaces: number | null;
  /** The request that this one undoes, proposed by a human who decides on neither; null for an agent's ask. */
  undoes: number | null;
  /** Whether another applied request on the incident changes what this one showed. */
  sharesState: boolean;
}

/** A request as the model sees it. Times are flags: whether the instant has passed on the database's clock. */
export interface Held {
  status: RequestStatus | 'unasked';
  /** How often each reviewer's approval was counted. */
  approvals: readonly number[];
  ownApprovals: number;
  otherDigestApprovals: number;
  drifted: boolean;
  stricter: boolean;
  upgraded: boolean;
  answerOver: boolean;
  approvalOver: boolean;
  sendOver: boolean;
  deadlineOver: boolean;
  windowOver: boolean;
  /** The bytes left and PagerDuty will apply them later. */
  arrivesLate: boolean;
  claims: number;
  sends: number;
  applied: number;
  /** Facts that only the invariants read. */
  denied: boolean;
  superseded: boolean;
  movedLate: boolean;
  takenDespite: boolean;
  otherBytes: boolean;
  eventLost: boolean;
}

export type Answered = 'applied' | 'rejected' | 'unknown';

/** What a worker process has in its memory; a crash makes it `idle`. */
export type Worker =
  | { at: 'idle' }
  | { at: 'checked'; request: number; despite: boolean }
  | { at: 'claimed'; request: number }
  | { at: 'answered'; request: number; answer: Answered };

export type Settler = { at: 'idle' } | { at: 'read'; request: number; applied: boolean };

export interface State {
  requests: readonly Held[];
  workers: readonly Worker[];
  settler: Settler;
  /** Per reviewer: no longer entitled. */
  revoked: readonly boolean[];
  agentOff: boolean;
  /** Whoever proposes undos was switched off or unlinked. */
  proposerOff: boolean;
}

export const IDLE = { at: 'idle' } as const;

export function unasked(reviewers: number): Held {
  return {
    status: 'unasked',
    approvals: new Array<number>(reviewers).fill(0),
    ownApprovals: 0,
    otherDigestApprovals: 0,
    drifted: false,
    stricter: false,
    upgraded: false,
    answerOver: false,
    approvalOver: false,
    sendOver: false,
    deadlineOver: false,
    windowOver: false,
    arrivesLate: false,
    claims: 0,
    sends: 0,
    applied: 0,
    denied: false,
    superseded: false,
    movedLate: false,
    takenDespite: false,
    otherBytes: false,
    eventLost: false,
  };
}

export function initial(requests: number, reviewers: number, workers: number): State {
  return {
    requests: Array.from({ length: requests }, () => unasked(reviewers)),
    workers: new Array<Worker>(workers).fill(IDLE),
    settler: IDLE,
    revoked: new Array<boolean>(reviewers).fill(false),
    agentOff: false,
    proposerOff: false,
  };
}

/** The request at an index that is known to exist. */
export function at(state: State, index: number): Held {
  const held = state.requests[index];
  if (held === undefined) throw new RangeError(`no request ${index}`);
  return held;
}

export const hasEnded = (held: Held) => held.status !== 'unasked' && isFinal(held.status);
export const isUnclaimed = (held: Held) => held.status === 'pending' || held.status === 'approved';

const ORDER = ['unasked', ...STATUSES];
const ANSWERS: readonly Answered[] = ['applied', 'rejected', 'unknown'];

function bits(...flags: boolean[]): number {
  return flags.reduce((packed, flag) => packed * 2 + (flag ? 1 : 0), 0);
}

/**
 * What of a request can still matter. What is left out is read by no rule from here on, and every invariant was
 * checked on the whole state before: so two states with equal keys have the same futures.
 */
function requestKey(state: State, index: number, reviewers: readonly number[]): string {
  const held = at(state, index);
  const status = ORDER.indexOf(held.status);
  const inHand = state.workers.some((worker) => worker.at !== 'idle' && worker.request === index);
  const { denied, superseded, movedLate, takenDespite, otherBytes, eventLost } = held;
  const facts = bits(denied, superseded, movedLate, takenDespite, otherBytes, eventLost);
  if (hasEnded(held) && !inHand && !held.arrivesLate) return `${status}.${held.applied}.${facts}`;
  const counts = [held.claims, held.sends, held.applied].join('');
  const { drifted, stricter, upgraded, sendOver, deadlineOver, windowOver, arrivesLate } = held;
  const later = `${status}.${counts}.${bits(upgraded, sendOver, deadlineOver, windowOver, arrivesLate)}.${facts}`;
  if (!isUnclaimed(held)) return later;
  const votes = reviewers.map((reviewer) => held.approvals[reviewer]).join('');
  const early = bits(drifted, stricter, held.answerOver, held.approvalOver);
  return `${later}.${votes}${held.ownApprovals}${held.otherDigestApprovals}.${early}`;
}

function workerKey(worker: Worker): string {
  switch (worker.at) {
    case 'idle':
      return '-';
    case 'checked':
      return `k${worker.request}${bits(worker.despite)}`;
    case 'claimed':
      return `c${worker.request}`;
    case 'answered':
      return `a${worker.request}${ANSWERS.indexOf(worker.answer)}`;
  }
}

/**
 * One text for all states that are the same up to names: workers are alike, and so are reviewers (nothing but
 * their own approvals and rights tells two of them apart), so both are sorted.
 */
export function keyOf(state: State): string {
  const mark = (reviewer: number) =>
    `${state.revoked[reviewer] ? 1 : 0}${state.requests.map((held) => held.approvals[reviewer]).join('')}`;
  const reviewers = state.revoked.map((_, reviewer) => reviewer).sort((a, b) => (mark(a) < mark(b) ? -1 : 1));
  const requests = state.requests.map((_, index) => requestKey(state, index, reviewers)).join('|');
  const workers = state.workers.map(workerKey).sort().join('');
  const settler = state.settler.at === 'idle' ? '-' : `${state.settler.request}${bits(state.settler.applied)}`;
  // Rights and who was switched off are read only until the claim.
  const open = state.requests.some((held) => held.status === 'unasked' || isUnclaimed(held));
  const world = open
    ? reviewers.map((reviewer) => (state.revoked[reviewer] ? 1 : 0)).join('') + bits(state.agentOff, state.proposerOff)
    : '';
  return `${requests}/${workers}/${settler}/${world}`;
}
