import { tokens } from '#pagerduty/fake/company.ts';
import { credentialIn } from '#process/settings/pagerduty.ts';
import type { Environment } from '#process/settings/setting.ts';
import * as workspace from '#slack/fake/company.ts';
import { isOwnSlack, PLAYABLE_PAGERDUTY, PLAYABLE_SLACK, ROLES, type Role } from './roles.ts';

// What stands in for the world outside, so that everything can be tried without an account anywhere.

/** Whether the playable PagerDuty stands in for the real one: only when no credential is set at all. */
export function playsPagerDuty(env: Environment): boolean {
  return credentialIn(env, 'READ') === null && credentialIn(env, 'WRITE') === null;
}

/**
 * Whether the playable Slack stands in for the real one: only beside the playable PagerDuty, because whoever opens its
 * page can press any button as anybody.
 */
export function playsSlack(env: Environment): boolean {
  return playsPagerDuty(env) && !isOwnSlack(env);
}

const at = (basePort: number, role: Role) => `http://127.0.0.1:${basePort + (role.portOffset ?? 0)}`;

/** What the roles are told of the playable PagerDuty; nothing where it does not stand in. */
export function inventedPagerDuty(basePort: number, env: Environment): Environment {
  if (!playsPagerDuty(env)) return {};
  return {
    PAGERDUTY_API_URL: at(basePort, PLAYABLE_PAGERDUTY),
    PAGERDUTY_READ_TOKEN: tokens.accountRead,
    PAGERDUTY_WRITE_TOKEN: tokens.accountFull,
    // In the invented company whoever tries it may become any of its people.
    COUNTERSIGN_PLAY: '1',
  };
}

/** The same of the playable Slack. */
export function inventedSlack(basePort: number, env: Environment): Environment {
  if (!playsSlack(env)) return {};
  return {
    SLACK_API_URL: `${at(basePort, PLAYABLE_SLACK)}/api/`,
    SLACK_BOT_TOKEN: workspace.tokens.bot,
    SLACK_SIGNING_SECRET: workspace.signingSecret,
    SLACK_CHANNEL: workspace.channels.approvals.id,
    SLACK_DELIVER_TO: `${at(basePort, ROLES.slack)}/slack/events`,
  };
}
