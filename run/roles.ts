export type RoleName = 'web' | 'mcp' | 'slack' | 'worker';
export type Environment = Record<string, string | undefined>;

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
  /** The settings it sees besides the common ones. Everything else, above all the write credential, it does not. */
  sees: readonly string[];
  /** Those without which it cannot work. */
  needs: readonly string[];
  /** Arguments of `node`. */
  command(place: Place): string[];
  /** Settings derived from where it runs. */
  tells(place: Place): Environment;
  /** How it says that it is ready: an IPC message `{ready: true}`, or an answer on its port. */
  ready: 'message' | 'healthz';
  wanted(env: Environment): boolean;
}

/** Settings every role may see. None of them is a secret. */
const COMMON = [
  'PATH',
  'HOME',
  'TMPDIR',
  'TZ',
  'LANG',
  'LOG_LEVEL',
  // Windows cannot open a socket without it.
  'SystemRoot',
];
const COMMON_PREFIXES = ['NODE_', 'COUNTERSIGN_'];
/** A setting with such a name is a secret even when its prefix is common. */
const SECRET = /(TOKEN|SECRET|PASSWORD|KEY)S?$/;

const READS_PAGERDUTY = [
  'DATABASE_URL',
  'PAGERDUTY_API_URL',
  'PAGERDUTY_READ_TOKEN',
  'PAGERDUTY_READ_CLIENT_ID',
  'PAGERDUTY_READ_CLIENT_SECRET',
  'PAGERDUTY_ACCOUNT',
  'PAGERDUTY_OAUTH_URL',
];
const WRITES_PAGERDUTY = ['PAGERDUTY_WRITE_TOKEN', 'PAGERDUTY_WRITE_CLIENT_ID', 'PAGERDUTY_WRITE_CLIENT_SECRET'];
/** Instead of a token there may be the id of an OAuth client. */
const READING = ['DATABASE_URL', 'PAGERDUTY_API_URL', 'PAGERDUTY_READ_TOKEN'];
/** Whoever records or shows what only humans may see. */
const SECRETS_KEY = 'COUNTERSIGN_SECRETS_KEY';
const always = () => true;
const typescript = (file: string) => ['--import', 'tsx', file];

/** Who holds what. A test starts a process with each role's environment and looks. */
export const ROLES: Record<RoleName, Role> = {
  web: {
    name: 'web',
    portOffset: 0,
    sees: [...READS_PAGERDUTY, SECRETS_KEY],
    needs: [...READING, SECRETS_KEY],
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
    sees: READS_PAGERDUTY,
    needs: READING,
    command: () => typescript('mcp/main.ts'),
    tells: ({ host, port }) => ({ COUNTERSIGN_HOST: host, COUNTERSIGN_MCP_PORT: String(port) }),
    ready: 'message',
    wanted: always,
  },
  slack: {
    name: 'slack',
    portOffset: 2,
    sees: [
      'DATABASE_URL',
      'SLACK_MODE',
      'SLACK_BOT_TOKEN',
      'SLACK_SIGNING_SECRET',
      'SLACK_APP_TOKEN',
      'SLACK_CHANNEL',
      'SLACK_API_URL',
    ],
    needs: ['DATABASE_URL', 'SLACK_BOT_TOKEN', 'SLACK_CHANNEL'],
    command: () => typescript('slack/main.ts'),
    tells: ({ host, port }) => ({ COUNTERSIGN_HOST: host, COUNTERSIGN_SLACK_PORT: String(port) }),
    ready: 'message',
    wanted: (env) => Boolean(env.SLACK_BOT_TOKEN),
  },
  worker: {
    name: 'worker',
    portOffset: null,
    sees: [...READS_PAGERDUTY, ...WRITES_PAGERDUTY, SECRETS_KEY],
    needs: [...READING, 'PAGERDUTY_WRITE_TOKEN', SECRETS_KEY],
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
  sees: [],
  needs: [],
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
  needs: [],
  command: () => typescript('slack/fake/main.ts'),
  tells: ({ port }) => ({ PORT: String(port) }),
  ready: 'message',
  wanted: always,
};

function isCommon(name: string): boolean {
  return COMMON.includes(name) || (COMMON_PREFIXES.some((prefix) => name.startsWith(prefix)) && !SECRET.test(name));
}

/** The whole environment of a role's process: built up from nothing, never inherited. */
export function roleEnvironment(role: Role, env: Environment, place: Place): NodeJS.ProcessEnv {
  const seen = Object.entries(env).filter(
    ([name, value]) => value !== undefined && value !== '' && (isCommon(name) || role.sees.includes(name)),
  );
  return { ...Object.fromEntries(seen), ...role.tells(place), NODE_ENV: place.dev ? 'development' : 'production' };
}
