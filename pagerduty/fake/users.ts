import { z } from 'zod';
import { renderUser } from './references.ts';
import { parsedBody } from './server/bodies.ts';
import { type Handle, invalid, type Route } from './server/route.ts';
import { newId, type User } from './state.ts';

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

const postUser: Handle = (state, { body }) => {
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

export const userChangeRoutes: Route[] = [
  {
    method: 'POST',
    path: '/users',
    scope: 'users.write',
    from: 'required',
    audit: { root: 'users', action: 'create' },
    handle: postUser,
  },
];
