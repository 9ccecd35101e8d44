import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { refreshTouched } from './stored-touched.ts';
import { createWorld, type World } from './testing/world.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

test('one request that cannot be opened keeps no other from being read', async () => {
  const broken = await world.ask();
  const other = await world.ask({
    tool: 'add_note_to_incident',
    arguments: { incident_id: 'Q1CHECKOUT5XX1', note: 'Looking at it.' },
  });
  await world.tamper(sql`update approval_requests set canonical = 'no JSON' where id = ${broken.id}`);
  expect(await refreshTouched(world.system, 'all')).toBe(false);
  const read = await world.db.query.touchedReadings.findMany();
  expect(read.map(({ requestId }) => requestId)).toEqual([other.id]);
});
