import { following, type RequestStatus } from '../../lifecycle.ts';
import { explore, type Violation } from './explore.ts';
import { RULES, type Rules } from './rules.ts';
import { SCENES } from './scenes.ts';

/** The model with one guard gone. */
export interface Mutant {
  name: string;
  /** What the broken implementation does. */
  does: string;
  without: Partial<Rules>;
  /** The invariants that must catch it. */
  caughtBy: string;
}

const also = (from: RequestStatus, to: RequestStatus) => (before: RequestStatus, after: RequestStatus) =>
  following(before).includes(after) || (before === from && after === to);

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'claimNotAtomic',
    does: 'looks at the status, then claims by id',
    without: { claimGuarded: false },
    caughtBy: 'I2',
  },
  {
    name: 'twoOnOneIncident',
    does: 'only looks whether the incident is busy, without the unique index',
    without: { oneExecutingIndex: false },
    caughtBy: 'I14',
  },
  {
    name: 'overtakesLostCalls',
    does: 'sends for an incident while a lost call for it may still arrive',
    without: { waitsForLostCalls: false },
    caughtBy: 'I14',
  },
  {
    name: 'supersededStaysOpen',
    does: 'holds the newer ask and leaves the older one open',
    without: { supersedes: false },
    caughtBy: 'I15',
  },
  { name: 'silenceIsFailure', does: 'calls a timeout a failure', without: { silenceIsUnknown: false }, caughtBy: 'I8' },
  { name: 'repeatsOnSilence', does: 'sends again after a timeout', without: { sendsOnce: false }, caughtBy: 'I2' },
  {
    name: 'sweepRequeues',
    does: 'gives a dead worker’s request to the next worker',
    without: { sweepToUnknown: false, follows: also('executing', 'approved') },
    caughtBy: 'I8',
  },
  {
    name: 'settlesTooEarly',
    does: 'believes "not applied" before the settle window is over',
    without: { settleWindow: false },
    caughtBy: 'I8',
  },
  {
    name: 'windowReadAfterwards',
    does: 'reads PagerDuty first and asks afterwards whether the window is over',
    without: { windowBeforeReading: false },
    caughtBy: 'I8',
  },
  {
    name: 'humanSettlesTooEarly',
    does: 'lets a human say "not applied" inside the window',
    without: { windowForHumans: false },
    caughtBy: 'I8',
  },
  {
    name: 'noSendDeadline',
    does: 'lets a paused worker send when it wakes up',
    without: { sendDeadline: false },
    caughtBy: 'I8',
  },
  {
    name: 'readsOlderVersions',
    does: 'settles what an older version of the tool sent by the newer one',
    without: { readsOwnVersion: false },
    caughtBy: 'I9',
  },
  { name: 'noFence', does: 'records an outcome for whoever brings one', without: { fence: false }, caughtBy: 'I9' },
  {
    name: 'finalsMove',
    does: 'lets a late outcome overwrite a final status',
    without: { finalsStay: false },
    caughtBy: 'I4',
  },
  {
    name: 'cancelsTooLate',
    does: 'withdraws what is already claimed',
    without: { cancelUntilClaim: false, follows: also('executing', 'cancelled') },
    caughtBy: 'I8',
  },
  {
    name: 'eventOutside',
    does: 'writes the event after the transaction of the claim',
    without: { eventInTransaction: false },
    caughtBy: 'I5',
  },
  { name: 'ownReview', does: 'lets the agent’s owner approve', without: { ownNeverCounts: false }, caughtBy: 'I7' },
  {
    name: 'samePersonTwice',
    does: 'counts a second approval of the same person',
    without: { distinctPersons: false },
    caughtBy: 'I7',
  },
  { name: 'quorumOfOne', does: 'asks one person where two are needed', without: { fullQuorum: false }, caughtBy: 'I1' },
  {
    name: 'anyDigest',
    does: 'counts an approval of another digest',
    without: { digestBound: false },
    caughtBy: 'I11',
  },
  {
    name: 'approvesTooLate',
    does: 'takes an approval after the time to answer',
    without: { answerInTime: false },
    caughtBy: 'I6',
  },
  {
    name: 'claimsTooLate',
    does: 'claims after the approval’s term',
    without: { approvalInTime: false },
    caughtBy: 'I6',
  },
  {
    name: 'denyLosesAfterQuorum',
    does: 'ignores a deny once the quorum is reached',
    without: { denyUntilClaim: false },
    caughtBy: 'I10',
  },
  {
    name: 'killSwitchRaces',
    does: 'looks whether the asker is on, but not again in the claim',
    without: { killSwitchInClaim: false },
    caughtBy: 'I12',
  },
  { name: 'noDriftCheck', does: 'claims although the world changed', without: { checksDrift: false }, caughtBy: 'I12' },
  {
    name: 'noRightsCheck',
    does: 'claims although an approver lost the right',
    without: { checksRights: false },
    caughtBy: 'I12',
  },
  {
    name: 'noPolicyCheck',
    does: 'claims although the policy asks for more now',
    without: { checksPolicy: false },
    caughtBy: 'I12',
  },
  {
    name: 'noToolCheck',
    does: 'claims although the tool was changed',
    without: { checksTool: false },
    caughtBy: 'I12',
  },
  {
    name: 'sendsRebuiltBytes',
    does: 'builds the call again at the moment of sending',
    without: { sendsStoredBytes: false },
    caughtBy: 'I3',
  },
];

/**
 * Guards that another one repeats, so that the model misses nothing without them. An asker who was switched off is
 * looked for before the claim only to say so at once; the claim's own UPDATE is what keeps the request from being sent.
 */
export const DOUBLED: readonly (keyof Rules)[] = ['checksAsker'];

/** Explores a mutant in every scene; the shortest of the counter-examples is the answer, null if there is none. */
export function findDamage(mutant: Mutant): Violation | null {
  const rules = { ...RULES, ...mutant.without };
  return SCENES.reduce((shortest: Violation | null, scene) => {
    const steps = shortest === null ? undefined : shortest.trace.length - 1;
    return explore({ scene, rules }, steps).violation ?? shortest;
  }, null);
}
