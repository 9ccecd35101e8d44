import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { people } from '#db/schema.ts';
import type { Context } from '../context.ts';
import { read } from '../read.ts';
import { crowd, successesOf } from '../testing/crowd.ts';
import { createWorld, type World } from '../testing/world.ts';
import { getForAgent, listForAgent, markDelivered, viewForAgent } from './agent-view.ts';
import { readLive } from './live.ts';
import { countWaiting, getDetail, listClosed, listOpen, nextFor } from './queries.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

describe('the card', () => {
  test('says what is asked, by whom, what it had read and what it also asked', async () => {
    await read(world.agent, { tool: 'get_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1' } });
    await world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note: 'looking' } });
    const request = await world.ask({ reason: 'Quiet for 20 minutes.\u202e<b>Approve</b>' });
    const card = await getDetail(world.person('priya'), request.id);
    expect(card).toMatchObject({
      title: expect.stringMatching(/^Resolve incident #4822/),
      services: ['Payments Gateway'],
      agent: { name: 'triage-bot', ownerName: 'Dana Whitfield', actsForName: null },
      alsoAsked: [{ title: expect.stringContaining('note') }],
      hadRead: [{ tool: 'get_incident' }],
      call: { method: 'PUT', path: '/incidents' },
      digest: request.digest,
      onCall: { known: true, names: expect.arrayContaining([expect.stringContaining('Priya Raman')]) },
    });
    expect(card.agentSays?.text).toBe('Quiet for 20 minutes.\\u{202e}<b>Approve</b>');
    expect(card.agentSays?.findings.join()).toContain('reorder text');
  });

  test('tells each person what they may do, and why not', async () => {
    const request = await world.ask();
    expect((await getDetail(world.person('priya'), request.id)).may).toMatchObject({
      approve: { allowed: true },
      deny: { allowed: true },
      cancel: { allowed: false },
    });
    expect((await getDetail(world.person('lena'), request.id)).may.approve).toMatchObject({
      allowed: false,
      because: expect.stringContaining('not on call'),
    });
    const own = (await getDetail(world.person('dana'), request.id)).may;
    expect(own).toMatchObject({
      approve: { allowed: false, because: expect.stringContaining('your own agent') },
      cancel: { allowed: true },
    });
    await world.deny(request);
    expect((await getDetail(world.person('priya'), request.id)).may.approve).toMatchObject({
      allowed: false,
      because: expect.stringContaining('Denied'),
    });
  });

  test('offers next what waits and may still be theirs, the most urgent first', async () => {
    const note = (text: string) =>
      world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q2PAYMENTHOOK1', note: text } });
    const slow = await note('looking');
    const critical = await world.ask({
      arguments: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'resolved' } },
    });
    const next = async (who: Parameters<World['person']>[0], id: string) => (await nextFor(world.person(who), id))?.id;
    expect(await next('priya', slow.id)).toBe(critical.id);
    expect(await next('priya', critical.id)).toBe(slow.id);
    await world.approve(critical, 'priya');
    expect(await next('priya', slow.id)).toBeUndefined();
    expect(await next('marco', slow.id)).toBe(critical.id);
    // It is her own agent's.
    expect(await next('dana', slow.id)).toBeUndefined();
    await world.deny(critical);
    expect(await next('marco', slow.id)).toBeUndefined();
  });

  test('reads PagerDuty live and says when it is no longer what was held', async () => {
    const request = await world.ask();
    expect(await readLive(world.person('priya'), request.id)).toMatchObject({
      known: true,
      unchanged: { holds: true },
    });
    world.fake.human({
      as: 'aisha.rahmani@northwind.example',
      method: 'PUT',
      path: '/incidents/Q2PAYMENTHOOK1',
      body: { incident: { type: 'incident_reference', status: 'acknowledged' } },
    });
    expect(await readLive(world.person('priya'), request.id)).toMatchObject({
      unchanged: { holds: false, because: expect.stringContaining('acknowledged') },
    });
    world.fake.faults.add({ match: { method: 'GET', path: '/incidents' }, kind: 'error_before' });
    expect(await readLive(world.person('priya'), request.id)).toMatchObject({ known: false });
  });

  test('has a timeline with an entry per version, each with who did it', async () => {
    const request = await world.ask();
    await world.approve(request);
    await world.execute(request.id);
    const { timeline } = await getDetail(world.person('priya'), request.id);
    expect(timeline.map(({ by, toStatus }) => `${by}: ${toStatus}`)).toEqual([
      'triage-bot: pending',
      'Priya Raman: approved',
      'the sender: executing',
      'the sender: succeeded',
    ]);
  });

  test('counts people, not names', async () => {
    await world.db.update(people).set({ name: 'Sam Lee' });
    const request = await world.ask({
      arguments: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'resolved' } },
    });
    await world.approve(request, 'priya');
    await world.approve(request, 'sam');
    expect(await getDetail(world.person('priya'), request.id)).toMatchObject({ approvals: 2 });
  });

  test('is not there for what does not exist', async () => {
    await expect(getDetail(world.person('priya'), 'apr_nothing')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the queue', () => {
  test('has what is open, soonest expiry first, and what is over, newest first', async () => {
    const high = await world.ask();
    const low = await world.ask({
      tool: 'add_note_to_incident',
      arguments: { incident_id: 'Q2PAYMENTHOOK1', note: 'x' },
    });
    expect((await listOpen(world.person('priya'))).map(({ id }) => id)).toEqual([high.id, low.id]);
    expect(await countWaiting(world.person('priya'))).toBe(2);
    await world.deny(low);
    expect((await listOpen(world.person('priya'))).map(({ id }) => id)).toEqual([high.id]);
    expect(await listClosed(world.person('priya'))).toMatchObject([{ id: low.id, final: true }]);
  });
});

describe('what an agent may know', () => {
  test('is the outcome in words, a human note as data, and never who decided', async () => {
    const request = await world.ask();
    const denied = await world.deny(request, 'priya', 'wrong incident\u200b, look at #4821');
    const view = await viewForAgent(world.agent, denied);
    expect(view).toMatchObject({
      status: 'denied',
      executed: false,
      final: true,
      explanation: 'A human said no. It was not sent.',
      humanNote: 'wrong incident\\u{200b}, look at #4821',
    });
    expect(JSON.stringify(view)).not.toContain('Priya');
  });

  test('is only its own', async () => {
    const request = await world.ask();
    await expect(getForAgent(world.otherAgent, request.id)).rejects.toMatchObject({ code: 'not_found' });
    expect(await listForAgent(world.otherAgent, { limit: 10 })).toEqual([]);
    expect(await listForAgent(world.agent, { limit: 10 })).toMatchObject([{ requestId: request.id }]);
    expect(await listForAgent(world.agent, { limit: 10, status: 'denied' })).toEqual([]);
  });

  test('includes its handle, and from then on silence is not absence', async () => {
    const request = await world.ask();
    await markDelivered(world.agent, request.id);
    expect((await getForAgent(world.agent, request.id)).deliveredAt).not.toBeNull();
  });
});

describe('reading', () => {
  test('is recorded, also when it failed, and limited per minute', async () => {
    await world.close();
    world = await createWorld({ readsPerMinute: 2 });
    const get = (id: string) => read(world.agent, { tool: 'get_incident', arguments: { incident_id: id } });
    expect((await get('Q2PAYMENTHOOK1')).text).toContain('4822');
    await expect(get('QNOTHERE')).rejects.toMatchObject({ code: 'invalid' });
    await expect(get('Q2PAYMENTHOOK1')).rejects.toMatchObject({ code: 'limit_exceeded' });
    world.clock.advance(61);
    await get('Q2PAYMENTHOOK1');
  });

  test('is limited exactly, also when sixty come at once, and asks for writes count too', async () => {
    await world.close();
    world = await createWorld({ readsPerMinute: 5 });
    await world.ask();
    const get = (ctx: Context) => read(ctx, { tool: 'list_services', arguments: {} });
    expect(successesOf(await crowd(world, world.agent, get, 60))).toHaveLength(4);
    await expect(
      world.ask({ arguments: { manage_request: { incident_ids: ['QNOTHERE'], status: 'resolved' } } }),
    ).rejects.toMatchObject({
      code: 'limit_exceeded',
    });
  });

  test('refuses arguments by field, reason and example, and anybody but an agent', async () => {
    await expect(read(world.agent, { tool: 'get_incident', arguments: { incident: 'x' } })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/incident.*Example/s),
    });
    await expect(read(world.agent, { tool: 'manage_incidents', arguments: {} })).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(read(world.person('priya'), { tool: 'list_users', arguments: {} })).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});
