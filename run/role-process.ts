import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Environment } from '#process/settings/setting.ts';
import { eachLine } from './role-output.ts';
import { type Place, type Role, roleEnvironment } from './roles.ts';

export interface RoleProcess {
  name: string;
  /** The first time it said that it is ready. Rejects with a sentence when it does not within a minute. */
  ready: Promise<void>;
  pid(): number | null;
  /** Asks it to end, ends it after 2 s, and does not start it again. */
  stop(): Promise<void>;
  /** Ends it now. */
  kill(): void;
}

export interface Watching {
  /** A line the role wrote. */
  line(role: string, text: string): void;
  /** What the supervisor has to say about the role. */
  say(role: string, text: string): void;
  /** Its process changed. */
  changed(): void;
}

export const BACK_OFF = { firstMs: 500, longestMs: 10_000, forgottenAfterMs: 30_000 };
const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 2_000;
const POLL_MS = 100;
/**
 * EX_CONFIG: the role said in a sentence which setting is wrong. Before it was ever ready, starting it again would not
 * help; afterwards the settings are those that worked, and what refuses them may stop doing so.
 */
const WRONG_SETTING = 78;

const root = fileURLToPath(new URL('..', import.meta.url));
const exitWithParent = new URL('./exit-with-parent.mjs', import.meta.url).href;

function spawnRole(role: Role, env: Environment, place: Place): ChildProcess {
  return spawn(process.execPath, ['--import', exitWithParent, ...role.command(place)], {
    cwd: root,
    env: roleEnvironment(role, env, place),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Its own session: Ctrl-C in the terminal reaches the supervisor, which stops everything in order.
    detached: process.platform !== 'win32',
  });
}

/** Where this machine reaches what listens on that host, as it stands in a URL. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

async function answers({ host, port }: Place): Promise<boolean> {
  const url = `http://${reachableHost(host)}:${port}/healthz`;
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).status === 200;
  } catch {
    return false;
  }
}

/** Resolves when this process says that it is ready; never, if it ends before. */
async function saysReady(child: ChildProcess, role: Role, place: Place): Promise<void> {
  if (role.ready === 'message') {
    await new Promise<void>((done) => {
      child.on('message', (message) => {
        if (typeof message === 'object' && message !== null && 'ready' in message) done();
      });
    });
    return;
  }
  while (child.exitCode === null && child.signalCode === null) {
    if (await answers(place)) return;
    await new Promise((done) => setTimeout(done, POLL_MS));
  }
  await new Promise(() => undefined);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

/** A promise somebody else settles. */
function promised() {
  let done: () => void = () => undefined;
  let fail: (why: Error) => void = () => undefined;
  const promise = new Promise<void>((resolve, reject) => {
    done = resolve;
    fail = reject;
  });
  // Nobody waits any more when a role gives up later; it says so in its own words.
  promise.catch(() => undefined);
  return { promise, done, fail };
}

async function endChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const firmer = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await gone;
  clearTimeout(firmer);
}

/** Starts a role and keeps it running: one that ends is started again, after a pause that doubles up to 10 s. */
export function keepRunning(role: Role, env: Environment, place: Place, watching: Watching): RoleProcess {
  const ready = promised();
  let stopping = false;
  let wasReady = false;
  let backOffMs = BACK_OFF.firstMs;
  let restart: NodeJS.Timeout | undefined;

  function ended(startedAt: number, code: number | null, signal: string | null): void {
    if (stopping) return;
    if (code === WRONG_SETTING && !wasReady) {
      ready.fail(new Error(`The role ${role.name} cannot work with these settings; it says above why.`));
      return;
    }
    if (performance.now() - startedAt > BACK_OFF.forgottenAfterMs) backOffMs = BACK_OFF.firstMs;
    const how = code === WRONG_SETTING ? 'refused the settings it had worked with' : `exit code ${code}`;
    watching.say(role.name, `ended (${signal ?? how}), starts again in ${backOffMs / 1000} s`);
    restart = setTimeout(() => {
      child = start();
      watching.changed();
    }, backOffMs);
    backOffMs = Math.min(backOffMs * 2, BACK_OFF.longestMs);
  }

  function start(): ChildProcess {
    const startedAt = performance.now();
    const started = spawnRole(role, env, place);
    eachLine(started.stdout, (text) => watching.line(role.name, text));
    eachLine(started.stderr, (text) => watching.line(role.name, text));
    started.on('error', (error) => watching.say(role.name, `could not be started: ${error.message}`));
    started.once('exit', (code, signal) => ended(startedAt, code, signal));
    void saysReady(started, role, place).then(() => {
      if (stopping) return;
      wasReady = true;
      watching.say(role.name, `ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
      ready.done();
    });
    return started;
  }

  let child = start();
  const sentence = `The role ${role.name} was not ready within ${READY_WITHIN_MS / 1000} s; what it wrote is above.`;
  const tooLate = setTimeout(() => ready.fail(new Error(sentence)), READY_WITHIN_MS);
  void ready.promise.finally(() => clearTimeout(tooLate)).catch(() => undefined);
  return {
    name: role.name,
    ready: ready.promise,
    pid: () => (hasEnded(child) ? null : (child.pid ?? null)),
    stop: async () => {
      stopping = true;
      clearTimeout(tooLate);
      clearTimeout(restart);
      await endChild(child);
    },
    kill: () => {
      stopping = true;
      child.kill('SIGKILL');
    },
  };
}
