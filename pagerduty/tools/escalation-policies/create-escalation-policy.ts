import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { hidden } from '../../published.ts';
import type { ReadClient } from '../../read-client.ts';
import { escalationPolicy, escalationPolicyAnswer, teamAnswer } from '../../schemas.ts';
import { defineWriteTool, type Evidence, type SummaryLine, type Watched } from '../../write-tool.ts';
import { absence, presence, readCreations, TRAIL_SCOPE, type Trail } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { levelAsked, levelFields, levelsWith, levelWords, reached, readTargets, sameLevels } from '../facts/levels.ts';
import { collect } from '../facts/pages.ts';
import { named, namedFrom, onCallPerson } from '../facts/people.ts';
import { type PolicyFacts, policyFrom } from '../facts/policies.ts';
import { jsonText, optional, referenceTo, text, toolInput } from '../input/parameters.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { listed, oneLine, sameName, whole } from '../words/wording.ts';

// Upstream's shape has these; PagerDuty sets them itself.
const ignored = hidden(optional(z.string()));

const level = levelAsked
  .extend({ id: ignored })
  .transform(({ id: _id, ...asked }): Omit<z.infer<typeof levelAsked>, 'id'> => asked);

const services = z
  .array(z.unknown())
  .max(0, 'A new escalation policy is used by no service; update_service points a service at it.');

const policy = z
  .strictObject({
    name: text({ max: 255 }),
    description: optional(z.string().max(1_024)),
    escalation_rules: jsonText(z.array(level).min(1).max(20)).describe('All levels, in order.'),
    num_loops: optional(z.int().min(0).max(9)).describe('How often the levels are repeated.'),
    on_call_handoff_notifications: optional(z.enum(['if_has_services', 'always'])),
    teams: optional(jsonText(z.array(referenceTo('team', 'team_reference')).max(1))).describe('The team; at most one.'),
    services: hidden(optional(jsonText(services))),
    type: hidden(optional(z.literal('escalation_policy'))),
    id: ignored,
    summary: ignored,
    self_url: ignored,
    html_url: ignored,
    created_at: ignored,
    updated_at: ignored,
  })
  .transform(
    ({
      services: _services,
      type: _type,
      id: _id,
      summary: _summary,
      self_url: _selfUrl,
      html_url: _htmlUrl,
      created_at: _createdAt,
      updated_at: _updatedAt,
      ...asked
    }) => asked,
  );

const input = toolInput({ escalation_policy_data: jsonText(z.strictObject({ escalation_policy: jsonText(policy) })) });
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  /** Id of the policy that has the name already. */
  takenBy: z.string().nullable(),
  /** Names of the targets of the levels. */
  targets: z.array(named),
  teams: z.array(named),
  /** On call now through schedules that are named; null when PagerDuty could not tell. */
  onCall: z.array(onCallPerson).nullable(),
});
type Before = z.infer<typeof before>;

interface After {
  /** Every policy that has the name now. */
  namesakes: PolicyFacts[];
  trail: Trail;
}

const askedFor = ({ escalation_policy_data: { escalation_policy: asked } }: Input) => asked;

/** Every policy of exactly this name. */
async function readNamesakes(pagerduty: ReadClient, name: string): Promise<PolicyFacts[]> {
  const source = { path: '/escalation_policies', list: 'escalation_policies', item: escalationPolicy };
  const { items } = await collect(pagerduty, source, { query: name.trim() }, { limit: 100 });
  return items.map(policyFrom).filter(({ exactName }) => sameName(name, exactName));
}

async function read(pagerduty: ReadClient, request: Input): Promise<Before> {
  const asked = askedFor(request);
  const [namesakes, targets, teams] = await Promise.all([
    readNamesakes(pagerduty, asked.name),
    readTargets(pagerduty, asked.escalation_rules, new Set()),
    Promise.all((asked.teams ?? []).map((one) => pagerduty.get(`/teams/${encodeURIComponent(one.id)}`, teamAnswer))),
  ]);
  return {
    readAt: new Date().toISOString(),
    takenBy: namesakes[0]?.id ?? null,
    targets: targets.names,
    teams: teams.map(({ team }) => namedFrom(team)),
    onCall: targets.onCall,
  };
}

function watched(request: Input, { takenBy, targets }: Before): Watched[] {
  const name = oneLine(askedFor(request).name);
  return [
    {
      key: 'name',
      subject: `The name "${name}"`,
      value: takenBy,
      words: takenBy === null ? 'free' : 'taken by another escalation policy',
    },
    ...targets.map((one) => ({
      key: `target ${one.id}`,
      subject: `The name of the target ${one.id}`,
      value: one.name,
      words: `"${one.name}"`,
    })),
  ];
}

function risks(request: Input): Risk[] {
  const { name, description } = askedFor(request);
  return [
    { level: 'medium', reason: 'Adds a policy that pages nobody until a service uses it.' },
    ...textRisks(`${name}\n${description ?? ''}`),
  ];
}

function lines(request: Input, { targets, teams, onCall }: Before): SummaryLine[] {
  const asked = askedFor(request);
  const found: SummaryLine[] = [];
  const add = (label: string, value: string | number | undefined) => {
    if (value !== undefined) found.push({ label, now: null, after: `${value}` });
  };
  add('Name', whole(asked.name));
  add('Description', asked.description && whole(asked.description));
  for (const [index, one] of levelsWith(asked.escalation_rules, targets).entries()) {
    add(`Level ${index + 1}`, levelWords(one, onCall));
  }
  add('Repeats', asked.num_loops);
  add('Hand-off notifications', asked.on_call_handoff_notifications);
  if (teams.length > 0) add('Team', listed(teams.map(({ name }) => name)));
  return found;
}

function effect(request: Input, { targets, onCall }: Before) {
  const asked = askedFor(request);
  const said = ['No service uses it yet: nobody starts or stops being paged.'];
  if (onCall === null) said.push('Who is on call for its levels is not known.');
  else {
    const [first] = levelsWith(asked.escalation_rules, targets);
    const people = first ? [...new Set(reached(first, onCall))] : [];
    said.push(`Once a service uses it, paged first: ${listed(people)}.`);
  }
  if (asked.on_call_handoff_notifications === 'always') {
    said.push('Hand-offs are announced to the people on call even while no service uses it.');
  }
  return { known: onCall !== null, lines: said };
}

function verify(request: Input, { namesakes, trail }: After): Evidence {
  const { name, escalation_rules: levels, num_loops: loops } = askedFor(request);
  const shown = oneLine(name);
  const [only, ...others] = namesakes;
  if (only === undefined) return absence(trail, `There is no escalation policy with the name "${shown}".`);
  const same = sameLevels(levelsWith(levels, []), only.rules) && (loops === undefined || loops === only.numLoops);
  if (others.length > 0 || !same) {
    return {
      applied: null,
      because: `There is an escalation policy with the name "${shown}", but with other levels. A human must look.`,
    };
  }
  const seen = `There is an escalation policy with the name "${shown}" and the levels that were asked for.`;
  return presence(trail, seen, { policy_id: only.id });
}

export const createEscalationPolicy = defineWriteTool<Input, Before, After>({
  name: 'create_escalation_policy',
  title: 'Create an escalation policy',
  description: 'Create an escalation policy. It pages nobody until a service uses it.',
  version: 1,
  toolset: 'escalation_policies',
  source: {
    operationId: 'createEscalationPolicy',
    method: 'POST',
    path: '/escalation_policies',
    scope: 'escalation_policies.write',
  },
  reads: ['escalation_policies.read', 'oncalls.read', 'schedules.read', 'teams.read', 'users.read', TRAIL_SCOPE],
  annotations: { destructiveHint: false, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: {
    escalation_policy_data: {
      escalation_policy: {
        name: 'Fraud Scoring',
        escalation_rules: [
          { escalation_delay_in_minutes: 5, targets: [{ id: 'PDCHKP1', type: 'schedule_reference' }] },
          { escalation_delay_in_minutes: 15, targets: [{ id: 'PULENA1', type: 'user_reference' }] },
        ],
        num_loops: 1,
      },
    },
  },

  read,
  watched,
  admit: (request, { takenBy }) =>
    takenBy === null
      ? yes
      : no(`There is an escalation policy with the name "${oneLine(askedFor(request).name)}" already.`),
  risk: (request) => strictest(risks(request)),
  touches: () => ({ subjects: ['account:escalation_policies'], escalationPolicyIds: [] }),
  supersedes: () => null,
  summarize: (request, facts) => ({
    title: `Create the escalation policy "${oneLine(askedFor(request).name)}"`,
    target: oneLine(askedFor(request).name),
    services: [],
    lines: lines(request, facts),
    effect: effect(request, facts),
  }),
  call(request) {
    const { escalation_rules: levels, teams, ...rest } = askedFor(request);
    const fields: JsonObject = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    if (teams) fields.teams = teams.map((one) => ({ id: one.id, type: 'team_reference' }));
    return {
      method: 'POST',
      path: '/escalation_policies',
      body: { escalation_policy: { type: 'escalation_policy', ...fields, escalation_rules: levelFields(levels) } },
    };
  },
  alsoHolds: nothingElse,
  interpret(request, body) {
    const made = policyFrom(escalationPolicyAnswer.parse(body).escalation_policy);
    if (!sameName(askedFor(request).name, made.exactName)) throw new TypeError('The answer shows another policy.');
    return { applied: true, result: { policy_id: made.id }, secrets: [] };
  },
  async readBack(pagerduty, request, attempt) {
    const [namesakes, trail] = await Promise.all([
      readNamesakes(pagerduty, askedFor(request).name),
      readCreations(pagerduty, 'escalation_policies', attempt),
    ]);
    return { namesakes, trail };
  },
  verify,
  undo: () => ({
    possible: false,
    because: 'There is no tool that deletes escalation policies; delete it in PagerDuty while no service uses it.',
  }),
});
