import type { types } from '@slack/bolt';
import type { Fault } from './api/faults.ts';
import { type Channel, channels, type SlackUser, team, users } from './company.ts';
import { deliver, post, redeliver, signedHeaders } from './delivery/delivery.ts';
import { envelope } from './delivery/payloads.ts';
import type { DisconnectReason } from './delivery/sockets.ts';
import * as behind from './people/behind.ts';
import { closeModal, type Filled, fill, submit } from './people/filling.ts';
import {
  type ClickOptions,
  click,
  clickHome,
  clickModal,
  command,
  openHome,
  say,
  useShortcut,
} from './people/people.ts';
import type { Play } from './play.ts';
import {
  type Answer,
  createState,
  type Delivery,
  type Ephemeral,
  homeOf,
  type Message,
  type SlackCall,
  topModal,
  type Values,
} from './state.ts';

/** A modal as the person who has it open sees it. */
export interface ShownModal {
  id: string;
  hash: string;
  callbackId: string;
  view: types.ModalView;
  values: Values;
  /** Under which field, by block id. */
  errors: Record<string, string>;
  /** What Slack says at the top when the app did not answer as it should. */
  notice: string | null;
}

/** A message by where it is; what `chat.postMessage` answers and `messages()` returns fits. */
export interface Posted {
  channel: string;
  ts: string;
}

/** Anything at all that somebody who is not Slack might send to the app. */
export interface Forgery {
  /** Bytes as they are; else `payload` as the JSON field of a form. */
  body?: string;
  payload?: unknown;
  /** Seconds since 1970 as text; default now. */
  timestamp?: string;
  /** Default the right one for `secret`. */
  signature?: string;
  /** Default the app's own. */
  secret?: string;
  /** On top of all others; an empty value takes one away. */
  headers?: Record<string, string>;
}

/** The handle of a running playable Slack: what the app did, what people do, and what goes wrong. */
export interface FakeSlack {
  url: string;
  /** For the Web API client; with a slash at the end. */
  apiUrl: string;
  team: typeof team;
  tokens: { bot: string; app: string };
  signingSecret: string;
  /** The cast as it is at the start. */
  users: typeof users;
  channels: typeof channels;

  /** Every call of the app so far, in order; answers to clicks are `response_url`. */
  calls(method?: string): SlackCall[];
  /** The messages as people see them, oldest first. */
  messages(channel?: string): Message[];
  /** Messages that only one person sees. */
  ephemerals(userId?: string): Ephemeral[];
  /** The modal that this person has on top. */
  modal(userId: string): ShownModal | null;
  /** What this person's Home tab shows. */
  home(userId: string): types.HomeView | null;
  /** Everything that was sent to the app. */
  deliveries(): Delivery[];
  user(id: string): SlackUser | undefined;
  channel(id: string): Channel | undefined;

  /** Meets the next calls, one fault a call, in order. */
  meet(...faults: Fault[]): void;

  /** Where clicks, commands and events are sent to; null = over a socket. */
  deliverTo(url: string | null): void;
  /** @throws Error for what this person could not click. */
  click(userId: string, at: Posted, actionId: string, options?: ClickOptions): Promise<Answer>;
  clickHome(userId: string, actionId: string, blockId?: string, options?: ClickOptions): Promise<Answer>;
  clickModal(userId: string, actionId: string, options?: ClickOptions): Promise<Answer>;
  /** Types and chooses in the modal on top, without submitting it. */
  fill(userId: string, values: Filled): void;
  /** @throws Error when Slack would not have sent it, e.g. a required field is empty. */
  submit(userId: string, values?: Filled): Promise<Answer>;
  /** Null when the app did not want to know. */
  closeModal(userId: string): Promise<Answer | null>;
  command(userId: string, channel: string, text: string): Promise<Answer>;
  shortcut(userId: string, callbackId: string): Promise<Answer>;
  openHome(userId: string): Promise<Answer>;
  /** Any event, in its envelope. */
  event(event: { type: string; [field: string]: unknown }): Promise<Answer>;
  say(userId: string, channel: string, text: string): Message;

  /** Sends what only pretends to be Slack, or is not as Slack sends it. */
  forge(forgery: Forgery): Promise<Answer>;
  /** An earlier delivery byte for byte, by number from 0 or, from the end, -1. */
  replay(number: number, retry?: { number: number; reason?: string }): Promise<Answer>;

  deleteMessage(at: Posted): void;
  archiveChannel(channel: string): void;
  removeBot(channel: string): void;
  addBot(channel: string): void;
  removeMember(channel: string, userId: string): void;
  addMember(channel: string, userId: string): void;
  /** With a `user_change` event. */
  deactivate(userId: string): Promise<Answer>;
  /** The same message again under another time stamp, of which the app knows nothing. */
  postCopy(at: Posted): Message;

  /** How many sockets the app holds open. */
  sockets(): number;
  /** Asks for one socket to be opened anew, as Slack does from time to time; all go with `link_disabled`. */
  disconnect(reason?: DisconnectReason): void;

  /** Starts over; connections stay. */
  reset(): void;
  close(): Promise<void>;
}

function shownModal(play: Play, userId: string): ShownModal | null {
  const open = topModal(play.state, userId);
  if (open === undefined || open.view.type !== 'modal') return null;
  const { id, hash, view, values, errors, notice } = open;
  return { id, hash, callbackId: view.callback_id ?? '', view, values, errors, notice };
}

async function forge(play: Play, forgery: Forgery): Promise<Answer> {
  const { payload, secret = play.signingSecret, timestamp, signature, headers = {} } = forgery;
  const body = forgery.body ?? new URLSearchParams({ payload: JSON.stringify(payload ?? null) }).toString();
  const all = {
    'content-type': 'application/x-www-form-urlencoded',
    ...signedHeaders(secret, body, timestamp),
    ...(signature === undefined ? {} : { 'x-slack-signature': signature }),
    ...headers,
  };
  return await post(play, body, Object.fromEntries(Object.entries(all).filter(([, value]) => value !== '')));
}

/** Starts the world over: nobody wrote, clicked or broke anything yet. */
export function startOver(play: Play): void {
  play.state = createState();
  play.faults.clear();
  play.limits?.clear();
}

/** @param close ends the server. */
export function handleOf(play: Play, close: () => Promise<void>): FakeSlack {
  return {
    url: play.url,
    apiUrl: `${play.url}/api/`,
    team,
    tokens: { bot: play.botToken, app: play.appToken },
    signingSecret: play.signingSecret,
    users,
    channels,
    calls: (method) => play.state.calls.filter((call) => method === undefined || call.method === method),
    messages: (channel) => play.state.messages.filter((one) => channel === undefined || one.channel === channel),
    ephemerals: (userId) => play.state.ephemerals.filter(({ user }) => userId === undefined || user === userId),
    modal: (userId) => shownModal(play, userId),
    home: (userId) => {
      const view = homeOf(play.state, userId)?.view;
      return view?.type === 'home' ? view : null;
    },
    deliveries: () => play.state.deliveries,
    user: (id) => play.state.users.find((user) => user.id === id),
    channel: (id) => play.state.channels.find((channel) => channel.id === id),
    meet: (...faults) => play.faults.add(...faults),
    deliverTo: (url) => {
      play.deliverTo = url;
    },
    click: (userId, at, actionId, options) => click(play, userId, at, actionId, options),
    clickHome: (userId, actionId, blockId, options) => clickHome(play, userId, actionId, blockId, options),
    clickModal: (userId, actionId, options) => clickModal(play, userId, actionId, options),
    fill: (userId, values) => fill(play, userId, values),
    submit: (userId, values) => submit(play, userId, values),
    closeModal: (userId) => closeModal(play, userId),
    command: (userId, channel, text) => command(play, userId, channel, text),
    shortcut: (userId, callbackId) => useShortcut(play, userId, callbackId),
    openHome: (userId) => openHome(play, userId),
    event: (event) => deliver(play, 'events_api', envelope(play, event)),
    say: (userId, channel, text) => say(play, userId, channel, text),
    forge: (forgery) => forge(play, forgery),
    replay: (number, retry) =>
      redeliver(
        play,
        number,
        retry === undefined
          ? {}
          : { 'x-slack-retry-num': String(retry.number), 'x-slack-retry-reason': retry.reason ?? 'http_timeout' },
      ),
    deleteMessage: ({ channel, ts }) => behind.deleteMessage(play, channel, ts),
    archiveChannel: (channel) => behind.archiveChannel(play, channel),
    removeBot: (channel) => behind.removeMember(play, channel),
    addBot: (channel) => behind.addMember(play, channel, users.bot.id),
    removeMember: (channel, userId) => behind.removeMember(play, channel, userId),
    addMember: (channel, userId) => behind.addMember(play, channel, userId),
    deactivate: (userId) => behind.deactivate(play, userId),
    postCopy: ({ channel, ts }) => behind.postCopy(play, channel, ts),
    sockets: () => play.sockets.count(),
    disconnect: (reason = 'refresh_requested') => play.sockets.disconnect(reason),
    reset: () => startOver(play),
    close,
  };
}
