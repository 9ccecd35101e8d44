import type { ReadClient } from '../read-client.ts';
import { incidentAnswer, logEntry, type PagerDutyIncident } from '../schemas.ts';
import type { AttemptFacts } from '../write-tool.ts';
import { collect } from './pages.ts';

/** Clocks differ by seconds; asking a little earlier than the claim misses nothing of ours. */
const CLOCK_SKEW_MS = 5_000;

/** What an attempt may have left on one incident. */
export interface Traces {
  incident: PagerDutyIncident;
  /** Types of the timeline entries that the approver's PagerDuty user made since the claim. */
  ours: string[];
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
  const ours = items.filter(
    ({ agent, created_at: at }) => agent?.id === attempt.fromUserId && Date.parse(at ?? '') >= since - 1_000,
  );
  return { incident, ours: ours.map(({ type }) => type), complete: !more };
}
