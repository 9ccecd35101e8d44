import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { hidden } from '../../published.ts';
import {
  defineWriteTool,
  type Evidence,
  type SummaryLine,
  type Undo,
  type Verdict,
  type Watched,
} from '../../write-tool.ts';
import { earliest } from '../evidence/traces.ts';
import { absence, presence, readCreations, TRAIL_SCOPE, type Trail } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { watchedLevels } from '../facts/levels.ts';
import { byLevel, onCallPerson, readOnCall } from '../facts/people.ts';
import { policyFacts, readPolicy } from '../facts/policies.ts';
import { jsonText, optional, referenceTo, text, toolInput } from '../input/parameters.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { duration, listed, oneLine, sameName, whole } from '../words/wording.ts';
import { configuredServiceAnswer, readNamesakes } from './facts.ts';

/** What PagerDuty sets when nothing is sent. @see the operation createService in PagerDuty's API reference */
const AUTO_RESOLVE_MS = 14_400_000;
const ACKNOWLEDGEMENT_MS = 1_800_000;

const service = z
  .strictObject({
    name: text({ max: 255 }),
    description: optional(z.string().max(1_024)),
    escalation_policy: jsonText(referenceTo('escalation policy', 'escalation_policy_reference')).describe(
      'Who is paged for its incidents.',
    ),
    status: optional(z.enum(['active', 'disabled'])).describe('Default: active.'),
    teams: optional(jsonText(z.array(referenceTo('team', 'team_reference')).max(20))).describe(
      'Not sent: it is the team of the escalation policy.',
    ),
    id: optional(z.string()),
    type: hidden(optional(z.literal('service'))),
  })
  .transform(({ id: _id, type: _type, ...rest }) => rest);

const input = toolInput({ service_data: jsonText(z.strictObject({ service: jsonText(service) })) });
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  /** Id of the service that has the name already. */
  takenBy: z.string().nullable(),
  policy: policyFacts,
  /** On call now for the policy; null when PagerDuty could not tell. */
  onCall: z.array(onCallPerson).nullable(),
});
type Before = z.infer<typeof before>;

interface After {
  /** Every service that has the name now. */
  namesakes: { id: string; createdAt: string | null; description: string; policyId: string | null; enabled: boolean }[];
  trail: Trail;
}

const askedFor = ({ service_data: { service: asked } }: Input) => asked;

function watched(request: Input, { takenBy, policy }: Before): Watched[] {
  return [
    {
      key: 'name',
      subject: `The name "${oneLine(askedFor(request).name)}"`,
      value: takenBy,
      words: takenBy === null ? 'free' : 'taken by another service',
    },
    {
      key: 'policy',
      subject: `The name of the escalation policy ${policy.id}`,
      value: policy.exactName,
      words: `"${policy.name}"`,
    },
    watchedLevels(policy),
  ];
}

function admit(request: Input, { takenBy, policy }: Before): Verdict {
  const { name, teams } = askedFor(request);
  if (takenBy !== null) return no(`There is a service with the name "${oneLine(name)}" already.`);
  if (teams?.some((asked) => !policy.teams.some((one) => one.id === asked.id))) {
    const theirs = policy.teams.length === 0 ? 'no team' : listed(policy.teams.map((one) => `"${one.name}"`));
    return no(`A service takes its team from its escalation policy, which has ${theirs}; it cannot be set here.`);
  }
  return yes;
}

function risks(request: Input): Risk[] {
  const { name, description } = askedFor(request);
  return [
    { level: 'medium', reason: 'Adds a service; it pages nobody by itself.' },
    ...textRisks(`${name}\n${description ?? ''}`),
  ];
}

function lines(request: Input, { policy }: Before): SummaryLine[] {
  const { name, description, status } = askedFor(request);
  const found: SummaryLine[] = [{ label: 'Name', now: null, after: whole(name) }];
  if (description) found.push({ label: 'Description', now: null, after: whole(description) });
  found.push({ label: 'Escalation policy', now: null, after: policy.name });
  if (policy.teams.length > 0) {
    found.push({ label: 'Team, by its policy', now: null, after: listed(policy.teams.map((one) => one.name)) });
  }
  if (status) found.push({ label: 'Status', now: null, after: status === 'active' ? 'enabled' : 'disabled' });
  return found;
}

function effect(request: Input, { policy, onCall }: Before) {
  const chain = onCall === null ? null : (byLevel(onCall, policy.id) ?? 'nobody');
  const disabled = askedFor(request).status === 'disabled';
  return {
    known: onCall !== null,
    lines: [
      'It has no integration yet: nobody is paged until one is added or an incident is opened on it by hand.',
      disabled
        ? 'It is disabled: it opens no incidents until somebody enables it.'
        : `Paged for its incidents, as of now: ${chain ?? 'not known'}.`,
      `PagerDuty's defaults hold: alerts open incidents, which end by themselves after ${duration(AUTO_RESOLVE_MS)}; an acknowledgement lasts ${duration(ACKNOWLEDGEMENT_MS)}.`,
    ],
  };
}

function verify(request: Input, { namesakes, trail }: After, attempt: Parameters<typeof earliest>[0]): Evidence {
  const { name, description = '', escalation_policy: policy, status = 'active' } = askedFor(request);
  const shown = oneLine(name);
  const [only, ...others] = namesakes;
  if (only === undefined) return absence(trail, `There is no service with the name "${shown}".`);
  const same =
    only.policyId === policy.id && only.description === description && only.enabled === (status === 'active');
  const isNew = only.createdAt !== null && Date.parse(only.createdAt) >= earliest(attempt).getTime();
  if (others.length > 0 || !same || !isNew) {
    const what = isNew ? 'but it is not the one that was asked for' : 'but it is older than the attempt';
    return { applied: null, because: `There is a service with the name "${shown}", ${what}. A human must look.` };
  }
  const seen = `There is a new service with the name "${shown}" and the values that were asked for.`;
  return presence(trail, seen, { service_id: only.id });
}

/** There is no tool that deletes a service; a disabled one opens no incidents. */
function undo(result: JsonObject | null): Undo {
  const serviceId = typeof result?.service_id === 'string' ? result.service_id : null;
  return {
    possible: true,
    tool: 'update_service',
    input: serviceId === null ? null : { service_id: serviceId, service_data: { service: { status: 'disabled' } } },
    complete: false,
    note: 'Disables the new service, so that it opens no incidents; deleting it is done in PagerDuty.',
  };
}

export const createService = defineWriteTool<Input, Before, After>({
  name: 'create_service',
  title: 'Create a service',
  description: 'Create a technical service and bind it to an escalation policy.',
  version: 1,
  toolset: 'services',
  source: { operationId: 'createService', method: 'POST', path: '/services', scope: 'services.write' },
  reads: ['escalation_policies.read', 'oncalls.read', 'services.read', TRAIL_SCOPE],
  annotations: { destructiveHint: false, idempotentHint: false },
  needsFrom: false,
  input,
  before,
  example: {
    service_data: {
      service: {
        name: 'Fraud Scoring',
        description: 'Scores orders before they are paid.',
        escalation_policy: { id: 'PECHKOT' },
      },
    },
  },

  async read(pagerduty, request) {
    const { name, escalation_policy: asked } = askedFor(request);
    const [namesakes, policy, onCall] = await Promise.all([
      readNamesakes(pagerduty, name),
      readPolicy(pagerduty, asked.id),
      readOnCall(pagerduty, { escalationPolicyIds: [asked.id] }),
    ]);
    return { readAt: new Date().toISOString(), takenBy: namesakes[0]?.id ?? null, policy, onCall };
  },
  watched,
  admit,
  risk: (request) => strictest(risks(request)),
  touches: (_request, { policy }) => ({ subjects: ['account:services'], escalationPolicyIds: [policy.id] }),
  supersedes: () => null,
  summarize: (request, facts) => ({
    title: `Create the service "${oneLine(askedFor(request).name)}"`,
    target: oneLine(askedFor(request).name),
    services: [],
    lines: lines(request, facts),
    effect: effect(request, facts),
  }),
  call(request) {
    const { name, description, escalation_policy: policy, status } = askedFor(request);
    return {
      method: 'POST',
      path: '/services',
      body: {
        service: {
          type: 'service',
          name,
          ...(description === undefined ? {} : { description }),
          escalation_policy: { id: policy.id, type: 'escalation_policy_reference' },
          ...(status === undefined ? {} : { status }),
        },
      },
    };
  },
  alsoHolds: nothingElse,
  interpret(request, body) {
    const { id, name, escalation_policy: policy } = configuredServiceAnswer.parse(body).service;
    const asked = askedFor(request);
    if (!sameName(asked.name, name) || policy?.id !== asked.escalation_policy.id) {
      throw new TypeError('The answer shows another service.');
    }
    return { applied: true, result: { service_id: id }, secrets: [] };
  },
  async readBack(pagerduty, request, attempt) {
    const [namesakes, trail] = await Promise.all([
      readNamesakes(pagerduty, askedFor(request).name),
      readCreations(pagerduty, 'services', attempt),
    ]);
    return {
      namesakes: namesakes.map((one) => ({
        id: one.id,
        createdAt: one.created_at ?? null,
        description: one.description ?? '',
        policyId: one.escalation_policy?.id ?? null,
        enabled: one.status !== 'disabled',
      })),
      trail,
    };
  },
  verify,
  undo: (_request, _facts, result) => undo(result),
});
