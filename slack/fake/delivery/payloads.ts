import { randomUUID } from 'node:crypto';
import type {
  BlockAction,
  BlockElementAction,
  EnvelopedEvent,
  GlobalShortcut,
  SlashCommand,
  ViewClosedAction,
  ViewSubmitAction,
} from '@slack/bolt';
import { described as describedMessage } from '../api/chat.ts';
import { issueResponseUrl } from '../api/response-url.ts';
import { described as describedView } from '../api/views.ts';
import { app, type Channel, type SlackUser, team } from '../company.ts';
import type { Play } from '../play.ts';
import { type Ephemeral, type Message, nextTs, type OpenView, type Values } from '../state.ts';

/** What Slack sends when people act, in the types that Bolt reads it with. */

/** The field that Slack deprecated for signatures; nobody may look at it. */
const VERIFICATION_TOKEN = 'playable-verification-token';

const common = {
  team: { id: team.id, domain: team.domain },
  api_app_id: app.id,
  token: VERIFICATION_TOKEN,
  enterprise: undefined,
  is_enterprise_install: false,
};

const who = ({ id, name, teamId }: SlackUser) => ({ id, username: name, name, team_id: teamId });

/** The right to open one modal within three seconds. */
export function issueTrigger(play: Play, userId: string, fromView: string | null = null): string {
  play.state.serial += 1;
  const id = `${play.state.serial}.${Math.floor(play.now().getTime() / 1000)}.${randomUUID().replaceAll('-', '')}`;
  play.state.triggers.set(id, { userId, issuedAt: play.now(), exchanged: false, fromView });
  return id;
}

export const isEphemeral = (message: Message | Ephemeral): message is Ephemeral => 'from' in message;

/** A click in a message. */
export function messageClick(
  play: Play,
  {
    user,
    channel,
    message,
    action,
    values,
  }: {
    user: SlackUser;
    channel: Channel;
    message: Message | Ephemeral;
    action: BlockElementAction;
    values: Values;
  },
): BlockAction {
  const ephemeral = isEphemeral(message);
  const { ts, threadTs } = message;
  const thread = threadTs === null ? {} : { thread_ts: threadTs };
  return {
    ...common,
    type: 'block_actions',
    user: who(user),
    container: { type: 'message', message_ts: ts, channel_id: channel.id, is_ephemeral: ephemeral, ...thread },
    trigger_id: issueTrigger(play, user.id),
    channel: { id: channel.id, name: channel.name },
    // Slack keeps no ephemeral messages, so it cannot repeat one.
    ...(ephemeral ? {} : { message: describedMessage(message) }),
    state: { values },
    response_url: issueResponseUrl(play, {
      userId: user.id,
      channel: channel.id,
      threadTs,
      message: { ts, ephemeral },
    }),
    actions: [action],
  };
}

/** A click in a modal or a Home tab, which has no response_url. */
export function viewClick(
  play: Play,
  { user, open, action }: { user: SlackUser; open: OpenView; action: BlockElementAction },
): Omit<BlockAction, 'response_url'> {
  return {
    ...common,
    type: 'block_actions',
    user: who(user),
    container: { type: 'view', view_id: open.id },
    trigger_id: issueTrigger(play, user.id, open.view.type === 'modal' ? open.id : null),
    view: describedView(open),
    actions: [action],
  };
}

export function viewSubmission(play: Play, user: SlackUser, open: OpenView): ViewSubmitAction {
  return {
    ...common,
    type: 'view_submission',
    user: who(user),
    trigger_id: issueTrigger(play, user.id, open.id),
    view: describedView(open),
    response_urls: [],
  };
}

/** @param isCleared whether the whole stack was closed at once. */
export function viewClosed(user: SlackUser, open: OpenView, isCleared: boolean): ViewClosedAction {
  return { ...common, type: 'view_closed', user: who(user), view: describedView(open), is_cleared: isCleared };
}

export function slashCommand(
  play: Play,
  { user, channel, command, text }: { user: SlackUser; channel: Channel; command: string; text: string },
): { payload: SlashCommand; responseUrl: string } {
  const responseUrl = issueResponseUrl(play, { userId: user.id, channel: channel.id, threadTs: null, message: null });
  const payload = {
    token: VERIFICATION_TOKEN,
    team_id: team.id,
    team_domain: team.domain,
    channel_id: channel.id,
    channel_name: channel.name,
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: app.id,
    is_enterprise_install: 'false',
    response_url: responseUrl,
    trigger_id: issueTrigger(play, user.id),
  };
  return { payload, responseUrl };
}

export function shortcut(play: Play, user: SlackUser, callbackId: string): GlobalShortcut {
  return {
    ...common,
    type: 'shortcut',
    callback_id: callbackId,
    user: who(user),
    trigger_id: issueTrigger(play, user.id),
    action_ts: nextTs(play.state, play.now()),
  };
}

/** An event in its envelope. */
export function envelope<Event extends { type: string }>(play: Play, event: Event): EnvelopedEvent<Event> {
  play.state.serial += 1;
  return {
    token: VERIFICATION_TOKEN,
    team_id: team.id,
    context_team_id: team.id,
    api_app_id: app.id,
    event,
    type: 'event_callback',
    event_id: `Ev${String(play.state.serial).padStart(9, '0')}`,
    event_time: Math.floor(play.now().getTime() / 1000),
    is_ext_shared_channel: false,
    authorizations: [
      { enterprise_id: null, team_id: team.id, user_id: app.userId, is_bot: true, is_enterprise_install: false },
    ],
  };
}
