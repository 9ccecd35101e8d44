import { SettingError } from '#process/errors.ts';
import { port, required, url } from '#process/settings.ts';

type Environment = Record<string, string | undefined>;

export interface SlackSettings {
  databaseUrl: string;
  /** The dashboard, as the people in Slack reach it. */
  publicUrl: string;
  botToken: string;
  /** How clicks come in: as signed HTTP, or over a socket that we open. */
  inbound: { mode: 'http'; signingSecret: string } | { mode: 'socket'; appToken: string };
  /** Id of the channel the messages go to. */
  channel: string;
  /** With a slash at the end. */
  apiUrl: string;
  host: string;
  port: number;
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

function apiUrl(env: Environment): string {
  const value = url(env, 'SLACK_API_URL', 'https://slack.com/api/');
  const { protocol, hostname } = new URL(value);
  if (protocol !== 'https:' && !LOOPBACK.includes(hostname)) {
    throw new SettingError('SLACK_API_URL must be https, or the bot token would travel in the clear.');
  }
  return `${value}/`;
}

function inbound(env: Environment): SlackSettings['inbound'] {
  const mode = env.SLACK_MODE?.trim() || 'http';
  if (mode === 'http') {
    const secret = required(env, 'SLACK_SIGNING_SECRET', 'the secret with which Slack signs what it sends us');
    return { mode, signingSecret: secret };
  }
  if (mode !== 'socket') throw new SettingError(`SLACK_MODE must be http or socket; it is ${JSON.stringify(mode)}.`);
  return { mode, appToken: token(env, 'SLACK_APP_TOKEN', 'xapp-', 'the app-level token for Socket Mode') };
}

/** Names may change and are not what Slack's calls take. */
function channelId(env: Environment): string {
  const id = required(env, 'SLACK_CHANNEL', 'the id of the channel that is told of requests, e.g. C0123456789');
  if (/^[CG][A-Z0-9]{5,}$/.test(id)) return id;
  throw new SettingError(
    // Not repeated: what was put into the wrong setting may be a secret.
    'SLACK_CHANNEL must be the id of a channel, e.g. C0123456789, and not its name.',
  );
}

/** A setting that must begin so, as all of Slack's tokens say what they are. */
function token(env: Environment, name: string, prefix: string, what: string): string {
  const value = required(env, name, `${what}, ${prefix}…`);
  // The value itself is a secret, also where it is the wrong one.
  if (!value.startsWith(prefix)) throw new SettingError(`${name} must be ${what} and begin with ${prefix}.`);
  return value;
}

/** What the slack role needs; nothing of PagerDuty is among it. @throws SettingError with one sentence. */
export function readSlackSettings(env: Environment): SlackSettings {
  return {
    databaseUrl: required(
      env,
      'DATABASE_URL',
      'the PostgreSQL that holds the requests, e.g. postgres://user:pass@host/db',
    ),
    publicUrl: url(env, 'COUNTERSIGN_PUBLIC_URL', 'http://localhost:4600'),
    botToken: token(env, 'SLACK_BOT_TOKEN', 'xoxb-', 'the bot token of the Slack app'),
    inbound: inbound(env),
    channel: channelId(env),
    apiUrl: apiUrl(env),
    host: env.COUNTERSIGN_HOST?.trim() || '127.0.0.1',
    // The supervisor names one port per role; elsewhere a process has only one.
    port: port(env, env.COUNTERSIGN_SLACK_PORT ? 'COUNTERSIGN_SLACK_PORT' : 'PORT', 4602),
  };
}
