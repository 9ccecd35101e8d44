import { z } from 'zod';
import { renderService } from './references.ts';
import { idOf, parsedBody } from './server/bodies.ts';
import { found, type Handle, invalid, type Route } from './server/route.ts';
import { instant, newId, type Service, type State } from './state.ts';

const AUTO_RESOLVE_SECONDS = 14_400;
const ACKNOWLEDGEMENT_SECONDS = 1_800;

// What PagerDuty itself decides (teams, integrations, the time of creation) is ignored when it is sent.
const serviceFields = z.object({
  type: z.string().optional(),
  name: z.string().optional(),
  description: z.string().nullish(),
  status: z.enum(['active', 'warning', 'critical', 'maintenance', 'disabled']).optional(),
  escalation_policy: idOf.optional(),
  auto_resolve_timeout: z.int().min(0).nullish(),
  acknowledgement_timeout: z.int().min(0).nullish(),
  incident_urgency_rule: z
    .object({ type: z.literal('constant'), urgency: z.enum(['high', 'low', 'severity_based']) })
    .optional(),
});
type ServiceFields = z.infer<typeof serviceFields>;

const withService = z.object({ service: serviceFields });

/** Zero switches a timeout off. */
const timeout = (seconds: number | null) => (seconds === 0 ? null : seconds);

/** Only what is named changes. */
function change(state: State, service: Service, fields: ServiceFields): void {
  if (fields.name !== undefined) {
    const name = fields.name.trim();
    if (name === '') throw invalid("Name can't be blank");
    if (state.services.some((other) => other.id !== service.id && other.name === name)) {
      throw invalid('Name has already been taken');
    }
    service.name = name;
  }
  if (fields.description !== undefined) service.description = fields.description;
  // Warning, critical and maintenance follow from incidents and windows; only disabled is somebody's wish.
  if (fields.status !== undefined) service.status = fields.status === 'disabled' ? 'disabled' : 'active';
  if (fields.escalation_policy !== undefined) {
    const wanted = fields.escalation_policy.id;
    const policy = state.escalationPolicies.find(({ id }) => id === wanted);
    if (policy === undefined) throw invalid('Escalation policy not found');
    // A service belongs to the team of its escalation policy.
    if (service.escalationPolicyId !== policy.id) service.teamIds = [...policy.teamIds];
    service.escalationPolicyId = policy.id;
  }
  if (fields.auto_resolve_timeout !== undefined) service.autoResolveTimeout = timeout(fields.auto_resolve_timeout);
  if (fields.acknowledgement_timeout !== undefined) {
    service.acknowledgementTimeout = timeout(fields.acknowledgement_timeout);
  }
  if (fields.incident_urgency_rule !== undefined) service.urgency = fields.incident_urgency_rule.urgency;
}

const putService: Handle = (state, { params, body }) => {
  const service = found(state.services, params.id);
  change(state, service, parsedBody(withService, body).service);
  return { status: 200, body: { service: renderService(state, service) } };
};

const postService: Handle = (state, { body, now }) => {
  const fields = parsedBody(withService, body).service;
  if (fields.escalation_policy === undefined) throw invalid("Escalation policy can't be blank");
  const service: Service = {
    id: newId(state, 'P'),
    name: '',
    description: null,
    status: 'active',
    escalationPolicyId: '',
    teamIds: [],
    createdAt: instant(now),
    autoResolveTimeout: AUTO_RESOLVE_SECONDS,
    acknowledgementTimeout: ACKNOWLEDGEMENT_SECONDS,
    urgency: 'high',
    integrations: [],
  };
  change(state, service, { ...fields, name: fields.name ?? '' });
  state.services.push(service);
  return { status: 201, body: { service: renderService(state, service) } };
};

const scope = 'services.write';

export const serviceChangeRoutes: Route[] = [
  { method: 'POST', path: '/services', scope, audit: { root: 'services', action: 'create' }, handle: postService },
  { method: 'PUT', path: '/services/{id}', scope, audit: { root: 'services', action: 'update' }, handle: putService },
];
