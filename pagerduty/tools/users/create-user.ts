import { z } from 'zod';
import type { ReadClient } from '../../read-client.ts';
import { user } from '../../schemas.ts';
import { defineWriteTool, type Evidence, type Watched } from '../../write-tool.ts';
import { absence, presence, readCreations, TRAIL_SCOPE, type Trail } from '../evidence/trail.ts';
import { no, nothingElse, yes } from '../evidence/watching.ts';
import { collect } from '../facts/pages.ts';
import { jsonText, optional, text, toolInput } from '../input/parameters.ts';
import { type Risk, strictest, textRisks } from '../words/risks.ts';
import { counted, oneLine, sameName, whole } from '../words/wording.ts';

/** What each role is called on PagerDuty's pages and what it allows. */
const ROLES = {
  owner: { name: 'Account owner', may: 'may do everything, billing included' },
  admin: { name: 'Global admin', may: 'may change everything, users and permissions included' },
  user: { name: 'Manager', may: 'may change services, schedules, escalation policies and teams' },
  limited_user: { name: 'Responder', may: 'may act on incidents, and change nothing else by default' },
  observer: { name: 'Observer', may: 'sees everything and may act on incidents only where teams allow it' },
  restricted_access: { name: 'Restricted access', may: 'sees and does only what teams or objects allow' },
  read_only_user: { name: 'Full stakeholder', may: 'reads incidents and what they are about' },
  read_only_limited_user: { name: 'Limited stakeholder', may: 'reads status updates only' },
} as const;
type Role = keyof typeof ROLES;

const roles = [
  'admin',
  'limited_user',
  'observer',
  'owner',
  'read_only_user',
  'restricted_access',
  'read_only_limited_user',
  'user',
] as const satisfies readonly Role[];

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== null;
  } catch {
    return false;
  }
}

/** Plain ASCII only: an address that looks like another one must not pass. */
const ADDRESS = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

const request = z.strictObject({
  name: text({ max: 100 }),
  email: z
    .string()
    .min(6)
    .max(100)
    .refine((value) => ADDRESS.test(value), 'Must be one plain mail address.')
    .meta({ format: 'email' })
    .describe('What they sign in with.'),
  role: z.enum(roles).describe('limited_user = responder, user = manager. No default.'),
  time_zone: optional(z.string().max(60).refine(isTimeZone, 'Must be an IANA time zone, like Europe/Berlin.')).describe(
    'IANA time zone; default: the account’s.',
  ),
});

const input = toolInput({ request: jsonText(request) });
type Input = z.infer<typeof input>;

const before = z.object({
  readAt: z.string(),
  /** Whether a user has the address already; who is not told. */
  taken: z.boolean(),
  /** How many users have an address of the same domain; at most 100 are counted. */
  sameDomain: z.number(),
});
type Before = z.infer<typeof before>;

interface After {
  /** Every user with the address now. */
  namesakes: { id: string; name: string; role: string | null }[];
  trail: Trail;
}

const account = user.extend({ email: z.string().nullish() });

const domainOf = (email: string) => email.slice(email.lastIndexOf('@')).toLowerCase();

/** The users that PagerDuty finds by a part of their address. */
async function readAccounts(pagerduty: ReadClient, part: string) {
  const source = { path: '/users', list: 'users', item: account };
  const { items } = await collect(pagerduty, source, { query: part }, { limit: 100 });
  return items;
}

async function readNamesakes(pagerduty: ReadClient, email: string) {
  const found = await readAccounts(pagerduty, email);
  return found.filter((one) => one.email?.toLowerCase() === email.toLowerCase());
}

// The sentence may reach the agent, so it does not repeat the address.
const watched = ({ taken }: Before): Watched[] => [
  { key: 'email', subject: 'The mail address', value: taken, words: taken ? 'taken by another user' : 'free' },
];

function risks({ request: { name, role } }: Input, { sameDomain }: Before): Risk[] {
  const found: Risk[] = [{ level: 'high', reason: 'Opens the account to one more person.' }, ...textRisks(name)];
  if (role === 'owner' || role === 'admin' || role === 'user') {
    found.push({ level: 'critical', reason: `The role ${ROLES[role].name} ${ROLES[role].may}.` });
  }
  if (sameDomain === 0) found.push({ level: 'critical', reason: 'No user has an address of this mail domain.' });
  return found;
}

function verify({ request: asked }: Input, { namesakes, trail }: After): Evidence {
  const [only, ...others] = namesakes;
  if (only === undefined) return absence(trail, 'There is no user with that address.');
  if (others.length > 0 || !sameName(asked.name, only.name) || only.role !== asked.role) {
    return {
      applied: null,
      because: 'There is a user with that address, but with another name or role. A human must look.',
    };
  }
  return presence(trail, 'There is a user with that address, name and role.', { user_id: only.id });
}

export const createUser = defineWriteTool<Input, Before, After>({
  name: 'create_user',
  title: 'Create a user',
  description: 'Create a user who can sign in to the PagerDuty account.',
  version: 1,
  toolset: 'users',
  source: { operationId: 'createUser', method: 'POST', path: '/users', scope: 'users.write' },
  reads: ['users.read', TRAIL_SCOPE],
  annotations: { destructiveHint: true, idempotentHint: false },
  needsFrom: true,
  input,
  before,
  example: {
    request: {
      name: 'Noor Haddad',
      email: 'noor.haddad@northwind.example',
      role: 'limited_user',
      time_zone: 'Asia/Dubai',
    },
  },

  async read(pagerduty, { request: { email } }) {
    const domain = domainOf(email);
    const [namesakes, neighbours] = await Promise.all([
      readNamesakes(pagerduty, email),
      readAccounts(pagerduty, domain),
    ]);
    return {
      readAt: new Date().toISOString(),
      taken: namesakes.length > 0,
      sameDomain: neighbours.filter((one) => one.email && domainOf(one.email) === domain).length,
    };
  },
  watched: (_asked, facts) => watched(facts),
  admit: (_asked, { taken }) => (taken ? no('There is a user with that mail address already.') : yes),
  risk: (asked, facts) => strictest(risks(asked, facts)),
  touches: () => ({ subjects: ['account:users'], escalationPolicyIds: [] }),
  supersedes: () => null,
  summarize({ request: { name, email, role, time_zone: timeZone } }, { sameDomain }) {
    const domain = oneLine(domainOf(email).slice(1));
    return {
      title: `Create the user ${oneLine(name)} as ${ROLES[role].name}`,
      target: oneLine(name),
      services: [],
      lines: [
        { label: 'Name', now: null, after: whole(name) },
        { label: 'Mail address', now: null, after: whole(email) },
        { label: 'Role', now: null, after: `${ROLES[role].name} (${role})` },
        ...(timeZone === undefined ? [] : [{ label: 'Time zone', now: null, after: timeZone }]),
      ],
      effect: {
        known: true,
        lines: [
          `They can sign in; the role ${ROLES[role].may}.`,
          sameDomain === 0
            ? `Nobody in the account has an address of ${domain} so far.`
            : `Addresses of ${domain} in the account so far: ${sameDomain >= 100 ? 'at least ' : ''}${counted(sameDomain, 'user')}.`,
          'Nobody starts or stops being paged. It may take a paid licence, and PagerDuty may mail an invitation.',
        ],
      },
    };
  },
  call: ({ request: { name, email, role, time_zone: timeZone } }) => ({
    method: 'POST',
    path: '/users',
    body: {
      user: { type: 'user', name, email, role, ...(timeZone === undefined ? {} : { time_zone: timeZone }) },
    },
  }),
  alsoHolds: nothingElse,
  interpret({ request: { email } }, body) {
    const { id, email: made } = z.object({ user: account }).parse(body).user;
    if (made?.toLowerCase() !== email.toLowerCase()) throw new TypeError('The answer shows another user.');
    return { applied: true, result: { user_id: id }, secrets: [] };
  },
  async readBack(pagerduty, { request: { email } }, attempt) {
    const [namesakes, trail] = await Promise.all([
      readNamesakes(pagerduty, email),
      readCreations(pagerduty, 'users', attempt),
    ]);
    return {
      namesakes: namesakes.map(({ id, name, role }) => ({ id, name: name ?? '', role: role ?? null })),
      trail,
    };
  },
  verify,
  undo: () => ({
    possible: false,
    because: 'There is no tool that deletes users; an administrator can remove them in PagerDuty.',
  }),
});
