import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '#approvals/limits.ts';
import { deliveriesOf } from '#approvals/testing/deliveries.ts';
import { createWorld, type World } from '#approvals/testing/world.ts';
import { failDelivery } from './deliveries.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const { lease, leaseOne, complete, add } = deliveriesOf(() => world);

describe('the pace', () => {
  const { deliveriesAtOnce, deliverySeconds } = LIMITS;

  async function sayAll(): Promise<number> {
    for (let said = 0; ; said++) {
      const delivery = await lease();
      if (delivery === null) return said;
      await complete(delivery);
    }
  }

  test('lets so many go within any window, whenever in it they were said', async () => {
    for (let number = 0; number < 3 * deliveriesAtOnce; number++) await add(`number ${number}`, 'channel');
    const said: number[] = [];
    // One early and the others late in its window.
    await complete(await leaseOne());
    for (let tenths = 30; tenths <= 102; tenths++) {
      world.clock.advance(tenths === 30 ? 3 : 0.1);
      const more = await sayAll();
      for (let one = 0; one < more; one++) said.push(tenths / 10);
    }
    expect(said).toEqual([3, 3, 3.6, 6.6, 6.6, 7.2, 10.2, 10.2]);
  });

  test('counts a delivery of several calls as so many', async () => {
    for (let number = 0; number < 3; number++) await add(`number ${number}`, 'channel');
    await complete(await leaseOne(), { calls: deliveriesAtOnce - 1 });
    await complete(await leaseOne());
    expect(await lease()).toBeNull();
  });

  test('saves up no more than goes at once, however long nothing was said', async () => {
    for (let number = 0; number < deliveriesAtOnce; number++) await add(`early ${number}`, 'channel');
    expect(await sayAll()).toBe(deliveriesAtOnce);
    world.clock.advance(3600);
    for (let number = 0; number < deliveriesAtOnce + 1; number++) await add(`late ${number}`, 'channel');
    expect(await sayAll()).toBe(deliveriesAtOnce);
  });

  test('is that of one place, not of all', async () => {
    for (let number = 0; number < deliveriesAtOnce + 1; number++) await add(`number ${number}`, 'channel');
    expect(await sayAll()).toBe(deliveriesAtOnce);
    await add('dm:prs_priya');
    expect(await sayAll()).toBe(1);
  });

  test('does not count what had nothing to say, and counts what failed', async () => {
    for (let number = 0; number < 2 * deliveriesAtOnce; number++) await add(`number ${number}`, 'channel');
    for (let number = 0; number < deliveriesAtOnce; number++) await complete(await leaseOne(), { calls: 0 });
    for (let number = 0; number < deliveriesAtOnce; number++) {
      await failDelivery(world.system, await leaseOne(), { error: 'HTTP 503' });
    }
    await add('one more', 'channel');
    expect(await lease()).toBeNull();
    world.clock.advance(deliverySeconds);
    expect(await lease()).not.toBeNull();
  });
});
