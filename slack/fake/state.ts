import type { types, ViewStateValue } from '@slack/bolt';
import { type Channel, channels, type SlackUser, users } from './company.ts';

/** Everything of a view that people filled in, by block and action. */
export type Values = Record<string, Record<string, ViewStateValue>>;

export interface Content {
  text: string;
  blocks: types.KnownBlock[];
}

/** A message as people see it. */
export interface Message extends Content {
  channel: string;
  ts: string;
  /** Of the message whose thread this is in; null when it stands in the channel itself. */
  threadTs: string | null;
  /** A reply that is shown in the channel too. */
  broadcast: boolean;
  /** Who wrote it. */
  user: string;
  metadata: unknown;
  /** Whether people see "edited" beside it: texts that changed, not blocks. */
  edited: boolean;
}

/** A message that only one person sees, until they reload. */
export interface Ephemeral extends Content {
  channel: string;
  ts: string;
  threadTs: string | null;
  /** Who sees it. */
  user: string;
  /** Who it is from: our bot, or `Slackbot` when Slack itself says that something went wrong. */
  from: string;
}

/** A modal that is open for somebody, or their Home tab. */
export interface OpenView {
  id: string;
  userId: string;
  view: types.ModalView | types.HomeView;
  /** Changes with every update. */
  hash: string;
  rootId: string;
  previousId: string | null;
  values: Values;
  /** What stands under a field, by block. */
  errors: Record<string, string>;
  /** What Slack says at the top when the app did not answer as it should. */
  notice: string | null;
}

/** A call of the Web API. */
export interface SlackCall {
  method: string;
  /** Without `Bearer`. */
  token: string | undefined;
  /** As they are on the wire: everything is text. */
  arguments: Record<string, string>;
  at: Date;
  /** Whether it took effect: neither refused nor kept from it by a fault. */
  done: boolean;
}

/** How Slack sends it: a form with one JSON field, a plain form, or JSON. */
export type DeliveryKind = 'interactive' | 'slash_commands' | 'events_api';

/** What came back from the app. */
export interface Answer {
  /** 0 = no answer in time, or nobody there. Over a socket: 200 when it was acknowledged. */
  status: number;
  body: string;
  /** From sending to having the answer, in milliseconds. */
  ackMs: number;
}

/** Something that was sent to the app. */
export interface Delivery {
  kind: DeliveryKind;
  /** The bytes; over a socket the payload as JSON. */
  body: string;
  /** Empty over a socket. */
  headers: Record<string, string>;
  over: 'http' | 'socket';
  /** Null while it is on its way. */
  answer: Answer | null;
}

/** The right to open one modal for somebody. */
export interface Trigger {
  userId: string;
  issuedAt: Date;
  exchanged: boolean;
  /** The view it was pressed in: what is opened with it may go on top. */
  fromView: string | null;
}

/** The right to answer where somebody clicked or asked. */
export interface ResponseUrl {
  userId: string;
  channel: string;
  threadTs: string | null;
  /** The message that was clicked; null for commands. */
  message: { ts: string; ephemeral: boolean } | null;
  issuedAt: Date;
  uses: number;
}

/** All that this Slack knows. It is changed in place. */
export interface State {
  users: SlackUser[];
  channels: Channel[];
  messages: Message[];
  ephemerals: Ephemeral[];
  /** Open modals; those of a person are a stack, the last one is on top. */
  modals: OpenView[];
  homes: OpenView[];
  triggers: Map<string, Trigger>;
  responseUrls: Map<string, ResponseUrl>;
  calls: SlackCall[];
  deliveries: Delivery[];
  /** Counts everything that gets an id, so that ids are new and their order tells age. */
  serial: number;
}

export function createState(): State {
  return {
    users: Object.values(structuredClone(users)),
    channels: Object.values(structuredClone(channels)),
    messages: [],
    ephemerals: [],
    modals: [],
    homes: [],
    triggers: new Map(),
    responseUrls: new Map(),
    calls: [],
    deliveries: [],
    serial: 0,
  };
}

/** A new id, e.g. `V00000001`. */
export function nextId(state: State, prefix: string): string {
  state.serial += 1;
  return `${prefix}${String(state.serial).padStart(8, '0')}`;
}

/** A new time stamp, which is what a message is known by within its channel. */
export function nextTs(state: State, now: Date): string {
  state.serial += 1;
  return `${Math.floor(now.getTime() / 1000)}.${String(state.serial).padStart(6, '0')}`;
}

export const findUser = (state: State, id: string) => state.users.find((user) => user.id === id);
export const findChannel = (state: State, id: string) => state.channels.find((channel) => channel.id === id);
export const findMessage = (state: State, channel: string, ts: string) =>
  state.messages.find((message) => message.channel === channel && message.ts === ts);
export const findEphemeral = (state: State, userId: string, channel: string, ts: string) =>
  state.ephemerals.find((one) => one.user === userId && one.channel === channel && one.ts === ts);

/** The modal that a person has before them. */
export const topModal = (state: State, userId: string) => state.modals.findLast((view) => view.userId === userId);
export const homeOf = (state: State, userId: string) => state.homes.find((view) => view.userId === userId);
