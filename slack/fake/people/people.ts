import type { types } from '@slack/bolt';
import { openDirect } from '../api/directory.ts';
import { Refusal } from '../api/refusal.ts';
import { answerWith } from '../api/response-url.ts';
import { described as describedView } from '../api/views.ts';
import { jsonObject, toWire } from '../api/wire.ts';
import { actionOf, type Placed, placedElements, valuesOf } from '../blocks/elements.ts';
import type { Channel, SlackUser } from '../company.ts';
import { deliver } from '../delivery/delivery.ts';
import { envelope, messageClick, shortcut, slashCommand, viewClick } from '../delivery/payloads.ts';
import type { Play } from '../play.ts';
import {
  type Answer,
  type Ephemeral,
  findChannel,
  findEphemeral,
  findMessage,
  findUser,
  homeOf,
  type Message,
  nextTs,
  type OpenView,
  topModal,
} from '../state.ts';

/** What people do. Each act is delivered to the app; what nobody could do throws. */

export interface ClickOptions {
  /** Which one, from 0, when several elements have that action id. */
  index?: number;
  /** Or in which block. */
  blockId?: string;
  /** The values of the chosen options of a menu, or whatever else the element takes. */
  value?: string | string[];
}

/** Somebody who can use Slack. @throws Error for the rest. */
export function actor(play: Play, userId: string): SlackUser {
  const user = findUser(play.state, userId);
  if (user === undefined) throw new Error(`There is no user ${userId}.`);
  if (user.deleted) throw new Error(`${user.realName} cannot sign in any more.`);
  return user;
}

/** A conversation that this person is in; direct messages with the bot are opened by looking at them. */
export function conversation(play: Play, user: SlackUser, channelId: string): Channel {
  const known = findChannel(play.state, channelId);
  const channel = known ?? (channelId === `D${user.id.slice(1)}` ? openDirect(play, user.id) : undefined);
  if (channel === undefined) throw new Error(`There is no channel ${channelId}.`);
  if (!channel.members.includes(user.id)) throw new Error(`${user.realName} is not in ${channelId}.`);
  return channel;
}

function find(blocks: readonly types.KnownBlock[], actionId: string, index: number, blockId?: string): Placed {
  const all = placedElements(blocks);
  const fitting = all.filter((one) => {
    return one.element.action_id === actionId && (blockId === undefined || one.blockId === blockId);
  });
  const found = fitting[index];
  if (found !== undefined) return found;
  const there = all.map(({ element }) => element.action_id).join(', ') || 'nothing';
  throw new Error(`That is not here any more: what it was on has changed. (${actionId} ${index}; there is ${there})`);
}

/** A choice as it is filled into a field. */
const chosenIn = ({ blockId, element }: Placed, value: ClickOptions['value']) =>
  value === undefined ? {} : { [`${blockId}/${element.action_id}`]: value };

const given = (value: ClickOptions['value']) => (value === undefined ? [] : [value].flat());

/** Clicks a button, or chooses in a menu, of a message that this person can see. */
export async function click(
  play: Play,
  userId: string,
  at: { channel: string; ts: string },
  actionId: string,
  { index = 0, blockId, value }: ClickOptions = {},
): Promise<Answer> {
  const user = actor(play, userId);
  const channel = conversation(play, user, at.channel);
  const message: Message | Ephemeral | undefined =
    findMessage(play.state, at.channel, at.ts) ?? findEphemeral(play.state, userId, at.channel, at.ts);
  if (message === undefined) throw new Error(`${user.realName} sees no message ${at.ts} in ${at.channel}.`);
  const placed = find(message.blocks, actionId, index, blockId);
  const action = actionOf(placed, given(value), nextTs(play.state, play.now()));
  const values = valuesOf(message.blocks, {}, chosenIn(placed, value));
  return await deliver(play, 'interactive', messageClick(play, { user, channel, message, action, values }));
}

async function clickInView(
  play: Play,
  user: SlackUser,
  open: OpenView,
  which: { actionId: string; blockId?: string; index?: number; value?: ClickOptions['value'] },
): Promise<Answer> {
  const { actionId, blockId, index = 0, value } = which;
  const blocks = open.view.blocks as types.KnownBlock[];
  const placed = find(blocks, actionId, index, blockId);
  const action = actionOf(placed, given(value), nextTs(play.state, play.now()));
  open.values = valuesOf(blocks, open.values, chosenIn(placed, value));
  return await deliver(play, 'interactive', viewClick(play, { user, open, action }));
}

/** Clicks on the Home tab as it was published last. */
export async function clickHome(
  play: Play,
  userId: string,
  actionId: string,
  blockId?: string,
  options: ClickOptions = {},
): Promise<Answer> {
  const user = actor(play, userId);
  const home = homeOf(play.state, userId);
  if (home === undefined) throw new Error(`${user.realName} has an empty Home tab.`);
  return await clickInView(play, user, home, { ...options, actionId, blockId: blockId ?? options.blockId });
}

/** Clicks in the modal that is on top. */
export async function clickModal(
  play: Play,
  userId: string,
  actionId: string,
  options: ClickOptions = {},
): Promise<Answer> {
  const user = actor(play, userId);
  const open = topModal(play.state, userId);
  if (open === undefined) throw new Error(`${user.realName} has no modal open.`);
  return await clickInView(play, user, open, { actionId, ...options });
}

/** What Slack itself tells somebody who asked an app that is not well. */
function slackbot(play: Play, user: SlackUser, channel: Channel, text: string): void {
  const ts = nextTs(play.state, play.now());
  const shown = { channel: channel.id, ts, threadTs: null, user: user.id, from: 'Slackbot', text, blocks: [] };
  play.state.ephemerals.push(shown);
}

/** An acknowledgement with a text is the answer to a command. */
function showAnswer(play: Play, user: SlackUser, channel: Channel, body: string): void {
  if (body.trim() === '') return;
  const where = { userId: user.id, channel: channel.id, threadTs: null, message: null, issuedAt: play.now(), uses: 0 };
  try {
    answerWith(play, where, toWire(jsonObject(body) ?? { text: body }));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    slackbot(play, user, channel, `The app answered with something that Slack cannot show (${error.code}).`);
  }
}

const COMMAND = '/countersign';

/**
 * Types a slash command into a conversation and shows the answer to whoever typed it.
 *
 * @param typed what stands after `/countersign`; or all of it, when it begins with a slash.
 */
export async function command(play: Play, userId: string, channelId: string, typed: string): Promise<Answer> {
  const user = actor(play, userId);
  const channel = conversation(play, user, channelId);
  const whole = typed.startsWith('/') ? typed : `${COMMAND} ${typed}`;
  const [name = COMMAND] = whole.split(' ', 1);
  const { payload } = slashCommand(play, { user, channel, command: name, text: whole.slice(name.length).trim() });
  const answer = await deliver(play, 'slash_commands', payload);
  if (answer.status === 200) showAnswer(play, user, channel, answer.body);
  else {
    const why = answer.body === 'operation_timeout' ? answer.body : 'dispatch_failed';
    slackbot(play, user, channel, `${name} failed with the error "${why}"`);
  }
  return answer;
}

/** Chooses a global shortcut. */
export async function useShortcut(play: Play, userId: string, callbackId: string): Promise<Answer> {
  return await deliver(play, 'interactive', shortcut(play, actor(play, userId), callbackId));
}

/** Looks at the app's Home tab. */
export async function openHome(play: Play, userId: string): Promise<Answer> {
  const user = actor(play, userId);
  const { id } = conversation(play, user, `D${userId.slice(1)}`);
  const home = homeOf(play.state, userId);
  const event = {
    type: 'app_home_opened',
    user: userId,
    channel: id,
    tab: 'home',
    event_ts: nextTs(play.state, play.now()),
    ...(home === undefined ? {} : { view: describedView(home) }),
  };
  return await deliver(play, 'events_api', envelope(play, event));
}

/** Writes an ordinary message; our app is not told, since it may not read channels. */
export function say(play: Play, userId: string, channelId: string, text: string): Message {
  const user = actor(play, userId);
  const { id: channel } = conversation(play, user, channelId);
  const ts = nextTs(play.state, play.now());
  const message = {
    channel,
    ts,
    threadTs: null,
    broadcast: false,
    user: user.id,
    text,
    blocks: [],
    metadata: null,
    edited: false,
  };
  play.state.messages.push(message);
  return message;
}
