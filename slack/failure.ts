import { webApi } from '@slack/bolt';

/** Why a call to Slack did not work. */
export interface SlackFailure {
  /** In codes, never in somebody else's words. */
  words: string;
  /** Whether it is certain that Slack did nothing; otherwise a message may be there that nobody knows of. */
  nothingDone: boolean;
  /** When Slack asked for patience. */
  retryAfterSeconds: number | null;
}

export const RATE_LIMITED = 'rate limited';

/** Slack's own codes that say it broke on the way and may have done a part. */
const BROKE_ON_THE_WAY = ['fatal_error', 'internal_error'];

/** Failures before the first byte of a request could leave. */
const NEVER_CONNECTED = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
];

function code(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

/** Reads an error of Slack's client. Whatever is not known for certain counts as possibly done. */
export function slackFailure(error: unknown): SlackFailure {
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return { words: RATE_LIMITED, nothingDone: true, retryAfterSeconds: error.retryAfter };
  }
  if (error instanceof webApi.WebAPIPlatformError) {
    const said: unknown = error.data.error;
    // An answer that is not JSON ends up here as a whole: some proxy's page.
    if (typeof said !== 'string' || !/^[a-z_]{1,60}$/.test(said)) {
      return { words: 'unreadable answer', nothingDone: false, retryAfterSeconds: null };
    }
    return { words: said, nothingDone: !BROKE_ON_THE_WAY.includes(said), retryAfterSeconds: null };
  }
  if (error instanceof webApi.WebAPIHTTPError) {
    return { words: `HTTP ${error.statusCode}`, nothingDone: error.statusCode < 500, retryAfterSeconds: null };
  }
  if (error instanceof webApi.WebAPIRequestError) {
    const words = code(error.original.cause) ?? error.original.name;
    return { words, nothingDone: NEVER_CONNECTED.includes(words), retryAfterSeconds: null };
  }
  return { words: error instanceof Error ? error.name : 'unknown', nothingDone: false, retryAfterSeconds: null };
}
