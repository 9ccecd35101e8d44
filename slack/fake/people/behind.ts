import { described } from '../api/directory.ts';
import { app } from '../company.ts';
import { deliver } from '../delivery/delivery.ts';
import { envelope } from '../delivery/payloads.ts';
import type { Play } from '../play.ts';
import { type Answer, findChannel, findMessage, findUser, type Message, nextTs } from '../state.ts';

/** What happens in the workspace behind the app's back. */

function channelOf(play: Play, id: string) {
  const channel = findChannel(play.state, id);
  if (channel === undefined) throw new Error(`There is no channel ${id}.`);
  return channel;
}

function messageOf(play: Play, channel: string, ts: string): Message {
  const message = findMessage(play.state, channel, ts);
  if (message === undefined) throw new Error(`There is no message ${ts} in ${channel}.`);
  return message;
}

/** An administrator removes a message. */
export function deleteMessage(play: Play, channel: string, ts: string): void {
  const gone = messageOf(play, channel, ts);
  play.state.messages = play.state.messages.filter((one) => one !== gone);
}

export function archiveChannel(play: Play, channel: string): void {
  channelOf(play, channel).archived = true;
}

export function addMember(play: Play, channel: string, userId: string): void {
  const { members } = channelOf(play, channel);
  if (!members.includes(userId)) members.push(userId);
}

export function removeMember(play: Play, channel: string, userId: string = app.userId): void {
  const found = channelOf(play, channel);
  found.members = found.members.filter((id) => id !== userId);
}

/** The same message once more, as a post has it whose answer was lost: the app never learned of this one. */
export function postCopy(play: Play, channel: string, ts: string): Message {
  const copy = { ...structuredClone(messageOf(play, channel, ts)), ts: nextTs(play.state, play.now()) };
  play.state.messages.push(copy);
  return copy;
}

/** Somebody leaves the company; the app is told as far as it listens. */
export async function deactivate(play: Play, userId: string): Promise<Answer> {
  const user = findUser(play.state, userId);
  if (user === undefined) throw new Error(`There is no user ${userId}.`);
  user.deleted = true;
  for (const channel of play.state.channels) channel.members = channel.members.filter((id) => id !== userId);
  play.state.modals = play.state.modals.filter((view) => view.userId !== userId);
  const eventTs = nextTs(play.state, play.now());
  const event = {
    type: 'user_change',
    user: described(user),
    cache_ts: Math.floor(Number(eventTs)),
    event_ts: eventTs,
  };
  return await deliver(play, 'events_api', envelope(play, event));
}
