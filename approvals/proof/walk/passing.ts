import { eq } from 'drizzle-orm';
import { attempts } from '#db/schema.ts';
import { earliest } from '#pagerduty/tools/evidence/traces.ts';
import { expire } from '../../expire.ts';
import { LIMITS } from '../../limits.ts';
import { settle, settleByHand, sweepDead } from '../../settle.ts';
import type { Action, Time } from '../model/actions.ts';
import { type Amounts, INCIDENTS, Mismatch, rowOf, type Walk } from './course.ts';
import { gated } from './gate.ts';
import { tried } from './real.ts';

/** When an instant of a request is. A sender counts from before it began to claim, so its time may be over sooner. */
export function instantOf(walk: Walk, request: number, time: Time): number | null {
  const holder = walk.hands.find((hand) => hand.at === 'claimed' && hand.request === request);
  const sinceMs = time === 'send' && holder?.at === 'claimed' ? holder.sinceMs : null;
  return sinceMs === null ? rowOf(walk, request).times[time] : sinceMs + LIMITS.sendWithinSeconds * 1000;
}

/** Moves the clock exactly to an instant, where "at or after" begins. */
export function pass(walk: Walk, action: Extract<Action, { do: 'pass' }>): Amounts {
  const { clock } = walk.real;
  const instant = instantOf(walk, action.request, action.time);
  if (instant === null || instant <= clock.ms) return null;
  // What is lost arrives within the settle window: the model's assumption, and ours.
  if (walk.late.some((request) => (rowOf(walk, request).times.window ?? Number.POSITIVE_INFINITY) <= instant))
    return null;
  clock.ms = instant;
  return [];
}

export async function expireDue(walk: Walk): Promise<Amounts> {
  const { ms } = walk.real.clock;
  await expire(walk.real.system('clock'));
  const orphaned = walk.rows.flatMap((row, request): Action[] => {
    const due = row.orphanedMs !== null && row.orphanedMs <= ms && row.status === 'pending';
    return due ? [{ do: 'cancel', request, by: 'clock' }] : [];
  });
  return [...walk.rows.map((_, request): Action => ({ do: 'expire', request })), ...orphaned];
}

export async function sweep(walk: Walk): Promise<Amounts> {
  await sweepDead(walk.real.system('clock'));
  return walk.rows.map((_, request) => ({ do: 'sweep', request }));
}

/** Reads PagerDuty for a request and records what that says, in one go. */
async function settleNow(walk: Walk, action: Extract<Action, { do: 'read' }>, id: string): Promise<Amounts> {
  const answer = await tried(settle(walk.real.system('settler'), id));
  if (!answer.done) return [action];
  const { evidence, request } = answer.value;
  return request.status === 'unknown' && evidence.applied === null
    ? [{ ...action, tells: false }]
    : [action, { do: 'settle' }];
}

const BORDER_MS = 60_000;

/**
 * Whether a reading can tell of a lost note. Not of one that is missing while another of the same person lies at the
 * border of what is read: there its entry on the timeline counts, and it itself does not yet, to be on the safe side.
 */
async function canTell(walk: Walk, request: number, id: string): Promise<boolean> {
  const attempt = await walk.real.db.query.attempts.findFirst({ where: eq(attempts.requestId, id) });
  if (attempt === undefined || (walk.state.requests[request]?.applied ?? 0) > 0) return true;
  const from = earliest(attempt).getTime();
  const incidentId = INCIDENTS[walk.scene.plans[request]?.incident ?? 0];
  return !walk.real.fake.state().notes.some((note) => {
    const at = Date.parse(note.createdAt);
    const near = note.incidentId === incidentId && note.userId === attempt.fromUserId;
    return near && at >= from && at < from + BORDER_MS;
  });
}

/** Reads PagerDuty for a request; where reading can always tell, it is held back before it is recorded. */
export async function read(walk: Walk, action: Extract<Action, { do: 'read' }>): Promise<Amounts> {
  if (walk.reading.at !== 'idle') return null;
  const { id, tool } = rowOf(walk, action.request);
  if (tool !== 'add_note_to_incident') return settleNow(walk, action, id);
  if (!(await canTell(walk, action.request, id))) {
    const amounts = await settleNow(walk, action, id);
    if (amounts?.some((one) => one.do === 'settle')) throw new Mismatch('A reading told what no reading can tell.');
    return amounts;
  }
  const settler = walk.real.system('settler');
  // The timeline is what is read last: nothing happens between the readings that one look is made of.
  const { client, gate } = gated(settler.pagerduty, (path) => path.endsWith('/log_entries'));
  const settling = tried(settle({ ...settler, pagerduty: client }, id));
  settling.catch(() => undefined);
  const first = await Promise.race([gate.reached.then(() => 'held' as const), settling]);
  if (first === 'held') walk.reading = { at: 'read', request: action.request, gate, settling };
  return [action];
}

export async function recordReading(walk: Walk): Promise<Amounts> {
  if (walk.reading.at !== 'read') return null;
  walk.reading.gate.open();
  await walk.reading.settling;
  walk.reading = { at: 'idle' };
  return [{ do: 'settle' }];
}

export function settlerDies(walk: Walk): Amounts {
  if (walk.reading.at !== 'read') return null;
  walk.reading.gate.kill();
  walk.reading = { at: 'idle' };
  return [{ do: 'settler dies' }];
}

export async function byHand(walk: Walk, action: Extract<Action, { do: 'settle by hand' }>): Promise<Amounts> {
  const held = walk.state.requests[action.request];
  const applied = (held?.applied ?? 0) > 0;
  const evidence = 'I looked at the timeline of the incident.';
  await tried(settleByHand(walk.real.person('sam'), { requestId: rowOf(walk, action.request).id, applied, evidence }));
  return [{ ...action, applied }];
}
