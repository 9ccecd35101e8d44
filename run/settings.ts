import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SettingError } from '#process/errors.ts';
import { credentialIn } from '#process/settings/pagerduty.ts';
import { problemsOf, type RoleName, supervisor } from '#process/settings/roles.ts';
import { type Environment, given, port, readSettings as read } from '#process/settings/setting.ts';
import { inventedPagerDuty, inventedSlack } from './invented.ts';
import { ROLES } from './roles.ts';

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

function isRole(name: string): name is RoleName {
  return Object.hasOwn(ROLES, name);
}

const USAGE = `npm start -- [--port N] [--data FOLDER] [--role web|mcp|slack|worker] [--no-build] [--no-env-file] [--dev]
  --port N        of the dashboard; the next four are MCP, Slack and the playable PagerDuty and Slack; default 4600
  --data FOLDER   for the embedded database and what else is kept; default .countersign
  --role NAME     that role alone, at its own --port
  --no-build      use the build that is there
  --no-env-file   do not read .env
  --dev           the dashboard as Next serves it to developers`;

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
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    const why = error instanceof Error ? error.message.split('.')[0] : 'unreadable arguments';
    throw new SettingError(`${why}.\n${USAGE}`);
  }
}

/** Reads what the command line and the environment say about where and what to run. */
export function readSettings(argv: string[], env: Environment): Settings {
  const argued = readArguments(argv);
  if (argued.help) throw new SettingError(USAGE);
  if (argued.role !== undefined && !isRole(argued.role)) {
    throw new SettingError(`There is no role "${argued.role}": it is one of ${Object.keys(ROLES).join(', ')}.`);
  }
  const role = argued.role ?? null;
  const { COUNTERSIGN_PORT: base, ...set } = read(supervisor, env);
  const own = read(z.object({ '--port': port(65_531).optional() }), { '--port': argued.port })['--port'];
  const webPort = role === null ? (own ?? base) : base;
  return {
    role,
    port: own ?? base,
    portIsExact: role !== null && own !== undefined,
    host: set.COUNTERSIGN_HOST,
    dataDir: resolve(argued.data ?? set.COUNTERSIGN_DATA),
    build: !argued['no-build'],
    dev: argued.dev,
    envFile: !argued['no-env-file'],
    publicUrl: set.COUNTERSIGN_PUBLIC_URL ?? `http://localhost:${webPort}`,
    mcpUrl: set.COUNTERSIGN_MCP_URL ?? `http://localhost:${webPort + 1}/mcp`,
  };
}

/** What every role's environment is picked from, but for what is known only when the database runs. */
export function toldByStart(settings: Settings, env: Environment): Environment {
  return {
    ...env,
    ...inventedPagerDuty(settings.port, env),
    ...inventedSlack(settings.port, env),
    COUNTERSIGN_PUBLIC_URL: settings.publicUrl,
    COUNTERSIGN_MCP_URL: settings.mcpUrl,
    COUNTERSIGN_DATA: settings.dataDir,
  };
}

/** In the places of what `npm start` makes itself where no database of one's own is set. */
const MADE_LATER = {
  DATABASE_URL: 'postgres://127.0.0.1',
  COUNTERSIGN_SECRETS_KEY: Buffer.alloc(32).toString('base64'),
};

/** PagerDuty is one's own or invented; between the two lies a mistake. */
function refuseHalfOfPagerDuty(env: Environment): void {
  const [reading, writing] = [credentialIn(env, 'READ'), credentialIn(env, 'WRITE')];
  const both = 'PAGERDUTY_READ_TOKEN and PAGERDUTY_WRITE_TOKEN';
  if (reading === null && writing === null) {
    if (env.PAGERDUTY_API_URL) throw new SettingError(`PAGERDUTY_API_URL is set, but ${both} are not.`);
    if (env.NODE_ENV === 'production') throw new SettingError(`In production ${both} must be set.`);
  } else if (reading === null || writing === null) {
    const missing = reading === null ? 'PAGERDUTY_READ_TOKEN' : 'PAGERDUTY_WRITE_TOKEN';
    throw new SettingError(
      `${(reading ?? writing)?.name} is set but ${missing} is not: set both, or neither to play with an invented company.`,
    );
  }
}

function problemsOfAll(settings: Settings, env: Environment): string[] {
  refuseHalfOfPagerDuty(env);
  const told = given(toldByStart(settings, env));
  const whole = env.DATABASE_URL ? told : { ...MADE_LATER, ...told };
  const roles = Object.keys(ROLES).filter(isRole);
  return roles.filter((name) => ROLES[name].wanted(told)).flatMap((name) => problemsOf(name, whole));
}

/** Refuses wrong settings before anything is started. @throws SettingError with a sentence on each line. */
export function checkEnvironment(settings: Settings, env: Environment): void {
  const problems = settings.role === null ? problemsOfAll(settings, env) : problemsOf(settings.role, env);
  if (problems.length > 0) throw new SettingError([...new Set(problems)].join('\n'));
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
