import { WEB_ONLY } from '#approvals/policy.ts';
import { getForSlack, type SlackView } from '#approvals/views/slack-view.ts';
import type { Delivery } from '#outbox/deliveries.ts';
import { countPost, fold, touchFlood, uncountPost } from '#outbox/floods.ts';
import { slackFailure } from '../failure.ts';
import {
  channelOf,
  type Delivering,
  type End,
  notSaid,
  type Posted,
  post,
  update,
  withoutMessage,
} from './delivering.ts';
import { nextPart, type Part, type PlaceOfRequest } from './plan.ts';
import { type Receipt, readReceipt } from './receipt.ts';

/** Posts the message itself, unless too many are posted there at once. */
async function postMessage(
  to: Delivering,
  delivery: Delivery,
  view: SlackView,
  receipt: Receipt,
  part: Part,
): Promise<End> {
  let channel: string | null;
  try {
    channel = receipt.channel ?? (await channelOf(to, delivery.lane));
  } catch (error) {
    return notSaid(slackFailure(error));
  }
  if (channel === null) return { kind: 'said', receipt: { nobody: true }, calls: 0 };
  // What is risky is never one of many.
  const counts = receipt.begun === undefined && !view.webOnly;
  const flood = counts ? await countPost(to.ctx, delivery) : null;
  if (flood !== null) {
    await fold(to.ctx, delivery, flood, WEB_ONLY);
    return { kind: 'recorded' };
  }
  const { content, shown } = part;
  const kept = (at: Posted) => ({ ...at, shown });
  const end = await post(to, delivery, receipt, { part: part.name, channel, content, kept });
  // Only what was certainly not posted leaves a receipt that says so.
  const refused = end.kind === 'not_said' && end.failure.receipt !== undefined;
  if (counts && refused) await uncountPost(to.ctx, delivery);
  return end;
}

/** A reply that could never be posted for certain is left out: what comes after it must not wait for it. */
function withoutReply(receipt: Receipt, name: string, end: End): End {
  if (end.kind !== 'not_said' || !end.failure.stop) return end;
  const { begun: _, ...known } = receipt;
  return { kind: 'said', receipt: { ...known, replies: { ...receipt.replies, [name]: null } }, calls: 1, more: true };
}

async function say(to: Delivering, delivery: Delivery, view: SlackView, receipt: Receipt, part: Part): Promise<End> {
  const { name, content, shown, ts } = part;
  const { channel, ts: threadTs } = receipt;
  if (channel === undefined || threadTs === undefined) return postMessage(to, delivery, view, receipt, part);
  const { begun: _, ...known } = receipt;
  if (name === 'message') {
    const end = await update(to, { channel, ts: threadTs }, content, () => ({ ...known, shown }));
    return withoutMessage(view.decidable, end);
  }
  const kept = (at: { ts: string }) => ({ ...known, replies: { ...receipt.replies, [name]: { ts: at.ts, shown } } });
  if (ts !== null) return update(to, { channel, ts }, content, kept);
  return withoutReply(
    receipt,
    name,
    await post(to, delivery, receipt, { part: name, channel, threadTs, content, kept }),
  );
}

/** Says the next thing about a request in one place, as the request is now: one call to Slack. */
export async function deliverRequest(to: Delivering, delivery: Delivery, place: PlaceOfRequest): Promise<End> {
  if (delivery.requestId === null) throw new TypeError(`of no request is told in a place like ${place.kind}`);
  const receipt = readReceipt(delivery.receipt);
  if (receipt.flood !== undefined) {
    await touchFlood(to.ctx, delivery, receipt.flood);
    return { kind: 'recorded' };
  }
  const view = await getForSlack(to.ctx, delivery.requestId);
  const part = nextPart(view, place, receipt, to.publicUrl);
  return part === null ? { kind: 'said', receipt, calls: 0 } : say(to, delivery, view, receipt, part);
}
