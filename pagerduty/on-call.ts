import { z } from 'zod';
import { PagerDutyError } from './errors.ts';
import type { ReadClient } from './read-client.ts';
import { visible } from './visible-text.ts';

/** Somebody who is on call now on one level of one policy. */
export interface OnCallEntry {
  userId: string;
  userName: string;
  policyId: string;
  policyName: string;
  /** 1 = paged first. */
  level: number;
  /** End of the shift; null = permanent. */
  until: string | null;
}

/** Who is on call, as of when; or that PagerDuty could not be asked. */
export type OnCall = { known: true; asOf: Date; entries: OnCallEntry[] } | { known: false; because: string };

export interface OnCallReader {
  /**
   * Everybody on call now on any level of the given policies.
   * @param maxAgeSeconds a reading of that age will do; 0 = read now.
   */
  get(policyIds: readonly string[], maxAgeSeconds: number): Promise<OnCall>;
}

const reference = z.object({ id: z.string(), summary: z.string().nullish(), name: z.string().nullish() });
const page = z.object({
  oncalls: z.array(
    z.object({
      user: reference,
      escalation_policy: reference,
      escalation_level: z.number().int(),
      end: z.string().nullish(),
    }),
  ),
  more: z.boolean().nullish(),
});

const name = (ref: z.infer<typeof reference>) =>
  visible(ref.summary ?? ref.name ?? ref.id, { maxCharacters: 80, maxLines: 1 }).text;

async function readAll(pagerduty: ReadClient, policyIds: readonly string[]): Promise<OnCallEntry[]> {
  const entries: OnCallEntry[] = [];
  for (let offset = 0; ; offset += 100) {
    const query = { escalation_policy_ids: policyIds, limit: 100, offset };
    const { oncalls, more } = await pagerduty.get('/oncalls', page, query);
    for (const item of oncalls) {
      entries.push({
        userId: item.user.id,
        userName: name(item.user),
        policyId: item.escalation_policy.id,
        policyName: name(item.escalation_policy),
        level: item.escalation_level,
        until: item.end ?? null,
      });
    }
    if (!more) return entries;
  }
}

/**
 * A reader that remembers: `GET /oncalls` has a rate limit of its own.
 * @param elapsedMs a monotonic clock; default `performance.now`.
 * @see developer.pagerduty.com, "List all of the on-calls"
 */
export function createOnCallReader(pagerduty: ReadClient, elapsedMs = () => performance.now()): OnCallReader {
  const remembered = new Map<string, { readAtMs: number; onCall: OnCall }>();
  return {
    async get(policyIds, maxAgeSeconds) {
      const ids = [...new Set(policyIds)].sort();
      // Without a filter PagerDuty answers with the whole account: nobody is meant, so nobody is on call.
      if (ids.length === 0) return { known: true, asOf: new Date(), entries: [] };
      const key = ids.join(',');
      const known = remembered.get(key);
      if (known && elapsedMs() - known.readAtMs < maxAgeSeconds * 1000) return known.onCall;
      try {
        const readAtMs = elapsedMs();
        const onCall: OnCall = { known: true, asOf: new Date(), entries: await readAll(pagerduty, ids) };
        if (remembered.size > 500) remembered.clear();
        remembered.set(key, { readAtMs, onCall });
        return onCall;
      } catch (error) {
        if (error instanceof PagerDutyError) return { known: false, because: error.message };
        throw error;
      }
    },
  };
}
