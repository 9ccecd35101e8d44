import { eq, sql } from 'drizzle-orm';
import { approvalRequests } from '#db/schema.ts';
import type { CallOutcome } from '#pagerduty/outcome.ts';
import { ApprovalError } from '#process/errors.ts';
import { type Claim, type ClaimAnswer, claim } from '../../claim.ts';
import { LIMITS } from '../../limits.ts';
import type { Time } from '../model/actions.ts';
import { type Gate, gated } from './gate.ts';
import { REVIEWERS, type WalkScene } from './stage.ts';

/** What a simulated worker process has in its memory. */
export type Hand =
  | { at: 'idle' }
  | { at: 'checked'; request: number; gate: Gate; claiming: Promise<Tried<ClaimAnswer>> }
  | { at: 'claimed'; request: number; claim: Claim; sinceMs: number }
  | { at: 'answered'; request: number; claim: Claim; outcome: CallOutcome };

export const EMPTY: Hand = { at: 'idle' };

/** What a verb said: a value, or that it refuses. */
export type Tried<T> = { done: true; value: T } | { done: false; code: string };

/** Runs a verb; its refusals are answers, everything else it throws is a bug. */
export async function tried<T>(verb: Promise<T>): Promise<Tried<T>> {
  try {
    return { done: true, value: await verb };
  } catch (error) {
    if (error instanceof ApprovalError) return { done: false, code: error.code };
    throw error;
  }
}

/** A request as the store has it. */
export interface Row {
  id: string;
  status: string;
  digest: string;
  tool: string;
  supersedeKey: string | null;
  reviewsRequired: number;
  /** How many approvals of r1 and r2 are stored. */
  approvals: number[];
  /** When each instant of the request is, in milliseconds; null = not (yet) there. */
  times: Record<Time, number | null>;
  orphanedMs: number | null;
}

type Raw = Record<'id' | 'status' | 'digest' | 'tool', string> &
  Record<'supersede_key', string | null> &
  Record<'expires' | 'created', number> &
  Record<'approval' | 'claimed' | 'deadline' | 'settle', number | null> & {
    reviews_required: number;
    delivered: boolean;
    approvers: string[];
  };

const ms = (column: string) => sql.raw(`(extract(epoch from ${column}) * 1000)::float8`);

/** All requests of the walk, oldest first. */
export async function readRows(scene: WalkScene): Promise<Row[]> {
  const { rows } = await scene.db.execute<Raw>(sql`
    select r.id, r.status, r.digest, r.tool, r.supersede_key, r.reviews_required, r.delivered_at is not null as delivered,
      ${ms('r.created_at')} as created, ${ms('r.expires_at')} as expires, ${ms('r.approval_expires_at')} as approval,
      ${ms('r.settle_after')} as settle, ${ms('a.claimed_at')} as claimed, ${ms('a.deadline_at')} as deadline,
      array(select v.person_id from reviews v where v.request_id = r.id and v.decision = 'approve') as approvers
    from approval_requests r left join attempts a on a.request_id = r.id
    where r.agent_id = ${scene.agentId}
    order by (select min(e.id) from events e where e.request_id = r.id)`);
  return rows.map((row) => ({
    id: row.id,
    status: row.status,
    digest: row.digest,
    tool: row.tool,
    supersedeKey: row.supersede_key,
    reviewsRequired: row.reviews_required,
    approvals: REVIEWERS.map((name) => row.approvers.filter((id) => id === scene.ids[name]).length),
    times: {
      answer: row.expires,
      approval: row.approval,
      send: row.claimed === null ? null : row.claimed + LIMITS.sendWithinSeconds * 1000,
      deadline: row.deadline,
      window: row.settle,
    },
    orphanedMs: row.delivered ? null : row.created + LIMITS.orphanSeconds * 1000,
  }));
}

/** Starts a claim and holds it back after its last reading; a claim that ends before that is not held. */
export async function startClaim(scene: WalkScene, id: string, request: number, worker: number): Promise<Hand> {
  // Who is meant by `From` is the last thing a claim reads.
  const { client, gate } = gated(scene.system('sender').pagerduty, (path) => path.startsWith('/users/'));
  const claiming = tried(claim({ ...scene.system('sender'), pagerduty: client }, id, `w${worker + 1}`));
  // A killed process takes its error with it.
  claiming.catch(() => undefined);
  const first = await Promise.race([gate.reached.then(() => 'held' as const), claiming]);
  if (first === 'held') return { at: 'checked', request, gate, claiming };
  if (first.done && first.value.kind === 'claimed') throw new Error('A claim was made without reading who sends it.');
  return EMPTY;
}

/** Lets a held claim go on. */
export async function finishClaim(hand: Extract<Hand, { at: 'checked' }>, nowMs: number): Promise<Hand> {
  hand.gate.open();
  const answer = await hand.claiming;
  if (!answer.done || answer.value.kind !== 'claimed') return EMPTY;
  return { at: 'claimed', request: hand.request, claim: answer.value.claim, sinceMs: nowMs };
}

/** A claim with everything right but the fence. */
export async function forgedClaim(scene: WalkScene, id: string): Promise<Claim | null> {
  const request = await scene.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });
  if (!request) return null;
  return { request, fence: 'fnc_of_somebody_else', method: 'PUT', path: '/', body: null, from: '', takenAtMs: 0 };
}
