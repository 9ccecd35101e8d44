import type { FaultKind } from '#pagerduty/fake/server/faults.ts';
import type { WriteClient } from '#pagerduty/write-client.ts';
import { LIMITS } from '../../limits.ts';
import { recordOutcome, send } from '../../send.ts';
import type { Action, Ending } from '../model/actions.ts';
import { type Amounts, Mismatch, rowOf, type Walk } from './course.ts';
import { EMPTY, finishClaim, forgedClaim, startClaim, tried } from './real.ts';

export async function check(walk: Walk, action: Extract<Action, { do: 'check' }>): Promise<Amounts> {
  if (walk.hands[action.worker]?.at !== 'idle') return null;
  const { id } = rowOf(walk, action.request);
  walk.hands[action.worker] = await startClaim(walk.real, id, action.request, action.worker);
  return [action];
}

export async function take(walk: Walk, worker: number): Promise<Amounts> {
  const hand = walk.hands[worker];
  if (hand?.at !== 'checked') return null;
  walk.hands[worker] = await finishClaim(hand, walk.real.clock.ms);
  return [{ do: 'take', worker }];
}

const FAULTS: Record<Exclude<Ending, 'applied' | 'not connected' | 'lost and late'>, readonly FaultKind[]> = {
  'refused with 4xx': ['refuse', 'rate_limit_json', 'rate_limit_html'],
  'lost but applied': ['drop_after', 'error_after', 'garbage'],
  'lost for ever': ['drop_before', 'error_before'],
};

const OUTCOME: Record<Ending | 'too late', string> = {
  applied: 'applied',
  'refused with 4xx': 'rejected',
  'not connected': 'rejected',
  'too late': 'rejected',
  'lost but applied': 'unknown',
  'lost for ever': 'unknown',
  'lost and late': 'unknown',
};

/** What really became of a call that was sent in time, from what PagerDuty got and applied. */
function truth(walk: Walk, meant: Ending, before: { got: number; applied: number }): Ending {
  const applied = walk.real.fake.ledger().length > before.applied;
  const got = walk.real.fake.requests().length > before.got;
  const refused = (meant === 'applied' || meant === 'lost but applied') && got && !applied;
  return refused ? 'refused with 4xx' : meant;
}

/** The way to PagerDuty on which a call ends as meant. */
function writerFor({ real }: Walk, meant: Ending, variant: number): WriteClient {
  if (meant === 'not connected') return real.writers.broken;
  if (meant === 'lost and late') return real.writers.slow;
  const kinds = meant === 'applied' ? [] : FAULTS[meant];
  const kind = kinds[variant % kinds.length];
  if (kind !== undefined) real.fake.faults.add({ kind });
  return real.writers.straight;
}

export async function sendOnce(walk: Walk, action: Extract<Action, { do: 'send' }>, variant: number): Promise<Amounts> {
  const { real } = walk;
  const hand = walk.hands[action.worker];
  const meant = action.ending;
  if (hand?.at !== 'claimed' || meant === 'too late') return null;
  const before = { got: real.fake.requests().length, applied: real.fake.ledger().length };
  // Time passes only on the walk's clock: how long this machine takes for a step must not make a sender too late.
  const over = real.clock.ms - hand.sinceMs >= LIMITS.sendWithinSeconds * 1000;
  const claim = { ...hand.claim, takenAtMs: over ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY };
  const outcome = await send(real.system('sender'), writerFor(walk, meant, variant), claim);
  real.fake.faults.clear();
  const tooLate = walk.state.requests[hand.request]?.sendOver === true;
  const ending = tooLate ? 'too late' : truth(walk, meant, before);
  if (tooLate && real.fake.requests().length > before.got) throw new Mismatch('It was sent too late.');
  if (outcome.kind !== OUTCOME[ending]) throw new Mismatch(`${ending} was taken for ${outcome.kind}.`);
  if (ending === 'lost and late') walk.late.push(hand.request);
  walk.hands[action.worker] = { at: 'answered', request: hand.request, claim: hand.claim, outcome };
  return [{ ...action, ending }];
}

export async function record(walk: Walk, worker: number): Promise<Amounts> {
  const hand = walk.hands[worker];
  if (hand?.at !== 'answered') return null;
  const answer = await tried(recordOutcome(walk.real.system('sender'), hand.claim, hand.outcome));
  if (!answer.done) throw new Mismatch(`The holder of the fence could not record: ${answer.code}.`);
  walk.hands[worker] = EMPTY;
  return [{ do: 'record', worker }];
}

export function die(walk: Walk, worker: number): Amounts {
  const hand = walk.hands[worker];
  if (hand === undefined || hand.at === 'idle') return null;
  if (hand.at === 'checked') hand.gate.kill();
  walk.hands[worker] = EMPTY;
  return [{ do: 'die', worker }];
}

export async function recordWithoutFence(
  walk: Walk,
  action: Extract<Action, { do: 'record without fence' }>,
): Promise<Amounts> {
  const forged = await forgedClaim(walk.real, rowOf(walk, action.request).id);
  if (forged === null) return null;
  const outcome = { kind: 'applied', httpStatus: 200, body: {}, pagerdutyRequestId: null } as const;
  const answer = await tried(recordOutcome(walk.real.system('sender'), forged, outcome));
  if (answer.done) throw new Mismatch('An outcome was recorded without the fence.');
  return [action];
}

export async function arrive(walk: Walk): Promise<Amounts> {
  const request = walk.late[0];
  if (request === undefined) return null;
  const before = walk.real.fake.ledger().length;
  await walk.real.line.deliver();
  walk.late.shift();
  return [{ do: walk.real.fake.ledger().length > before ? 'arrive' : 'vanish', request }];
}
