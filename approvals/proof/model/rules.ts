import { following, type RequestStatus } from '../../lifecycle.ts';

/**
 * Every guard of the implementation, one switch each. The product has them all; a mutant lacks one, and exploring it
 * shows what that guard is for.
 */
export interface Rules {
  /** From `lifecycle.ts`, so that table and model cannot drift. */
  follows(from: RequestStatus, to: RequestStatus): boolean;
  /** review.ts: nobody of the requester's chain. */
  ownNeverCounts: boolean;
  /** review.ts: the review's digest is the request's. */
  digestBound: boolean;
  /** review.ts: a person approves once. */
  distinctPersons: boolean;
  /** policy.ts: as many as the risk asks for. */
  fullQuorum: boolean;
  /** review.ts: nothing is approved at or after `expires_at`. */
  answerInTime: boolean;
  /** review.ts: one deny outweighs any approvals until the claim. */
  denyUntilClaim: boolean;
  /** cancel.ts: only before the claim. */
  cancelUntilClaim: boolean;
  /** submit.ts: the newer ask ends the older one in its own transaction. */
  supersedes: boolean;
  /** claim.ts: the UPDATE repeats status and version. */
  claimGuarded: boolean;
  /** claim.ts: the UPDATE repeats the approval's term. */
  approvalInTime: boolean;
  /** claim.ts: the UPDATE repeats that the agent, or whoever proposed it, is on. */
  killSwitchInClaim: boolean;
  /** schema.ts: the unique index, not only the look before. */
  oneExecutingIndex: boolean;
  /** claim.ts: a lost call keeps its subjects until it cannot arrive any more. */
  waitsForLostCalls: boolean;
  /** stored.ts: what another version of a tool stored is read by none: neither an answer nor a reading is understood. */
  readsOwnVersion: boolean;
  /** claim.ts: what is checked afresh. */
  checksDrift: boolean;
  checksRights: boolean;
  checksPolicy: boolean;
  checksTool: boolean;
  checksAsker: boolean;
  /** send.ts: the stored bytes, not bytes built again. */
  sendsStoredBytes: boolean;
  /** send.ts: nothing after the monotonic deadline. */
  sendDeadline: boolean;
  /** write-client.ts: no repetition. */
  sendsOnce: boolean;
  /** write-client.ts: no answer is not a refusal. */
  silenceIsUnknown: boolean;
  /** send.ts: only the holder of the fence records. */
  fence: boolean;
  /** send.ts: a late outcome never moves a final request. */
  finalsStay: boolean;
  /** transition.ts: the event is written in the transaction of the move. */
  eventInTransaction: boolean;
  /** settle.ts: a dead worker's request becomes unknown. */
  sweepToUnknown: boolean;
  /** settle.ts: "not applied" counts only after the settle window. */
  settleWindow: boolean;
  /** settle.ts: whether the window is over is read before PagerDuty is. */
  windowBeforeReading: boolean;
  /** settle.ts: the same window binds a human. */
  windowForHumans: boolean;
}

export const RULES: Rules = {
  follows: (from, to) => following(from).includes(to),
  ownNeverCounts: true,
  digestBound: true,
  distinctPersons: true,
  fullQuorum: true,
  answerInTime: true,
  denyUntilClaim: true,
  cancelUntilClaim: true,
  supersedes: true,
  claimGuarded: true,
  approvalInTime: true,
  killSwitchInClaim: true,
  oneExecutingIndex: true,
  waitsForLostCalls: true,
  readsOwnVersion: true,
  checksDrift: true,
  checksRights: true,
  checksPolicy: true,
  checksTool: true,
  checksAsker: true,
  sendsStoredBytes: true,
  sendDeadline: true,
  sendsOnce: true,
  silenceIsUnknown: true,
  fence: true,
  finalsStay: true,
  eventInTransaction: true,
  sweepToUnknown: true,
  settleWindow: true,
  windowBeforeReading: true,
  windowForHumans: true,
};
