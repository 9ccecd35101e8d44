import type { Context } from '#approvals/context.ts';
import type { Token } from '#pagerduty/token.ts';
import { SettingError } from '#process/errors.ts';
import { readSettings, refuseWriteToken, secretsKey, url } from '#process/settings.ts';

export interface WebSettings {
  databaseUrl: string;
  pagerdutyUrl: string;
  readToken: Token;
  /** Where browsers find the dashboard: scheme, host and port. */
  publicOrigin: string;
  /** People may become each other: only where PagerDuty itself is the playable one. */
  play: boolean;
  toolsets: Context['toolsets'];
  secretsKey: NonNullable<Context['secretsKey']>;
}

function isLoopback(address: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(address).hostname);
}

/** @throws SettingError with one sentence for whatever is missing or wrong. */
export function webSettings(env: NodeJS.ProcessEnv): WebSettings {
  refuseWriteToken(env, 'web');
  const read = readSettings(env);
  const play = env.COUNTERSIGN_PLAY === '1';
  if (play && !isLoopback(read.pagerdutyUrl)) {
    throw new SettingError(
      'COUNTERSIGN_PLAY lets anybody become anybody: it works only with a PAGERDUTY_API_URL on this machine.',
    );
  }
  return {
    ...read,
    secretsKey: secretsKey(env),
    publicOrigin: new URL(url(env, 'COUNTERSIGN_PUBLIC_URL', 'http://localhost:4600')).origin,
    play,
  };
}
