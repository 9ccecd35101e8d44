export interface Settings {
  databaseUrl: string;
  pagerdutyApiUrl: string;
  pagerdutyReadToken: string;
  /** Where browsers find the dashboard, without a trailing slash. */
  publicOrigin: string;
  /** People may become each other: only where PagerDuty itself is the playable one. */
  play: boolean;
}

function required(env: NodeJS.ProcessEnv, name: string, what: string): string {
  const value = env[name];
  if (!value) throw new Error(`${name} is not set. It must hold ${what}.`);
  return value;
}

function origin(name: string, value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Error(`${name} must be a http or https URL; it is "${value}".`);
  return url.origin;
}

/** The settings of the web process. @throws Error with one sentence for whatever is missing or wrong. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    databaseUrl: required(env, 'DATABASE_URL', 'the postgres:// URL of the database'),
    pagerdutyApiUrl: env.PAGERDUTY_API_URL || 'https://api.pagerduty.com',
    pagerdutyReadToken: required(env, 'PAGERDUTY_READ_TOKEN', 'a PagerDuty credential that can only read'),
    publicOrigin: origin('COUNTERSIGN_PUBLIC_URL', env.COUNTERSIGN_PUBLIC_URL || 'http://127.0.0.1:3000'),
    play: env.COUNTERSIGN_PLAY === '1',
  };
}
