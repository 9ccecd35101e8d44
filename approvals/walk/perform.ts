import { eq, sql } from 'drizzle-orm';
import { agents, people } from '#db/schema.ts';
import { people as cast, escalationPolicies, incidents, services } from '#pagerduty/fake/company.ts';
import type { FaultKind } from '#pagerduty/fake/faults.ts';
import type { JsonObject } from '#pagerduty/json.ts';
import type { OnCallEntry } from '#pagerduty/on-call.ts';
import { markDelivered } from '../agent-view.ts';
import { cancel, cancelAllOf } from '../cancel.ts';
import { expire } from '../expire.ts';
import { LIMITS } from '../limits.ts';
import type { Action, Ending, Scene } from '../model/actions.ts';
import type { Plan, State } from '../model/state.ts';
import { review } from '../review.ts';
import { recordOutcome, send } from '../send.ts';
import { settle, settleByHand, sweepDead } from '../settle.ts';
import { submit } from '../submit.ts';
import { type Gate, gated } from './gate.ts';
import type { Intent } from './intents.ts';
import { EMPTY, finishClaim, forgedClaim, type Hand, type Row, startClaim, tried } from './real.ts';
import { REVIEWERS, type WalkScene } from './stage.ts';

const INCIDENTS: readonly string[] = [incidents.checkout5xx.id, incidents.paymentWebhooks.id];
const TAG_LETTER = String.fromCodePoint(0xe0041);

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
type Amounts = Action[] | null;

export class Mismatch extends Error {}

function rowOf(walk: Walk, index: number): Row {
  const row = walk.rows[index];
  if (row === undefined) throw new Mismatch(`The store has no request ${index + 1}.`);
  return row;
}

function argumentsOf(
  walk: Walk,
  { for: what, incident }: NonNullable<Intent['ask']>,
): { tool: string; input: JsonObject } {
  const id = INCIDENTS[incident] ?? '';
  if (what === 'note' || what === 'blocked note') {
    const note = `Note ${walk.asked}${what === 'note' ? '' : TAG_LETTER}`;
    return { tool: 'add_note_to_incident', input: { incident_id: id, note } };
  }
  const status = what === 'resolve' ? 'resolved' : 'acknowledged';
  return { tool: 'manage_incidents', input: { manage_request: { incident_ids: [id], status } } };
}

async function ask(walk: Walk, wanted: NonNullable<Intent['ask']>): Promise<Amounts> {
  walk.asked++;
  const { tool, input } = argumentsOf(walk, wanted);
  const answer = await tried(submit(walk.real.agent, { tool, arguments: input }));
  if (!answer.done || answer.value.attached) return [];
  const { request } = answer.value;
  if (wanted.delivered) await markDelivered(walk.real.agent, request.id);
  const older = walk.rows.findIndex(
    (row, index) =>
      row.tool === tool &&
      row.supersedeKey !== null &&
      row.supersedeKey === request.supersedeKey &&
      walk.state.requests[index]?.status === 'pending',
  );
  walk.scene.plans.push({
    quorum: request.reviewsRequired,
    incident: wanted.incident,
    replaces: older < 0 ? null : older,
    sharesState: tool === 'manage_incidents',
  });
  return [{ do: 'ask', request: walk.scene.plans.length - 1, blocked: wanted.for === 'blocked note' }];
}

/** Whether the store was told that a reviewer is on call who no longer is. */
function sawOnCall(walk: Walk, by: number): boolean {
  const reading = walk.real.lastReading();
  const { id } = cast[REVIEWERS[by] ?? 'priya'];
  const mayReview = (entry: OnCallEntry) => entry.userId === id && entry.level <= LIMITS.reviewerLevels;
  return reading?.known === true && reading.entries.some(mayReview);
}

async function decide(walk: Walk, action: Extract<Action, { do: 'approve' | 'deny' }>): Promise<Amounts> {
  const { request, by } = action;
  const { id, digest } = rowOf(walk, request);
  const ctx = walk.real.person(by === 'owner' ? 'dana' : (REVIEWERS[by] ?? 'priya'));
  const other = action.do === 'approve' && action.digest === 'other';
  const shown = other ? 'f'.repeat(64) : digest;
  const decision = action.do;
  walk.real.forgetReading();
  await tried(review(ctx, { requestId: id, decision, digest: shown }));
  if (by === 'owner') return [action];
  const person = await walk.real.db.query.people.findFirst({
    where: eq(people.id, walk.real.ids[REVIEWERS[by] ?? 'priya']),
  });
  const oldReading = walk.state.revoked[by] === true && person?.active === true && sawOnCall(walk, by);
  return [{ ...action, oldReading }];
}

async function withdraw(walk: Walk, action: Extract<Action, { do: 'cancel' }>): Promise<Amounts> {
  const { id } = rowOf(walk, action.request);
  switch (action.by) {
    case 'agent':
      await tried(cancel(walk.real.agent, { requestId: id }));
      return [action];
    case 'owner':
      await tried(cancel(walk.real.person('dana'), { requestId: id }));
      return [action];
    case 'kill switch':
      if (!walk.state.agentOff) return null;
      await cancelAllOf(walk.real.system('command'), walk.real.agentId, 'the agent was switched off');
      return walk.state.requests.map((_, request) => ({ ...action, request }));
    case 'clock':
      return null;
  }
}

async function check(walk: Walk, action: Extract<Action, { do: 'check' }>): Promise<Amounts> {
  if (walk.hands[action.worker]?.at !== 'idle') return null;
  const { id } = rowOf(walk, action.request);
  walk.hands[action.worker] = await startClaim(walk.real, id, action.request, action.worker);
  return [action];
}

async function take(walk: Walk, worker: number): Promise<Amounts> {
  const hand = walk.hands[worker];
  if (hand?.at !== 'checked') return null;
  walk.hands[worker] = await finishClaim(hand);
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

/** What really became of a call, from what PagerDuty got and applied. */
function truth(walk: Walk, meant: Ending, before: { got: number; applied: number }): Ending {
  const applied = walk.real.fake.ledger().length > before.applied;
  const got = walk.real.fake.requests().length > before.got;
  if ((meant === 'applied' || meant === 'lost but applied') && got && !applied) return 'refused with 4xx';
  return meant;
}

async function sendOnce(walk: Walk, action: Extract<Action, { do: 'send' }>, variant: number): Promise<Amounts> {
  const { real } = walk;
  const hand = walk.hands[action.worker];
  const meant = action.ending;
  if (hand?.at !== 'claimed' || meant === 'too late') return null;
  const before = { got: real.fake.requests().length, applied: real.fake.ledger().length };
  if (meant in FAULTS) {
    const kinds = FAULTS[meant as keyof typeof FAULTS];
    real.fake.faults.add({ kind: kinds[variant % kinds.length] ?? 'drop_before' });
  }
  const writer =
    { 'not connected': real.writers.broken, 'lost and late': real.writers.slow }[meant as string] ??
    real.writers.straight;
  // Time passes only on the walk's clock; the sender's own clock is told how much.
  const claimedAtMs = performance.now() - (real.clock.ms - hand.sinceMs);
  let tooLate = true;
  const outcome = await send(real.system('sender'), writer, hand.claim, claimedAtMs, () => {
    tooLate = walk.state.requests[hand.request]?.sendOver === true;
  });
  real.fake.faults.clear();
  const connected = meant !== 'not connected';
  const ending = connected && tooLate ? 'too late' : truth(walk, meant, before);
  if (ending === 'too late' && real.fake.requests().length > before.got) throw new Mismatch('It was sent too late.');
  if (outcome.kind !== OUTCOME[ending]) throw new Mismatch(`${ending} was taken for ${outcome.kind}.`);
  if (ending === 'lost and late') walk.late.push(hand.request);
  walk.hands[action.worker] = { at: 'answered', request: hand.request, claim: hand.claim, outcome };
  const late = walk.state.requests[hand.request]?.sendOver === true;
  return [{ ...action, ending: late ? 'too late' : ending }];
}

async function record(walk: Walk, worker: number): Promise<Amounts> {
  const hand = walk.hands[worker];
  if (hand?.at !== 'answered') return null;
  const answer = await tried(recordOutcome(walk.real.system('sender'), hand.claim, hand.outcome));
  if (!answer.done) throw new Mismatch(`The holder of the fence could not record: ${answer.code}.`);
  walk.hands[worker] = EMPTY;
  return [{ do: 'record', worker }];
}

function die(walk: Walk, worker: number): Amounts {
  const hand = walk.hands[worker];
  if (hand === undefined || hand.at === 'idle') return null;
  if (hand.at === 'checked') hand.gate.kill();
  walk.hands[worker] = EMPTY;
  return [{ do: 'die', worker }];
}

async function recordWithoutFence(
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

async function arrive(walk: Walk): Promise<Amounts> {
  const request = walk.late[0];
  if (request === undefined) return null;
  const before = walk.real.fake.ledger().length;
  await walk.real.line.deliver();
  walk.late.shift();
  return [{ do: walk.real.fake.ledger().length > before ? 'arrive' : 'vanish', request }];
}

/** Moves the clock exactly to an instant, where "at or after" begins. */
function pass(walk: Walk, action: Extract<Action, { do: 'pass' }>): Amounts {
  const { clock } = walk.real;
  const instant = rowOf(walk, action.request).times[action.time];
  if (instant === null || instant <= clock.ms) return null;
  // What is lost arrives within the settle window: the model's assumption, and ours.
  if (walk.late.some((request) => (rowOf(walk, request).times.window ?? Number.POSITIVE_INFINITY) <= instant))
    return null;
  clock.ms = instant;
  return [];
}

async function expireDue(walk: Walk): Promise<Amounts> {
  const { ms } = walk.real.clock;
  await expire(walk.real.system('clock'));
  const orphaned = walk.rows.flatMap((row, request): Action[] => {
    const due = row.orphanedMs !== null && row.orphanedMs <= ms && row.status === 'pending';
    return due ? [{ do: 'cancel', request, by: 'clock' }] : [];
  });
  return [...walk.rows.map((_, request): Action => ({ do: 'expire', request })), ...orphaned];
}

async function sweep(walk: Walk): Promise<Amounts> {
  await sweepDead(walk.real.system('clock'));
  return walk.rows.map((_, request) => ({ do: 'sweep', request }));
}

/** Reads PagerDuty for a request; where reading can always tell, it is held back before it is recorded. */
async function read(walk: Walk, action: Extract<Action, { do: 'read' }>): Promise<Amounts> {
  if (walk.reading.at !== 'idle') return null;
  const { id, tool } = rowOf(walk, action.request);
  const settler = walk.real.system('settler');
  if (tool !== 'add_note_to_incident') {
    const answer = await tried(settle(settler, id));
    if (!answer.done) return [action];
    const { evidence, request } = answer.value;
    return request.status === 'unknown' && evidence.applied === null
      ? [{ ...action, tells: false }]
      : [action, { do: 'settle' }];
  }
  const { client, gate } = gated(settler.pagerduty, () => true);
  const settling = tried(settle({ ...settler, pagerduty: client }, id));
  settling.catch(() => undefined);
  const first = await Promise.race([gate.reached.then(() => 'held' as const), settling]);
  if (first === 'held') walk.reading = { at: 'read', request: action.request, gate, settling };
  return [action];
}

async function recordReading(walk: Walk): Promise<Amounts> {
  if (walk.reading.at !== 'read') return null;
  walk.reading.gate.open();
  await walk.reading.settling;
  walk.reading = { at: 'idle' };
  return [{ do: 'settle' }];
}

function settlerDies(walk: Walk): Amounts {
  if (walk.reading.at !== 'read') return null;
  walk.reading.gate.kill();
  walk.reading = { at: 'idle' };
  return [{ do: 'settler dies' }];
}

async function byHand(walk: Walk, action: Extract<Action, { do: 'settle by hand' }>): Promise<Amounts> {
  const held = walk.state.requests[action.request];
  const applied = (held?.applied ?? 0) > 0;
  const evidence = 'I looked at the timeline of the incident.';
  await tried(settleByHand(walk.real.person('sam'), { requestId: rowOf(walk, action.request).id, applied, evidence }));
  return [{ ...action, applied }];
}

/** As if Countersign had been updated since: what is open was held by an older version of its tool. */
async function upgrade(walk: Walk): Promise<void> {
  const { db, agentId } = walk.real;
  await db.transaction(async (tx) => {
    // The triggers that keep this column from ever changing stand aside for this one transaction.
    await tx.execute(sql`set local session_replication_role = replica`);
    await tx.execute(sql`update approval_requests set tool_version = tool_version - 1 where agent_id = ${agentId}`);
  });
}

async function changeWorld(walk: Walk, action: Extract<Action, { do: 'change' }>): Promise<Amounts> {
  if (action.what === 'upgraded') {
    await upgrade(walk);
    return [action];
  }
  const service = walk.services.shift();
  if (service === undefined || action.what === 'stricter') return null;
  // Every tool minds when its incident is on another service.
  walk.real.fake.change((state) => {
    for (const incident of state.incidents) if (INCIDENTS.includes(incident.id)) incident.serviceId = service;
  });
  return [action];
}

async function revoke(walk: Walk, action: Extract<Action, { do: 'revoke' }>, variant: number): Promise<Amounts> {
  const { real } = walk;
  const name = REVIEWERS[action.by] ?? 'priya';
  if (variant % 2 === 0) {
    await real.db.update(people).set({ active: false }).where(eq(people.id, real.ids[name]));
    return [action];
  }
  // Off call in PagerDuty: the store learns of it when it reads again.
  real.fake.change((state) => {
    const policy = state.escalationPolicies.find(({ id }) => id === escalationPolicies.checkout.id);
    const rule = policy?.rules[action.by];
    if (rule) rule.targets = [{ type: 'user_reference', id: cast.dana.id }];
  });
  return [action];
}

async function switchOff(walk: Walk): Promise<Amounts> {
  const { db, clock, agentId } = walk.real;
  await db
    .update(agents)
    .set({ disabledAt: sql`${clock.now()}` })
    .where(eq(agents.id, agentId));
  return [{ do: 'switch off' }];
}

export const FRESH_SERVICES = [services.tracking.id, services.mailer.id, services.warehouse.id];

/** Does on the real thing what an intent says. @returns what that is in the model; null when nothing was done. */
export async function perform(walk: Walk, { action, ask: wanted, variant }: Intent): Promise<Amounts> {
  if (action.do !== 'ask' && 'request' in action && walk.rows[action.request] === undefined) return null;
  switch (action.do) {
    case 'ask':
      return wanted === null ? null : ask(walk, wanted);
    case 'approve':
    case 'deny':
      return decide(walk, action);
    case 'cancel':
      return withdraw(walk, action);
    case 'check':
      return check(walk, action);
    case 'take':
      return take(walk, action.worker);
    case 'send':
      return sendOnce(walk, action, variant);
    case 'record':
      return record(walk, action.worker);
    case 'die':
      return die(walk, action.worker);
    case 'record without fence':
      return recordWithoutFence(walk, action);
    case 'arrive':
    case 'vanish':
      return arrive(walk);
    case 'pass':
      return pass(walk, action);
    case 'expire':
      return expireDue(walk);
    case 'sweep':
      return sweep(walk);
    case 'read':
      return read(walk, action);
    case 'settle':
      return recordReading(walk);
    case 'settler dies':
      return settlerDies(walk);
    case 'settle by hand':
      return byHand(walk, action);
    case 'change':
      return changeWorld(walk, action);
    case 'revoke':
      return revoke(walk, action, variant);
    case 'switch off':
      return switchOff(walk);
  }
}
