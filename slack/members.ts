import type { webApi } from '@slack/bolt';
import type { Deciding } from '#approvals/context.ts';
import { noteSlackUser, type SlackUser, slackUserToRecheck, unlinkSlack } from '#identity/slack-identities.ts';
import { slackFailure } from './failure.ts';

/** What Slack says of a user, as far as it decides whether they can act here. */
export interface Member {
  id?: string;
  team_id?: string;
  deleted?: boolean;
  is_bot?: boolean;
  is_app_user?: boolean;
  is_restricted?: boolean;
  is_ultra_restricted?: boolean;
  is_stranger?: boolean;
}

/** Why somebody may never act here; null for a full member of our own workspace. What is not known is a no. */
export function unfit(member: Member | undefined, teamId: string): string | null {
  if (member?.id === undefined) return 'Slack does not know you.';
  if (member.deleted) return 'Your Slack account is switched off.';
  if (member.is_bot || member.is_app_user || member.id === 'USLACKBOT') return 'Bots cannot decide.';
  if (member.is_restricted || member.is_ultra_restricted) return 'Guests cannot decide.';
  if (member.is_stranger || member.team_id !== teamId) return 'Only members of this workspace can decide.';
  return null;
}

/** Ends the link of somebody who is no longer a full member. */
export async function reconsider(
  ctx: Pick<Deciding, 'db' | 'now' | 'limits' | 'log'>,
  user: SlackUser,
  member: Member,
) {
  if (unfit(member, user.teamId) === null) return noteSlackUser(ctx, user);
  await unlinkSlack(ctx, user, member.deleted ? 'no longer a member' : 'a guest now');
}

const GONE = ['user_not_found', 'user_not_visible', 'users_not_found'];

/** Looks at linked users again, the one longest not looked at first; a few at a time. */
export async function recheckMembers(
  ctx: Pick<Deciding, 'db' | 'now' | 'limits' | 'log'>,
  client: webApi.WebClient,
  atMost = 10,
): Promise<void> {
  for (let count = 0; count < atMost; count++) {
    const user = await slackUserToRecheck(ctx);
    if (user === null) return;
    try {
      const { user: member } = await client.users.info({ user: user.userId });
      await reconsider(ctx, user, member ?? {});
    } catch (error) {
      // Slack being away proves nothing; one that it does not know any more, or does not show us, is gone.
      if (!GONE.includes(slackFailure(error).words)) return;
      await unlinkSlack(ctx, user, 'no longer a member');
    }
  }
}
