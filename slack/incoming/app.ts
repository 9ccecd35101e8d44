import { createHash } from 'node:crypto';
import { type AnyMiddlewareArgs, App, type Logger, LogLevel, type Receiver, webApi } from '@slack/bolt';
import { markHandled, receiveOnce } from '#outbox/slack-inbox.ts';
import { listenForAccounts } from './listeners/account.ts';
import { listenForDecisions } from './listeners/decide.ts';
import { listenForEvents } from './listeners/events.ts';
import type { Serving } from './who.ts';

const CALL_TIMEOUT_MS = 5_000;

/** Slack's packages log bodies and texts, which no log of ours may hold; what matters reaches us as errors. */
export const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

export interface SlackClientOptions {
  token: string;
  /** With a slash at the end. */
  apiUrl: string;
  /** Default 5,000 (5 s). */
  timeoutMs?: number;
}

function clientOptions({ apiUrl, timeoutMs = CALL_TIMEOUT_MS }: Omit<SlackClientOptions, 'token'>) {
  return {
    slackApiUrl: apiUrl,
    timeout: timeoutMs,
    // A retry of a post whose answer was lost is a second message; the outbox decides about that, and waits by itself.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    // A method name that is a URL would be sent the token.
    allowAbsoluteUrls: false,
    logger: quiet,
  };
}

export function createSlackClient({ token, ...options }: SlackClientOptions): webApi.WebClient {
  return new webApi.WebClient(token, clientOptions(options));
}

export interface SlackAppOptions extends SlackClientOptions {
  receiver: Receiver;
  serving: Serving;
}

/**
 * The same bytes are handled once. Acknowledged again, in case the first answer was lost; what was begun and not
 * finished is handled again.
 */
async function once(serving: Serving, args: AnyMiddlewareArgs & { next: () => Promise<void> }): Promise<void> {
  const hash = createHash('sha256').update(JSON.stringify(args.body)).digest('hex');
  if (await receiveOnce(serving.ctx, hash)) {
    await args.next();
    return markHandled(serving.ctx, hash);
  }
  if ('ack' in args && typeof args.ack === 'function') await args.ack();
}

/** The side of Slack that calls us: buttons, modals, the command, the Home tab. */
export function createSlackApp({ receiver, serving, token, ...options }: SlackAppOptions): App {
  const app = new App({
    receiver,
    // One workspace, one token: Bolt would ask Slack who we are before every click.
    authorize: async () => ({ botToken: token }),
    clientOptions: clientOptions(options),
    ignoreSelf: false,
    convoStore: false,
    logger: quiet,
  });
  app.use((args) => once(serving, args));
  listenForDecisions(app, serving);
  listenForAccounts(app, serving);
  listenForEvents(app, serving);
  // What failed is not acknowledged: the receiver answers that it was not done, and Slack shows that.
  app.error(async (error) => {
    throw error.original ?? error;
  });
  return app;
}
