import { z } from 'zod';
import { people, teams } from './company.ts';
import type { Policies } from './escalation-policies.ts';
import { type Counter, newId } from './ids.ts';
import { reference, userReference } from './references.ts';
import type { Schedules } from './schedules/state.ts';
import { parsedBody } from './server/bodies.ts';
import { nameMatches, paged } from './server/query.ts';
import { found, type Handle, invalid, type Route, refusal } from './server/route.ts';
import type { Services } from './services.ts';
import type { ShiftSchedules } from './shift-schedules/state.ts';
import type { Users } from './users.ts';

interface Team {
  id: string;
  name: string;
  description: string | null;
  defaultRole: 'manager' | 'none';
  members: { userId: string; role: 'manager' | 'responder' | 'observer' }[];
}

/** What the playable PagerDuty keeps of this domain. */
export interface Teams {
  teams: Team[];
}

type Seen = Counter & Teams & Users & Services & Policies & Schedules & ShiftSchedules;

export const emptyTeams = (): Teams => ({ teams: [] });

/** What Northwind Parcel has of it. */
export function seedTeams(): Teams {
  const members = (manager: { id: string }, ...responders: { id: string }[]): Team['members'] => [
    { userId: manager.id, role: 'manager' },
    ...responders.map(({ id }) => ({ userId: id, role: 'responder' as const })),
  ];
  return {
    teams: [
      {
        ...teams.commerce,
        description: 'Everything between the basket and the bank.',
        defaultRole: 'manager',
        members: members(people.marco, people.priya, people.dana, people.lena),
      },
      {
        ...teams.logistics,
        description: 'Parcels, conveyors and where they are.',
        defaultRole: 'manager',
        members: members(people.sam, people.kenji, people.aisha),
      },
      {
        ...teams.data,
        description: 'Pipelines and customer mail.',
        defaultRole: 'manager',
        members: members(people.tomas, people.kenji),
      },
      {
        ...teams.returns,
        description: 'Ended in spring; its services went to Logistics.',
        defaultRole: 'none',
        members: [
          { userId: people.ruth.id, role: 'manager' },
          { userId: people.tomas.id, role: 'observer' },
        ],
      },
    ],
  };
}

function renderTeam(team: Team) {
  return {
    ...reference('team', team.id, team.name),
    name: team.name,
    description: team.description,
    default_role: team.defaultRole,
    parent: null,
  };
}

const listTeams: Handle<Seen> = (state, { query }) => {
  const matching = state.teams.filter(({ name }) => nameMatches(query, name));
  const { records, page } = paged({ query }, matching);
  return { status: 200, body: { teams: records.map(renderTeam), ...page } };
};

const getTeam: Handle<Seen> = (state, { params }) => ({
  status: 200,
  body: { team: renderTeam(found(state.teams, params.id)) },
});

const listTeamMembers: Handle<Seen> = (state, { params, query }) => {
  const { records, page } = paged({ query }, found(state.teams, params.id).members);
  const members = records.map(({ userId, role }) => ({ user: userReference(state, userId), role }));
  return { status: 200, body: { members, ...page } };
};

const teamFields = z.object({
  type: z.string().optional(),
  name: z.string().max(100).optional(),
  description: z.string().max(1024).nullish(),
  default_role: z.enum(['manager', 'none']).optional(),
});

const withTeam = z.object({ team: teamFields });
const withNewTeam = z.object({ team: teamFields.required({ name: true }) });

/** Only what is named changes. */
function change(state: Teams, team: Team, fields: z.infer<typeof teamFields>): void {
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

const postTeam: Handle<Seen> = (state, { body }) => {
  const fields = parsedBody(withNewTeam, body).team;
  const team: Team = { id: newId(state, 'P'), name: '', description: null, defaultRole: 'manager', members: [] };
  change(state, team, fields);
  state.teams.push(team);
  return { status: 201, body: { team: renderTeam(team) } };
};

const putTeam: Handle<Seen> = (state, { params, body }) => {
  const team = found(state.teams, params.id);
  change(state, team, parsedBody(withTeam, body).team);
  return { status: 200, body: { team: renderTeam(team) } };
};

const deleteTeam: Handle<Seen> = (state, { params }) => {
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

const putMember: Handle<Seen> = (state, { params, body }) => {
  const team = found(state.teams, params.id);
  const user = found(state.users, params.user_id);
  const { role } = parsedBody(withRole, body ?? {});
  if (user.role === 'read_only_user') throw invalid('User cannot be added to a team with this role');
  const member = team.members.find(({ userId }) => userId === user.id);
  if (member === undefined) team.members.push({ userId: user.id, role });
  else member.role = role;
  return { status: 204 };
};

const deleteMember: Handle<Seen> = (state, { params }) => {
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

const reading = 'teams.read';
const scope = 'teams.write';
const member = '/teams/{id}/users/{user_id}';

export const teamRoutes: Route<Seen>[] = [
  { method: 'GET', path: '/teams', scope: reading, handle: listTeams },
  { method: 'GET', path: '/teams/{id}', scope: reading, handle: getTeam },
  { method: 'GET', path: '/teams/{id}/members', scope: reading, handle: listTeamMembers },
  { method: 'POST', path: '/teams', scope, audit: { root: 'teams', action: 'create' }, handle: postTeam },
  { method: 'PUT', path: '/teams/{id}', scope, audit: { root: 'teams', action: 'update' }, handle: putTeam },
  { method: 'DELETE', path: '/teams/{id}', scope, audit: { root: 'teams', action: 'delete' }, handle: deleteTeam },
  { method: 'PUT', path: member, scope, audit: { root: 'teams', action: 'update' }, handle: putMember },
  { method: 'DELETE', path: member, scope, audit: { root: 'teams', action: 'update' }, handle: deleteMember },
];
