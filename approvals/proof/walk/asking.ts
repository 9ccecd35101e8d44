import { eq } from 'drizzle-orm';
import { people } from '#db/schema.ts';
import { people as cast } from '#pagerduty/fake/company.ts';
import type { JsonObject } from '#pagerduty/json.ts';
import type { OnCallEntry } from '#pagerduty/on-call.ts';
import { cancel } from '../../cancel.ts';
import { LIMITS } from '../../limits.ts';
import { review } from '../../review.ts';
import { submit } from '../../submit.ts';
import { cancelAllOf } from '../../switch-off.ts';
import { markDelivered } from '../../views/agent-view.ts';
import type { Action } from '../model/actions.ts';
import { type Amounts, INCIDENTS, rowOf, type Walk } from './course.ts';
import type { Intent } from './intents.ts';
import { tried } from './real.ts';
import { REVIEWERS } from './stage.ts';

const TAG_LETTER = String.fromCodePoint(0xe0041);

export function argumentsOf(
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

export async function ask(walk: Walk, wanted: NonNullable<Intent['ask']>): Promise<Amounts> {
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
    undoes: null,
    sharesState: tool === 'manage_incidents',
  });
  return [{ do: 'ask', request: walk.scene.plans.length - 1, blocked: wanted.for === 'blocked note' }];
}

/** Whether the store was told that a reviewer is on call who no longer is. */
export function sawOnCall(walk: Walk, by: number): boolean {
  const reading = walk.real.lastReading();
  const { id } = cast[REVIEWERS[by] ?? 'priya'];
  const mayReview = (entry: OnCallEntry) => entry.userId === id && entry.level <= LIMITS.reviewerLevels;
  return reading?.known === true && reading.entries.some(mayReview);
}

export async function decide(walk: Walk, action: Extract<Action, { do: 'approve' | 'deny' }>): Promise<Amounts> {
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

export async function withdraw(walk: Walk, action: Extract<Action, { do: 'cancel' }>): Promise<Amounts> {
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
