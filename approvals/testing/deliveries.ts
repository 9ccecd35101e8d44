import { addDelivery, completeDelivery, type Delivery, type DeliveryMade, leaseDelivery } from '#outbox/deliveries.ts';
import type { World } from './world.ts';

/** Where a message is, as Slack would say. */
export const receipt = { channel: 'C1', ts: '1.000100' };

/** What a notifier does, in whichever world there is by then. */
export function deliveriesOf(world: () => World) {
  const lease = () => leaseDelivery(world().system, 'slack');
  return {
    lease,
    async leaseOne(): Promise<Delivery> {
      const delivery = await lease();
      if (delivery === null) throw new Error('nothing was due');
      return delivery;
    },
    complete: (delivery: Delivery, made: Partial<DeliveryMade> = {}) =>
      completeDelivery(world().system, delivery, { receipt, calls: 1, ...made }),
    /** Something of no request, due in that lane. */
    add: (target: string, lane = target) =>
      addDelivery(world().db, world().clock.now, { kind: 'slack', requestId: null, target, lane }),
  };
}
