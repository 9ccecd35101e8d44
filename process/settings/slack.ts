import { z } from 'zod';
import { credentialsUrl, oneOf, refuseMissing, required } from './setting.ts';

/** A token that must begin so, as all of Slack's say what they are. */
const token = (prefix: string, is: string) =>
  required(`${is}, ${prefix}…`).refine((text) => text.startsWith(prefix), `must be ${is} and begin with ${prefix}.`);

/** How clicks come in: as signed HTTP, or over a socket that we open. */
const inbound = z
  .object({
    SLACK_MODE: oneOf('http', 'socket').default('http'),
    SLACK_SIGNING_SECRET: z.string().optional(),
    SLACK_APP_TOKEN: token('xapp-', 'the app-level token for Socket Mode').optional(),
  })
  .transform(({ SLACK_MODE: mode, SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: appToken }, ctx) => {
    if (mode === 'http' && signingSecret !== undefined) return { inbound: { mode, signingSecret } };
    if (mode === 'socket' && appToken !== undefined) return { inbound: { mode, appToken } };
    return mode === 'http'
      ? refuseMissing(ctx, 'SLACK_SIGNING_SECRET', 'the secret with which Slack signs what it sends us')
      : refuseMissing(ctx, 'SLACK_APP_TOKEN', 'the app-level token for Socket Mode, xapp-…');
  });

/** Our side of the Slack app. */
export const slackApp = z
  .object({
    SLACK_BOT_TOKEN: token('xoxb-', 'the bot token of the Slack app'),
    // Names may change and are not what Slack's calls take.
    SLACK_CHANNEL: required('the id of the channel that is told of requests, e.g. C0123456789').regex(
      /^[CG][A-Z0-9]{5,}$/,
      'must be the id of a channel, e.g. C0123456789, and not its name.',
    ),
    SLACK_API_URL: credentialsUrl('https://slack.com/api/'),
  })
  .transform(({ SLACK_BOT_TOKEN: botToken, SLACK_CHANNEL: channel, SLACK_API_URL: apiUrl }) => ({
    botToken,
    channel,
    /** With a slash at the end. */
    apiUrl: `${apiUrl}/`,
  }))
  .and(inbound);
