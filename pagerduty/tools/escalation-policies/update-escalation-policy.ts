import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import type { ReadClient } from '../../read-client.ts';
import { escalationPolicyAnswer, teamAnswer } from '../../schemas.ts';
import { defineWriteTool, type Verdict } from '../../write-tool.ts';
import { changeTable, equal, nameAndDescription, sameIds } from '../evidence/changing.ts';
import { readTrail, TRAIL_SCOPE, type Trail } from '../evidence/trail.ts';
import { no, nothingElse, watchedPart, yes } from '../evidence/watching.ts';
import {
  type Level,
  levelAsked,
  levelFields,
  levelsOf,
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
import { counted, listed } from '../words/wording.ts';

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

/** What can be changed, with values that may be new to us. */
interface Changeable extends Omit<Change, 'escalation_rules' | 'on_call_handoff_notifications'> {
  escalation_rules?: Level[] | undefined;
  on_call_handoff_notifications?: string | undefined;
}

const policyWords = ({ name }: PolicyFacts) => `the escalation policy "${name}"`;
const namesOf = (list: { name: string }[]) => listed(list.map(({ name }) => name)) || 'none';
const idsOf = (list: { id: string }[]) => list.map((one) => one.id).sort();

const table = changeTable<Changeable, Omit<Before, 'readAt'>>('escalation policy', {
  ...nameAndDescription('escalation policy', ({ policy }: Pick<Before, 'policy'>) => policy),
  escalation_rules: {
    label: 'Level',
    now: ({ policy }) => levelsOf(policy),
    said: (levels, facts) => rulesAfter(levels ?? [], facts).map((one) => levelWords(one, facts.onCall)),
    same: (asked, now) => sameLevels(levelsWith(asked, []), levelsWith(now, [])),
    watched: ({ policy }) => watchedLevels(policy),
  },
  num_loops: {
    label: 'Repeats',
    now: ({ policy }) => policy.numLoops,
    said: (loops) => `${loops ?? 'not set'}`,
    same: equal,
    watched: ({ policy }) =>
      watchedPart(
        policyWords(policy),
        'number of repeats',
        policy.numLoops,
        `${policy.numLoops ?? 'not set'}`,
        'loops',
      ),
  },
  on_call_handoff_notifications: {
    label: 'Hand-off notifications',
    now: ({ policy }) => policy.handoff,
    said: (handoff) => handoff ?? 'not set',
    same: equal,
    watched: ({ policy }) =>
      watchedPart(
        policyWords(policy),
        'hand-off setting',
        policy.handoff,
        `"${policy.handoff ?? 'not set'}"`,
        'handoff',
      ),
  },
  teams: {
    label: 'Team',
    now: ({ policy }) => policy.teams.map((one) => ({ id: one.id })),
    said: (teams, { policy, names }) =>
      namesOf(
        (teams ?? []).map(
          (one) => [...policy.teams, ...names].find(({ id: known }) => known === one.id) ?? { name: one.id },
        ),
      ),
    same: sameIds,
    watched: ({ policy }) =>
      watchedPart(policyWords(policy), 'team', idsOf(policy.teams), namesOf(policy.teams), 'teams'),
  },
});

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
const rulesAfter = (levels: Level[], { policy, names }: Pick<Before, 'policy' | 'names'>) =>
  levelsWith(levels, [...policy.rules.flatMap(({ targets }) => targets), ...names]);

function admit(request: Input, facts: Before): Verdict {
  const change = changeOf(request);
  const ids = facts.policy.rules.map((one) => one.id);
  const stray = change.escalation_rules?.find((one) => one.id !== undefined && !ids.includes(one.id));
  if (stray) return no(`The escalation policy "${facts.policy.name}" has no level with the id ${stray.id}.`);
  if (table.differing(change, facts).length === 0) {
    return no(`The escalation policy "${facts.policy.name}" is like that already.`);
  }
  return yes;
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

function effect(change: Change, facts: Before) {
  const { policy, onCall } = facts;
  const used = counted(policy.services.length, 'service');
  const services = policy.services.length === 0 ? '' : `: ${listed(policy.services.map(({ name }) => name))}`;
  const reach = `Used by ${used}${services}.`;
  if (change.escalation_rules === undefined)
    return { known: true, lines: ['Nobody starts or stops being paged.', reach] };
  if (onCall === null) return { known: false, lines: ['Who starts and stops being paged is not known.', reach] };
  const people = (rules: PolicyRule[]) => new Set(rules.flatMap((one) => reached(one, onCall)));
  const [now, after] = [people(policy.rules), people(rulesAfter(change.escalation_rules, facts))];
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
  watched: (_request, facts) => [
    ...table.watched(facts),
    watchedPart(
      policyWords(facts.policy),
      'list of services',
      idsOf(facts.policy.services),
      namesOf(facts.policy.services),
      'services',
    ),
  ],
  admit,
  risk: (request, facts) => strictest(risks(changeOf(request), facts)),
  touches: ({ policy_id: policyId }) => ({
    subjects: [`escalation_policy:${policyId}`],
    escalationPolicyIds: [policyId],
  }),
  supersedes: (request) => table.supersedes('update_escalation_policy', changeOf(request), request.policy_id),
  summarize: (request, facts) => ({
    title: `Change the escalation policy "${facts.policy.name}"`,
    target: facts.policy.name,
    services: facts.policy.services.map(({ name }) => name),
    lines: table.lines(changeOf(request), facts),
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
  verify: (request, { policy, trail }) =>
    table.evidence(changeOf(request), { policy, names: [], onCall: null }, trail, null),
  undo: (request, facts) =>
    table.undo(changeOf(request), facts, {
      tool: 'update_escalation_policy',
      input: (former) => ({ policy_id: request.policy_id, escalation_policy_data: { escalation_policy: former } }),
      note: 'Puts the former values back; whoever was paged meanwhile has been paged.',
    }),
});
