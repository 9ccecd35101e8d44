import { z } from 'zod';
import { escalationPolicies, people, schedules, teams } from './company.ts';
import { type Counter, newId } from './ids.ts';
import {
  type Names,
  reference,
  scheduleReference,
  serviceReference,
  teamReferences,
  userReference,
} from './references.ts';
import { idOf, parsedBody } from './server/bodies.ts';
import { list, nameMatches, paged, passes } from './server/query.ts';
import { found, type Handle, invalid, type Route } from './server/route.ts';

export interface Target {
  type: 'user_reference' | 'schedule_reference' | 'schedule_v3_reference';
  id: string;
}

export interface EscalationPolicy {
  id: string;
  name: string;
  description: string | null;
  numLoops: number;
  handoff: 'if_has_services' | 'always';
  teamIds: string[];
  rules: { id: string; delayMinutes: number; targets: Target[] }[];
}

/** What the playable PagerDuty keeps of this domain. */
export interface Policies {
  escalationPolicies: EscalationPolicy[];
}

/** What a policy is shown with: what it names, and the services that use it. */
type Shown = Names<'users' | 'teams' | 'schedules' | 'shiftSchedules'> & {
  services: readonly { id: string; name: string; escalationPolicyId: string }[];
};

type Seen = Counter & Policies & Shown & { incidents: readonly { escalationPolicyId: string; status: string }[] };

export const emptyPolicies = (): Policies => ({ escalationPolicies: [] });

/** What Northwind Parcel has of it. */
export function seedPolicies(): Policies {
  const user = (who: { id: string }) => ({ type: 'user_reference' as const, id: who.id });
  const schedule = (who: { id: string }) => ({ type: 'schedule_reference' as const, id: who.id });
  const { priya, marco, sam, dana, kenji, aisha, tomas, ruth } = people;
  // Lena has not had her on-call training yet, so "everybody" is everybody else.
  const everybody = [priya, marco, sam, dana, kenji, aisha, tomas, ruth].map(user);
  const policy = (
    who: { id: string; name: string },
    team: { id: string },
    levels: EscalationPolicy['rules'][0]['targets'][],
  ) => ({
    ...who,
    description: null,
    numLoops: 2,
    handoff: 'if_has_services' as const,
    teamIds: [team.id],
    rules: [...levels, everybody].map((targets, index) => ({
      id: `${who.id.slice(0, 6)}${index + 1}`,
      delayMinutes: index === 0 ? 10 : 15,
      targets,
    })),
  });
  return {
    escalationPolicies: [
      policy(escalationPolicies.checkout, teams.commerce, [
        [schedule(schedules.checkoutPrimary), user(dana)],
        [schedule(schedules.checkoutSecondary)],
      ]),
      policy(escalationPolicies.tracking, teams.logistics, [
        [schedule(schedules.trackingPrimary)],
        [schedule(schedules.dataDayNight)],
      ]),
      policy(escalationPolicies.warehouse, teams.logistics, [
        [{ type: 'schedule_v3_reference', id: schedules.warehouseShifts.id }],
        [user(tomas)],
      ]),
    ],
  };
}

export function renderPolicy(state: Shown, policy: EscalationPolicy) {
  return {
    ...reference('escalation_policy', policy.id, policy.name),
    name: policy.name,
    description: policy.description,
    num_loops: policy.numLoops,
    on_call_handoff_notifications: policy.handoff,
    escalation_rules: policy.rules.map((rule) => ({
      id: rule.id,
      escalation_delay_in_minutes: rule.delayMinutes,
      targets: rule.targets.map((target) =>
        target.type === 'user_reference'
          ? userReference(state, target.id)
          : scheduleReference(state, target.type, target.id),
      ),
    })),
    services: state.services
      .filter(({ escalationPolicyId }) => escalationPolicyId === policy.id)
      .map(({ id }) => serviceReference(state, id)),
    teams: teamReferences(state, policy.teamIds),
  };
}

const listPolicies: Handle<Seen> = (state, { query }) => {
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

const getPolicy: Handle<Seen> = (state, { params }) => ({
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

function targetOf(state: Seen, { id, type }: z.infer<typeof rule>['targets'][0]): Target {
  if (type.startsWith('user')) {
    if (!state.users.some((user) => user.id === id)) throw invalid('User not found');
    return { type: 'user_reference', id };
  }
  if (state.shiftSchedules.some((schedule) => schedule.id === id)) return { type: 'schedule_v3_reference', id };
  if (!state.schedules.some((schedule) => schedule.id === id)) throw invalid('Schedule not found');
  return { type: 'schedule_reference', id };
}

/** Only what is named changes; the rules are replaced as a whole. */
function change(state: Seen, policy: EscalationPolicy, fields: PolicyFields): void {
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

const putPolicy: Handle<Seen> = (state, { params, body }) => {
  const policy = found(state.escalationPolicies, params.id);
  change(state, policy, parsedBody(withPolicy, body).escalation_policy);
  return { status: 200, body: { escalation_policy: renderPolicy(state, policy) } };
};

const postPolicy: Handle<Seen> = (state, { body }) => {
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

const deletePolicy: Handle<Seen> = (state, { params }) => {
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

export const escalationPolicyRoutes: Route<Seen>[] = [
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
