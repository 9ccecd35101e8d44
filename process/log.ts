import pino, { type Logger } from 'pino';

/** Fields a log line may carry: ids, states and numbers. Bodies, texts and credentials have no field. */
export interface LogFields {
  request?: string;
  tool?: string;
  agent?: string;
  person?: string;
  /** Id of a Slack user. */
  user?: string;
  status?: string;
  outcome?: string;
  httpStatus?: number | null;
  ms?: number;
  count?: number;
  error?: string;
}

export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/**
 * One JSON line per event of interest on standard output; `LOG_LEVEL` sets the threshold (default info). A wrong one is
 * refused by the settings, and this is what says so.
 */
export function createLog(role: string): Log {
  const level = LEVELS.find((each) => each === process.env.LOG_LEVEL?.trim()) ?? 'info';
  // Otherwise a line is on its way while the process goes on, and what is said just before an end is lost.
  const logger: Logger = pino({ level, base: { role } }, pino.destination({ dest: 1, sync: true }));
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  };
}

export const silentLog: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
