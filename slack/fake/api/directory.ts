import type { webApi } from '@slack/bolt';
import { app, type Channel, type SlackUser, team } from '../company.ts';
import type { Play } from '../play.ts';
import { findChannel, findUser } from '../state.ts';
import { Refusal } from './refusal.ts';
import { flag, type Wire } from './wire.ts';

/** Who is there, and where one can talk: `auth.*`, `conversations.*`, `users.*`. */

/** The direct messages between the bot and somebody, opened when they were not. @throws Refusal. */
export function openDirect(play: Play, userId: string): Channel {
  const user = findUser(play.state, userId);
  if (user === undefined) throw new Refusal('user_not_found');
  if (user.deleted) throw new Refusal('user_disabled');
  if (user.isBot) throw new Refusal('cannot_dm_bot');
  const id = `D${userId.slice(1)}`;
  const known = findChannel(play.state, id);
  if (known !== undefined) return known;
  const opened = { id, name: 'directmessage', members: [userId, app.userId], archived: false, directWith: userId };
  play.state.channels.push(opened);
  return opened;
}

/** Where a new message goes: a channel by id or name, or a person by id. @throws Refusal `channel_not_found`. */
export function destination(play: Play, named: string | undefined): Channel {
  const { state } = play;
  if (named === undefined || named === '') throw new Refusal('channel_not_found');
  if (/^[UW]/.test(named)) {
    if (findUser(state, named) === undefined) throw new Refusal('channel_not_found');
    return openDirect(play, named);
  }
  const name = named.replace(/^#/, '');
  const found = findChannel(state, named) ?? state.channels.find((one) => one.directWith === null && one.name === name);
  if (found === undefined) throw new Refusal('channel_not_found');
  return found;
}

export const botIsIn = (channel: Channel) => channel.members.includes(app.userId);

export function authTest(play: Play): webApi.AuthTestResponse {
  return {
    ok: true,
    url: `${play.url}/`,
    team: team.name,
    team_id: team.id,
    user: app.name,
    user_id: app.userId,
    bot_id: app.botId,
    is_enterprise_install: false,
  };
}

export function conversationsOpen(play: Play, wire: Wire): webApi.ConversationsOpenResponse {
  const ids = (wire.users ?? '').split(',').filter((id) => id !== '');
  const [first] = ids;
  if (wire.channel !== undefined) {
    const known = findChannel(play.state, wire.channel);
    if (known?.directWith === null) throw new Refusal('method_not_supported_for_channel_type');
    if (known === undefined) throw new Refusal('channel_not_found');
    return { ok: true, no_op: true, already_open: true, channel: { id: known.id } };
  }
  if (first === undefined) throw new Refusal('users_list_not_supplied');
  // Groups of several people are not played.
  if (ids.length > 1) throw new Refusal('method_not_supported_for_channel_type');
  const before = play.state.channels.length;
  const channel = openDirect(play, first);
  const already = play.state.channels.length === before;
  const more = flag(wire, 'return_im') ? { is_im: true, user: first, is_open: true } : {};
  return { ok: true, ...(already ? { no_op: true, already_open: true } : {}), channel: { id: channel.id, ...more } };
}

export function conversationsInfo(play: Play, wire: Wire): webApi.ConversationsInfoResponse {
  const channel = findChannel(play.state, wire.channel ?? '');
  if (channel === undefined) throw new Refusal('channel_not_found');
  const { id, name, archived, directWith } = channel;
  if (directWith !== null) return { ok: true, channel: { id, is_im: true, is_archived: archived } };
  return {
    ok: true,
    channel: {
      id,
      name,
      name_normalized: name,
      is_channel: true,
      is_im: false,
      is_private: false,
      is_archived: archived,
      is_member: botIsIn(channel),
      context_team_id: team.id,
    },
  };
}

/** A person as Slack describes them; an empty answer of `lookupByEmail` is none. */
export function described(user: SlackUser): NonNullable<webApi.UsersInfoResponse['user']> {
  const [first = '', ...rest] = user.realName.split(' ');
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    real_name: user.realName,
    deleted: user.deleted,
    tz: 'Europe/London',
    tz_label: 'Greenwich Mean Time',
    tz_offset: 0,
    is_bot: user.isBot,
    is_app_user: false,
    // Slack leaves the flags of members away on accounts that are gone.
    ...(user.deleted ? {} : { is_restricted: user.isRestricted, is_ultra_restricted: user.isUltraRestricted }),
    ...(user.isStranger ? { is_stranger: true } : {}),
    profile: {
      real_name: user.realName,
      display_name: user.realName,
      first_name: first,
      last_name: rest.join(' '),
      team: user.teamId,
      ...(user.isBot || user.isStranger ? {} : { email: user.email }),
    },
  };
}

export function usersInfo(play: Play, wire: Wire): webApi.UsersInfoResponse {
  const user = findUser(play.state, wire.user ?? '');
  if (user === undefined) throw new Refusal('user_not_found');
  return { ok: true, user: described(user) };
}

export function usersLookupByEmail(play: Play, wire: Wire): webApi.UsersLookupByEmailResponse {
  const email = wire.email?.toLowerCase() ?? '';
  const found = play.state.users.find((user) => {
    return user.email.toLowerCase() === email && !user.deleted && !user.isStranger && !user.isBot;
  });
  if (email === '' || found === undefined) throw new Refusal('users_not_found');
  return { ok: true, user: described(found) };
}

export function appsConnectionsOpen(play: Play): webApi.AppsConnectionsOpenResponse {
  const ticket = play.sockets.issueTicket();
  return { ok: true, url: `${play.url.replace(/^http/, 'ws')}/link?ticket=${ticket}&app_id=${app.id}` };
}
