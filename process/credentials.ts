import { type CredentialReport, inspectReadCredential, inspectWriteCredential } from '#pagerduty/credentials.ts';
import { scopesNeeded } from '#pagerduty/scopes.ts';
import type { Token } from '#pagerduty/token.ts';
import type { Toolset } from '#pagerduty/toolsets.ts';
import { SettingError } from './errors.ts';
import type { Log } from './log.ts';

export interface Credentials {
  pagerdutyUrl: string;
  readToken: Token;
  /** Of the worker alone. */
  writeToken?: Token;
  toolsets: readonly Toolset[] | null;
}

function act(report: CredentialReport, log: Log): void {
  if (report.kind === 'refused') throw new SettingError(report.because);
  if (report.kind !== 'fits') log.warn(report.because);
}

/** Tells the operator at start what is wrong with a credential. @throws SettingError when PagerDuty refuses it. */
export async function checkCredentials(credentials: Credentials, log: Log): Promise<void> {
  const { pagerdutyUrl: baseUrl, readToken, writeToken, toolsets } = credentials;
  const needed = scopesNeeded(toolsets);
  act(await inspectReadCredential({ baseUrl, token: readToken, scopes: needed.read }), log);
  if (writeToken === undefined) return;
  act(await inspectWriteCredential({ baseUrl, token: writeToken, scopes: needed.write }), log);
}
