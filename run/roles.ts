import { type RoleName, settingsOf } from '#process/settings/roles.ts';
import type { Environment } from '#process/settings/setting.ts';

/** What a role is told when it starts. */
export interface Place {
  host: string;
  /** Its own port; unused by a role that does not listen. */
  port: number;
  /** The dashboard with recompilation, for work on it. */
  dev: boolean;
}

export interface Role {
  name: RoleName | 'pagerduty' | 'chat';
  /** From the base port; null = it does not listen. */
  portOffset: number | null;
  /** The settings it sees. Everything else, above all the write credential, it does not. */
  sees: readonly string[];
  /** Arguments of `node`. */
  command(place: Place): string[];
  /** Settings derived from where it runs. */
  tells(place: Place): Environment;
  /** How it says that it is ready: an IPC message `{ready: true}`, or an answer on its port. */
  ready: 'message' | 'healthz';
  wanted(env: Environment): boolean;
}

/** What every process may see of the machine it runs on. None of it is a secret. */
const COMMON = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LANG',
  // Windows cannot open a socket without it.
  'SystemRoot',
];
/** Node's own settings, except what by its name is a secret. */
const NODE = /^NODE_(?!.*(TOKEN|SECRET|PASSWORD|KEY)S?$)/;

const always = () => true;
const SLACK_APP = ['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET', 'SLACK_APP_TOKEN', 'SLACK_CHANNEL'];
const typescript = (file: string) => ['--import', 'tsx', file];

/** Whether there is anything of a Slack app of one's own; a part of it is a mistake that the role's settings tell. */
export const isOwnSlack = (env: Environment) => SLACK_APP.some((name) => env[name]);

/** Who holds what. A test starts a process with each role's environment and looks. */
export const ROLES: Record<RoleName, Role> = {
  web: {
    name: 'web',
    portOffset: 0,
    sees: settingsOf('web'),
    command: ({ host, port, dev }) => [
      'node_modules/next/dist/bin/next',
      dev ? 'dev' : 'start',
      '-H',
      host,
      '-p',
      String(port),
    ],
    // Next would read the operator's .env by itself, past all of this; with the second it takes that as done.
    tells: () => ({ NEXT_TELEMETRY_DISABLED: '1', __NEXT_PROCESSED_ENV: 'true' }),
    ready: 'healthz',
    wanted: always,
  },
  mcp: {
    name: 'mcp',
    portOffset: 1,
    sees: settingsOf('mcp'),
    command: () => typescript('mcp/main.ts'),
    tells: ({ host, port }) => ({ COUNTERSIGN_HOST: host, PORT: String(port) }),
    ready: 'message',
    wanted: always,
  },
  slack: {
    name: 'slack',
    portOffset: 2,
    sees: settingsOf('slack'),
    command: () => typescript('slack/main.ts'),
    tells: ({ host, port }) => ({ COUNTERSIGN_HOST: host, PORT: String(port) }),
    ready: 'message',
    wanted: isOwnSlack,
  },
  worker: {
    name: 'worker',
    portOffset: null,
    sees: settingsOf('worker'),
    command: () => typescript('approvals/main.ts'),
    tells: () => ({}),
    ready: 'message',
    wanted: always,
  },
};

/** The playable PagerDuty is started like a role but is none: it stands in for the world outside. */
export const PLAYABLE_PAGERDUTY: Role = {
  name: 'pagerduty',
  portOffset: 3,
  // It remembers what was done to it.
  sees: ['COUNTERSIGN_DATA'],
  command: () => typescript('pagerduty/fake/main.ts'),
  tells: ({ port }) => ({ PORT: String(port) }),
  ready: 'message',
  wanted: always,
};

/** The same for Slack. */
export const PLAYABLE_SLACK: Role = {
  name: 'chat',
  portOffset: 4,
  sees: ['SLACK_DELIVER_TO'],
  command: () => typescript('slack/fake/main.ts'),
  tells: ({ port }) => ({ PORT: String(port) }),
  ready: 'message',
  wanted: always,
};

/** The whole environment of a role's process: built up from nothing, never inherited. */
export function roleEnvironment(role: Role, env: Environment, place: Place): NodeJS.ProcessEnv {
  const seen = Object.entries(env).filter(
    ([name, value]) => value && (COMMON.includes(name) || NODE.test(name) || role.sees.includes(name)),
  );
  return { ...Object.fromEntries(seen), ...role.tells(place), NODE_ENV: place.dev ? 'development' : 'production' };
}
