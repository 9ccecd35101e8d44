import { createSecretKey, type KeyObject } from 'node:crypto';
import { type CredentialReport, inspectReadCredential, inspectWriteCredential } from '#pagerduty/credentials.ts';
import { scopesNeeded } from '#pagerduty/scopes.ts';
import { oauthTokens, type Token } from '#pagerduty/token.ts';
import type { Toolset } from '#pagerduty/toolsets.ts';
import { parseToolsets } from '#pagerduty/toolsets.ts';
import { SettingError } from './errors.ts';
import type { Log } from './log.ts';

type Environment = Record<string, string | undefined>;

/** @throws SettingError when a setting is missing; `what` says what it is for. */
export function required(env: Environment, name: string, what: string): string {
  const value = env[name]?.trim();
  if (!value) throw new SettingError(`${name} is not set. It is ${what}.`);
  return value;
}

/** @throws SettingError unless the value is an http(s) URL. */
export function url(env: Environment, name: string, fallback: string): string {
  const value = env[name]?.trim() || fallback;
  if (!URL.canParse(value) || !/^https?:$/.test(new URL(value).protocol)) {
    throw new SettingError(`${name} must be a URL such as ${fallback}; it is ${JSON.stringify(value)}.`);
  }
  return value.replace(/\/$/, '');
}

/** @throws SettingError unless the value is a port. */
export function port(env: Environment, name: string, fallback: number): number {
  const value = Number(env[name]?.trim() || fallback);
  if (!Number.isInteger(value) || value < 1 || value > 65_535) {
    throw new SettingError(`${name} must be a port from 1 to 65535; it is ${JSON.stringify(env[name])}.`);
  }
  return value;
}

export interface ReadSettings {
  databaseUrl: string;
  pagerdutyUrl: string;
  readToken: Token;
  toolsets: readonly Toolset[] | null;
}

/**
 * A key as it is, or the OAuth client that gets tokens with just these scopes; null when neither is set.
 * @throws SettingError when only a part of it is set, or both.
 */
export function pagerDutyToken(env: Environment, side: 'READ' | 'WRITE', scopes: readonly string[]): Token | null {
  const [key, client] = [`PAGERDUTY_${side}_TOKEN`, `PAGERDUTY_${side}_CLIENT`] as const;
  const clientId = env[`${client}_ID`]?.trim();
  if (!clientId) return env[key]?.trim() || null;
  if (env[key]) throw new SettingError(`${key} and ${client}_ID are both set: set one of them.`);
  return oauthTokens({
    clientId,
    clientSecret: required(env, `${client}_SECRET`, 'the secret of that OAuth client'),
    account: required(env, 'PAGERDUTY_ACCOUNT', 'service region and subdomain of the account, e.g. us.acme'),
    scopes,
    tokenUrl: url(env, 'PAGERDUTY_OAUTH_URL', 'https://identity.pagerduty.com/oauth/token'),
  });
}

/** What every role needs. @throws SettingError */
export function readSettings(env: Environment): ReadSettings {
  const toolsets = installedToolsets(env);
  return {
    databaseUrl: required(
      env,
      'DATABASE_URL',
      'the PostgreSQL that holds the requests, e.g. postgres://user:pass@host/db',
    ),
    pagerdutyUrl: url(env, 'PAGERDUTY_API_URL', 'https://api.pagerduty.com'),
    readToken:
      pagerDutyToken(env, 'READ', scopesNeeded(toolsets).read) ??
      required(env, 'PAGERDUTY_READ_TOKEN', 'a read-only PagerDuty API key'),
    toolsets,
  };
}

/** The worker's settings. @throws SettingError; also when one token is given for both. */
export function writeSettings(env: Environment): ReadSettings & { writeToken: Token } {
  const settings = readSettings(env);
  const what = 'the PagerDuty API key that may write; only the worker gets it';
  const writeToken =
    pagerDutyToken(env, 'WRITE', scopesNeeded(settings.toolsets).write) ?? required(env, 'PAGERDUTY_WRITE_TOKEN', what);
  const { PAGERDUTY_READ_CLIENT_ID: reader, PAGERDUTY_WRITE_CLIENT_ID: writer } = env;
  const same = (name: string) =>
    new SettingError(
      `PAGERDUTY_READ_${name} and PAGERDUTY_WRITE_${name} are the same. Use a read-only one for reading.`,
    );
  if (writeToken === settings.readToken) throw same('TOKEN');
  if (reader && reader.trim() === writer?.trim()) throw same('CLIENT_ID');
  return { ...settings, writeToken };
}

/** The toolsets of this installation; null = all are allowed. @throws SettingError for a name that does not exist. */
export function installedToolsets(env: Environment): readonly Toolset[] | null {
  const text = env.COUNTERSIGN_TOOLSETS?.trim();
  if (!text) return null;
  const parsed = parseToolsets(text);
  if ('problem' in parsed) throw new SettingError(`COUNTERSIGN_TOOLSETS: ${parsed.problem}`);
  return parsed;
}

/**
 * The key that encrypts what only humans may see: 32 bytes in base64, the same in every worker and web process.
 * @throws SettingError
 */
export function secretsKey(env: Environment): KeyObject {
  const name = 'COUNTERSIGN_SECRETS_KEY';
  const text = required(env, name, 'what encrypts signing secrets and the like: 32 random bytes in base64');
  const bytes = Buffer.from(text, 'base64');
  // Buffer skips what is not base64: a key that was cut or mistyped must not become another key.
  if (bytes.length !== 32 || bytes.toString('base64') !== text) {
    throw new SettingError(`${name} must be 32 bytes in base64, as "openssl rand -base64 32" prints them.`);
  }
  return createSecretKey(bytes);
}

/** What only humans may see is none of the business of a role that agents or Slack reach. @throws SettingError */
export function refuseSecretsKey(env: Environment, role: string): void {
  if (!env.COUNTERSIGN_SECRETS_KEY) return;
  throw new SettingError(`The ${role} role must not be given COUNTERSIGN_SECRETS_KEY. Only web and worker need it.`);
}

/** A role that only reads must not even see the write credential. @throws SettingError */
export function refuseWriteToken(env: Environment, role: string): void {
  const given = ['PAGERDUTY_WRITE_TOKEN', 'PAGERDUTY_WRITE_CLIENT_SECRET'].find((name) => env[name]);
  if (given !== undefined) {
    throw new SettingError(`The ${role} role must not be given ${given}. Only the worker needs it.`);
  }
}

function act(report: CredentialReport, log: Log): void {
  if (report.kind === 'refused') throw new SettingError(report.because);
  if (report.kind !== 'fits') log.warn(report.because);
}

/** Tells the operator at start what is wrong with a credential. @throws SettingError when PagerDuty refuses it. */
export async function checkCredentials(settings: ReadSettings & { writeToken?: Token }, log: Log): Promise<void> {
  const { pagerdutyUrl: baseUrl, readToken, writeToken, toolsets } = settings;
  const needed = scopesNeeded(toolsets);
  act(await inspectReadCredential({ baseUrl, token: readToken, scopes: needed.read }), log);
  if (writeToken === undefined) return;
  act(await inspectWriteCredential({ baseUrl, token: writeToken, scopes: needed.write }), log);
}
