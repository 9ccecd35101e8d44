import { SettingError } from '#process/errors.ts';
import type { Log } from '#process/log.ts';
import { slackFailure } from './failure.ts';
import type { Team } from './team.ts';

/** Slack's codes for a token that will never be taken. */
const REFUSED = [
  'account_inactive',
  'invalid_auth',
  'not_allowed_token_type',
  'not_authed',
  'token_expired',
  'token_revoked',
];

/**
 * Asks Slack at start whose token ours is.
 * @throws SettingError when Slack refuses it. Slack being away is only logged: what is due is said later.
 */
export async function checkToken(team: Team, log: Log): Promise<void> {
  try {
    await team.id();
  } catch (error) {
    const { words } = slackFailure(error);
    if (REFUSED.includes(words)) {
      throw new SettingError(
        `Slack refuses SLACK_BOT_TOKEN (${words}). Copy the bot token, xoxb-…, of the installed app once more.`,
      );
    }
    log.warn('Slack could not be asked whose token SLACK_BOT_TOKEN is', { error: words });
  }
}
