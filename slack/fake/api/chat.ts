import type { types, webApi } from '@slack/bolt';
import { withIds } from '../blocks/elements.ts';
import { app, type Channel, team } from '../company.ts';
import type { Play } from '../play.ts';
import { findChannel, findMessage, findUser, type Message, nextTs } from '../state.ts';
import { botIsIn, destination } from './directory.ts';
import { Refusal } from './refusal.ts';
import { contentOf, flag, metadataOf, type Wire } from './wire.ts';

/** Messages: `chat.*`. */

/** Slack's response types know blocks under enums and optional everything; ours are of the same JSON. */
function answered<T>(blocks: types.KnownBlock[]): T {
  return blocks as T;
}

type Posted = NonNullable<webApi.ChatPostMessageResponse['message']>;

/** A message as the Web API and payloads tell it. */
export function described(message: Message): Posted & { type: 'message'; ts: string } {
  const { user, text, ts, blocks, threadTs } = message;
  const own = user === app.userId ? { bot_id: app.botId, app_id: app.id } : {};
  return {
    type: 'message',
    user,
    ...own,
    team: team.id,
    text,
    ts,
    ...(threadTs === null ? {} : { thread_ts: threadTs }),
    ...(blocks.length === 0 ? {} : { blocks: answered<NonNullable<Posted['blocks']>>(blocks) }),
  };
}

/** The thread that a message joins: an answer to an answer stands beside it. @throws Refusal. */
function threadOf(play: Play, channel: Channel, threadTs: string | undefined): string | null {
  if (threadTs === undefined) return null;
  const parent = findMessage(play.state, channel.id, threadTs);
  if (parent === undefined) throw new Refusal('thread_not_found');
  return parent.threadTs ?? parent.ts;
}

/** A channel that the bot may write in. @throws Refusal `not_in_channel`, `is_archived`. */
function writable(channel: Channel): Channel {
  if (channel.archived) throw new Refusal('is_archived');
  if (!botIsIn(channel)) throw new Refusal('not_in_channel');
  return channel;
}

export function postMessage(play: Play, wire: Wire): webApi.ChatPostMessageResponse {
  const { state } = play;
  const channel = writable(destination(play, wire.channel));
  const threadTs = threadOf(play, channel, wire.thread_ts);
  const { text, blocks } = contentOf(wire, 'post');
  const message: Message = {
    channel: channel.id,
    ts: nextTs(state, play.now()),
    threadTs,
    broadcast: threadTs !== null && flag(wire, 'reply_broadcast'),
    user: app.userId,
    text,
    blocks: withIds(state, blocks),
    metadata: metadataOf(wire) ?? null,
    edited: false,
  };
  state.messages.push(message);
  return { ok: true, channel: channel.id, ts: message.ts, message: described(message) };
}

/** One of our own messages. @throws Refusal. */
function ownMessage(play: Play, wire: Wire, not: string): Message {
  const channel = findChannel(play.state, wire.channel ?? '');
  // A person's id is no channel here, unlike in chat.postMessage.
  if (channel === undefined || !botIsIn(channel)) throw new Refusal('channel_not_found');
  const message = findMessage(play.state, channel.id, wire.ts ?? '');
  if (message === undefined) throw new Refusal('message_not_found');
  if (message.user !== app.userId) throw new Refusal(not);
  if (channel.archived) throw new Refusal('is_inactive');
  return message;
}

export function update(play: Play, wire: Wire): webApi.ChatUpdateResponse {
  const message = ownMessage(play, wire, 'cant_update_message');
  const { text, blocks } = contentOf(wire, 'update');
  const metadata = metadataOf(wire);
  // A text alone takes the blocks away and is marked as edited; blocks are replaced without a mark.
  if (blocks.length === 0) message.edited = true;
  message.text = text;
  message.blocks = withIds(play.state, blocks);
  if (metadata !== undefined) message.metadata = metadata;
  if (flag(wire, 'reply_broadcast') && message.threadTs !== null) message.broadcast = true;
  const { text: shown, user, blocks: answeredWith } = described(message);
  // The generated response types of the two methods name the same blocks differently.
  const same = answeredWith as unknown as NonNullable<webApi.ChatUpdateResponse['message']>['blocks'];
  return { ok: true, channel: message.channel, ts: message.ts, text, message: { text: shown, user, blocks: same } };
}

export function remove(play: Play, wire: Wire): webApi.ChatDeleteResponse {
  const message = ownMessage(play, wire, 'cant_delete_message');
  play.state.messages = play.state.messages.filter((one) => one !== message);
  return { ok: true, channel: message.channel, ts: message.ts };
}

export function postEphemeral(play: Play, wire: Wire): webApi.ChatPostEphemeralResponse {
  const { state } = play;
  const channel = writable(destination(play, wire.channel));
  const user = findUser(state, wire.user ?? '');
  if (user === undefined || user.deleted || !channel.members.includes(user.id)) {
    throw new Refusal('user_not_in_channel');
  }
  const { text, blocks } = contentOf(wire, 'post');
  const threadTs = threadOf(play, channel, wire.thread_ts);
  const ts = nextTs(state, play.now());
  const shown = { channel: channel.id, ts, threadTs, user: user.id, from: app.userId, text };
  state.ephemerals.push({ ...shown, blocks: withIds(state, blocks) });
  return { ok: true, message_ts: ts };
}

export function getPermalink(play: Play, wire: Wire): webApi.ChatGetPermalinkResponse {
  const channel = findChannel(play.state, wire.channel ?? '');
  if (channel === undefined || !botIsIn(channel)) throw new Refusal('channel_not_found');
  const message = findMessage(play.state, channel.id, wire.message_ts ?? '');
  if (message === undefined) throw new Refusal('message_not_found');
  const thread = message.threadTs === null ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
  const permalink = `${play.url}/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`;
  return { ok: true, channel: channel.id, permalink };
}
