import { reference, renderService, renderTeam, renderUser, userReference } from './references.ts';
import { list, nameMatches, paged, passes } from './server/query.ts';
import { found, type Handle, Refusal, type Route } from './server/route.ts';

const listUsers: Handle = (state, { query }) => {
  const teamsOf = (userId: string) =>
    state.teams.filter(({ members }) => members.some((member) => member.userId === userId)).map(({ id }) => id);
  const matching = state.users.filter(
    ({ id, name, email }) =>
      (nameMatches(query, name) || nameMatches(query, email)) && passes(list(query, 'team_ids'), ...teamsOf(id)),
  );
  const { records, page } = paged({ query }, matching);
  return { status: 200, body: { users: records.map((user) => renderUser(state, user)), ...page } };
};

const getUser: Handle = (state, { params }) => ({
  status: 200,
  body: { user: renderUser(state, found(state.users, params.id)) },
});

const getMe: Handle = (state, { principal }) => {
  if (principal.userId === null) {
    // Unlike every other refusal, `error` is a text here.
    throw new Refusal(400, {
      error:
        "Because this request was made using an account-level access token, we were unable to determine the user's identity. Please use a user-level token.",
    });
  }
  return { status: 200, body: { user: renderUser(state, found(state.users, principal.userId)) } };
};

const listTeams: Handle = (state, { query }) => {
  const matching = state.teams.filter(({ name }) => nameMatches(query, name));
  const { records, page } = paged({ query }, matching);
  return { status: 200, body: { teams: records.map(renderTeam), ...page } };
};

const getTeam: Handle = (state, { params }) => ({
  status: 200,
  body: { team: renderTeam(found(state.teams, params.id)) },
});

const listTeamMembers: Handle = (state, { params, query }) => {
  const { records, page } = paged({ query }, found(state.teams, params.id).members);
  const members = records.map(({ userId, role }) => ({ user: userReference(state, userId), role }));
  return { status: 200, body: { members, ...page } };
};

const listServices: Handle = (state, { query }) => {
  const exact = query.get('name');
  const matching = state.services.filter(
    ({ name, teamIds }) =>
      nameMatches(query, name) && (exact === null || exact === name) && passes(list(query, 'team_ids'), ...teamIds),
  );
  const byName = [...matching].sort((a, b) => a.name.localeCompare(b.name));
  const ordered = query.get('sort_by') === 'name:desc' ? byName.reverse() : byName;
  const { records, page } = paged({ query }, ordered);
  return { status: 200, body: { services: records.map((service) => renderService(state, service)), ...page } };
};

const getService: Handle = (state, { params }) => ({
  status: 200,
  body: { service: renderService(state, found(state.services, params.id)) },
});

const listPriorities: Handle = (state, { query }) => {
  const { records, page } = paged({ query }, state.priorities);
  const priorities = records.map(({ id, name, description, color }) => ({
    ...reference('priority', id, name),
    name,
    description,
    color,
  }));
  return { status: 200, body: { priorities, ...page } };
};

const listAbilities: Handle = (state) => ({ status: 200, body: { abilities: state.abilities } });

export const directoryRoutes: Route[] = [
  { method: 'GET', path: '/users', scope: 'users.read', handle: listUsers },
  { method: 'GET', path: '/users/me', scope: null, handle: getMe },
  { method: 'GET', path: '/users/{id}', scope: 'users.read', handle: getUser },
  { method: 'GET', path: '/teams', scope: 'teams.read', handle: listTeams },
  { method: 'GET', path: '/teams/{id}', scope: 'teams.read', handle: getTeam },
  { method: 'GET', path: '/teams/{id}/members', scope: 'teams.read', handle: listTeamMembers },
  { method: 'GET', path: '/services', scope: 'services.read', handle: listServices },
  { method: 'GET', path: '/services/{id}', scope: 'services.read', handle: getService },
  { method: 'GET', path: '/priorities', scope: 'priorities.read', handle: listPriorities },
  { method: 'GET', path: '/abilities', scope: 'abilities.read', handle: listAbilities },
];
