import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#db/embedded.ts';
import { migrate } from '#db/migrate.ts';
import { people, tokens } from '#pagerduty/fake/company.ts';
import { build, buildState } from './build.ts';
import { readableLine } from './role-output.ts';
import { keepRunning, type RoleProcess } from './role-process.ts';
import { type Environment, PLAYABLE_PAGERDUTY, ROLES, type Role } from './roles.ts';
import { removeRunning, writeRunning } from './running.ts';
import { type Seeded, seed } from './seed.ts';
import { playsPagerDuty, SettingProblem, type Settings } from './settings.ts';
import type { StackMessage } from './stack.ts';

/** What is started; tests put small programs in the places of the roles. */
export interface Parts {
  roles: readonly Role[];
  pagerduty: Role;
  seed: (options: Parameters<typeof seed>[0]) => Promise<Seeded | null>;
}

const PRODUCT: Parts = { roles: Object.values(ROLES), pagerduty: PLAYABLE_PAGERDUTY, seed };
const REAL_PAGERDUTY = 'https://api.pagerduty.com';

async function refuseTakenPort(port: number, host: string): Promise<void> {
  const free = await new Promise<boolean>((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => done(true)));
  });
  if (free) return;
  throw new SettingProblem(
    `Port ${port} is taken: stop what uses it, or choose other ports with COUNTERSIGN_PORT or --port.`,
  );
}

/** Builds the dashboard if its sources are not those of the last build. */
export async function ensureBuild(allowed: boolean, signal: AbortSignal, say: (text: string) => void): Promise<void> {
  const state = await buildState();
  if (state === 'fresh' || (state === 'old' && !allowed)) return;
  if (!allowed) throw new SettingProblem('The dashboard is not built: run npm run build, or start without --no-build.');
  say('building the dashboard; this takes some 15 s');
  const { ok, output } = await build(signal);
  if (!ok) throw new SettingProblem(`${output}\nThe dashboard could not be built; what the build said is above.`);
}

function block(settings: Settings, seeded: Seeded | null, pagerduty: string | null): string {
  const lines = ['', 'Countersign is running.', ''];
  if (seeded) {
    lines.push(
      `  Sign in as ${people.priya.name} (the link works once, for 12 hours):`,
      `    ${seeded.signInLinks.priya}`,
    );
  } else lines.push(`  Dashboard                 ${settings.publicUrl}`, '  Who may sign in           npm run people');
  if (pagerduty) lines.push(`  The playable PagerDuty    ${pagerduty}`);
  lines.push(`  MCP server for agents     ${settings.mcpUrl}`);
  if (seeded) lines.push('  Let the demo agent ask    npm run agent');
  return [...lines, '', 'Ctrl-C stops everything.', ''].join('\n');
}

/** The database, the outside world and what they are called, as the roles are told. */
interface Ground {
  env: Environment;
  /** What we made up; the operator's own settings are not in it. */
  made: Environment;
  playable: string | null;
}

/** Starts everything on this machine and keeps it running until `stop`. Not for production: there, one role each. */
export function supervise(settings: Settings, env: Environment, parts: Parts = PRODUCT) {
  const { dataDir, host, dev } = settings;
  const abort = new AbortController();
  const running: RoleProcess[] = [];
  const told: Environment = {
    ...env,
    COUNTERSIGN_PUBLIC_URL: settings.publicUrl,
    COUNTERSIGN_MCP_URL: settings.mcpUrl,
  };
  const wanted = parts.roles.filter((role) => role.wanted(env));
  let database: EmbeddedPostgres | null = null;

  const print = (role: string, text: string) => process.stdout.write(`${readableLine(role, text, new Date())}\n`);
  const tellParent = (message: StackMessage) => {
    if (process.connected) process.send?.(message);
  };
  const pids = () => ({
    supervisor: process.pid,
    ...Object.fromEntries(running.map((role) => [role.name, role.pid() ?? undefined])),
  });
  const watching = { line: print, say: print, changed: () => tellParent({ kind: 'pids', pids: pids() }) };
  const stopIfAsked = () => abort.signal.throwIfAborted();

  function place(role: Role) {
    return { host, dev, port: settings.port + (role.portOffset ?? 0) };
  }

  function launch(role: Role, roleEnv: Environment): RoleProcess {
    stopIfAsked();
    const started = keepRunning(role, roleEnv, place(role), watching);
    running.push(started);
    return started;
  }

  async function startDatabase(): Promise<string> {
    if (env.DATABASE_URL) return env.DATABASE_URL;
    database = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres') });
    stopIfAsked();
    return database.url;
  }

  async function startGround(): Promise<Ground> {
    const plays = playsPagerDuty(env);
    const [databaseUrl] = await Promise.all([
      startDatabase().then(async (url) => {
        await migrate(url);
        print('database', env.DATABASE_URL ? 'ready (DATABASE_URL)' : 'ready (embedded PostgreSQL)');
        return url;
      }),
      plays ? launch(parts.pagerduty, told).ready : null,
      wanted.some((role) => role.name === 'web') && !dev
        ? ensureBuild(settings.build, abort.signal, (text) => print('web', text))
        : null,
    ]);
    const playable = plays ? `http://127.0.0.1:${place(parts.pagerduty).port}` : null;
    const made: Environment = {
      ...(!env.DATABASE_URL && { DATABASE_URL: databaseUrl }),
      ...(playable && {
        PAGERDUTY_API_URL: playable,
        PAGERDUTY_READ_TOKEN: tokens.accountRead,
        PAGERDUTY_WRITE_TOKEN: tokens.accountFull,
      }),
    };
    return { env: { PAGERDUTY_API_URL: REAL_PAGERDUTY, ...told, ...made }, made, playable };
  }

  async function start(): Promise<void> {
    const listening = [...wanted, ...(playsPagerDuty(env) ? [parts.pagerduty] : [])];
    for (const role of listening) if (role.portOffset !== null) await refuseTakenPort(place(role).port, host);
    // Others may pass through, so that the server's own user reaches its folder; they cannot look.
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    const ground = await startGround();
    const seeded = ground.playable
      ? await parts.seed({
          databaseUrl: ground.env.DATABASE_URL ?? '',
          pagerdutyUrl: ground.playable,
          pagerdutyToken: tokens.accountRead,
          publicUrl: settings.publicUrl,
          dataDir,
        })
      : null;
    await Promise.all(wanted.map((role) => launch(role, ground.env).ready));
    stopIfAsked();
    const pagerduty = ground.playable ?? ground.env.PAGERDUTY_API_URL ?? REAL_PAGERDUTY;
    const urls = { web: settings.publicUrl, mcp: settings.mcpUrl, pagerduty };
    await writeRunning(dataDir, { urls, made: ground.made });
    process.stdout.write(block(settings, seeded, ground.playable));
    const { DATABASE_URL = '', PAGERDUTY_API_URL, PAGERDUTY_READ_TOKEN, PAGERDUTY_WRITE_TOKEN } = ground.env;
    tellParent({
      kind: 'ready',
      urls: { ...urls, database: DATABASE_URL },
      signInLinks: seeded?.signInLinks ?? null,
      agentTokenFile: seeded?.agentTokenFile ?? null,
      pids: pids(),
      replicaEnv: { DATABASE_URL, PAGERDUTY_API_URL, PAGERDUTY_READ_TOKEN, PAGERDUTY_WRITE_TOKEN },
    });
  }

  let stopping: Promise<void> | null = null;
  async function stopAll(): Promise<void> {
    abort.abort();
    await Promise.all(running.map((role) => role.stop()));
    await database?.stop();
    await removeRunning(dataDir);
  }

  return {
    /** Resolves when every role is ready. @throws Error with one sentence. */
    start,
    /** Ends roles, then the database; within 3 s. */
    stop: () => {
      stopping ??= stopAll();
      return stopping;
    },
    /** Ends the roles now; the database follows when this process ends. */
    kill: () => {
      for (const role of running) role.kill();
    },
  };
}
