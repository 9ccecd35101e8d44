import type { Changes } from '#approvals/changes.ts';
import type { Context } from '#approvals/context.ts';
import { checkCredentials } from '#process/credentials.ts';
import { runRole } from '#process/run-role.ts';
import { type RoleSettings, roleSettings } from '#process/settings/roles.ts';

/** Open sockets must not hold up whoever stops us. */
const EXIT_WITHIN_MS = 1_000;

/** Everything a request needs but the one who makes it. */
export interface Base extends Omit<Context, 'actor'> {
  changes: Changes;
  settings: RoleSettings['web'];
}

/** What all parts of the web process share. */
export interface WebProcess {
  base: Base | null;
  /** Ends the open live streams. */
  endings: Set<() => void>;
  /** Whoever comes now must not think that we are back. */
  stopping: boolean;
}

declare global {
  // Next loads this file, the pages and the doors as separate module graphs; only the global object is one.
  var countersignWeb: WebProcess | undefined;
}

export function webProcess(): WebProcess {
  globalThis.countersignWeb ??= { base: null, endings: new Set(), stopping: false };
  return globalThis.countersignWeb;
}

/** Ends the live streams, so that a stop is quick although browsers hold them open. */
async function stop(): Promise<void> {
  webProcess().stopping = true;
  for (const end of [...webProcess().endings]) end();
  // Next ends the process itself as soon as its last answer is out.
  await new Promise((done) => setTimeout(done, EXIT_WITHIN_MS).unref());
}

/** Refuses to run with wrong settings, and sees to it that what runs can be stopped. */
export async function start(): Promise<void> {
  await runRole('web', async (log) => {
    await checkCredentials(roleSettings('web', process.env), log);
    return stop;
  });
}
