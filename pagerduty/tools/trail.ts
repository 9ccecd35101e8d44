import { z } from 'zod';
import { PagerDutyError } from '../errors.ts';
import type { Query, ReadClient } from '../read-client.ts';
import type { AttemptFacts, Evidence } from '../write-tool.ts';
import { earliest } from './traces.ts';

/**
 * What PagerDuty's audit trail tells since shortly before the claim. Nothing removes from it, so `untouched` proves that
 * the call was not applied. `unreadable`: the plan, the key or its scopes do not allow it.
 */
export type Trail = 'changed' | 'untouched' | 'unreadable';

/** Scope of the read credential that the audit trail needs; without it a lost call stays unknown more often. */
export const TRAIL_SCOPE = 'audit_records.read';

const records = z.object({ records: z.array(z.object({ execution_time: z.string() })) });

async function trail(pagerduty: ReadClient, path: string, query: Query, attempt: AttemptFacts): Promise<Trail> {
  try {
    const since = earliest(attempt).toISOString();
    const answer = await pagerduty.get(path, records, { ...query, since, limit: 100 });
    return answer.records.length === 0 ? 'untouched' : 'changed';
  } catch (error) {
    if (error instanceof PagerDutyError) return 'unreadable';
    throw error;
  }
}

type Audited = 'users' | 'teams' | 'services' | 'escalation_policies' | 'schedules' | 'v3/schedules';

/** Whether anything changed one object or what hangs below it, by anybody. Never throws for PagerDuty. */
export function readTrail(pagerduty: ReadClient, kind: Audited, id: string, attempt: AttemptFacts): Promise<Trail> {
  return trail(pagerduty, `/${kind}/${encodeURIComponent(id)}/audit/records`, {}, attempt);
}

/** Whether anybody created an object of that kind. Only global keys and administrators can ask. Never throws for PagerDuty. */
export function readCreations(
  pagerduty: ReadClient,
  kind: Exclude<Audited, 'v3/schedules'>,
  attempt: AttemptFacts,
): Promise<Trail> {
  return trail(pagerduty, '/audit/records', { root_resource_types: [kind], actions: ['create'] }, attempt);
}

/** What it means that a reading does not show the wanted state; `seen` is a sentence that says what it shows. */
export function absence(trail: Trail, seen: string): Evidence {
  if (trail === 'untouched') {
    return { applied: false, because: `${seen} The audit trail shows no change since it was to be sent.` };
  }
  const why =
    trail === 'changed'
      ? 'The audit trail shows that somebody changed something since, so it may have been there.'
      : 'The audit trail could not be read, so it may have been there and be gone again.';
  return { applied: null, because: `${seen} ${why} A human must look.` };
}
