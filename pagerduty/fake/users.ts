import { z } from 'zod';
import { people } from './company.ts';
import { type Counter, newId } from './ids.ts';
import { API, reference, teamReferences } from './references.ts';
import { parsedBody } from './server/bodies.ts';
import { list, nameMatches, paged, passes } from './server/query.ts';
import { found, type Handle, invalid, Refusal, type Route } from './server/route.ts';

interface User {
  id: string;
  name: string;
  email: string;
  timeZone: string;
  role: string;
  jobTitle: string;
  color: string;
}

/** What the playable PagerDuty keeps of this domain. */
export interface Users {
  users: User[];
}

/** Teams as far as people are shown with them. */
export interface Memberships {
  teams: readonly { id: string; name: string; members: readonly { userId: string }[] }[];
}

type Seen = Users & Memberships;

/** What Northwind Parcel has of it. */
export function seedUsers(): Users {
  const person = (
    who: { id: string; name: string; email: string },
    timeZone: string,
    jobTitle: string,
    role: string,
  ) => ({
    ...who,
    timeZone,
    jobTitle,
    role,
    color: 'green',
  });
  return {
    users: [
      person(people.priya, 'Europe/Berlin', 'Senior Site Reliability Engineer', 'limited_user'),
      person(people.marco, 'Europe/Rome', 'Staff Engineer, Payments', 'user'),
      person(people.lena, 'Europe/Berlin', 'Backend Engineer', 'limited_user'),
      person(people.sam, 'Europe/London', 'Incident Lead', 'user'),
      person(people.dana, 'America/Chicago', 'Platform Engineer', 'user'),
      person(people.kenji, 'Asia/Tokyo', 'Tracking Engineer', 'limited_user'),
      person(people.aisha, 'Asia/Dubai', 'Warehouse Systems Engineer', 'limited_user'),
      person(people.tomas, 'Europe/Prague', 'Data Engineer', 'limited_user'),
      person(people.ruth, 'America/New_York', 'VP Engineering', 'owner'),
    ],
  };
}

/** No account is without its owner. */
export const emptyUsers = (): Users => ({ users: seedUsers().users.filter(({ role }) => role === 'owner') });

const teamsOf = ({ teams }: Memberships, userId: string) =>
  teams.filter(({ members }) => members.some((member) => member.userId === userId)).map(({ id }) => id);

export function renderUser(state: Memberships, user: User) {
  const contact = (kind: string, letter: string, summary: string) => {
    const id = `PC${user.id.slice(2, 6)}${letter}`;
    return {
      id,
      type: `${kind}_contact_method_reference`,
      summary,
      self: `${API}/users/${user.id}/contact_methods/${id}`,
      html_url: null,
    };
  };
  const rule = `PN${user.id.slice(2)}`;
  return {
    ...reference('user', user.id, user.name),
    name: user.name,
    email: user.email,
    time_zone: user.timeZone,
    color: user.color,
    avatar_url: `https://avatars.northwind.example/${user.id}.png`,
    billed: true,
    role: user.role,
    description: null,
    invitation_sent: false,
    job_title: user.jobTitle,
    created_via_sso: true,
    teams: teamReferences(state, teamsOf(state, user.id)),
    contact_methods: [contact('email', 'E', 'Default'), contact('push_notification', 'P', 'Phone')],
    notification_rules: [
      {
        id: rule,
        type: 'assignment_notification_rule_reference',
        summary: '0 minutes: channel Default',
        self: `${API}/users/${user.id}/notification_rules/${rule}`,
        html_url: null,
      },
    ],
  };
}

const listUsers: Handle<Seen> = (state, { query }) => {
  const matching = state.users.filter(
    ({ id, name, email }) =>
      (nameMatches(query, name) || nameMatches(query, email)) && passes(list(query, 'team_ids'), ...teamsOf(state, id)),
  );
  const { records, page } = paged({ query }, matching);
  return { status: 200, body: { users: records.map((user) => renderUser(state, user)), ...page } };
};

const getUser: Handle<Seen> = (state, { params }) => ({
  status: 200,
  body: { user: renderUser(state, found(state.users, params.id)) },
});

const getMe: Handle<Seen> = (state, { principal }) => {
  if (principal.userId === null) {
    // Unlike every other refusal, `error` is a text here.
    throw new Refusal(400, {
      error:
        "Because this request was made using an account-level access token, we were unable to determine the user's identity. Please use a user-level token.",
    });
  }
  return { status: 200, body: { user: renderUser(state, found(state.users, principal.userId)) } };
};

const ROLES = [
  'admin',
  'limited_user',
  'observer',
  'owner',
  'read_only_user',
  'restricted_access',
  'read_only_limited_user',
  'user',
] as const;

const withUser = z.object({
  user: z.object({
    type: z.string().optional(),
    name: z.string().max(100),
    email: z.string().max(100),
    role: z.enum(ROLES).optional(),
    time_zone: z.string().nullish(),
    color: z.string().optional(),
    job_title: z.string().max(100).nullish(),
  }),
});

const postUser: Handle<Seen & Counter> = (state, { body }) => {
  const fields = parsedBody(withUser, body).user;
  const email = fields.email.trim();
  const taken = state.users.some((user) => user.email.toLowerCase() === email.toLowerCase());
  const errors = [
    ...(fields.name.trim() === '' ? ["Name can't be blank"] : []),
    ...(/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email) ? [] : ['Email is invalid']),
    ...(taken ? ['Email has already been taken'] : []),
  ];
  if (errors.length > 0) throw invalid(...errors);
  const user: User = {
    id: newId(state, 'P'),
    name: fields.name.trim(),
    email,
    timeZone: fields.time_zone ?? 'Etc/UTC',
    role: fields.role ?? 'user',
    jobTitle: fields.job_title ?? '',
    color: fields.color ?? 'purple',
  };
  state.users.push(user);
  return { status: 201, body: { user: renderUser(state, user) } };
};

export const userRoutes: Route<Seen & Counter>[] = [
  { method: 'GET', path: '/users', scope: 'users.read', handle: listUsers },
  { method: 'GET', path: '/users/me', scope: null, handle: getMe },
  { method: 'GET', path: '/users/{id}', scope: 'users.read', handle: getUser },
  {
    method: 'POST',
    path: '/users',
    scope: 'users.write',
    from: 'required',
    audit: { root: 'users', action: 'create' },
    handle: postUser,
  },
];
