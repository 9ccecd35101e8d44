import { PagerDutyError } from '#pagerduty/errors.ts';
import { createReadClient } from '#pagerduty/read-client.ts';
import { compareScopes, probeScopes, type ScopeReport, scopesNeeded } from '#pagerduty/scopes.ts';
import type { Token } from '#pagerduty/token.ts';
import { isToolset, parseToolsets, TOOLSETS } from '#pagerduty/toolsets.ts';
import { SettingError } from '#process/errors.ts';
import { mayReadPagerDuty, mayWritePagerDuty } from '#process/settings/pagerduty.ts';
import { readSettings } from '#process/settings/setting.ts';
import { runningEnvironment } from '#run/running.ts';
import { type Command, readCommandLine, type Shell } from './shell.ts';

const USAGE = `npm run pagerduty:scopes
  --toolsets LIST   all, default, or names with commas between; default: what COUNTERSIGN_TOOLSETS says, else all
  --data FOLDER     of a running "npm start"; default .countersign`;

const OPTIONS = { toolsets: { type: 'string' }, data: { type: 'string' } } as const;

const listed = (names: readonly string[]) => names.join(', ') || 'nothing';

/** REST keys are shown as keys: they have no scopes, but a plan or a user's role may still refuse. */
const isOAuth = (token: Token) => typeof token !== 'string' || token.startsWith('pd') || token.split('.').length === 3;

async function granted(baseUrl: string, token: Token, candidates: readonly string[]): Promise<readonly string[]> {
  if (typeof token !== 'string') return token.grantable([...scopesNeeded(null).read, ...scopesNeeded(null).write]);
  return probeScopes(createReadClient({ baseUrl, token }), candidates);
}

function report({ say }: Shell, { lacking, excess }: ScopeReport, limited: boolean): void {
  say(`  lacks     ${listed(lacking)}`);
  if (limited) say(`  too much  ${listed(excess)}`);
  else say('  too much  a REST key has no scopes: it reaches whatever its account or user reaches');
}

async function reading(shell: Shell, token: Token | null, baseUrl: string, needed: readonly string[]): Promise<void> {
  if (token === null) return shell.say('  not set: PAGERDUTY_READ_TOKEN or PAGERDUTY_READ_CLIENT_ID');
  const candidates = isOAuth(token) ? scopesNeeded(null).read : needed;
  report(shell, compareScopes(needed, await granted(baseUrl, token, candidates)), isOAuth(token));
}

async function writing(shell: Shell, token: Token | null, needed: readonly string[]): Promise<void> {
  if (token === null)
    return shell.say('  not set here: only the worker has PAGERDUTY_WRITE_TOKEN or PAGERDUTY_WRITE_CLIENT_ID');
  if (typeof token === 'string') {
    return shell.say(
      '  what a ready-made key or token may write cannot be tried without writing; an OAuth client is told',
    );
  }
  report(shell, compareScopes(needed, await token.grantable(scopesNeeded(null).write)), true);
}

/** `npm run pagerduty:scopes`. */
export const scopes: Command = async (shell) => {
  const { say } = shell;
  const { values } = readCommandLine(shell, OPTIONS, USAGE);
  const chosen = values.toolsets === undefined ? null : parseToolsets(values.toolsets);
  if (chosen !== null && 'problem' in chosen) throw new SettingError(chosen.problem);
  const env = {
    ...(await runningEnvironment(shell.env, values.data)),
    ...(chosen && { COUNTERSIGN_TOOLSETS: chosen.join() }),
  };
  const settings = readSettings(mayReadPagerDuty.and(mayWritePagerDuty), env);
  const { toolsets, pagerdutyUrl: baseUrl, readToken, writeToken } = settings;
  const needed = scopesNeeded(toolsets);
  say(`Toolsets: ${(toolsets ?? Object.keys(TOOLSETS).filter(isToolset)).join(', ')}`);
  try {
    say(`\nThe read credential (web, mcp, worker)\n  needs     ${listed(needed.read)}`);
    await reading(shell, readToken, baseUrl, needed.read);
    say(`\nThe write credential (worker only)\n  needs     ${listed(needed.write)}`);
    await writing(shell, writeToken, needed.write);
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    throw new SettingError(`What is granted could not be found out. ${error.message}`);
  }
  if (needed.read.includes('analytics.write')) {
    say('\nanalytics.write is for questions that PagerDuty takes as POST; a read-only REST key cannot ask them.');
  }
  const shifts = toolsets === null || toolsets.includes('schedules') || toolsets.includes('schedules_v3');
  if (shifts) say('\nShift-based (v3) schedules publish no scope.');
  return 0;
};
