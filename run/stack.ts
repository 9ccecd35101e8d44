import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Environment } from '#process/settings/setting.ts';
import type { Urls } from './running.ts';
import type { DemoPerson } from './seed.ts';

export type Pids = Record<string, number | undefined> & { supervisor: number };

interface Facts {
  urls: Urls & { database: string };
  /**
   * One-use links, 12 hours; null for whoever was removed, and for all when the invented company is not played or was
   * seeded by another stack.
   */
  signInLinks: Record<DemoPerson, string | null> | null;
  agentTokenFile: string | null;
  /** Give this to a second stack and it shares database and PagerDuty with this one. */
  replicaEnv: Environment;
}

/** What the supervisor tells the process that started it. */
export type StackMessage = ({ kind: 'ready'; pids: Pids } & Facts) | { kind: 'pids'; pids: Pids };

export interface Stack extends Facts {
  /** Process ids as they are now; a restarted role has a new one. */
  pids(): Pids;
  /** Everything it wrote so far. */
  output(): string;
  /** Ends it as Ctrl-C does. Resolves with its exit code. */
  stop(): Promise<number | null>;
}

export interface StackOptions {
  /** The base port: web; then MCP, Slack and the playable PagerDuty. */
  port: number;
  dataDir: string;
  env?: Environment;
  /** Default true: build the dashboard first if its sources changed. */
  build?: boolean;
}

/** Settings of the developer's own shell that would lead a stack elsewhere. */
const FOREIGN = /^(DATABASE_URL|PAGERDUTY_|SLACK_|COUNTERSIGN_|NODE_ENV|NODE_OPTIONS|VITEST|PLAYWRIGHT)/;
const READY_WITHIN_MS = 180_000;

function isMessage(message: unknown): message is StackMessage {
  return typeof message === 'object' && message !== null && 'kind' in message;
}

function cleanEnvironment(env: Environment): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !FOREIGN.test(name));
  // Next's types make NODE_ENV a required variable; the supervisor sets it for every role.
  return { ...Object.fromEntries(own), ...env, NODE_ENV: 'test' };
}

async function untilReady(child: ChildProcess, output: () => string, take: (message: StackMessage) => void) {
  return await new Promise<Extract<StackMessage, { kind: 'ready' }>>((done, fail) => {
    const timer = setTimeout(() => {
      child.kill('SIGTERM');
      fail(new Error(`Countersign was not ready in time:\n${output()}`));
    }, READY_WITHIN_MS);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(new Error(`Countersign ended with ${code} before it was ready:\n${output()}`));
    });
    child.on('message', (message) => {
      if (!isMessage(message)) return;
      take(message);
      if (message.kind !== 'ready') return;
      clearTimeout(timer);
      done(message);
    });
  });
}

/**
 * Starts the whole product through `npm start`'s own supervisor, for browser tests and walks. It ends with this
 * process, however that ends.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const script = fileURLToPath(new URL('./start.mjs', import.meta.url));
  const args = ['--port', String(options.port), '--data', options.dataDir, '--no-env-file'];
  if (options.build === false) args.push('--no-build');
  const child = spawn(process.execPath, [script, ...args], {
    env: cleanEnvironment(options.env ?? {}),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      written += chunk;
    });
  }
  let pids: Pids = { supervisor: child.pid ?? 0 };
  const ended = new Promise<number | null>((done) => child.once('exit', done));
  const {
    kind,
    pids: first,
    ...facts
  } = await untilReady(
    child,
    () => written,
    (message) => {
      pids = message.pids;
    },
  );
  pids = first;
  return {
    ...facts,
    pids: () => pids,
    output: () => written,
    stop: async () => {
      child.kill('SIGTERM');
      return await ended;
    },
  };
}
