import type { ReadClient } from '../../read-client.ts';
import { logEntry } from '../../schemas.ts';
import type { AttemptFacts } from '../../write-tool.ts';
import { collect } from '../facts/pages.ts';
import { isDuring } from './clocks.ts';

/** A clock may also be plainly wrong: so far before the claim an act may still be the attempt's. */
const WRONG_CLOCK_MS = 15 * 60_000;

/** What an attempt may have left on the timeline of one incident, which nobody can delete from. */
export interface Traces {
  /** Types of the entries that the approver's PagerDuty user made while the call may have been on its way. */
  ours: string[];
  /** Types of what that user did shortly before or any time later, and of what shows no user or time: nobody can tell. */
  unclear: string[];
  /** Types of all entries of that time, whoever made them. */
  anybody: string[];
  /** False when the timeline is longer than what was read. */
  complete: boolean;
}

/** The time from which on something of the attempt may be dated; 15 minutes before the claim. */
export const earliest = ({ claimedAt }: Pick<AttemptFacts, 'claimedAt'>): Date =>
  new Date(claimedAt.getTime() - WRONG_CLOCK_MS);

/**
 * Reads what was done to an incident since shortly before the claim.
 * @throws PagerDutyError when it cannot be read.
 */
export async function readTraces(pagerduty: ReadClient, incidentId: string, attempt: AttemptFacts): Promise<Traces> {
  const path = `/incidents/${encodeURIComponent(incidentId)}/log_entries`;
  const source = { path, list: 'log_entries', item: logEntry };
  const since = earliest(attempt);
  const { items, more } = await collect(pagerduty, source, { since: since.toISOString() }, { limit: 200 });
  const traces: Traces = { ours: [], unclear: [], anybody: [], complete: !more };
  for (const { type, agent, created_at: createdAt } of items) {
    const at = Date.parse(createdAt ?? '');
    // PagerDuty's times have no fractions of a second.
    if (at < since.getTime() - 1_000) continue;
    traces.anybody.push(type);
    if (agent && agent.id !== attempt.fromUserId) continue;
    (agent && isDuring(at, attempt) ? traces.ours : traces.unclear).push(type);
  }
  return traces;
}
