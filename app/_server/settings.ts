import { readSettings, refuseWriteToken, url } from '#approvals/settings.ts';

export interface WebSettings {
  databaseUrl: string;
  pagerdutyUrl: string;
  readToken: string;
  /** Where browsers find the dashboard: scheme, host and port. */
  publicOrigin: string;
  /** People may become each other: only where PagerDuty itself is the playable one. */
  play: boolean;
}

/** @throws SettingError with one sentence for whatever is missing or wrong. */
export function webSettings(env: NodeJS.ProcessEnv): WebSettings {
  refuseWriteToken(env, 'web');
  return {
    ...readSettings(env),
    publicOrigin: new URL(url(env, 'COUNTERSIGN_PUBLIC_URL', 'http://localhost:4600')).origin,
    play: env.COUNTERSIGN_PLAY === '1',
  };
}
