import { z } from 'zod';
import type { Json, JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import { escalationPolicyAnswer, teamAnswer } from '../../schemas.ts';
import {
  defineWriteTool,
  type Evidence,
  type SummaryLine,
  type Undo,
  type Verdict,
  type Watched,
} from '../../write-tool.ts';
import { absence, presence, readTrail, TRAIL_SCOPE, type Trail } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import {
  levelAsked,
  levelFields,
  levelsWith,
  levelWords,
  reached,
  readTargets,
  sameLevels,
  watchedLevels,
} from '../facts/levels.ts';
import { named, namedFrom, onCallPerson, readOnCall } from '../facts/people.ts';
import { type PolicyFacts, type PolicyRule, policyFacts, readPolicy } from '../facts/policies.ts';
import { id, jsonText, optional, referenceTo, text, toolInput } from '../input/parameters.ts';
import { type Risk, strictest } from '../words/risks.ts';
import { counted, listed, whole } from '../words/wording.ts';

const policyChange = z
  .strictObject({
    name: optional(text({ max: 255 })).describe('New name.'),
    description: optional(z.string().max(1_024)).describe('New description; may be empty.'),
    escalation_rules: optional(jsonText(z.array(levelAsked).min(1).max(20))).describe(
      'All levels, in order; replaces every level.',
    ),
    num_loops: optional(z.int().min(0).max(9)).describe('How often the levels are repeated.'),
    on_call_handoff_notifications: optional(z.enum(['if_has_services', 'always'])).describe(
      'When hand-offs are announced.',
    ),
    teams: optional(jsonText(z.array(referenceTo('team', 'team_reference')).max(1))).describe('The team; at most one.'),
  })
  .refine((change) => Object.values(change).some((value) => value !== undefined), 'Nothing to change.');

const input = toolInput({
  policy_id: id('escalation policy'),
  escalation_policy_data: jsonText(z.strictObject({ escalation_policy: jsonText(policyChange) })).describe(
    'The fields to change; the others stay as they are.',
  ),
});
type Input = z.infer<typeof input>;
type Change = Input['escalation_policy_data']['escalation_policy'];

const before = z.object({
  readAt: z.string(),
  policy: policyFacts,
  /** Names of the targets and teams that the policy does not have yet. */
  names: z.array(named),
  /** On call now through the policy or through schedules that are new to it; null when PagerDuty could not tell. */
  onCall: z.array(onCallPerson).nullable(),
});
type Before = z.infer<typeof before>;

interface After {
  policy: PolicyFacts;
  trail: Trail;
}

const changeOf = ({ escalation_policy_data: { escalation_policy: change } }: Input): Change => change;

async function read(pagerduty: ReadClient, request: Input): Promise<Before> {
  const change = changeOf(request);
  const policy = await readPolicy(pagerduty, request.policy_id);
  const known = new Set([...policy.rules.flatMap(({ targets }) => targets), ...policy.teams].map((one) => one.id));
  const freshTeams = (change.teams ?? []).filter((one) => !known.has(one.id));
  const [targets, teams, onPolicy] = await Promise.all([
    readTargets(pagerduty, change.escalation_rules ?? [], known),
    Promise.all(freshTeams.map((one) => pagerduty.get(`/teams/${encodeURIComponent(one.id)}`, teamAnswer))),
    readOnCall(pagerduty, { escalationPolicyIds: [policy.id] }),
  ]);
  return {
    readAt: new Date().toISOString(),
    policy,
    names: [...targets.names, ...teams.map(({ team }) => namedFrom(team))],
    onCall: onPolicy === null || targets.onCall === null ? null : [...onPolicy, ...targets.onCall],
  };
}

/** The levels that were asked for, in the form of the snapshot. */
const rulesAfter = (change: Change, { policy, names }: Pick<Before, 'policy' | 'names'>) =>
  levelsWith(change.escalation_rules ?? [], [...policy.rules.flatMap(({ targets }) => targets), ...names]);

/** For every field that was asked for: whether the policy has that value. */
function comparisons(change: Change, policy: PolicyFacts, rules: PolicyRule[]): boolean[] {
  const found: boolean[] = [];
  if (change.name !== undefined) found.push(change.name === policy.exactName);
  if (change.description !== undefined) found.push(change.description === (policy.description ?? ''));
  if (change.num_loops !== undefined) found.push(change.num_loops === policy.numLoops);
  if (change.on_call_handoff_notifications !== undefined) {
    found.push(change.on_call_handoff_notifications === policy.handoff);
  }
  if (change.teams !== undefined) {
    found.push(change.teams.map((one) => one.id).join() === policy.teams.map((one) => one.id).join());
  }
  if (change.escalation_rules !== undefined) found.push(sameLevels(rules, policy.rules));
  return found;
}

function admit(request: Input, facts: Before): Verdict {
  const change = changeOf(request);
  const ids = facts.policy.rules.map((one) => one.id);
  const stray = change.escalation_rules?.find((one) => one.id !== undefined && !ids.includes(one.id));
  if (stray) return no(`The escalation policy "${facts.policy.name}" has no level with the id ${stray.id}.`);
  if (comparisons(change, facts.policy, rulesAfter(change, facts)).every(Boolean)) {
    return no(`The escalation policy "${facts.policy.name}" is like that already.`);
  }
  return yes;
}

function watched({ policy }: Before): Watched[] {
  const subject = (part: string) => `${part} of the escalation policy "${policy.name}"`;
  const idsOf = (list: { id: string }[]) => list.map((one) => one.id).sort();
  const namesOf = (list: { name: string }[]) => listed(list.map(({ name }) => name)) || 'none';
  return [
    { key: 'name', subject: subject('The name'), value: policy.exactName, words: `"${policy.name}"` },
    {
      key: 'description',
      subject: subject('The description'),
      value: policy.description,
      words: `"${policy.description ?? ''}"`,
    },
    watchedLevels(policy),
    {
      key: 'loops',
      subject: subject('The number of repeats'),
      value: policy.numLoops,
      words: `${policy.numLoops ?? 'not set'}`,
    },
    {
      key: 'handoff',
      subject: subject('The hand-off setting'),
      value: policy.handoff,
      words: `"${policy.handoff ?? 'not set'}"`,
    },
    { key: 'teams', subject: subject('The team'), value: idsOf(policy.teams), words: namesOf(policy.teams) },
    {
      key: 'services',
      subject: subject('The list of services'),
      value: idsOf(policy.services),
      words: namesOf(policy.services),
    },
  ];
}

function risks(change: Change, { policy }: Before): Risk[] {
  const words = change.name !== undefined || change.description !== undefined;
  const found: Risk[] = words ? [{ level: 'low', reason: 'Renames or describes the policy.' }] : [];
  const rest = change.escalation_rules ?? change.num_loops ?? change.on_call_handoff_notifications ?? change.teams;
  if (rest !== undefined) {
    const reach = counted(policy.services.length, 'service');
    found.push({ level: 'critical', reason: `Changes who is paged, or how, for ${reach}.` });
  }
  return found;
}

function lines(change: Change, facts: Before): SummaryLine[] {
  const { policy, onCall, names } = facts;
  const found: SummaryLine[] = [];
  const add = (label: string, now: string | number | null, after: string | number | undefined) => {
    if (after !== undefined) found.push({ label, now: now === null ? null : `${now}`, after: `${after}` });
  };
  add('Name', policy.name, change.name === undefined ? undefined : whole(change.name));
  const description = change.description === '' ? '(empty)' : change.description;
  add('Description', policy.description === null ? null : whole(policy.description), description && whole(description));
  if (change.escalation_rules) {
    const after = rulesAfter(change, facts);
    for (let index = 0; index < Math.max(after.length, policy.rules.length); index++) {
      const [then, now] = [after[index], policy.rules[index]];
      add(`Level ${index + 1}`, now ? levelWords(now, onCall) : null, then ? levelWords(then, onCall) : 'removed');
    }
  }
  add('Repeats', policy.numLoops, change.num_loops);
  add('Hand-off notifications', policy.handoff, change.on_call_handoff_notifications);
  const teamName = (teamId: string) => [...policy.teams, ...names].find((one) => one.id === teamId)?.name ?? teamId;
  const team = change.teams && (listed(change.teams.map((one) => teamName(one.id))) || 'none');
  add('Team', listed(policy.teams.map(({ name }) => name)) || 'none', team);
  return found;
}

function effect(change: Change, facts: Before) {
  const { policy, onCall } = facts;
  const used = counted(policy.services.length, 'service');
  const services = policy.services.length === 0 ? '' : `: ${listed(policy.services.map(({ name }) => name))}`;
  const reach = `Used by ${used}${services}.`;
  if (change.escalation_rules === undefined)
    return { known: true, lines: ['Nobody starts or stops being paged.', reach] };
  if (onCall === null) return { known: false, lines: ['Who starts and stops being paged is not known.', reach] };
  const people = (rules: PolicyRule[]) => new Set(rules.flatMap((one) => reached(one, onCall)));
  const [now, after] = [people(policy.rules), people(rulesAfter(change, facts))];
  const starts = [...after].filter((name) => !now.has(name));
  const stops = [...now].filter((name) => !after.has(name));
  return {
    known: true,
    lines: [
      `Starts being paged: ${listed(starts) || 'nobody'}.`,
      `Stops being paged: ${listed(stops) || 'nobody'}.`,
      reach,
      'Holds for new incidents until it is changed again; open incidents go on as they began.',
    ],
  };
}

function verify(request: Input, { policy, trail }: After): Evidence {
  const change = changeOf(request);
  const has = comparisons(change, policy, rulesAfter(change, { policy, names: [] }));
  if (has.every(Boolean)) return presence(trail, 'The escalation policy has every value that was asked for.', null);
  const share = has.some(Boolean) ? 'only some' : 'none';
  return absence(trail, `The escalation policy has ${share} of the values that were asked for.`);
}

function undo(request: Input, { policy }: Before): Undo {
  const change = changeOf(request);
  const former: Record<keyof Change, Json> = {
    name: policy.exactName,
    description: policy.description ?? '',
    num_loops: policy.numLoops ?? 0,
    on_call_handoff_notifications: policy.handoff ?? 'if_has_services',
    teams: policy.teams.map((one) => ({ id: one.id })),
    // Without their ids: levels that were replaced no longer have them.
    escalation_rules: policy.rules.map((one) => ({
      escalation_delay_in_minutes: one.delayMinutes,
      targets: one.targets.map(({ id: targetId, type }) => ({ id: targetId, type })),
      ...(one.strategy === null ? {} : { escalation_rule_assignment_strategy: one.strategy }),
    })),
  };
  const back: JsonObject = Object.fromEntries(Object.entries(former).filter(([field]) => field in change));
  return {
    possible: true,
    tool: 'update_escalation_policy',
    input: { policy_id: request.policy_id, escalation_policy_data: { escalation_policy: back } },
    complete: true,
    note: 'Puts the former values back; whoever was paged meanwhile has been paged.',
  };
}

function callFields({ escalation_rules: rules, teams, ...rest }: Change): JsonObject {
  const fields: JsonObject = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  if (teams) fields.teams = teams.map((one) => ({ id: one.id, type: 'team_reference' }));
  if (rules) fields.escalation_rules = levelFields(rules);
  return fields;
}

export const updateEscalationPolicy = defineWriteTool<Input, Before, After>({
  name: 'update_escalation_policy',
  title: 'Change an escalation policy',
  description:
    'Change an escalation policy: who is paged, in which order and how soon, for every service that uses it. Only the fields you give are changed; escalation_rules replaces all levels.',
  version: 1,
  toolset: 'escalation_policies',
  source: {
    operationId: 'updateEscalationPolicy',
    method: 'PUT',
    path: '/escalation_policies/{id}',
    scope: 'escalation_policies.write',
  },
  reads: ['escalation_policies.read', 'oncalls.read', 'schedules.read', 'teams.read', 'users.read', TRAIL_SCOPE],
  annotations: { destructiveHint: true, idempotentHint: true },
  needsFrom: false,
  input,
  before,
  example: {
    policy_id: 'PECHKOT',
    escalation_policy_data: {
      escalation_policy: {
        name: 'Checkout and Payments',
        escalation_rules: [
          { escalation_delay_in_minutes: 5, targets: [{ id: 'PDCHKP1', type: 'schedule_reference' }] },
          { escalation_delay_in_minutes: 15, targets: [{ id: 'PULENA1', type: 'user_reference' }] },
        ],
      },
    },
  },

  read,
  watched: (_request, facts) => watched(facts),
  admit,
  risk: (request, facts) => strictest(risks(changeOf(request), facts)),
  touches: ({ policy_id: policyId }) => ({
    subjects: [`escalation_policy:${policyId}`],
    escalationPolicyIds: [policyId],
  }),
  supersedes: (request) =>
    `update_escalation_policy ${Object.keys(changeOf(request)).sort().join('+')} ${request.policy_id}`,
  summarize: (request, facts) => ({
    title: `Change the escalation policy "${facts.policy.name}"`,
    target: facts.policy.name,
    services: facts.policy.services.map(({ name }) => name),
    lines: lines(changeOf(request), facts),
    effect: effect(changeOf(request), facts),
  }),
  call: (request) => ({
    method: 'PUT',
    path: `/escalation_policies/${encodeURIComponent(request.policy_id)}`,
    body: { escalation_policy: { type: 'escalation_policy', ...callFields(changeOf(request)) } },
  }),
  alsoHolds: nothingElse,
  interpret({ policy_id: policyId }, body) {
    const { id: changed } = escalationPolicyAnswer.parse(body).escalation_policy;
    if (changed !== policyId) throw new TypeError('The answer shows another escalation policy.');
    return { applied: true, result: { policy_id: policyId }, secrets: [] };
  },
  async readBack(pagerduty, { policy_id: policyId }, attempt) {
    const [policy, trail] = await Promise.all([
      readPolicy(pagerduty, policyId),
      readTrail(pagerduty, 'escalation_policies', policyId, attempt),
    ]);
    return { policy, trail };
  },
  verify,
  undo,
});
