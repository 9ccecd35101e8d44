import { SettingError } from './errors.ts';
import { createLog, type Log } from './log.ts';

/** EX_CONFIG: a setting is wrong, and starting again will not help. */
const WRONG_SETTING = 78;

/** Ends what a role started, in the order in which it may end. */
export type Stop = () => Promise<void>;

/** What to tell the operator about whatever kept a role from starting; null = it is a bug, and its stack is for us. */
function sentenceFor(error: unknown): string | null {
  if (error instanceof SettingError) return error.message;
  const listening = error instanceof Error && 'syscall' in error && error.syscall === 'listen';
  if (!listening || !('port' in error && 'code' in error)) return null;
  return `Port ${error.port} cannot be listened on (${error.code}). Set COUNTERSIGN_PORT to another.`;
}

/**
 * A role from its start to its end: `start` builds everything and answers how to stop it. A wrong setting or a taken
 * port ends the process with one sentence. The first signal, or the end of the supervisor, stops it; a further one
 * does not cut that short.
 */
export async function runRole(role: string, start: (log: Log) => Promise<Stop>): Promise<void> {
  const log = createLog(role);
  const stop = await start(log).catch((error: unknown) => {
    const sentence = sentenceFor(error);
    if (sentence === null) throw error;
    log.error(sentence);
    process.exit(WRONG_SETTING);
  });
  let stopping = false;
  const end = async () => {
    if (stopping) return;
    stopping = true;
    try {
      await stop();
      process.exit(0);
    } catch (error) {
      log.error('could not stop in order', { error: error instanceof Error ? error.name : 'unknown' });
      process.exit(1);
    }
  };
  // Handled as long as it stops: Ctrl-C in a terminal reaches a role twice, and by default the second one kills.
  process.on('SIGTERM', () => void end());
  process.on('SIGINT', () => void end());
  // The supervisor is gone: nobody would stop or restart this process any more.
  process.once('disconnect', () => void end());
  log.info('ready');
  process.send?.({ ready: true });
}
