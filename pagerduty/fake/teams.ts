import { z } from 'zod';
import { renderTeam } from './references.ts';
import { parsedBody } from './server/bodies.ts';
import { found, type Handle, invalid, type Route, refusal } from './server/route.ts';
import { newId, type State, type Team } from './state.ts';

const teamFields = z.object({
  type: z.string().optional(),
  name: z.string().max(100).optional(),
  description: z.string().max(1024).nullish(),
  default_role: z.enum(['manager', 'none']).optional(),
});

const withTeam = z.object({ team: teamFields });
const withNewTeam = z.object({ team: teamFields.required({ name: true }) });

/** Only what is named changes. */
function change(state: State, team: Team, fields: z.infer<typeof teamFields>): void {
  if (fields.name !== undefined) {
    if (fields.name.trim() === '') throw invalid("Name can't be blank");
    if (state.teams.some(({ id, name }) => id !== team.id && name === fields.name)) {
      throw invalid('Name has already been taken');
    }
    team.name = fields.name;
  }
  if (fields.description !== undefined) team.description = fields.description;
  if (fields.default_role !== undefined) team.defaultRole = fields.default_role;
}

const postTeam: Handle = (state, { body }) => {
  const fields = parsedBody(withNewTeam, body).team;
  const team: Team = { id: newId(state, 'P'), name: '', description: null, defaultRole: 'manager', members: [] };
  change(state, team, fields);
  state.teams.push(team);
  return { status: 201, body: { team: renderTeam(team) } };
};

const putTeam: Handle = (state, { params, body }) => {
  const team = found(state.teams, params.id);
  change(state, team, parsedBody(withTeam, body).team);
  return { status: 200, body: { team: renderTeam(team) } };
};

const deleteTeam: Handle = (state, { params }) => {
  const team = found(state.teams, params.id);
  const owned = [state.services, state.escalationPolicies, state.schedules, state.shiftSchedules].flat();
  if (owned.some(({ teamIds }) => teamIds.includes(team.id))) {
    throw refusal(400, 6006, 'Team has existing associations', [
      'Cannot delete team with existing associations; associations could be Escalation Policies, Services, Schedules or Subteams',
    ]);
  }
  state.teams = state.teams.filter(({ id }) => id !== team.id);
  return { status: 204 };
};

// Without a role PagerDuty makes somebody a manager.
const withRole = z.object({ role: z.enum(['observer', 'responder', 'manager']).default('manager') });

const putMember: Handle = (state, { params, body }) => {
  const team = found(state.teams, params.id);
  const user = found(state.users, params.user_id);
  const { role } = parsedBody(withRole, body ?? {});
  if (user.role === 'read_only_user') throw invalid('User cannot be added to a team with this role');
  const member = team.members.find(({ userId }) => userId === user.id);
  if (member === undefined) team.members.push({ userId: user.id, role });
  else member.role = role;
  return { status: 204 };
};

const deleteMember: Handle = (state, { params }) => {
  const team = found(state.teams, params.id);
  const member = found(
    team.members.map(({ userId }) => ({ id: userId })),
    params.user_id,
  );
  const policies = state.escalationPolicies.filter(({ teamIds }) => teamIds.includes(team.id));
  const targets = policies.flatMap(({ rules }) => rules.flatMap((rule) => rule.targets.map(({ id }) => id)));
  if (targets.includes(member.id)) {
    throw invalid('User cannot be removed as they belong to an escalation policy on this team');
  }
  team.members = team.members.filter(({ userId }) => userId !== member.id);
  return { status: 204 };
};

const scope = 'teams.write';
const member = '/teams/{id}/users/{user_id}';

export const teamChangeRoutes: Route[] = [
  { method: 'POST', path: '/teams', scope, audit: { root: 'teams', action: 'create' }, handle: postTeam },
  { method: 'PUT', path: '/teams/{id}', scope, audit: { root: 'teams', action: 'update' }, handle: putTeam },
  { method: 'DELETE', path: '/teams/{id}', scope, audit: { root: 'teams', action: 'delete' }, handle: deleteTeam },
  { method: 'PUT', path: member, scope, audit: { root: 'teams', action: 'update' }, handle: putMember },
  { method: 'DELETE', path: member, scope, audit: { root: 'teams', action: 'update' }, handle: deleteMember },
];
