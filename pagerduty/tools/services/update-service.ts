import { z } from 'zod';
import type { Json, JsonObject } from '../../json.ts';
import { hidden } from '../../published.ts';
import type { ReadClient } from '../../read-client.ts';
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
import { watchedLevels } from '../facts/levels.ts';
import { onCallPerson, readOnCall } from '../facts/people.ts';
import { policyFacts, readPolicy } from '../facts/policies.ts';
import { id, jsonText, optional, referenceTo, text, toolInput } from '../input/parameters.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { listed, whole } from '../words/wording.ts';
import {
  configuredServiceAnswer,
  readDependents,
  readOpenCount,
  readService,
  type ServiceFacts,
  serviceFacts,
  watchedService,
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

const fieldsOf = (change: Change) =>
  Object.entries(change).flatMap(([field, value]) => (value === undefined ? [] : [field]));

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

/** For every field that is sent: whether the service has that value. */
function comparisons(change: Change, service: ServiceFacts): boolean[] {
  const found: boolean[] = [];
  if (change.name !== undefined) found.push(change.name.trim() === service.exactName.trim());
  if (change.description !== undefined) found.push(change.description === (service.description ?? ''));
  if (change.escalation_policy !== undefined) found.push(change.escalation_policy.id === service.policy?.id);
  if (change.status !== undefined) found.push((change.status === 'active') === service.enabled);
  return found;
}

/** What really becomes different. */
function differences(change: Change, { service, newPolicy }: Before) {
  return {
    renamed: change.name !== undefined && change.name.trim() !== service.exactName.trim(),
    described: change.description !== undefined && change.description !== (service.description ?? ''),
    repointed: newPolicy !== null,
    disabled: change.status === 'disabled' && service.enabled,
    enabled: change.status === 'active' && !service.enabled,
  };
}

function admit(request: Input, facts: Before): Verdict {
  const { service, newPolicy } = facts;
  if (comparisons(changeOf(request), service).every(Boolean)) {
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

function lines(request: Input, { service, newPolicy }: Before): SummaryLine[] {
  const { name, description, escalation_policy: policy, status } = changeOf(request);
  const found: SummaryLine[] = [];
  const add = (label: string, now: string | null, after: string | undefined) => {
    if (after !== undefined) found.push({ label, now, after });
  };
  add('Name', service.name, name && whole(name));
  const words = description === '' ? '(empty)' : description;
  add('Description', service.description === null ? null : whole(service.description), words && whole(words));
  add('Escalation policy', service.policy?.name ?? null, policy && (newPolicy ?? service.policy)?.name);
  add('Status', service.enabled ? 'enabled' : 'disabled', status && (status === 'active' ? 'enabled' : 'disabled'));
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

function watched({ service, newPolicy }: Before): Watched[] {
  return [...watchedService(service), ...(newPolicy ? [watchedLevels(newPolicy)] : [])];
}

function title(request: Input, facts: Before): string {
  const { disabled, enabled } = differences(changeOf(request), facts);
  const words = `Change the service "${facts.service.name}"`;
  return disabled ? `${words} to disabled` : enabled ? `${words} to enabled` : words;
}

function verify(request: Input, { service, trail }: After): Evidence {
  const has = comparisons(changeOf(request), service);
  if (has.every(Boolean)) {
    return presence(trail, 'The service has every value that was asked for.', null);
  }
  const share = has.some(Boolean) ? 'only some' : 'none';
  return absence(trail, `The service has ${share} of the values that were asked for.`);
}

function undo(request: Input, { service }: Before): Undo {
  const asked = fieldsOf(changeOf(request));
  if (asked.includes('escalation_policy') && service.policy === null) {
    return { possible: false, because: 'The service had no escalation policy that it could be given back.' };
  }
  const former: Record<keyof Change, Json> = {
    name: service.exactName,
    description: service.description ?? '',
    escalation_policy: { id: service.policy?.id ?? '' },
    status: service.enabled ? 'active' : 'disabled',
  };
  const back: JsonObject = Object.fromEntries(Object.entries(former).filter(([field]) => asked.includes(field)));
  return {
    possible: true,
    tool: 'update_service',
    input: { service_id: request.service_id, service_data: { service: back } },
    complete: true,
    note: 'Puts the former values back; incidents that opened meanwhile keep whom they paged.',
  };
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
  supersedes: (request) => `update_service ${fieldsOf(changeOf(request)).sort().join('+')} ${request.service_id}`,
  summarize: (request, facts) => ({
    title: title(request, facts),
    target: facts.service.name,
    services: [facts.service.name],
    lines: lines(request, facts),
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
  verify,
  undo,
});
