import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SettingError } from '#process/errors.ts';
import { supervisor } from '#process/settings/roles.ts';
import { type Environment, given, readSettings as read } from '#process/settings/setting.ts';

export interface Urls {
  web: string;
  mcp: string;
  /** The playable PagerDuty, or the real one's API. */
  pagerduty: string;
  /** The playable Slack; null = the real one, or none. */
  slack: string | null;
}

/** What the commands beside a running `npm start` need to know. */
export interface Running {
  /** The supervisor that wrote it. */
  pid: number;
  urls: Urls;
  /** Only what the supervisor made up itself (embedded database, invented company); never an operator's secret. */
  made: Environment;
}

const FILE = 'running.json';

export async function writeRunning(dataDir: string, running: Omit<Running, 'pid'>): Promise<void> {
  const file = join(dataDir, FILE);
  await writeFile(file, JSON.stringify({ pid: process.pid, ...running }, null, 2), { mode: 0o600 });
  await chmod(file, 0o600);
}

/** Removes what this process wrote; another's note stays. */
export async function removeRunning(dataDir: string): Promise<void> {
  if ((await readRunning(dataDir))?.pid === process.pid) await rm(join(dataDir, FILE), { force: true });
}

/** Process ids come again, so the note counts only while its dashboard answers. */
async function answers(url: string): Promise<boolean> {
  const signal = AbortSignal.timeout(1000);
  return await fetch(`${url}/healthz`, { signal }).then(
    () => true,
    () => false,
  );
}

/** @throws SettingError when another supervisor uses the folder right now. */
export async function refuseSecond(dataDir: string): Promise<void> {
  const running = await readRunning(dataDir);
  if (running === null || running.pid === process.pid || !(await answers(running.urls.web))) return;
  throw new SettingError(
    `Countersign runs already with the folder ${dataDir}: ${running.urls.web}. Stop it, or start another with --data and --port.`,
  );
}

/** The data folder that was named, else the one of the settings. */
export function dataFolder(env: Environment, named: string | undefined): string {
  return resolve(named ?? read(supervisor, env).COUNTERSIGN_DATA);
}

/** What runs with this data folder; null = nothing does. */
export async function readRunning(dataDir: string): Promise<Running | null> {
  const text = await readFile(join(dataDir, FILE), 'utf8').catch(() => null);
  return text === null ? null : JSON.parse(text);
}

/**
 * The environment a command of ours works in: what the operator set wins over what `npm start` made up.
 * With neither, `DATABASE_URL` is missing and the command says so.
 */
export async function runningEnvironment(env: Environment, dataDir: string | undefined): Promise<Environment> {
  const made = (await readRunning(dataFolder(env, dataDir)))?.made ?? {};
  return { ...made, ...given(env) };
}
