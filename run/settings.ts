import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SettingError } from '#process/errors.ts';
import { secretsKey } from '#process/settings.ts';
import { type Environment, ROLES, type RoleName } from './roles.ts';

export interface Settings {
  /** Exactly this role and nothing else; null = everything on this machine. */
  role: RoleName | null;
  /** The base port, or with `role` that role's own port if `--port` was given. */
  port: number;
  portIsExact: boolean;
  host: string;
  dataDir: string;
  build: boolean;
  dev: boolean;
  envFile: boolean;
  publicUrl: string;
  mcpUrl: string;
}

export const DEFAULT_PORT = 4600;

function isRole(name: string): name is RoleName {
  return name in ROLES;
}

function readPort(text: string, from: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_532) {
    throw new SettingError(`${from} is "${text}", but a port is a number from 1 to 65532.`);
  }
  return port;
}

function readUrl(text: string, from: string, protocols: readonly string[]): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !protocols.includes(url.protocol)) {
    throw new SettingError(`${from} is not a ${protocols.map((name) => `${name}//`).join(' or ')} address.`);
  }
  return text.replace(/\/$/, '');
}

function readArguments(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        role: { type: 'string' },
        port: { type: 'string' },
        data: { type: 'string' },
        'no-build': { type: 'boolean', default: false },
        'no-env-file': { type: 'boolean', default: false },
        dev: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message.split('.')[0] : 'unreadable arguments';
    throw new SettingError(`${why}. Known are --role, --port, --data, --no-build, --no-env-file and --dev.`);
  }
}

/** Reads what the command line and the environment say about where and what to run. */
export function readSettings(argv: string[], env: Environment): Settings {
  const given = readArguments(argv);
  if (given.role !== undefined && !isRole(given.role)) {
    throw new SettingError(`There is no role "${given.role}": it is one of ${Object.keys(ROLES).join(', ')}.`);
  }
  const role = given.role ?? null;
  const base = readPort(env.COUNTERSIGN_PORT || String(DEFAULT_PORT), 'COUNTERSIGN_PORT');
  const port = given.port === undefined ? base : readPort(given.port, '--port');
  const webPort = role === null ? port : base;
  const http = ['http:', 'https:'];
  return {
    role,
    port,
    portIsExact: role !== null && given.port !== undefined,
    host: env.COUNTERSIGN_HOST || '127.0.0.1',
    dataDir: resolve(given.data ?? (env.COUNTERSIGN_DATA || '.countersign')),
    build: !given['no-build'],
    dev: given.dev,
    envFile: !given['no-env-file'],
    publicUrl: readUrl(env.COUNTERSIGN_PUBLIC_URL || `http://localhost:${webPort}`, 'COUNTERSIGN_PUBLIC_URL', http),
    mcpUrl: readUrl(env.COUNTERSIGN_MCP_URL || `http://localhost:${webPort + 1}/mcp`, 'COUNTERSIGN_MCP_URL', http),
  };
}

function isLoopback(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}

/** Whether the playable PagerDuty stands in for the real one: only when no credential is set at all. */
export function playsPagerDuty(env: Environment): boolean {
  return credentialOf(env, 'READ') === null && credentialOf(env, 'WRITE') === null;
}

/** The setting that names a PagerDuty credential, and its value: a key, or else an OAuth client. */
function credentialOf(env: Environment, side: 'READ' | 'WRITE'): { name: string; value: string } | null {
  const names = [`PAGERDUTY_${side}_TOKEN`, `PAGERDUTY_${side}_CLIENT_ID`];
  const name = names.find((each) => env[each]);
  return name === undefined ? null : { name, value: env[name] ?? '' };
}

function checkPagerDuty(env: Environment): void {
  const [read, write] = [credentialOf(env, 'READ'), credentialOf(env, 'WRITE')];
  const set = read ?? write;
  if (set !== null && (read === null || write === null)) {
    const missing = read === null ? 'PAGERDUTY_READ_TOKEN' : 'PAGERDUTY_WRITE_TOKEN';
    throw new SettingError(
      `${set.name} is set but ${missing} is not: set both, or neither to play with an invented company.`,
    );
  }
  if (read !== null && read.value === write?.value) {
    throw new SettingError(`${read.name} and ${write.name} are the same: the first must not be able to write.`);
  }
}

/** What Slack takes: in Socket Mode an app-level token stands in the place of the signing secret. */
function slackNames(env: Environment): string[] {
  const proof = env.SLACK_MODE === 'socket' ? 'SLACK_APP_TOKEN' : 'SLACK_SIGNING_SECRET';
  return ['SLACK_BOT_TOKEN', proof, 'SLACK_CHANNEL'];
}

/**
 * Whether the playable Slack stands in for the real one: only beside the playable PagerDuty, because whoever opens its
 * page can press any button as anybody.
 */
export function playsSlack(env: Environment): boolean {
  return playsPagerDuty(env) && slackNames(env).every((name) => !env[name]);
}

function checkSlack(env: Environment): void {
  if (env.SLACK_MODE && env.SLACK_MODE !== 'http' && env.SLACK_MODE !== 'socket') {
    throw new SettingError(`SLACK_MODE is "${env.SLACK_MODE}"; it is http or socket.`);
  }
  const names = slackNames(env);
  const missing = names.filter((name) => !env[name]);
  if (missing.length === 0 || missing.length === names.length) return;
  throw new SettingError(`Slack needs ${names.join(', ')}; ${missing.join(' and ')} is missing.`);
}

/** Without it, what only humans may see is encrypted with a key beside the embedded database, on this machine alone. */
function checkSecretsKey(env: Environment): void {
  if (env.COUNTERSIGN_SECRETS_KEY) secretsKey(env);
  else if (env.DATABASE_URL) {
    throw new SettingError(
      'COUNTERSIGN_SECRETS_KEY is not set: with a database of your own, set it to what "openssl rand -base64 32" prints.',
    );
  }
}

/** Refuses wrong settings before anything is started. @throws SettingError with one sentence. */
export function checkEnvironment(settings: Settings, env: Environment): void {
  const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
  if (env.LOG_LEVEL && !levels.includes(env.LOG_LEVEL)) {
    throw new SettingError(`LOG_LEVEL is "${env.LOG_LEVEL}"; it is one of ${levels.join(', ')}.`);
  }
  if (env.DATABASE_URL) readUrl(env.DATABASE_URL, 'DATABASE_URL', ['postgres:', 'postgresql:']);
  if (env.PAGERDUTY_API_URL) {
    const url = readUrl(env.PAGERDUTY_API_URL, 'PAGERDUTY_API_URL', ['https:', 'http:']);
    if (url.startsWith('http:') && !isLoopback(url)) {
      throw new SettingError('PAGERDUTY_API_URL must be https, or credentials would travel in the clear.');
    }
  }
  if (
    env.COUNTERSIGN_PLAY &&
    !playsPagerDuty(env) &&
    !isLoopback(env.PAGERDUTY_API_URL || 'https://api.pagerduty.com')
  ) {
    throw new SettingError(
      'COUNTERSIGN_PLAY lets anybody sign in as anybody: it must not be set with a real PagerDuty.',
    );
  }
  if (settings.role === null) {
    if (env.PAGERDUTY_API_URL && playsPagerDuty(env)) {
      throw new SettingError('PAGERDUTY_API_URL is set, but PAGERDUTY_READ_TOKEN and PAGERDUTY_WRITE_TOKEN are not.');
    }
    checkPagerDuty(env);
    checkSlack(env);
    if (env.NODE_ENV === 'production' && playsPagerDuty(env)) {
      throw new SettingError('In production PAGERDUTY_READ_TOKEN and PAGERDUTY_WRITE_TOKEN must be set.');
    }
    checkSecretsKey(env);
    return;
  }
  const given = (name: string) => env[name] || env[name.replace(/^(PAGERDUTY_\w+)_TOKEN$/, '$1_CLIENT_ID')];
  const missing = ROLES[settings.role].needs.filter((name) => !given(name) && name !== 'PAGERDUTY_API_URL');
  if (missing.length > 0) {
    throw new SettingError(`The role ${settings.role} needs ${missing.join(' and ')}.`);
  }
  if (settings.role === 'worker') checkPagerDuty(env);
  if (settings.role === 'slack') checkSlack(env);
}

/** Last days of support. @see https://github.com/nodejs/release#release-schedule */
const NODE_SUPPORT_ENDS: Record<string, string> = {
  20: '2026-04-30',
  21: '2024-06-01',
  22: '2027-04-30',
  23: '2025-06-01',
  24: '2028-04-30',
};

/** What to warn about in production; null = this Node is still supported. */
export function nodeWarning(version: string, today: Date): string | null {
  const major = version.split('.')[0] ?? '';
  const ends = NODE_SUPPORT_ENDS[major];
  if (ends === undefined || today < new Date(ends)) return null;
  return `Node ${major} has been without security fixes since ${ends}: run production on Node 24.`;
}
