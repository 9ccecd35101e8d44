import { z } from 'zod';
import { PagerDutyError } from './errors.ts';

/** A scoped OAuth app that requests tokens in its own name. @see developer.pagerduty.com, "Scoped OAuth" */
export interface OAuthClient {
  clientId: string;
  clientSecret: string;
  /** Service region and subdomain, e.g. `us.acme`. */
  account: string;
  /** Scopes to request. PagerDuty leaves out without a word what the app may not have. */
  scopes: readonly string[];
  /** Default `https://identity.pagerduty.com/oauth/token`. */
  tokenUrl?: string;
}

export interface Granted {
  token: string;
  /** What the token may do, in PagerDuty's words. */
  scopes: string[];
}

/** Tokens that end after a day and are requested again in time. */
export interface TokenSource {
  /** @throws PagerDutyError `unauthorized` for a wrong client, `unavailable`. */
  get(): Promise<Granted>;
  /** Which of these scopes the app could get, beyond what is requested here. The token of this question is not kept. */
  grantable(scopes: readonly string[]): Promise<string[]>;
  /** Forgets a token that PagerDuty no longer takes. */
  forget(token: string): void;
}

/** A REST key or a ready-made OAuth token, or where to get one. */
export type Token = string | TokenSource;

/** So long before its end a token is no longer used: a call that begins now must not outlive it. */
const MARGIN_MS = 5 * 60_000;

const answer = z.object({ access_token: z.string(), scope: z.string(), expires_in: z.number() });

async function requestToken(client: OAuthClient): Promise<Granted & { expiresInMs: number }> {
  const { clientId, clientSecret, account, scopes, tokenUrl = 'https://identity.pagerduty.com/oauth/token' } = client;
  let response: Response;
  try {
    response = await fetch(tokenUrl, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        scope: [`as_account-${account}`, ...scopes].join(' '),
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(10_000),
    });
  } catch (cause) {
    throw new PagerDutyError('unavailable', 'PagerDuty’s token service did not answer.', { cause });
  }
  if (response.status === 400 || response.status === 401) {
    throw new PagerDutyError('unauthorized', 'PagerDuty’s token service refuses this OAuth client.', {
      status: response.status,
    });
  }
  const parsed = answer.safeParse(await response.json().catch(() => null));
  if (!response.ok || !parsed.success) {
    throw new PagerDutyError('unavailable', `PagerDuty’s token service answered ${response.status} without a token.`);
  }
  const granted = parsed.data.scope
    .split(' ')
    .filter((scope) => !scope.startsWith('as_account-') && scope !== 'openid');
  return { token: parsed.data.access_token, scopes: granted, expiresInMs: parsed.data.expires_in * 1000 };
}

/** Tokens of an OAuth client; one is requested when the first is needed and whenever the last is about to end. */
export function oauthTokens(client: OAuthClient): TokenSource {
  let current: { granted: Promise<Granted>; token: string | null; endsAtMs: number } | null = null;
  return {
    get() {
      if (current !== null && performance.now() < current.endsAtMs) return current.granted;
      const requested = requestToken(client);
      const granted = requested.then(({ token, scopes }) => ({ token, scopes }));
      const mine: NonNullable<typeof current> = { granted, token: null, endsAtMs: Number.POSITIVE_INFINITY };
      current = mine;
      requested.then(
        ({ token, expiresInMs }) => {
          mine.token = token;
          mine.endsAtMs = performance.now() + expiresInMs - MARGIN_MS;
        },
        () => {
          if (current === mine) current = null;
        },
      );
      return granted;
    },
    grantable: async (scopes) => (await requestToken({ ...client, scopes })).scopes,
    forget(token) {
      if (current?.token === token) current = null;
    },
  };
}

/** The text that goes into the header. @throws PagerDutyError as `TokenSource.get`. */
export async function textOf(token: Token): Promise<string> {
  return typeof token === 'string' ? token : (await token.get()).token;
}
