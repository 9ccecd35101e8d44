import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import {
  escalationPolicyAnswer,
  type PagerDutyEscalationPolicy,
  type PagerDutyEscalationRule,
  scheduleAnswer,
  shiftScheduleAnswer,
} from '../../schemas.ts';
import { type Named, named, namedFrom, readUser } from './people.ts';

export const targetType = z.enum(['user_reference', 'schedule_reference', 'schedule_v3_reference']);
export type TargetType = z.infer<typeof targetType>;

const target = named.extend({ type: z.string() });

export const policyRule = z.object({
  id: z.string().nullable(),
  delayMinutes: z.number(),
  strategy: z.string().nullable(),
  targets: z.array(target),
});
export type PolicyRule = z.infer<typeof policyRule>;

/** An escalation policy as a human must see it, and as complete as undo needs it. */
export const policyFacts = z.object({
  id: z.string(),
  name: z.string(),
  /** Word for word, for undo; the shown name is `name`. */
  exactName: z.string(),
  description: z.string().nullable(),
  numLoops: z.number().nullable(),
  handoff: z.string().nullable(),
  teams: z.array(named),
  services: z.array(named),
  rules: z.array(policyRule),
});
export type PolicyFacts = z.infer<typeof policyFacts>;

function ruleFrom(rule: PagerDutyEscalationRule): PolicyRule {
  const strategy = rule.escalation_rule_assignment_strategy;
  return {
    id: rule.id ?? null,
    delayMinutes: rule.escalation_delay_in_minutes,
    strategy: typeof strategy === 'string' ? strategy : (strategy?.type ?? null),
    // PagerDuty answers `user` or `user_reference`, depending on what was expanded.
    targets: rule.targets.map((one) => ({
      ...namedFrom(one),
      type: `${(one.type ?? '').replace(/_reference$/, '')}_reference`,
    })),
  };
}

export function policyFrom(policy: PagerDutyEscalationPolicy): PolicyFacts {
  return {
    ...namedFrom(policy),
    exactName: policy.name ?? policy.summary ?? policy.id,
    description: policy.description ?? null,
    numLoops: policy.num_loops ?? null,
    handoff: policy.on_call_handoff_notifications ?? null,
    teams: (policy.teams ?? []).map(namedFrom),
    services: (policy.services ?? []).map(namedFrom),
    rules: (policy.escalation_rules ?? []).map(ruleFrom),
  };
}

/** @throws PagerDutyError when it cannot be read. */
export async function readPolicy(pagerduty: ReadClient, policyId: string): Promise<PolicyFacts> {
  const path = `/escalation_policies/${encodeURIComponent(policyId)}`;
  return policyFrom((await pagerduty.get(path, escalationPolicyAnswer)).escalation_policy);
}

/** Name of a user or schedule that a level is to page. */
export async function readTarget(pagerduty: ReadClient, id: string, type: TargetType): Promise<Named> {
  if (type === 'user_reference') return readUser(pagerduty, id);
  if (type === 'schedule_reference') {
    return namedFrom((await pagerduty.get(`/schedules/${encodeURIComponent(id)}`, scheduleAnswer)).schedule);
  }
  return namedFrom((await pagerduty.get(`/v3/schedules/${encodeURIComponent(id)}`, shiftScheduleAnswer)).schedule);
}
