import { randomBytes } from 'node:crypto';
import { oauthClients, people, tokens } from '../company.ts';
import { instant } from '../ids.ts';
import type { Principal } from './route.ts';

/** A REST key; `user` keys act as somebody, `account` keys as nobody. */
interface Key {
  token: string;
  kind: 'account' | 'user';
  access: 'read' | 'full';
  userId: string | null;
}

interface OAuthClient {
  clientId: string;
  clientSecret: string;
  scopes: string[];
}

interface OAuthToken {
  token: string;
  clientId: string;
  scopes: string[];
  expiresAt: string;
}

/** What the playable PagerDuty keeps of this domain. */
export interface Credentials {
  keys: Key[];
  oauthClients: OAuthClient[];
  oauthTokens: OAuthToken[];
}

const READ_SCOPES = [
  'abilities.read',
  'audit_records.read',
  'change_events.read',
  'escalation_policies.read',
  'event_orchestrations.read',
  'extension_schemas.read',
  'incident_workflows.read',
  'incidents.read',
  'oncalls.read',
  'priorities.read',
  'schedules.read',
  'services.read',
  'status_pages.read',
  'teams.read',
  'users.read',
  'webhook_subscriptions.read',
];

const WRITE_SCOPES = [
  'analytics.write',
  'escalation_policies.write',
  'event_orchestrations.write',
  'incident_workflows:instances.write',
  'incidents.write',
  'schedules.write',
  'services.write',
  'status_pages.write',
  'teams.write',
  'users.write',
  'webhook_subscriptions.write',
];

/** Every account has them. */
export const seedCredentials = (): Credentials => ({
  keys: [
    { token: tokens.accountRead, kind: 'account', access: 'read', userId: null },
    { token: tokens.accountFull, kind: 'account', access: 'full', userId: null },
    { token: tokens.userMarco, kind: 'user', access: 'full', userId: people.marco.id },
    { token: tokens.userPriyaRead, kind: 'user', access: 'read', userId: people.priya.id },
  ],
  oauthClients: [
    { ...oauthClients.reader, scopes: READ_SCOPES },
    { ...oauthClients.writer, scopes: [...READ_SCOPES, ...WRITE_SCOPES] },
  ],
  oauthTokens: [],
});

const DAY_SECONDS = 86_400;

/** Who an `Authorization` header stands for; null when PagerDuty would answer 401. */
export function principalOf(state: Credentials, header: string | undefined, now: Date): Principal | null {
  const [, scheme, token] = /^(Token token=|Bearer )"?([^"]+)"?$/.exec(header ?? '') ?? [];
  if (scheme === 'Token token=') {
    const key = state.keys.find((candidate) => candidate.token === token);
    return key === undefined
      ? null
      : { kind: key.kind, userId: key.userId, mayWrite: key.access === 'full', scopes: null };
  }
  const granted = state.oauthTokens.find((candidate) => candidate.token === token);
  if (scheme !== 'Bearer ' || granted === undefined || Date.parse(granted.expiresAt) <= now.getTime()) return null;
  return { kind: 'oauth', userId: null, mayWrite: true, scopes: granted.scopes };
}

/**
 * Client credentials of a scoped app. Scopes it may not have are left out without a word, as PagerDuty does.
 * Adds the token to `state`.
 */
export function grantToken(state: Credentials, form: URLSearchParams, now: Date): { status: number; body: unknown } {
  if (form.get('grant_type') !== 'client_credentials')
    return { status: 400, body: { error: 'unsupported_grant_type' } };
  const client = state.oauthClients.find(({ clientId }) => clientId === form.get('client_id'));
  if (client === undefined || client.clientSecret !== form.get('client_secret')) {
    return { status: 401, body: { error: 'invalid_client' } };
  }
  const wanted = (form.get('scope') ?? '').split(' ').filter((scope) => scope !== '');
  const scopes = wanted.filter((scope) => scope.startsWith('as_account-') || client.scopes.includes(scope));
  const token = `pdus+_${randomBytes(18).toString('base64url')}`;
  const expiresAt = instant(new Date(now.getTime() + DAY_SECONDS * 1000));
  state.oauthTokens.push({ token, clientId: client.clientId, scopes, expiresAt });
  return {
    status: 200,
    body: {
      access_token: token,
      token_type: 'bearer',
      scope: scopes.length > 0 ? scopes.join(' ') : 'openid',
      expires_in: DAY_SECONDS,
    },
  };
}
