import { z } from 'zod';
import { renderPolicy } from './references.ts';
import { idOf, parsedBody } from './server/bodies.ts';
import { list, nameMatches, paged, passes } from './server/query.ts';
import { found, type Handle, invalid, type Route } from './server/route.ts';
import { type EscalationPolicy, newId, type State, type Target } from './state.ts';

const listPolicies: Handle = (state, { query }) => {
  const matching = state.escalationPolicies.filter(
    ({ name, teamIds, rules }) =>
      nameMatches(query, name) &&
      passes(list(query, 'team_ids'), ...teamIds) &&
      passes(list(query, 'user_ids'), ...rules.flatMap(({ targets }) => targets.map(({ id }) => id))),
  );
  const byName = [...matching].sort((a, b) => a.name.localeCompare(b.name));
  const ordered = query.get('sort_by') === 'name:desc' ? byName.reverse() : byName;
  const { records, page } = paged({ query }, ordered);
  return { status: 200, body: { escalation_policies: records.map((policy) => renderPolicy(state, policy)), ...page } };
};

const getPolicy: Handle = (state, { params }) => ({
  status: 200,
  body: { escalation_policy: renderPolicy(state, found(state.escalationPolicies, params.id)) },
});

const rule = z.object({
  id: z.string().optional(),
  escalation_delay_in_minutes: z.int().min(1),
  targets: z
    .array(
      z.object({
        id: z.string(),
        type: z.enum(['user', 'schedule', 'user_reference', 'schedule_reference', 'schedule_v3_reference']),
      }),
    )
    .min(1)
    .max(10),
});

const policyFields = z.object({
  type: z.string().optional(),
  name: z.string().min(1).optional(),
  description: z.string().nullish(),
  num_loops: z.int().min(0).max(9).optional(),
  on_call_handoff_notifications: z.enum(['if_has_services', 'always']).optional(),
  escalation_rules: z.array(rule).min(1).max(20).optional(),
  teams: z.array(idOf).max(1).optional(),
});

type PolicyFields = z.infer<typeof policyFields>;

function targetOf(state: State, { id, type }: z.infer<typeof rule>['targets'][0]): Target {
  if (type.startsWith('user')) {
    if (!state.users.some((user) => user.id === id)) throw invalid('User not found');
    return { type: 'user_reference', id };
  }
  if (state.shiftSchedules.some((schedule) => schedule.id === id)) return { type: 'schedule_v3_reference', id };
  if (!state.schedules.some((schedule) => schedule.id === id)) throw invalid('Schedule not found');
  return { type: 'schedule_reference', id };
}

/** Only what is named changes; the rules are replaced as a whole. */
function change(state: State, policy: EscalationPolicy, fields: PolicyFields): void {
  if (fields.name !== undefined) {
    if (state.escalationPolicies.some(({ id, name }) => id !== policy.id && name === fields.name)) {
      throw invalid('Name has already been taken');
    }
    policy.name = fields.name;
  }
  if (fields.description !== undefined) policy.description = fields.description;
  if (fields.num_loops !== undefined) policy.numLoops = fields.num_loops;
  if (fields.on_call_handoff_notifications !== undefined) policy.handoff = fields.on_call_handoff_notifications;
  if (fields.teams !== undefined) {
    for (const { id } of fields.teams) if (!state.teams.some((team) => team.id === id)) throw invalid('Team not found');
    policy.teamIds = fields.teams.map(({ id }) => id);
  }
  if (fields.escalation_rules !== undefined) {
    policy.rules = fields.escalation_rules.map(({ id, escalation_delay_in_minutes, targets }) => ({
      id: id !== undefined && policy.rules.some((known) => known.id === id) ? id : newId(state, 'P'),
      delayMinutes: escalation_delay_in_minutes,
      targets: targets.map((target) => targetOf(state, target)),
    }));
  }
}

const withPolicy = z.object({ escalation_policy: policyFields });
const withNewPolicy = z.object({ escalation_policy: policyFields.required({ name: true, escalation_rules: true }) });

const putPolicy: Handle = (state, { params, body }) => {
  const policy = found(state.escalationPolicies, params.id);
  change(state, policy, parsedBody(withPolicy, body).escalation_policy);
  return { status: 200, body: { escalation_policy: renderPolicy(state, policy) } };
};

const postPolicy: Handle = (state, { body }) => {
  const fields = parsedBody(withNewPolicy, body).escalation_policy;
  const policy: EscalationPolicy = {
    id: newId(state, 'P'),
    name: '',
    description: null,
    numLoops: 0,
    handoff: 'if_has_services',
    teamIds: [],
    rules: [],
  };
  change(state, policy, fields);
  state.escalationPolicies.push(policy);
  return { status: 201, body: { escalation_policy: renderPolicy(state, policy) } };
};

const deletePolicy: Handle = (state, { params }) => {
  const policy = found(state.escalationPolicies, params.id);
  if (state.services.some(({ escalationPolicyId }) => escalationPolicyId === policy.id)) {
    throw invalid("Escalation policy can't be deleted if it's being used by services");
  }
  if (state.incidents.some((open) => open.escalationPolicyId === policy.id && open.status !== 'resolved')) {
    throw invalid("Escalation policy can't be deleted if it's being used by open incidents");
  }
  state.escalationPolicies = state.escalationPolicies.filter(({ id }) => id !== policy.id);
  return { status: 204 };
};

export const escalationPolicyRoutes: Route[] = [
  { method: 'GET', path: '/escalation_policies', scope: 'escalation_policies.read', handle: listPolicies },
  {
    method: 'POST',
    path: '/escalation_policies',
    scope: 'escalation_policies.write',
    audit: { root: 'escalation_policies', action: 'create' },
    handle: postPolicy,
  },
  { method: 'GET', path: '/escalation_policies/{id}', scope: 'escalation_policies.read', handle: getPolicy },
  {
    method: 'PUT',
    path: '/escalation_policies/{id}',
    scope: 'escalation_policies.write',
    audit: { root: 'escalation_policies', action: 'update' },
    handle: putPolicy,
  },
  {
    method: 'DELETE',
    path: '/escalation_policies/{id}',
    scope: 'escalation_policies.write',
    audit: { root: 'escalation_policies', action: 'delete' },
    handle: deletePolicy,
  },
];
