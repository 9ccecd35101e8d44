import { z } from 'zod';
import type { Json, JsonObject } from '../../json.ts';
import { hidden } from '../../published.ts';
import type { ReadClient } from '../../read-client.ts';
import type { Watched } from '../../write-tool.ts';
import { id, jsonText, optional } from '../input/parameters.ts';
import { listed } from '../words/wording.ts';
import { type Named, type OnCallPerson, readOnCall } from './people.ts';
import { type PolicyFacts, type PolicyRule, readTarget, targetType } from './policies.ts';

// The levels of an escalation policy: as agents ask for them, as humans see them, as PagerDuty is sent them.

const target = z
  .strictObject({
    id: id('user or schedule'),
    type: targetType,
    summary: hidden(optional(z.string().max(300))),
  })
  .transform(({ id: targetId, type }) => ({ id: targetId, type }));

/** One level as an agent asks for it. */
export const levelAsked = z.strictObject({
  id: optional(id('rule')).describe('Id of the level as it is now, to keep it.'),
  escalation_delay_in_minutes: z.int().min(1).max(1_440).describe('Minutes until the next level is paged.'),
  targets: jsonText(z.array(target).min(1).max(10)).describe('Who is paged at this level.'),
  escalation_rule_assignment_strategy: optional(z.enum(['round_robin', 'assign_to_everyone'])),
});
type LevelAsked = z.infer<typeof levelAsked>;

/** The same, as PagerDuty has it: with kinds of targets and strategies that may be new to us. */
export interface Level {
  id?: string | undefined;
  escalation_delay_in_minutes: number;
  targets: { id: string; type: string }[];
  escalation_rule_assignment_strategy?: string | undefined;
}

/** Who the levels page, as far as it is not known yet. */
export interface TargetFacts {
  names: Named[];
  /** On call now through those schedules; null when PagerDuty could not tell. */
  onCall: OnCallPerson[] | null;
}

/**
 * Names of the targets that are not `known`, and who is on call on the schedules among them.
 * @throws PagerDutyError `not_found` when a target does not exist.
 */
export async function readTargets(
  pagerduty: ReadClient,
  levels: LevelAsked[],
  known: ReadonlySet<string>,
): Promise<TargetFacts> {
  const asked = levels.flatMap(({ targets }) => targets);
  const fresh = [...new Map(asked.map((one) => [one.id, one])).values()].filter((one) => !known.has(one.id));
  const scheduleIds = fresh.filter(({ type }) => type !== 'user_reference').map((one) => one.id);
  const [names, onCall] = await Promise.all([
    Promise.all(fresh.map((one) => readTarget(pagerduty, one.id, one.type))),
    readOnCall(pagerduty, { scheduleIds }),
  ]);
  return { names, onCall };
}

/** The levels of a policy as they can be asked for. Without their ids: levels that were replaced no longer have them. */
export const levelsOf = ({ rules }: Pick<PolicyFacts, 'rules'>): Level[] =>
  rules.map((one) => ({
    escalation_delay_in_minutes: one.delayMinutes,
    targets: one.targets.map(({ id: targetId, type }) => ({ id: targetId, type })),
    ...(one.strategy === null ? {} : { escalation_rule_assignment_strategy: one.strategy }),
  }));

/** What was asked for, in the form of the snapshot; a target nobody knows keeps its id for a name. */
export function levelsWith(levels: Level[], names: Named[]): PolicyRule[] {
  const nameOfTarget = (targetId: string) => names.find((one) => one.id === targetId)?.name ?? targetId;
  return levels.map((one) => ({
    id: one.id ?? null,
    delayMinutes: one.escalation_delay_in_minutes,
    strategy: one.escalation_rule_assignment_strategy ?? null,
    targets: one.targets.map((asked) => ({ ...asked, name: nameOfTarget(asked.id) })),
  }));
}

/** Whether both page the same people in the same order. A strategy that was not asked for is PagerDuty's choice. */
export function sameLevels(asked: PolicyRule[], there: PolicyRule[]): boolean {
  const key = (one: PolicyRule, strategy: string | null) =>
    JSON.stringify([
      one.delayMinutes,
      strategy,
      one.targets.map(({ id: targetId, type }) => `${type} ${targetId}`).sort(),
    ]);
  return (
    asked.length === there.length &&
    asked.every((one, index) => {
      const other = there[index];
      return (
        other !== undefined && key(one, one.strategy) === key(other, one.strategy === null ? null : other.strategy)
      );
    })
  );
}

/** People a level reaches now; a schedule on which nobody is found stands for itself. */
export function reached(one: PolicyRule, onCall: OnCallPerson[]): string[] {
  return one.targets.flatMap((asked) => {
    if (asked.type === 'user_reference') return [asked.name];
    const there = onCall.filter(({ scheduleId }) => scheduleId === asked.id).map(({ name }) => name);
    return there.length > 0 ? [...new Set(there)] : [`whoever is on "${asked.name}"`];
  });
}

/** `Checkout primary (now Priya) and Dana; next level after 10 min` */
export function levelWords(one: PolicyRule, onCall: OnCallPerson[] | null): string {
  const targets = one.targets.map((asked) => {
    const there = onCall?.filter(({ scheduleId }) => scheduleId === asked.id).map(({ name }) => name) ?? [];
    return there.length === 0 ? asked.name : `${asked.name} (now ${listed([...new Set(there)])})`;
  });
  const strategy = one.strategy === 'round_robin' ? ', in turn' : '';
  return `${listed(targets, 12)}${strategy}; next level after ${one.delayMinutes} min`;
}

/** The levels, so that nobody approves one order of people and gets another. */
export const watchedLevels = ({ name, rules }: Pick<PolicyFacts, 'name' | 'rules'>): Watched => ({
  key: 'rules',
  subject: `The order of levels of the escalation policy "${name}"`,
  value: rules.map(({ targets, ...rest }) => ({ ...rest, targets: targets.map((one) => one.id).sort() })),
  words: `"${rules.map((one) => levelWords(one, null)).join(' / ')}"`,
});

/** As PagerDuty takes them. */
export const levelFields = (levels: LevelAsked[]): Json[] =>
  levels.map(
    ({ id: ruleId, escalation_rule_assignment_strategy: strategy, ...one }): JsonObject => ({
      ...(ruleId === undefined ? {} : { id: ruleId }),
      ...one,
      ...(strategy === undefined ? {} : { escalation_rule_assignment_strategy: strategy }),
    }),
  );
