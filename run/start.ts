import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { migrate } from '#db/migrate.ts';
import { SettingError } from '#process/errors.ts';
import { type Environment, given } from '#process/settings/setting.ts';
import { buildState } from './build.ts';
import { ROLES, type Role, roleEnvironment } from './roles.ts';
import { checkEnvironment, nodeWarning, readSettings, type Settings } from './settings.ts';
import { type Parts, supervise } from './supervisor.ts';

const exitWithParent = new URL('./exit-with-parent.mjs', import.meta.url).href;

function fail(error: unknown): never {
  // A sentence is for the operator; a stack is for us.
  const sentence = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof TypeError || error instanceof RangeError ? error.stack : sentence}\n`);
  process.exit(1);
}

/** npm, and some init systems, send what the terminal has sent to every process already: that is asking once. */
const ASKED_ONCE_MS = 500;

/** Who asks again is in a hurry. @returns what to call when something else than a signal asks. */
function whenAsked(signals: readonly NodeJS.Signals[], end: () => void, hurry: () => void): () => void {
  let firstAt: number | null = null;
  const asked = () => {
    const now = performance.now();
    if (firstAt === null) end();
    else if (now - firstAt > ASKED_ONCE_MS) hurry();
    firstAt ??= now;
  };
  for (const signal of signals) process.on(signal, asked);
  return asked;
}

/** In production: one role with its own secrets, its log as it is, and its exit code as ours. */
async function runOneRole(role: Role, settings: Settings, env: Environment): Promise<void> {
  if (role.name === 'web' && (await buildState()) === 'missing') {
    throw new SettingError('The dashboard is not built: run npm run build.');
  }
  await migrate(env.DATABASE_URL ?? '');
  const port = settings.portIsExact ? settings.port : settings.port + (role.portOffset ?? 0);
  const place = { host: settings.host, port, dev: false };
  const urls = { COUNTERSIGN_PUBLIC_URL: settings.publicUrl, COUNTERSIGN_MCP_URL: settings.mcpUrl };
  const child = spawn(process.execPath, ['--import', exitWithParent, ...role.command(place)], {
    env: roleEnvironment(role, { ...env, ...urls }, place),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    // Its own session, as under `npm start`: what a terminal sends to everybody reaches it once, through us.
    detached: process.platform !== 'win32',
  });
  whenAsked(
    ['SIGINT', 'SIGTERM'],
    () => child.kill('SIGTERM'),
    () => child.kill('SIGKILL'),
  );
  child.once('error', fail);
  child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGTERM' || signal === 'SIGINT' ? 0 : 1)));
}

async function runEverything(settings: Settings, env: Environment, parts?: Parts): Promise<void> {
  const house = supervise(settings, env, parts);
  let ending = false;
  const end = () => {
    ending = true;
    void house.stop().then(() => process.exit(0), fail);
  };
  const asked = whenAsked(['SIGINT', 'SIGTERM', 'SIGHUP'], end, house.kill);
  // Whoever started us with a channel wants us to go when they go.
  process.on('disconnect', asked);
  try {
    await house.start();
  } catch (error) {
    if (ending) return;
    await house.stop();
    fail(error);
  }
}

/** `npm start`. Everything that is wrong with the settings is one sentence and exit code 1. */
export async function start(argv: string[], parts?: Parts): Promise<void> {
  try {
    if (readSettings(argv, {}).envFile && existsSync('.env')) process.loadEnvFile('.env');
    const env = given(process.env);
    const settings = readSettings(argv, env);
    checkEnvironment(settings, env);
    const warning = env.NODE_ENV === 'production' ? nodeWarning(process.versions.node, new Date()) : null;
    if (warning) process.stderr.write(`${warning}\n`);
    if (settings.role === null) await runEverything(settings, env, parts);
    else await runOneRole(ROLES[settings.role], settings, env);
  } catch (error) {
    fail(error);
  }
}
