import type { ReadClient } from '../read-client.ts';
import { incidentAnswer, logEntry, type PagerDutyIncident } from '../schemas.ts';
import type { AttemptFacts } from '../write-tool.ts';
import { collect } from './pages.ts';

/** Clocks differ by seconds; asking a little earlier than the claim misses nothing of ours. */
const CLOCK_SKEW_MS = 5_000;

/** What an attempt may have left on one incident. */
export interface Traces {
  incident: PagerDutyIncident;
  /** Types of the timeline entries that the approver's PagerDuty user made while the call may have been on its way. */
  ours: string[];
  /** Types of what that user did later: by hand, or a call that arrived late. Nobody can tell. */
  later: string[];
  /** False when the timeline since the claim is longer than what was read. */
  complete: boolean;
}

/**
 * Reads an incident and what the approver's user did to it since the claim.
 * @throws PagerDutyError when it cannot be read.
 */
export async function readTraces(pagerduty: ReadClient, incidentId: string, attempt: AttemptFacts): Promise<Traces> {
  const since = attempt.claimedAt.getTime() - CLOCK_SKEW_MS;
  const path = `/incidents/${encodeURIComponent(incidentId)}`;
  const source = { path: `${path}/log_entries`, list: 'log_entries', item: logEntry };
  const [{ incident }, { items, more }] = await Promise.all([
    pagerduty.get(path, incidentAnswer),
    collect(pagerduty, source, { since: new Date(since).toISOString() }, { limit: 200 }),
  ]);
  // PagerDuty's times have no fractions of a second.
  const until = attempt.lostAt.getTime() + CLOCK_SKEW_MS;
  const made = items
    .filter(({ agent }) => agent?.id === attempt.fromUserId)
    .map(({ type, created_at: at }) => ({ type, at: Date.parse(at ?? '') }))
    .filter(({ at }) => at >= since - 1_000);
  const types = (entries: typeof made) => entries.map(({ type }) => type);
  const ours = types(made.filter(({ at }) => at <= until));
  return { incident, ours, later: types(made.filter(({ at }) => at > until)), complete: !more };
}
