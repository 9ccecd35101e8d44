import { z } from 'zod';
import { PagerDutyError } from '../../errors.ts';
import type { ReadClient } from '../../read-client.ts';
import { oncall, type Reference, userAnswer } from '../../schemas.ts';
import { counted, listed, oneLine } from '../words/wording.ts';
import { collect } from './pages.ts';

/** Somebody or something with a name; the stored form of a PagerDuty reference. */
export const named = z.object({ id: z.string(), name: z.string() });
export type Named = z.infer<typeof named>;

/** One person on call now. */
export const onCallPerson = z.object({
  userId: z.string(),
  name: z.string(),
  policyId: z.string(),
  /** 1-based. */
  level: z.number(),
  /** Null = permanently, as a direct target of the policy. */
  scheduleId: z.string().nullable(),
});
export type OnCallPerson = z.infer<typeof onCallPerson>;

/** The name of a reference; its id where PagerDuty sent no label. */
export function nameOf(reference: Reference & { name?: string | null }): string {
  return oneLine(reference.name ?? reference.summary ?? reference.id);
}

export const namedFrom = (reference: Reference & { name?: string | null }): Named => ({
  id: reference.id,
  name: nameOf(reference),
});

export async function readUser(pagerduty: ReadClient, userId: string): Promise<Named> {
  const { user } = await pagerduty.get(`/users/${encodeURIComponent(userId)}`, userAnswer);
  return namedFrom(user);
}

/**
 * Who is on call now, lowest level first. The filter must not be empty: PagerDuty would answer for the whole account.
 * Null when PagerDuty cannot tell; callers then say that the effect is not known.
 */
export async function readOnCall(
  pagerduty: ReadClient,
  filter: { escalationPolicyIds: string[] } | { scheduleIds: string[] },
): Promise<OnCallPerson[] | null> {
  const [name, wanted] =
    'scheduleIds' in filter
      ? (['schedule_ids', filter.scheduleIds] as const)
      : (['escalation_policy_ids', filter.escalationPolicyIds] as const);
  if (wanted.length === 0) return [];
  try {
    const source = { path: '/oncalls', list: 'oncalls', item: oncall };
    const { items } = await collect(pagerduty, source, { [name]: wanted }, { limit: 300 });
    const people = items.map((item) => ({
      userId: item.user.id,
      name: nameOf(item.user),
      policyId: item.escalation_policy.id,
      level: item.escalation_level,
      scheduleId: item.schedule?.id ?? null,
    }));
    return people.sort((a, b) => a.level - b.level || a.name.localeCompare(b.name) || a.userId.localeCompare(b.userId));
  } catch (error) {
    // Who is on call has its own, tighter rate limit; without it the card can still be shown, marked as incomplete.
    if (error instanceof PagerDutyError && error.kind !== 'unauthorized') return null;
    throw error;
  }
}

/** Names at one level of one policy, each once. */
export function atLevel(people: OnCallPerson[], policyId: string, level: number): string[] {
  const there = people.filter((person) => person.policyId === policyId && person.level === level);
  return [...new Map(there.map((person) => [person.userId, person.name])).values()];
}

/** `Ana (level 1), Bo (level 2) and 8 more on later levels`: the first two levels by name, the rest counted. */
export function byLevel(people: OnCallPerson[], policyId: string, fromLevel = 1): string | null {
  const levels = [...new Set(people.filter((one) => one.policyId === policyId).map((one) => one.level))];
  const asked = levels.filter((level) => level >= fromLevel).sort((a, b) => a - b);
  if (asked.length === 0) return null;
  const first = asked.slice(0, 2).map((level) => `${listed(atLevel(people, policyId, level), 4)} (level ${level})`);
  const later = asked.slice(2).flatMap((level) => atLevel(people, policyId, level));
  const rest = later.length === 0 ? [] : [`${counted(new Set(later).size, 'person', 'people')} on later levels`];
  return listed([...first, ...rest]);
}
