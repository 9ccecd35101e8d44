import { randomBytes } from 'node:crypto';
import { ApprovalError } from '#process/errors.ts';
import type { Log } from '#process/log.ts';

/** What a person is told when something could not be done. */
export interface Problem {
  httpStatus: number;
  sentence: string;
}

/** Nobody is behind the request, or not any more. */
export class NotSignedIn extends Error {
  constructor() {
    super('You are not signed in any more. Open a new sign-in link.');
    this.name = 'NotSignedIn';
  }
}

/** The one place where a refusal of a verb becomes an answer. */
export function problemOf(error: ApprovalError): Problem {
  const { code, message } = error;
  switch (code) {
    case 'not_found':
      return { httpStatus: 404, sentence: message };
    case 'invalid':
      return { httpStatus: 400, sentence: message };
    case 'forbidden':
      return { httpStatus: 403, sentence: message };
    case 'conflict':
      return { httpStatus: 409, sentence: message };
    case 'expired':
      return { httpStatus: 409, sentence: message };
    case 'precondition_failed':
      return { httpStatus: 412, sentence: message };
    case 'limit_exceeded':
      return { httpStatus: 429, sentence: message };
    case 'unavailable':
      return { httpStatus: 503, sentence: `${message} Nothing was changed; try again in a moment.` };
  }
}

/** Names of errors and the lines of code they came through; their messages may hold texts and parameters. */
function trace(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const lines = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const cause = error.cause instanceof Error ? ` < ${trace(error.cause)}` : '';
  return `${error.name} ${lines
    .slice(0, 6)
    .map((line) => line.trim())
    .join(' ')}${cause}`;
}

/** A sentence for whatever went wrong. What nobody foresaw is logged with an id, and the person gets the id. */
export function toProblem(error: unknown, log: Log): Problem {
  if (error instanceof ApprovalError) return problemOf(error);
  if (error instanceof NotSignedIn) return { httpStatus: 401, sentence: error.message };
  const id = randomBytes(4).toString('hex');
  log.error('a door failed', { error: `${id} ${trace(error)}` });
  return {
    httpStatus: 500,
    sentence: `Something went wrong in Countersign. Look at the request again before you repeat it. Error id: ${id}.`,
  };
}
