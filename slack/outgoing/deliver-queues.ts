import { slackQueue } from '#approvals/views/slack-queue.ts';
import { personOfSlack } from '#identity/slack-identities.ts';
import type { Delivery } from '#outbox/deliveries.ts';
import { countFlood } from '#outbox/floods.ts';
import { slackFailure } from '../failure.ts';
import { buildHome } from '../view/home.ts';
import { buildFlood } from '../view/message.ts';
import { channelOf, type Delivering, type End, notSaid, post, update, withoutMessage } from './delivering.ts';
import { hashOf } from './plan.ts';
import { readReceipt } from './receipt.ts';

// What tells of many requests at once: the message of a flood, and the Home tab.

/** The one message that tells of many requests. */
export async function deliverFlood(to: Delivering, delivery: Delivery): Promise<End> {
  const receipt = readReceipt(delivery.receipt);
  const count = await countFlood(to.ctx, delivery.target);
  const content = buildFlood({ ...count, lane: delivery.lane }, to.publicUrl);
  const shown = hashOf(content);
  if (receipt.shown === shown) return { kind: 'said', receipt, calls: 0 };
  const { channel, ts } = receipt;
  if (channel !== undefined && ts !== undefined) {
    const end = await update(to, { channel, ts }, content, (at) => ({ ...at, shown }));
    return withoutMessage(count.waiting > 0, end);
  }
  try {
    const conversation = await channelOf(to, delivery.lane);
    if (conversation === null) return { kind: 'said', receipt: { nobody: true }, calls: 0 };
    return await post(to, delivery, receipt, {
      part: 'message',
      channel: conversation,
      content,
      kept: (at) => ({ ...at, shown }),
    });
  } catch (error) {
    return notSaid(slackFailure(error));
  }
}

/** A Home tab is published at most this often. */
export const HOME_EVERY_SECONDS = 5;

/** The Home tab of one Slack user: what waits for them, or how to link their account. */
export async function deliverHome(to: Delivering, delivery: Delivery, userId: string): Promise<End> {
  const { ctx, client, publicUrl } = to;
  const receipt = readReceipt(delivery.receipt);
  try {
    const person = await personOfSlack(ctx, { teamId: await to.team.id(), userId });
    const actor = person === null ? null : ({ kind: 'person', personId: person.id, surface: 'slack' } as const);
    const state =
      person === null || actor === null
        ? ({ linked: false } as const)
        : ({ linked: true, name: person.name, queue: await slackQueue({ ...ctx, actor }) } as const);
    const shown = hashOf(state);
    if (receipt.shown === shown) return { kind: 'said', receipt, calls: 0 };
    await client.views.publish({ user_id: userId, view: buildHome(state, publicUrl, new Date()) });
    return { kind: 'said', receipt: { shown }, calls: 1 };
  } catch (error) {
    return notSaid(slackFailure(error));
  }
}
