import { z } from 'zod';
import { PagerDutyError } from './errors.ts';
import { ACCEPT, authorization } from './read-client.ts';
import { compareScopes, scopesNeeded } from './scopes.ts';
import { type Token, textOf } from './token.ts';

export interface Credential {
  baseUrl: string;
  token: Token;
  /** OAuth scopes it needs; looked at only where PagerDuty tells which were granted. */
  scopes: readonly string[];
}

/**
 * What a credential turned out to be. `unreachable` says nothing about it: PagerDuty may be down, which must not keep
 * Countersign from starting. `because` is a sentence for the operator.
 */
export type CredentialReport =
  | { kind: 'fits' }
  | { kind: 'refused'; because: string }
  | { kind: 'over_privileged'; because: string }
  | { kind: 'under_privileged'; because: string }
  | { kind: 'unreachable'; because: string };

const me = z.object({ user: z.object({ role: z.string().nullish() }) });

/** Base roles that cannot change anything. @see support.pagerduty.com, User roles */
const READING_ROLES = new Set(['observer', 'read_only_user', 'read_only_limited_user', 'restricted_access']);
const nameOf = (side: 'READ' | 'WRITE', { token }: Credential) =>
  `PAGERDUTY_${side}_${typeof token === 'string' ? 'TOKEN' : 'CLIENT_ID'}`;

const ADMIN_ROLES = new Set(['owner', 'admin']);

interface Answer {
  status: number;
  text: string;
}

async function probe({ baseUrl, token }: Credential, method: 'GET' | 'POST', path: string): Promise<Answer> {
  const bearer = await textOf(token);
  const response = await fetch(baseUrl.replace(/\/$/, '') + path, {
    method,
    headers: { accept: ACCEPT, authorization: authorization(bearer), 'content-type': 'application/json' },
    ...(method === 'POST' ? { body: '{"filters":{}}' } : {}),
    redirect: 'error',
    signal: AbortSignal.timeout(5000),
  });
  return { status: response.status, text: await response.text() };
}

/** The role of a user's own token; null for account-level keys, which belong to nobody. */
function roleIn(answer: Answer): string | null {
  if (answer.status !== 200) return null;
  try {
    return me.parse(JSON.parse(answer.text)).user.role ?? null;
  } catch {
    return null;
  }
}

/**
 * Whether an account key may do more than GET. The incident metrics are the one POST that changes nothing.
 * @see developer.pagerduty.com, "Get aggregated incident data"
 */
async function canPost(credential: Credential): Promise<boolean> {
  const { status } = await probe(credential, 'POST', '/analytics/metrics/incidents/all');
  return status < 400;
}

/** An OAuth client is told what it may have, so nothing has to be tried. */
function judgeScopes(name: string, needed: readonly string[], granted: readonly string[]): CredentialReport {
  const { lacking, excess } = compareScopes(needed, granted);
  if (lacking.length > 0) {
    const because = `${name} lacks the OAuth scopes ${lacking.join(', ')}: the tools that need them will fail. See "npm run pagerduty:scopes".`;
    return { kind: 'under_privileged', because };
  }
  if (excess.length === 0) return { kind: 'fits' };
  const because = `${name} has the OAuth scopes ${excess.join(', ')}, which the chosen toolsets do not need: whoever takes this process over has them.`;
  return { kind: 'over_privileged', because };
}

async function inspect(
  name: string,
  credential: Credential,
  judge: (role: string | null) => Promise<CredentialReport>,
) {
  try {
    const { token, scopes } = credential;
    if (typeof token !== 'string') {
      // A process that was taken over can ask for more than we do: what counts is what the app may have.
      return judgeScopes(name, scopes, await token.grantable([...scopes, ...scopesNeeded(null).write]));
    }
    const answer = await probe(credential, 'GET', '/users/me');
    if (answer.status === 401) {
      const because = `PagerDuty refuses ${name}: it is wrong or revoked, or PAGERDUTY_API_URL is the other service region.`;
      return { kind: 'refused', because } as const;
    }
    return await judge(roleIn(answer));
  } catch (error) {
    if (error instanceof PagerDutyError && error.kind === 'unauthorized') {
      return { kind: 'refused', because: `${name}: ${error.message} Check id, secret and PAGERDUTY_ACCOUNT.` } as const;
    }
    const because = `PagerDuty could not be reached to check ${name}; it is used unchecked.`;
    return { kind: 'unreachable', because } as const;
  }
}

/** Checks that the read credential works and can do no more than read. Sends nothing that changes anything. */
export function inspectReadCredential(credential: Credential): Promise<CredentialReport> {
  return inspect(nameOf('READ', credential), credential, async (role) => {
    const writes = role === null ? await canPost(credential) : !READING_ROLES.has(role);
    if (!writes) return { kind: 'fits' };
    const what = role === null ? 'is a key with full access' : `belongs to a user with the role "${role}"`;
    const because = `PAGERDUTY_READ_TOKEN can write: it ${what}. Use a read-only API key, so that a hijacked process cannot change anything.`;
    return { kind: 'over_privileged', because };
  });
}

/** Checks that the write credential works, can write, and is not an administrator's. */
export function inspectWriteCredential(credential: Credential): Promise<CredentialReport> {
  return inspect(nameOf('WRITE', credential), credential, async (role) => {
    if (role !== null && ADMIN_ROLES.has(role)) {
      const because = `PAGERDUTY_WRITE_TOKEN belongs to a user with the role "${role}". A user who may only change incidents, schedules and policies is enough.`;
      return { kind: 'over_privileged', because };
    }
    const writes = role === null ? await canPost(credential) : !READING_ROLES.has(role);
    if (writes) return { kind: 'fits' };
    const because = 'PAGERDUTY_WRITE_TOKEN can only read: approved requests would fail. Use a key that may write.';
    return { kind: 'under_privileged', because };
  });
}
