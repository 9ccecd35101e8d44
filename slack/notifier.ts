import type { webApi } from '@slack/bolt';
import { z } from 'zod';
import type { Changes } from '#approvals/changes.ts';
import type { Context } from '#approvals/context.ts';
import {
  completeDelivery,
  type Delivery,
  type DeliveryFailure,
  failDelivery,
  leaseDeliveries,
  noteReceipt,
} from '#approvals/deliveries.ts';
import { getForSlack } from '#approvals/slack-view.ts';
import { RATE_LIMITED, type SlackFailure, slackFailure } from './failure.ts';
import { buildMessage, type SlackMessage } from './message.ts';

/**
 * Posts of one request whose fate may be unclear. Slack knows no idempotency key, so a post whose answer was lost may
 * be there: repeating it until it is answered would fill the channel with copies that nobody updates. Never repeating
 * it would leave people untold whenever a single answer is lost. Hence two.
 */
const MAX_POSTS = 2;

/** Long enough for most disturbances to be over before the second and last post. */
const UNCLEAR_POST_AGAIN_SECONDS = 60;

/** Literal text, no previews: a message shows what we wrote and nothing else. */
const LITERAL = { parse: 'none', link_names: false } as const;
const NO_PREVIEWS = { unfurl_links: false, unfurl_media: false } as const;

export interface NotifierOptions {
  ctx: Pick<Context, 'db' | 'now' | 'limits' | 'log'>;
  client: webApi.WebClient;
  changes: Changes;
  channel: string;
  /** The dashboard, without a slash at the end. */
  publicUrl: string;
  /** How often due deliveries are looked for when no notification came. Default 2,000 (2 s). */
  pollMs?: number;
}

export interface Notifier {
  /** Takes nothing new, finishes the message that is on its way, and resolves. */
  stop(): Promise<void>;
}

/** Where the message is; before that, how many posts were begun whose end is not known. */
const message = z.object({ channel: z.string(), ts: z.string() });
const begun = z.object({ posts: z.int().min(0) });
type Message = z.infer<typeof message>;

type Sent = { ok: true; at: Message } | { ok: false; failure: SlackFailure };

/** What is to be recorded of a delivery; null when its lease was lost, so that it is somebody else's now. */
type End = { at: Message } | { failure: DeliveryFailure } | null;

async function ask(call: () => Promise<{ channel?: string; ts?: string }>): Promise<Sent> {
  try {
    const at = message.safeParse(await call());
    if (at.success) return { ok: true, at: at.data };
    return { ok: false, failure: { words: 'unreadable answer', nothingDone: false, retryAfterSeconds: null } };
  } catch (error) {
    return { ok: false, failure: slackFailure(error) };
  }
}

const later = (seconds: number | null) => (seconds === null ? {} : { retryAfterSeconds: seconds });

/** Posts the first message of a request. */
async function post(to: NotifierOptions, delivery: Delivery, content: SlackMessage): Promise<End> {
  const { ctx, client, channel } = to;
  const posts = begun.safeParse(delivery.receipt).data?.posts ?? 0;
  if (posts >= MAX_POSTS) return { failure: { error: 'posted twice without an answer', stop: true } };
  // Before the post, so that a process that dies in the middle of it has used it up.
  if (!(await noteReceipt(ctx, delivery, { posts: posts + 1 }))) return null;
  const sent = await ask(() => client.chat.postMessage({ channel, ...content, ...LITERAL, ...NO_PREVIEWS }));
  if (sent.ok) return { at: sent.at };
  const { words: error, nothingDone, retryAfterSeconds } = sent.failure;
  if (nothingDone) {
    return { failure: { error, receipt: posts === 0 ? null : { posts }, ...later(retryAfterSeconds) } };
  }
  if (posts + 1 >= MAX_POSTS) return { failure: { error, stop: true } };
  return { failure: { error, ...later(UNCLEAR_POST_AGAIN_SECONDS) } };
}

/** Brings the message up to date. Doing that twice does no harm, so every failure is simply tried again. */
async function update(to: NotifierOptions, at: Message, content: SlackMessage): Promise<End> {
  const sent = await ask(() => to.client.chat.update({ ...at, ...content, ...LITERAL }));
  if (sent.ok) return { at };
  return { failure: { error: sent.failure.words, ...later(sent.failure.retryAfterSeconds) } };
}

/** What the message is to say; null when this cannot be told, which is recorded: others must not wait behind it. */
async function compose(to: NotifierOptions, delivery: Delivery) {
  const { ctx, publicUrl } = to;
  try {
    const view = await getForSlack(ctx, delivery.requestId);
    return { view, content: buildMessage(view, publicUrl) };
  } catch (error) {
    const name = error instanceof Error ? error.name : 'unknown';
    await failDelivery(ctx, delivery, { error: `no message could be made: ${name}` });
    ctx.log.error('no Slack message could be made', { request: delivery.requestId, error: name });
    return null;
  }
}

/** Delivers the request as it is now. @returns how long Slack wants to be left alone. */
async function deliver(to: NotifierOptions, delivery: Delivery): Promise<{ pauseSeconds: number }> {
  const { ctx } = to;
  const composed = await compose(to, delivery);
  if (composed === null) return { pauseSeconds: 0 };
  const { view, content } = composed;
  const existing = message.safeParse(delivery.receipt);
  const end = existing.success ? await update(to, existing.data, content) : await post(to, delivery, content);
  const facts = { request: view.id };
  if (end === null) {
    ctx.log.warn('lost the lease of a Slack message before it was sent', facts);
    return { pauseSeconds: 0 };
  }
  if ('at' in end) {
    const kept = await completeDelivery(ctx, delivery, { version: view.version, receipt: end.at });
    if (kept) ctx.log.info(existing.success ? 'updated in Slack' : 'posted to Slack', facts);
    else ctx.log.warn('sent to Slack, but the lease was lost meanwhile', facts);
    return { pauseSeconds: 0 };
  }
  await failDelivery(ctx, delivery, end.failure);
  ctx.log.warn('Slack was not told', { ...facts, error: end.failure.error });
  return { pauseSeconds: end.failure.error === RATE_LIMITED ? (end.failure.retryAfterSeconds ?? 0) : 0 };
}

/**
 * Keeps one message per request true, one call to Slack at a time, until stopped. Any number of notifiers may run on
 * one database.
 */
export function runNotifier(options: NotifierOptions): Notifier {
  const { ctx, changes, pollMs = 2000 } = options;
  let stopping = false;
  let busy: Promise<void> | null = null;
  let again = false;
  let pausedUntilMs = 0;

  async function look(): Promise<void> {
    while (!stopping && performance.now() >= pausedUntilMs) {
      const [delivery] = await leaseDeliveries(ctx, 'slack', 1);
      if (delivery === undefined) return;
      const { pauseSeconds } = await deliver(options, delivery);
      pausedUntilMs = performance.now() + pauseSeconds * 1000;
    }
  }

  /** One look at a time; a wake during a look makes another. */
  function wake(): void {
    if (stopping) return;
    again = busy !== null;
    busy ??= look()
      .catch((error: unknown) => {
        ctx.log.error('could not look for Slack messages to send; tried again', {
          error: error instanceof Error ? error.name : 'unknown',
        });
      })
      .finally(() => {
        busy = null;
        if (again) wake();
      });
  }

  const stopListening = changes.onAny(wake);
  const timer = setInterval(wake, pollMs);
  wake();

  return {
    async stop() {
      stopping = true;
      clearInterval(timer);
      stopListening();
      await busy;
    },
  };
}
