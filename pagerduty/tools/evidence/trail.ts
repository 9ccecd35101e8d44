import { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import type { JsonObject } from '../../json.ts';
import type { Query, ReadClient } from '../../read-client.ts';
import type { AttemptFacts, Evidence } from '../../write-tool.ts';
import { ARRIVES_WITHIN_SECONDS, isDuring } from './clocks.ts';
import { earliest } from './traces.ts';

/**
 * What PagerDuty's audit trail tells since shortly before the claim. Nothing removes from it, so `untouched` proves that
 * the call was not applied. `changed`: something was changed while the call may have been on its way. `elsewhen`:
 * something was changed, but not then. `unreadable`: the plan, the key or its scopes do not allow it.
 */
export type Trail = 'changed' | 'elsewhen' | 'untouched' | 'unreadable';

/** Scope of the read credential that the audit trail needs; without it a lost call stays unknown more often. */
export const TRAIL_SCOPE = 'audit_records.read';

const records = z.object({ records: z.array(z.object({ execution_time: z.string() })) });

async function trail(pagerduty: ReadClient, path: string, query: Query, attempt: AttemptFacts): Promise<Trail> {
  try {
    const since = earliest(attempt).toISOString();
    const answer = await pagerduty.get(path, records, { ...query, since, limit: 100 });
    if (answer.records.length === 0) return 'untouched';
    return answer.records.some(({ execution_time: at }) => isNear(Date.parse(at), attempt)) ? 'changed' : 'elsewhen';
  } catch (error) {
    if (error instanceof PagerDutyError) return 'unreadable';
    throw error;
  }
}

/** Whether something dated so may be the attempt's doing. A time that cannot be read may be any time. */
export const isNear = (at: number, attempt: AttemptFacts): boolean =>
  Number.isNaN(at) || isDuring(at, attempt, ARRIVES_WITHIN_SECONDS * 1_000);

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
    trail === 'changed' || trail === 'elsewhen'
      ? 'The audit trail shows that somebody changed something since, so it may have been there.'
      : 'The audit trail could not be read, so it may have been there and be gone again.';
  return { applied: null, because: `${seen} ${why} A human must look.` };
}

/**
 * What it means that a reading shows the wanted state. Where the trail tells that nothing was changed while the call may
 * have been on its way, somebody else has set the same, before or later.
 */
export function presence(trail: Trail, seen: string, result: JsonObject | null): Evidence {
  if (trail === 'changed' || trail === 'unreadable') return { applied: true, because: seen, result };
  const why =
    'The audit trail shows no change while the call may have been on its way: it may be somebody else’s doing.';
  return { applied: null, because: `${seen} ${why} A human must look.` };
}

/** As `presence`, where PagerDuty keeps no trail but tells when the thing was last changed; null = not even that. */
export function stampPresence(
  changedAt: string | null,
  attempt: AttemptFacts,
  seen: string,
  result: JsonObject,
): Evidence {
  if (changedAt === null || isNear(Date.parse(changedAt), attempt)) return { applied: true, because: seen, result };
  const why = 'It was last changed when the call was not on its way: it may be somebody else’s doing.';
  return { applied: null, because: `${seen} ${why} A human must look.` };
}
