import type { Changes } from '#approvals/changes.ts';
import {
  completeDelivery,
  type Delivery,
  failDelivery,
  leaseDelivery,
  pauseDeliveries,
  repeatDeliveries,
} from '#outbox/deliveries.ts';
import { fromTarget, PREFIXES } from '#outbox/place.ts';
import { clearInbox } from '#outbox/slack-inbox.ts';
import { recheckMembers } from '../members.ts';
import { deliverFlood, deliverHome, HOME_EVERY_SECONDS } from './deliver-queues.ts';
import { deliverRequest } from './deliver-request.ts';
import type { Delivering, End } from './delivering.ts';

export interface NotifierOptions extends Delivering {
  changes: Changes;
  /** How often due deliveries are looked for when no notification came. Default 1,000 (1 s). */
  pollMs?: number;
}

export interface Notifier {
  /** Takes nothing new, finishes the message that is on its way, and resolves. */
  stop(): Promise<void>;
}

/** Messages that are on their way at the same time, each in a lane of its own. */
const LANES = 4;

const TEND_EVERY_MS = 60_000;

async function sayIt(to: Delivering, delivery: Delivery): Promise<End> {
  const place = fromTarget(delivery.target);
  switch (place.kind) {
    case 'channel':
    case 'person':
    case 'copy':
      return deliverRequest(to, delivery, place);
    case 'flood':
      return deliverFlood(to, delivery);
    case 'home':
      return deliverHome(to, delivery, place.userId);
  }
}

/** Says what is due and records how that ended; what could not even be put into words is recorded too. */
async function deliver(to: Delivering, delivery: Delivery): Promise<void> {
  const { ctx } = to;
  const facts = delivery.requestId === null ? {} : { request: delivery.requestId };
  let end: End;
  try {
    end = await sayIt(to, delivery);
  } catch (error) {
    // Others must not wait behind one that cannot be told of.
    const name = error instanceof Error ? error.name : 'unknown';
    ctx.log.error('no Slack message could be made', { ...facts, error: name });
    end = { kind: 'not_said', failure: { error: `no message could be made: ${name}` } };
  }
  if (end.kind === 'recorded') return;
  if (end.kind === 'said') {
    const { receipt, calls, more = false } = end;
    const kept = await completeDelivery(ctx, delivery, { receipt, calls, more });
    if (!kept) ctx.log.warn('told Slack, but the lease was lost meanwhile', facts);
    else if (calls > 0) ctx.log.info('told Slack', facts);
    return;
  }
  await failDelivery(ctx, delivery, end.failure);
  const { error, pauseSeconds } = end.failure;
  if (end.everywhere && pauseSeconds !== undefined) await pauseDeliveries(ctx, 'slack', pauseSeconds);
  ctx.log.warn('Slack was not told', { ...facts, error });
}

/** Keeps everything in Slack true until stopped. Any number of notifiers may run on one database. */
export function runNotifier(options: NotifierOptions): Notifier {
  const { ctx, client, changes, pollMs = 1000 } = options;
  let stopping = false;
  let tendAtMs = Number.NEGATIVE_INFINITY;
  const running = new Set<Promise<void>>();
  const failed = (error: unknown) =>
    ctx.log.error('could not look for Slack messages to send; tried again', {
      error: error instanceof Error ? error.name : 'unknown',
    });

  /** Works until nothing is due that could be said now. */
  async function lane(): Promise<void> {
    while (!stopping) {
      const delivery = await leaseDelivery(ctx, 'slack');
      if (delivery === null) return;
      // While this one is told, somebody else may look for the next.
      wake();
      await deliver(options, delivery);
    }
  }
  function wake(): void {
    if (stopping || running.size >= LANES) return;
    const task = lane()
      .catch(failed)
      .finally(() => running.delete(task));
    running.add(task);
  }
  async function tend(): Promise<void> {
    if (performance.now() < tendAtMs) return;
    tendAtMs = performance.now() + TEND_EVERY_MS;
    await Promise.all([clearInbox(ctx), recheckMembers(ctx, client)]);
  }
  const changed = () => {
    wake();
    repeatDeliveries(ctx, 'slack', PREFIXES.home, HOME_EVERY_SECONDS).catch(failed);
  };

  const stopListening = changes.onAny(changed);
  const timer = setInterval(() => {
    wake();
    tend().catch(failed);
  }, pollMs);
  changed();

  return {
    async stop() {
      stopping = true;
      clearInterval(timer);
      stopListening();
      while (running.size > 0) await Promise.all(running);
    },
  };
}
