import { afterEach, beforeEach, expect, test } from 'vitest';
import { cancel } from '#approvals/cancel.ts';
import { deliveriesOf, receipt } from '#approvals/testing/deliveries.ts';
import { createWorld, type World } from '#approvals/testing/world.ts';
import { adoptCopy } from '#outbox/deliveries.ts';
import { forgetDeliveries } from './forget-deliveries.ts';

let world: World;
beforeEach(async () => {
  // Without a pace: it has tests of its own.
  world = await createWorld({ deliveriesAtOnce: 1_000 });
});
afterEach(() => world.close());

const { lease, complete, add } = deliveriesOf(() => world);

/** Says everything that is due. @returns the requests it was about, null for what is about none. */
async function sayAll() {
  const said: { requestId: string | null; receipt: unknown }[] = [];
  for (let delivery = await lease(); delivery !== null; delivery = await lease()) {
    said.push({ requestId: delivery.requestId, receipt: delivery.receipt });
    await complete(delivery);
  }
  return said;
}

test('a receiver that has forgotten everything is told once more of what waits, and of nothing that is over', async () => {
  const ask = (note: string) =>
    world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note } });
  const [waits, over] = [await ask('waits'), await ask('over')];
  await add('home:U1');
  expect(await sayAll()).toHaveLength(3);
  await adoptCopy(world.system, 'slack', waits.id, { channel: 'C1', ts: '9.000900' }, () => 'channel');
  expect(await sayAll()).toMatchObject([{ requestId: waits.id }]);
  await cancel(world.agent, { requestId: over.id });
  expect(await sayAll()).toEqual([{ requestId: over.id, receipt }]);
  await forgetDeliveries(world.system, 'slack');
  expect(await sayAll()).toEqual([{ requestId: waits.id, receipt: null }]);
});
