import { type CredentialReport, inspectReadCredential, inspectWriteCredential } from '#pagerduty/credentials.ts';
import type { Log } from './log.ts';

/** A setting that is missing or wrong; `message` is the one sentence the operator sees. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

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
  readToken: string;
}

/** What every role needs. @throws SettingError */
export function readSettings(env: Environment): ReadSettings {
  return {
    databaseUrl: required(
      env,
      'DATABASE_URL',
      'the PostgreSQL that holds the requests, e.g. postgres://user:pass@host/db',
    ),
    pagerdutyUrl: url(env, 'PAGERDUTY_API_URL', 'https://api.pagerduty.com'),
    readToken: required(env, 'PAGERDUTY_READ_TOKEN', 'a read-only PagerDuty API key'),
  };
}

/** The worker's settings. @throws SettingError; also when one token is given for both. */
export function writeSettings(env: Environment): ReadSettings & { writeToken: string } {
  const settings = readSettings(env);
  const writeToken = required(
    env,
    'PAGERDUTY_WRITE_TOKEN',
    'the PagerDuty API key that may write; only the worker gets it',
  );
  if (writeToken === settings.readToken) {
    throw new SettingError(
      'PAGERDUTY_READ_TOKEN and PAGERDUTY_WRITE_TOKEN are the same. Use a read-only key for reading.',
    );
  }
  return { ...settings, writeToken };
}

/** A role that only reads must not even see the write credential. @throws SettingError */
export function refuseWriteToken(env: Environment, role: string): void {
  if (env.PAGERDUTY_WRITE_TOKEN) {
    throw new SettingError(`The ${role} role must not be given PAGERDUTY_WRITE_TOKEN. Only the worker needs it.`);
  }
}

function act(report: CredentialReport, log: Log): void {
  if (report.kind === 'refused') throw new SettingError(report.because);
  if (report.kind !== 'fits') log.warn(report.because);
}

/** Tells the operator at start what is wrong with a credential. @throws SettingError when PagerDuty refuses it. */
export async function checkCredentials(settings: ReadSettings & { writeToken?: string }, log: Log): Promise<void> {
  const { pagerdutyUrl: baseUrl, readToken, writeToken } = settings;
  act(await inspectReadCredential({ baseUrl, token: readToken }), log);
  if (writeToken !== undefined) act(await inspectWriteCredential({ baseUrl, token: writeToken }), log);
}

/** Runs a role's entry; a wrong setting ends it with one sentence instead of a stack. */
export async function runRole(log: Log, start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    log.error(error.message);
    // 78 = EX_CONFIG: starting again will not help.
    process.exit(78);
  }
}
