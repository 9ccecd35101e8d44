import { createLog } from '#approvals/log.ts';
import type { Base } from './context.ts';
import { readSettings } from './settings.ts';

/** Open sockets must not hold up whoever stops us. */
const EXIT_WITHIN_MS = 1_500;

/** What all parts of the web process share. */
export interface WebProcess {
  base: Base | null;
  /** Ends the open live streams. */
  endings: Set<() => void>;
}

declare global {
  // Next loads this file, the pages and the doors as separate module graphs; only the global object is one.
  var countersignWeb: WebProcess | undefined;
}

export function webProcess(): WebProcess {
  globalThis.countersignWeb ??= { base: null, endings: new Set() };
  return globalThis.countersignWeb;
}

/** Refuses to run with wrong settings, and sees to it that a stop is quick although browsers hold streams open. */
export function start(): void {
  const log = createLog('web');
  try {
    readSettings(process.env);
  } catch (error) {
    log.error(error instanceof Error ? error.message : 'The settings cannot be read.');
    process.exit(1);
  }
  const stop = () => {
    for (const end of [...webProcess().endings]) end();
    setTimeout(() => process.exit(0), EXIT_WITHIN_MS).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}
