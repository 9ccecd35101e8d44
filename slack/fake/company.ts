import { people } from '#pagerduty/fake/company.ts';

/**
 * The Slack of Northwind Parcel: the people of the playable PagerDuty under the same names and e-mails, and the kinds
 * of account that must not be able to decide anything.
 */

export interface SlackUser {
  id: string;
  /** Of the workspace they belong to, which is another one for strangers. */
  teamId: string;
  /** The short name after the @. */
  name: string;
  realName: string;
  email: string;
  isBot: boolean;
  /** A guest of several channels. */
  isRestricted: boolean;
  /** A guest of one channel. */
  isUltraRestricted: boolean;
  /** Of another company, met in a shared channel (Slack Connect). */
  isStranger: boolean;
  deleted: boolean;
}

export interface Channel {
  /** C… for channels, D… for direct messages. */
  id: string;
  name: string;
  /** Ids of users; the bot counts as one. */
  members: string[];
  archived: boolean;
  /** With whom the bot talks here; null for channels. */
  directWith: string | null;
}

export const team = { id: 'T0NORTHWIND', name: 'Northwind Parcel', domain: 'northwind-parcel' } as const;

/** Of the company that strangers belong to. */
export const otherTeam = { id: 'T0CARRIERS', domain: 'fast-carriers' } as const;

/** Our app and its bot. */
export const app = { id: 'A0COUNTERSGN', botId: 'B0COUNTERSGN', userId: 'U0COUNTERSGN', name: 'countersign' } as const;

/** Credentials of the invented workspace; they open nothing real. */
export const tokens = {
  bot: 'xoxb-playable-countersign',
  /** For Socket Mode. */
  app: 'xapp-playable-countersign',
} as const;

export const signingSecret = 'playable-signing-secret';

function user(id: string, person: { name: string; email: string }, more: Partial<SlackUser> = {}): SlackUser {
  const [name = id] = person.email.split('@');
  return {
    id,
    teamId: team.id,
    name,
    realName: person.name,
    email: person.email,
    isBot: false,
    isRestricted: false,
    isUltraRestricted: false,
    isStranger: false,
    deleted: false,
    ...more,
  };
}

const invented = (name: string, host = 'northwind.example') => ({
  name,
  email: `${name.toLowerCase().replace(' ', '.')}@${host}`,
});

/** Everybody by a friendly name, as they are at the start. */
export const users = {
  priya: user('U0PRIYA', people.priya),
  marco: user('U0MARCO', people.marco),
  lena: user('U0LENA', people.lena),
  sam: user('U0SAM', people.sam),
  dana: user('U0DANA', people.dana),
  kenji: user('U0KENJI', people.kenji),
  aisha: user('U0AISHA', people.aisha),
  tomas: user('U0TOMAS', people.tomas),
  ruth: user('U0RUTH', people.ruth),
  /** A guest of several channels. */
  guest: user('U0GUEST', invented('Gale Guest'), { isRestricted: true }),
  /** A guest of one channel; Slack marks them with both flags. */
  singleChannelGuest: user('U0SINGLE', invented('Sol Single'), { isRestricted: true, isUltraRestricted: true }),
  /** Works for another company. */
  stranger: user('U0STRANGER', invented('Stella Stranger', 'carriers.example'), {
    teamId: otherTeam.id,
    isStranger: true,
  }),
  /** Somebody else's app. */
  otherBot: user('U0OTHERBOT', invented('Deploy Bot'), { isBot: true }),
  /** Has left the company. */
  leaver: user('U0LEAVER', invented('Lee Leaver'), { deleted: true }),
  /** A full member whom PagerDuty does not know. */
  unknown: user('U0UNKNOWN', invented('Uma Unknown')),
  /** Our own bot. */
  bot: user(app.userId, { name: 'Countersign', email: '' }, { name: app.name, isBot: true }),
} as const satisfies Record<string, SlackUser>;

const everybody = Object.values(users).filter(({ deleted }) => !deleted);

export const channels = {
  /** Everybody is in it, and the bot. */
  approvals: {
    id: 'C0APPROVALS',
    name: 'approvals',
    members: everybody.map(({ id }) => id),
    archived: false,
    directWith: null,
  },
  /** The bot is not in it; neither are guests and strangers. */
  watercooler: {
    id: 'C0WATERCOOLR',
    name: 'watercooler',
    members: everybody.filter((one) => !one.isBot && !one.isRestricted && !one.isStranger).map(({ id }) => id),
    archived: false,
    directWith: null,
  },
} as const satisfies Record<string, Channel>;
