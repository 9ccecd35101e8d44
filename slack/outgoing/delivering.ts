import type { webApi } from '@slack/bolt';
import { z } from 'zod';
import type { Deciding } from '#approvals/context.ts';
import { addressOf, noteAddress } from '#identity/slack-addresses.ts';
import { type Delivery, type DeliveryFailure, noteReceipt } from '#outbox/deliveries.ts';
import { fromLane } from '#outbox/place.ts';
import { type SlackFailure, slackFailure } from '../failure.ts';
import type { Team } from '../team.ts';
import type { SlackMessage } from '../view/message.ts';
import type { Receipt } from './receipt.ts';

/** What every delivery needs. */
export interface Delivering {
  ctx: Omit<Deciding, 'actor'>;
  client: webApi.WebClient;
  team: Team;
  /** Where requests are told of. */
  channel: string;
  /** The dashboard, without a slash at the end. */
  publicUrl: string;
}

/** How a delivery ended: said, with what is to be kept of it; not said; or recorded already. */
export type End =
  | { kind: 'said'; receipt: Receipt; calls: number; more?: boolean }
  /** `everywhere`: Slack's patience is over for all places, not only for this one. */
  | { kind: 'not_said'; failure: DeliveryFailure; everywhere?: boolean }
  | { kind: 'recorded' };

/**
 * Posts of one thing whose fate may be unclear. Slack knows no idempotency key, so a post whose answer was lost may
 * be there: repeating it until it is answered would fill the channel with copies that nobody updates. Never repeating
 * it would leave people untold whenever a single answer is lost. Hence two.
 */
const MAX_POSTS = 2;

/** Long enough for most disturbances to be over before the second and last post. */
const UNCLEAR_POST_AGAIN_SECONDS = 60;

/** Literal text, no previews: a message shows what we wrote and nothing else. */
const LITERAL = { parse: 'none', link_names: false } as const;
const NO_PREVIEWS = { unfurl_links: false, unfurl_media: false } as const;

const posted = z.object({ channel: z.string(), ts: z.string() });
/** Where a message is. */
export type Posted = z.infer<typeof posted>;

type Sent = { ok: true; at: Posted } | { ok: false; failure: SlackFailure };

async function callSlack(call: () => Promise<{ channel?: string; ts?: string }>): Promise<Sent> {
  try {
    const at = posted.safeParse(await call());
    if (at.success) return { ok: true, at: at.data };
    return { ok: false, failure: { words: 'unreadable answer', nothingDone: false, retryAfterSeconds: null } };
  } catch (error) {
    return { ok: false, failure: slackFailure(error) };
  }
}

/** What Slack refused; it is to be left alone for as long as it asked. */
export function notSaid({ words: error, retryAfterSeconds: wait }: SlackFailure, everywhere = false): End {
  if (wait === null) return { kind: 'not_said', failure: { error } };
  return { kind: 'not_said', failure: { error, retryAfterSeconds: wait, pauseSeconds: wait }, everywhere };
}

/** Brings what is there up to date. Doing that twice does no harm, so every failure is simply tried again. */
export async function update(
  { client }: Delivering,
  at: Posted,
  content: SlackMessage,
  kept: (at: Posted) => Receipt,
): Promise<End> {
  const sent = await callSlack(() => client.chat.update({ ...at, ...content, ...LITERAL }));
  if (sent.ok) return { kind: 'said', receipt: kept(sent.at), calls: 1, more: true };
  // The limit on updates is the workspace's, not the channel's.
  return notSaid(sent.failure, true);
}

/** Somebody deleted the message: while somebody is to decide it is posted anew, later nobody misses it. */
export function withoutMessage(wanted: boolean, end: End): End {
  if (end.kind !== 'not_said' || end.failure.error !== 'message_not_found') return end;
  if (wanted) return { kind: 'said', receipt: {}, calls: 1, more: true };
  return { kind: 'not_said', failure: { error: end.failure.error, stop: true } };
}

export interface Post {
  /** What is posted, told apart from what else belongs to the delivery. */
  part: string;
  channel: string;
  threadTs?: string;
  content: SlackMessage;
  kept: (at: Posted) => Receipt;
}

/** Posts something new, at most twice whatever happens. */
export async function post(to: Delivering, delivery: Delivery, receipt: Receipt, what: Post): Promise<End> {
  const { part, channel, threadTs, content, kept } = what;
  const { begun: _, ...known } = receipt;
  const posts = receipt.begun?.part === part ? receipt.begun.posts : 0;
  if (posts >= MAX_POSTS) return { kind: 'not_said', failure: { error: 'posted twice without an answer', stop: true } };
  // Before the post, so that a process that dies in the middle of it has used it up.
  const noted = await noteReceipt(to.ctx, delivery, { ...known, begun: { part, posts: posts + 1 } });
  if (!noted) return { kind: 'recorded' };
  const thread = threadTs === undefined ? {} : { thread_ts: threadTs };
  const sent = await callSlack(() =>
    to.client.chat.postMessage({ channel, ...thread, ...content, ...LITERAL, ...NO_PREVIEWS }),
  );
  if (sent.ok) return { kind: 'said', receipt: kept(sent.at), calls: 1, more: true };
  const { words: error, nothingDone } = sent.failure;
  if (nothingDone) {
    const end = notSaid(sent.failure);
    const back = posts === 0 ? known : { ...known, begun: { part, posts } };
    const before = Object.keys(back).length === 0 ? null : back;
    return end.kind === 'not_said' ? { ...end, failure: { ...end.failure, receipt: before } } : end;
  }
  if (posts + 1 >= MAX_POSTS) return { kind: 'not_said', failure: { error, stop: true } };
  return { kind: 'not_said', failure: { error, retryAfterSeconds: UNCLEAR_POST_AGAIN_SECONDS } };
}

/** The Slack user of a person: linked, known, or looked up by e-mail, which gives no right. Null = there is none. */
async function slackUserOf({ ctx, client }: Delivering, personId: string): Promise<string | null> {
  const address = await addressOf(ctx, personId);
  if (address.known) return address.userId;
  const found = await client.users.lookupByEmail({ email: address.email }).catch((error: unknown) => {
    if (slackFailure(error).words === 'users_not_found') return null;
    throw error;
  });
  const userId = found?.user?.id ?? null;
  await noteAddress(ctx, personId, userId);
  return userId;
}

async function directChannel(to: Delivering, personId: string): Promise<string | null> {
  const userId = await slackUserOf(to, personId);
  if (userId === null) return null;
  const { channel } = await to.client.conversations.open({ users: userId });
  return channel?.id ?? null;
}

/** The channel that a lane writes to; null when Slack knows nobody there. @throws what Slack's client throws. */
export async function channelOf(to: Delivering, text: string): Promise<string | null> {
  const lane = fromLane(text);
  switch (lane.kind) {
    case 'channel':
      return to.channel;
    case 'person':
      return directChannel(to, lane.personId);
    case 'conversation':
      return lane.id;
    case 'home':
      throw new TypeError('nothing is posted on a Home tab');
  }
}
