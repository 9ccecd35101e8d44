import { App, type Logger, LogLevel, webApi } from '@slack/bolt';
import type { Log } from '#approvals/log.ts';
import { OPEN_ACTION } from './message.ts';
import { SignedReceiver } from './receiver.ts';

const CALL_TIMEOUT_MS = 5_000;

/** Slack's packages log bodies and texts, which no log of ours may hold; what matters reaches us as errors. */
const quiet: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => LogLevel.ERROR,
  setName: () => undefined,
};

/** @param apiUrl with a slash at the end. */
export function createSlackClient(options: { token: string; apiUrl: string; timeoutMs?: number }): webApi.WebClient {
  return new webApi.WebClient(options.token, {
    slackApiUrl: options.apiUrl,
    timeout: options.timeoutMs ?? CALL_TIMEOUT_MS,
    // A retry of a post whose answer was lost is a second message; the outbox decides about that, and waits by itself.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    // A method name that is a URL would be sent the token.
    allowAbsoluteUrls: false,
    logger: quiet,
  });
}

export interface SlackAppOptions {
  token: string;
  signingSecret: string;
  host: string;
  port: number;
  log: Log;
  healthy: () => Promise<unknown>;
}

/** The side of Slack that calls us. Nothing can be decided there yet: it only acknowledges clicks on our link. */
export function createSlackApp(options: SlackAppOptions): SignedReceiver {
  const receiver = new SignedReceiver(options);
  const app = new App({
    receiver,
    // One workspace, one token: Bolt would ask Slack who we are before every click.
    authorize: async () => ({ botToken: options.token }),
    ignoreSelf: false,
    convoStore: false,
    logger: quiet,
  });
  app.action(OPEN_ACTION, async ({ ack }) => {
    await ack();
  });
  app.error(async (error) => {
    options.log.error('a message of Slack could not be handled', { error: error.code });
  });
  return receiver;
}
