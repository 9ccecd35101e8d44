import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.ts';
import { migrate } from '#db/migrate.ts';
import { people, tokens } from '#pagerduty/fake/company.ts';
import { SettingError } from '#process/errors.ts';
import { PAGERDUTY } from '#process/settings/pagerduty.ts';
import type { Environment } from '#process/settings/setting.ts';
import { build, buildState } from './build.ts';
import { inventedPagerDuty, playsPagerDuty, playsSlack } from './invented.ts';
import { isStartNote, readableLine } from './role-output.ts';
import { keepRunning, type RoleProcess } from './role-process.ts';
import { PLAYABLE_PAGERDUTY, PLAYABLE_SLACK, type Place, ROLES, type Role } from './roles.ts';
import { refuseSecond, removeRunning, writeRunning } from './running.ts';
import { keptSecretsKey } from './secrets-key.ts';
import { type Seeded, seed } from './seed.ts';
import { type Settings, toldByStart } from './settings.ts';
import type { Pids, StackMessage } from './stack.ts';

/** What is started; tests put small programs in the places of the roles. */
export interface Parts {
  roles: readonly Role[];
  pagerduty: Role;
  slack: Role;
  seed: (options: Parameters<typeof seed>[0]) => Promise<Seeded | null>;
}

const PRODUCT: Parts = { roles: Object.values(ROLES), pagerduty: PLAYABLE_PAGERDUTY, slack: PLAYABLE_SLACK, seed };

async function refuseTakenPort(port: number, host: string): Promise<void> {
  const free = await new Promise<boolean>((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => done(true)));
  });
  if (free) return;
  throw new SettingError(
    `Port ${port} is taken: stop what uses it, or choose other ports with COUNTERSIGN_PORT or --port.`,
  );
}

/** Builds the dashboard if its sources are not those of the last build. */
export async function ensureBuild(allowed: boolean, signal: AbortSignal, say: (text: string) => void): Promise<void> {
  const state = await buildState();
  if (state === 'fresh' || (state === 'old' && !allowed)) return;
  if (!allowed) throw new SettingError('The dashboard is not built: run npm run build, or start without --no-build.');
  say('building the dashboard; this takes a minute or so');
  const { ok, output } = await build(signal);
  if (!ok) throw new SettingError(`${output}\nThe dashboard could not be built; what the build said is above.`);
}

function block(settings: Settings, seeded: Seeded | null, { playable: pagerduty, slack }: Ground): string {
  const lines = ['', 'Countersign is running.', ''];
  const link = seeded?.signInLinks.priya;
  if (link) lines.push(`  Sign in as ${people.priya.name} (the link works once, for 12 hours):`, `    ${link}`);
  else lines.push(`  Dashboard                 ${settings.publicUrl}`, '  Who may sign in           npm run people');
  if (pagerduty) lines.push(`  The playable PagerDuty    ${pagerduty}`);
  if (slack) lines.push(`  The playable Slack        ${slack}`);
  lines.push(`  MCP server for agents     ${settings.mcpUrl}`);
  if (seeded) lines.push('  Let the demo agent ask    npm run agent');
  return [...lines, '', 'Ctrl-C stops everything.', ''].join('\n');
}

/** Everything that is being run, so that one call can end it in the right order. */
interface House {
  settings: Settings;
  env: Environment;
  parts: Parts;
  /** The operator's settings and the addresses; what every role's environment is picked from. */
  told: Environment;
  roles: RoleProcess[];
  database: EmbeddedPostgres | null;
  abort: AbortController;
}

/** What the roles stand on. */
interface Ground {
  env: Environment;
  /** What we made up ourselves: no operator's secret is in it. */
  made: Environment;
  /** The playable PagerDuty's address; null = the real one. */
  playable: string | null;
  /** The playable Slack's; null = the real one, or none. */
  slack: string | null;
}

function print(role: string, text: string): void {
  process.stdout.write(`${readableLine(role, text, new Date())}\n`);
}

function printOutput(role: string, line: string): void {
  if (!isStartNote(line)) print(role, line);
}

function tellParent(message: StackMessage): void {
  if (process.connected) process.send?.(message);
}

function pidsOf(house: House): Pids {
  const ofRoles = house.roles.map((role) => [role.name, role.pid() ?? undefined]);
  return { ...Object.fromEntries(ofRoles), supervisor: process.pid };
}

function placeOf(house: House, role: Role): Place {
  const { host, dev, port } = house.settings;
  return { host, dev, port: port + (role.portOffset ?? 0) };
}

function wantedRoles(house: House): Role[] {
  return house.parts.roles.filter((role) => role.wanted(house.told));
}

function launch(house: House, role: Role, env: Environment): RoleProcess {
  house.abort.signal.throwIfAborted();
  const changed = () => tellParent({ kind: 'pids', pids: pidsOf(house) });
  const started = keepRunning(role, env, placeOf(house, role), { line: printOutput, say: print, changed });
  house.roles.push(started);
  changed();
  return started;
}

/** Starts the embedded database, and again whenever it dies: same folder, same port, nothing that was committed lost. */
async function keepDatabase(house: House): Promise<EmbeddedPostgres> {
  const database = await startEmbeddedPostgres({ dataDir: join(house.settings.dataDir, 'postgres') });
  house.database = database;
  void database.ended.then(async () => {
    for (let waitMs = 500; !house.abort.signal.aborted; waitMs = Math.min(waitMs * 2, 10_000)) {
      print('database', 'ended by itself; starting it again');
      try {
        await keepDatabase(house);
        print('database', 'ready again');
        return;
      } catch {
        // What is left of the old one may still hold the folder.
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  });
  return database;
}

async function startDatabase(house: House): Promise<string> {
  let url = house.env.DATABASE_URL;
  if (!url) {
    url = (await keepDatabase(house)).url;
    house.abort.signal.throwIfAborted();
  }
  await migrate(url);
  print('database', house.database ? 'ready (embedded PostgreSQL)' : 'ready (DATABASE_URL)');
  return url;
}

async function startGround(house: House): Promise<Ground> {
  const { env, parts, settings, told } = house;
  const plays = playsPagerDuty(env);
  const builds = wantedRoles(house).some((role) => role.name === 'web') && !settings.dev;
  const chats = playsSlack(env);
  const [databaseUrl] = await Promise.all([
    startDatabase(house),
    plays ? launch(house, parts.pagerduty, told).ready : null,
    chats ? launch(house, parts.slack, told).ready : null,
    builds ? ensureBuild(settings.build, house.abort.signal, (text) => print('web', text)) : null,
  ]);
  const addressOf = (role: Role) => `http://127.0.0.1:${placeOf(house, role).port}`;
  const made = { ...(!env.DATABASE_URL && { DATABASE_URL: databaseUrl }), ...inventedPagerDuty(settings.port, env) };
  // Not among what commands are told: none of them needs it.
  const COUNTERSIGN_SECRETS_KEY = env.COUNTERSIGN_SECRETS_KEY || (await keptSecretsKey(settings.dataDir));
  return {
    env: { ...told, ...made, COUNTERSIGN_SECRETS_KEY },
    made,
    playable: plays ? addressOf(parts.pagerduty) : null,
    slack: chats ? addressOf(parts.slack) : null,
  };
}

async function seedGround(house: House, ground: Ground): Promise<Seeded | null> {
  if (ground.playable === null) return null;
  return await house.parts.seed({
    databaseUrl: ground.env.DATABASE_URL ?? '',
    pagerdutyUrl: ground.playable,
    pagerdutyToken: tokens.accountRead,
    publicUrl: house.settings.publicUrl,
    dataDir: house.settings.dataDir,
    slack: ground.slack !== null,
  });
}

async function announce(house: House, ground: Ground, seeded: Seeded | null): Promise<void> {
  const { settings } = house;
  const pagerduty = ground.playable ?? ground.env.PAGERDUTY_API_URL ?? PAGERDUTY;
  const urls = { web: settings.publicUrl, mcp: settings.mcpUrl, pagerduty, slack: ground.slack };
  await writeRunning(settings.dataDir, { urls, made: ground.made });
  process.stdout.write(block(settings, seeded, ground));
  const { DATABASE_URL = '', PAGERDUTY_API_URL, PAGERDUTY_READ_TOKEN, PAGERDUTY_WRITE_TOKEN } = ground.env;
  const { COUNTERSIGN_PLAY, COUNTERSIGN_SECRETS_KEY, SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET } = ground.env;
  const { SLACK_CHANNEL, SLACK_API_URL } = ground.env;
  tellParent({
    kind: 'ready',
    urls: { ...urls, database: DATABASE_URL },
    signInLinks: seeded?.signInLinks ?? null,
    agentTokenFile: seeded?.agentTokenFile ?? null,
    pids: pidsOf(house),
    replicaEnv: {
      DATABASE_URL,
      PAGERDUTY_API_URL,
      PAGERDUTY_READ_TOKEN,
      PAGERDUTY_WRITE_TOKEN,
      COUNTERSIGN_PLAY,
      COUNTERSIGN_SECRETS_KEY,
      SLACK_BOT_TOKEN,
      SLACK_SIGNING_SECRET,
      SLACK_CHANNEL,
      SLACK_API_URL,
    },
  });
}

async function startAll(house: House): Promise<void> {
  const { settings, env, parts } = house;
  await refuseSecond(settings.dataDir);
  const listening = [
    ...wantedRoles(house),
    ...(playsPagerDuty(env) ? [parts.pagerduty] : []),
    ...(playsSlack(env) ? [parts.slack] : []),
  ];
  for (const role of listening) {
    if (role.portOffset !== null) await refuseTakenPort(placeOf(house, role).port, settings.host);
  }
  // Others may pass through, so that the database's own user reaches its folder; they cannot look around.
  await mkdir(settings.dataDir, { recursive: true, mode: 0o711 });
  const ground = await startGround(house);
  const seeded = await seedGround(house, ground);
  await Promise.all(wantedRoles(house).map((role) => launch(house, role, ground.env).ready));
  house.abort.signal.throwIfAborted();
  await announce(house, ground, seeded);
}

async function stopAll(house: House): Promise<void> {
  house.abort.abort();
  await Promise.all(house.roles.map((role) => role.stop()));
  await house.database?.stop();
  await removeRunning(house.settings.dataDir);
}

/** Everything on this machine, kept running until `stop`. Not for production: there, each role is started alone. */
export function supervise(settings: Settings, env: Environment, parts: Parts = PRODUCT) {
  const told = toldByStart(settings, env);
  const house: House = { settings, env, parts, told, roles: [], database: null, abort: new AbortController() };
  let stopping: Promise<void> | null = null;
  return {
    /** Resolves when every role is ready. @throws Error with one sentence. */
    start: () => startAll(house),
    /** Ends the roles, then the database; within 3 s. */
    stop: () => {
      stopping ??= stopAll(house);
      return stopping;
    },
    /** Ends the roles now; the database follows when this process ends. */
    kill: () => {
      for (const role of house.roles) role.kill();
    },
  };
}
