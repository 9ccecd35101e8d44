import { afterEach, beforeEach, expect, test } from 'vitest';
import { cancel } from './cancel.ts';
import { addDelivery, adoptCopy, completeDelivery, leaseDelivery } from './deliveries.ts';
import { forgetDeliveries } from './forget-deliveries.ts';
import { createWorld, type World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const receipt = { channel: 'C1', ts: '1.000100' };
const ask = (note: string) =>
  world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note } });

/** Says everything that is due. @returns the requests it was about, null for what is about none. */
async function sayAll() {
  const said: { requestId: string | null; receipt: unknown }[] = [];
  for (;;) {
    const delivery = await leaseDelivery(world.system, 'slack');
    if (delivery === null) return said;
    said.push({ requestId: delivery.requestId, receipt: delivery.receipt });
    await completeDelivery(world.system, delivery, { receipt, calls: 0 });
  }
}

test('a receiver that has forgotten everything is told once more of what waits, and of nothing that is over', async () => {
  const [waits, over] = [await ask('waits'), await ask('over')];
  await addDelivery(world.db, world.clock.now, { kind: 'slack', requestId: null, target: 'home:U1', lane: 'home:U1' });
  expect(await sayAll()).toHaveLength(3);
  const copy = { channel: 'C1', ts: '9.000900' };
  await adoptCopy(world.system, 'slack', waits.id, copy, () => 'channel');
  expect(await sayAll()).toEqual([{ requestId: waits.id, receipt: copy }]);
  await cancel(world.agent, { requestId: over.id });
  expect(await sayAll()).toEqual([{ requestId: over.id, receipt }]);
  await forgetDeliveries(world.system, 'slack');
  expect(await sayAll()).toEqual([{ requestId: waits.id, receipt: null }]);
});
