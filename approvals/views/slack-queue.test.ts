import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { events, people, reviews } from '#db/schema.ts';
import { refreshTouched } from '../stored-touched.ts';
import { submit } from '../submit.ts';
import { type Cast, createWorld, type World } from '../testing/world.ts';
import { slackQueue } from './slack-queue.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const CHECKOUT = 'Q2PAYMENTHOOK1';
const TRACKING = 'Q3TRACKINGLAG1';
/** Each a second after the last, so that none runs out together with another. */
function noteOn(incident: string, note = 'Seen.') {
  world.clock.advance(1);
  return world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: incident, note } });
}
const resolve = (...incidents: string[]) =>
  world.ask({ arguments: { manage_request: { incident_ids: incidents, status: 'resolved' } } });
const acknowledge = () =>
  world.ask({ arguments: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'acknowledged' } } });

/** What waits for somebody, by id, and how many wait for others. */
async function queueOf(name: Cast): Promise<[string[], number]> {
  await refreshTouched(world.system, 'new');
  const { waiting, forOthers } = await slackQueue(world.person(name));
  return [waiting.map(({ id }) => id), forOthers];
}

describe('what waits for somebody', () => {
  test('is told as it is, what runs out first on top', async () => {
    const note = await noteOn(CHECKOUT);
    const high = await resolve(CHECKOUT);
    const medium = await acknowledge();
    await refreshTouched(world.system, 'new');
    const { waiting, forOthers } = await slackQueue(world.person('priya'));
    expect(forOthers).toBe(0);
    expect(waiting).toEqual([
      expect.objectContaining({ id: high.id, risk: 'high', webOnly: true, expiresAt: high.expiresAt }),
      expect.objectContaining({ id: medium.id, risk: 'medium', webOnly: false }),
      {
        id: note.id,
        version: 1,
        digest: note.digest,
        risk: 'low',
        expiresAt: note.expiresAt,
        toolTitle: 'Add a note to an incident',
        title: expect.stringContaining('#4822'),
        services: ['Payments Gateway'],
        agentName: 'triage-bot',
        webOnly: false,
      },
    ]);
  });

  test('is nothing at first, and nothing of what is over', async () => {
    expect(await queueOf('priya')).toEqual([[], 0]);
    const [denied, approved] = [await noteOn(CHECKOUT, 'one'), await noteOn(CHECKOUT, 'two')];
    expect(await queueOf('priya')).toEqual([[denied.id, approved.id], 0]);
    await world.deny(denied);
    await world.approve(approved, 'marco');
    expect(await queueOf('priya')).toEqual([[], 0]);
  });

  test('is only what they may approve: the rest waits for others', async () => {
    const [checkout, tracking] = [await noteOn(CHECKOUT), await noteOn(TRACKING)];
    expect(await queueOf('priya')).toEqual([[checkout.id], 1]);
    expect(await queueOf('lena')).toEqual([[], 2]);
    expect(await queueOf('sam')).toEqual([[checkout.id, tracking.id], 0]);
  });

  test('is not what touches more than they are on call for, though they might deny it', async () => {
    const both = await resolve(CHECKOUT, TRACKING);
    expect(both.escalationPolicyIds).toHaveLength(2);
    expect(await queueOf('priya')).toEqual([[], 1]);
    expect(await queueOf('sam')).toEqual([[both.id], 0]);
  });

  test('is not what their own agent asks, though they are on call or in the fallback group', async () => {
    const theirs = await submit(world.otherAgent, {
      tool: 'add_note_to_incident',
      arguments: { incident_id: CHECKOUT, note: 'of another agent' },
    });
    await noteOn(CHECKOUT);
    expect(await queueOf('dana')).toEqual([[theirs.request.id], 1]);
    await world.db.update(people).set({ fallback: true }).where(eq(people.id, world.ids.dana));
    expect(await queueOf('dana')).toEqual([[theirs.request.id], 1]);
  });

  test('is not what they have approved already: that waits for somebody else', async () => {
    const critical = await resolve('Q1CHECKOUT5XX1');
    expect(critical.reviewsRequired).toBe(2);
    expect(await queueOf('priya')).toEqual([[critical.id], 0]);
    await world.approve(critical, 'priya');
    expect(await queueOf('priya')).toEqual([[], 1]);
    const { waiting } = await slackQueue(world.person('marco'));
    expect(waiting).toMatchObject([{ id: critical.id, version: 2 }]);
  });

  test('is nothing while it is not known who is on call, but for the fallback group', async () => {
    const request = await noteOn(CHECKOUT);
    await refreshTouched(world.system, 'new');
    world.fake.faults.add({ match: { method: 'GET', path: '/oncalls' }, kind: 'error_before', times: 2 });
    expect(await queueOf('priya')).toEqual([[], 1]);
    expect(await queueOf('sam')).toEqual([[request.id], 0]);
  });

  test('is nothing for whoever is switched off or not linked to PagerDuty', async () => {
    await noteOn(CHECKOUT);
    await world.db.update(people).set({ active: false }).where(eq(people.id, world.ids.priya));
    await world.db.update(people).set({ pagerdutyUserId: null }).where(eq(people.id, world.ids.sam));
    expect(await queueOf('priya')).toEqual([[], 1]);
    expect(await queueOf('sam')).toEqual([[], 1]);
  });

  test('is told to nobody but a person, and reading it decides nothing', async () => {
    await noteOn(CHECKOUT);
    for (const ctx of [world.agent, world.system]) {
      await expect(slackQueue(ctx)).rejects.toMatchObject({ code: 'forbidden' });
    }
    await queueOf('priya');
    expect(await world.db.$count(reviews)).toBe(0);
    expect(await world.db.$count(events)).toBe(1);
    expect(world.fake.requests()).toEqual([]);
  });
});
