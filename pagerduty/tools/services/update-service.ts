import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { hidden } from '../../published.ts';
import type { ReadClient } from '../../read-client.ts';
import { defineWriteTool, type Verdict, type Watched } from '../../write-tool.ts';
import { changeTable, equal, nameAndDescription } from '../evidence/changing.ts';
import { readTrail, TRAIL_SCOPE, type Trail } from '../evidence/trail.ts';
import { no, nothingElse, watchedPart, yes } from '../evidence/watching.ts';
import { watchedLevels } from '../facts/levels.ts';
import { onCallPerson, readOnCall } from '../facts/people.ts';
import { policyFacts, readPolicy } from '../facts/policies.ts';
import { id, jsonText, optional, referenceTo, text, toolInput } from '../input/parameters.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { listed } from '../words/wording.ts';
import {
  configuredServiceAnswer,
  readDependents,
  readOpenCount,
  readService,
  type ServiceFacts,
  serviceFacts,
  serviceWords,
  watchedConfiguration,
} from './facts.ts';
import { pagingLines, surroundings } from './paging.ts';

const serviceChange = z
  .strictObject({
    name: optional(text({ max: 255 })),
    description: optional(z.string().max(1_024)).describe('May be empty.'),
    escalation_policy: optional(jsonText(referenceTo('escalation policy', 'escalation_policy_reference'))).describe(
      'Who is paged for new incidents.',
    ),
    status: optional(z.enum(['active', 'disabled'])).describe('A disabled service pages nobody.'),
    // Read-only at PagerDuty: it is the team of the escalation policy.
    teams: hidden(optional(jsonText(z.array(referenceTo('team', 'team_reference')).max(20)))),
    id: hidden(optional(id('service'))),
    type: hidden(optional(z.literal('service'))),
  })
  .transform(({ type: _type, ...rest }) => rest)
  .refine(
    ({ name, description, escalation_policy: policy, status }) =>
      [name, description, policy, status].some((value) => value !== undefined),
    'Nothing to change.',
  );

const input = toolInput({
  service_id: id('service'),
  service_data: jsonText(z.strictObject({ service: jsonText(serviceChange) })).describe(
    'The fields to change; the others stay as they are.',
  ),
}).refine(({ service_id: serviceId, service_data: { service } }) => (service.id ?? serviceId) === serviceId, {
  message: 'This is another service than service_id.',
  path: ['service_data', 'service', 'id'],
});
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  service: serviceFacts,
  /** The escalation policy that was asked for, when it is another one. */
  newPolicy: policyFacts.nullable(),
  /** On call now for both policies; null when PagerDuty could not tell. */
  onCall: z.array(onCallPerson).nullable(),
  /** Null when PagerDuty could not tell. */
  openIncidents: z.number().nullable(),
  dependents: z.object({ business: z.number(), technical: z.number() }).nullable(),
});
type Before = z.infer<typeof before>;

interface After {
  service: ServiceFacts;
  trail: Trail;
}

type Change = Pick<Input['service_data']['service'], 'name' | 'description' | 'escalation_policy' | 'status'>;

/** What is sent. */
function changeOf({ service_data: { service } }: Input): Change {
  const { name, description, escalation_policy, status } = service;
  return { name, description, escalation_policy, status };
}

type Service = Pick<Before, 'service' | 'newPolicy'>;

const table = changeTable<Change, Service>('service', {
  ...nameAndDescription('service', ({ service }: Service) => service),
  escalation_policy: {
    label: 'Escalation policy',
    now: ({ service }) => service.policy && { id: service.policy.id },
    said: (policy, { service, newPolicy }) =>
      policy === null ? 'none' : ([newPolicy, service.policy].find((one) => one?.id === policy.id)?.name ?? policy.id),
    same: (asked, now) => asked.id === now.id,
    watched: ({ service }) =>
      watchedPart(
        serviceWords(service),
        'escalation policy',
        service.policy?.id ?? null,
        `"${service.policy?.name ?? 'none'}"`,
        'policy',
      ),
  },
  status: {
    label: 'Status',
    now: ({ service }) => (service.enabled ? 'active' : 'disabled'),
    said: (status) => (status === 'active' ? 'enabled' : 'disabled'),
    same: equal,
    watched: ({ service: { name, enabled } }) => ({
      key: 'enabled',
      subject: `The service "${name}"`,
      value: enabled,
      words: enabled ? 'enabled' : 'disabled',
    }),
  },
});

async function read(pagerduty: ReadClient, request: Input): Promise<Before> {
  const wanted = changeOf(request).escalation_policy?.id;
  const serviceId = request.service_id;
  const [service, asked, openIncidents, dependencies] = await Promise.all([
    readService(pagerduty, serviceId),
    wanted === undefined ? null : readPolicy(pagerduty, wanted),
    readOpenCount(pagerduty, serviceId),
    readDependents(pagerduty, serviceId),
  ]);
  const policyIds = [service.policy?.id, asked?.id].filter((one) => one !== undefined);
  const kinds = dependencies?.supports.map(({ type }) => type);
  return {
    readAt: new Date().toISOString(),
    service,
    newPolicy: asked?.id === service.policy?.id ? null : asked,
    onCall: await readOnCall(pagerduty, { escalationPolicyIds: [...new Set(policyIds)] }),
    openIncidents,
    dependents: kinds
      ? {
          business: kinds.filter((kind) => kind === 'business_service').length,
          technical: kinds.filter((kind) => kind !== 'business_service').length,
        }
      : null,
  };
}

/** What really becomes different. */
function differences(change: Change, facts: Before) {
  const differing = table.differing(change, facts);
  const switched = differing.includes('status');
  return {
    renamed: differing.includes('name'),
    described: differing.includes('description'),
    repointed: differing.includes('escalation_policy'),
    disabled: switched && change.status === 'disabled',
    enabled: switched && change.status === 'active',
  };
}

function admit(request: Input, facts: Before): Verdict {
  const { service, newPolicy } = facts;
  if (table.differing(changeOf(request), facts).length === 0) {
    return no(`The service "${service.name}" is like that already.`);
  }
  const asked = request.service_data.service.teams?.map((one) => one.id);
  const teams = newPolicy?.teams ?? service.teams;
  if (asked?.some((teamId) => !teams.some((one) => one.id === teamId))) {
    const theirs = teams.length === 0 ? 'no team' : listed(teams.map(({ name }) => `"${name}"`));
    return no(`The service takes its team from its escalation policy, which has ${theirs}; it cannot be set here.`);
  }
  return yes;
}

function risks(request: Input, facts: Before): Risk[] {
  const change = changeOf(request);
  const { renamed, described, repointed, disabled, enabled } = differences(change, facts);
  const found: Risk[] = textRisks(`${change.name ?? ''}\n${change.description ?? ''}`);
  if (repointed) found.push({ level: 'critical', reason: 'Changes who is paged for a live service.' });
  if (disabled) found.push({ level: 'critical', reason: 'Nobody is paged for a disabled service.' });
  if (enabled) found.push({ level: 'high', reason: 'The service opens incidents and pages people again.' });
  if (renamed) found.push({ level: 'high', reason: 'Renames a live service.' });
  if (described) found.push({ level: 'low', reason: 'Describes the service.' });
  return found;
}

function effect(request: Input, facts: Before) {
  const { service, newPolicy, onCall, openIncidents, dependents } = facts;
  const { repointed, disabled, enabled } = differences(changeOf(request), facts);
  const rest = surroundings({ openIncidents, dependents, integrations: service.integrationIds.length });
  if (!repointed && !disabled && !enabled) {
    return { known: true, lines: ['Nobody starts or stops being paged.', ...rest] };
  }
  if (onCall === null) return { known: false, lines: ['Who starts and stops being paged is not known.', ...rest] };
  const policyId = service.policy?.id ?? null;
  const now = { enabled: service.enabled, policyId };
  const after = { enabled: enabled || (service.enabled && !disabled), policyId: newPolicy?.id ?? policyId };
  return { known: true, lines: [...pagingLines(now, after, onCall), ...rest] };
}

function watched(facts: Before): Watched[] {
  const { service, newPolicy } = facts;
  return [...table.watched(facts), ...watchedConfiguration(service), ...(newPolicy ? [watchedLevels(newPolicy)] : [])];
}

function title(request: Input, facts: Before): string {
  const { disabled, enabled } = differences(changeOf(request), facts);
  const words = `Change the service "${facts.service.name}"`;
  return disabled ? `${words} to disabled` : enabled ? `${words} to enabled` : words;
}

function callFields({ escalation_policy: policy, ...rest }: Change): JsonObject {
  const fields: JsonObject = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  if (policy) fields.escalation_policy = { id: policy.id, type: 'escalation_policy_reference' };
  return fields;
}

export const updateService = defineWriteTool<Input, Before, After>({
  name: 'update_service',
  title: 'Change a service',
  description:
    'Change a technical service: its name, description, escalation policy, or whether it is enabled. Only the fields you give are changed.',
  version: 1,
  toolset: 'services',
  source: { operationId: 'updateService', method: 'PUT', path: '/services/{id}', scope: 'services.write' },
  reads: ['escalation_policies.read', 'incidents.read', 'oncalls.read', 'services.read', TRAIL_SCOPE],
  annotations: { destructiveHint: true, idempotentHint: true },
  needsFrom: false,
  input,
  before,
  example: {
    service_id: 'PSCHKOT',
    service_data: {
      service: { description: 'Basket, prices, orders and vouchers.', escalation_policy: { id: 'PETRACK' } },
    },
  },

  read,
  watched: (_request, facts) => watched(facts),
  admit,
  risk: (request, facts) => strictest(risks(request, facts)),
  touches: ({ service_id: serviceId }, { service }) => ({
    subjects: [`service:${serviceId}`],
    escalationPolicyIds: service.policy === null ? [] : [service.policy.id],
  }),
  supersedes: (request) => table.supersedes('update_service', changeOf(request), request.service_id),
  summarize: (request, facts) => ({
    title: title(request, facts),
    target: facts.service.name,
    services: [facts.service.name],
    lines: table.lines(changeOf(request), facts),
    effect: effect(request, facts),
  }),
  call: (request) => ({
    method: 'PUT',
    path: `/services/${encodeURIComponent(request.service_id)}`,
    body: { service: { type: 'service', ...callFields(changeOf(request)) } },
  }),
  alsoHolds: nothingElse,
  interpret({ service_id: serviceId }, body) {
    const { id: changed } = configuredServiceAnswer.parse(body).service;
    if (changed !== serviceId) throw new TypeError('The answer shows another service.');
    return { applied: true, result: { service_id: serviceId }, secrets: [] };
  },
  async readBack(pagerduty, { service_id: serviceId }, attempt) {
    const [service, trail] = await Promise.all([
      readService(pagerduty, serviceId),
      readTrail(pagerduty, 'services', serviceId, attempt),
    ]);
    return { service, trail };
  },
  verify: (request, { service, trail }) => table.evidence(changeOf(request), { service, newPolicy: null }, trail, null),
  undo: (request, facts) =>
    table.undo(changeOf(request), facts, {
      tool: 'update_service',
      input: (former) => ({ service_id: request.service_id, service_data: { service: former } }),
      note: 'Puts the former values back; incidents that opened meanwhile keep whom they paged.',
    }),
});
