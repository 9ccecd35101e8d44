import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allOf, crowd } from '#approvals/testing/crowd.ts';
import { createWorld, type World } from '#approvals/testing/world.ts';
import { slackInbox } from '#db/schema.ts';
import { clearInbox, markHandled, receiveOnce } from './slack-inbox.ts';

const HOUR = 3600;

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const receive = (hash: string) => receiveOnce(world.system, hash);
const handled = (hash: string) => markHandled(world.system, hash);
const hashes = async () => (await world.db.select().from(slackInbox)).map(({ hash }) => hash).sort();

describe('what Slack sent', () => {
  test('is handled once', async () => {
    expect(await receive('a')).toBe(true);
    await handled('a');
    expect(await receive('a')).toBe(false);
    expect(await receive('a')).toBe(false);
    expect(await receive('b')).toBe(true);
  });

  test('and was begun without an end may be handled again', async () => {
    expect(await receive('a')).toBe(true);
    expect(await receive('a')).toBe(true);
    await handled('a');
    expect(await receive('a')).toBe(false);
  });

  test('twenty times at once is one row, and nobody handles it once it was handled', async () => {
    const first = allOf(await crowd(world, world.system, (ctx) => receiveOnce(ctx, 'a')));
    // All of them were begun before any of them ended; the request's own state decides between them.
    expect(first).toEqual(Array.from({ length: 20 }, () => true));
    expect(await hashes()).toEqual(['a']);
    await handled('a');
    const later = allOf(await crowd(world, world.system, (ctx) => receiveOnce(ctx, 'a')));
    expect(later).toEqual(Array.from({ length: 20 }, () => false));
  });

  test('does not become new because something else was handled, or it never came', async () => {
    await receive('a');
    await handled('b');
    expect(await hashes()).toEqual(['a']);
    await handled('a');
    await receive('b');
    expect(await receive('a')).toBe(false);
  });
});

describe('clearing', () => {
  test('forgets what is so old that its signature is refused, and nothing younger', async () => {
    await receive('old');
    await handled('old');
    world.clock.advance(1);
    await receive('young');
    await handled('young');
    world.clock.advance(HOUR - 1);
    await clearInbox(world.system);
    expect(await hashes()).toEqual(['old', 'young']);
    world.clock.advance(1);
    await clearInbox(world.system);
    expect(await hashes()).toEqual(['young']);
    expect(await receive('young')).toBe(false);
  });

  test('counts from when it came last', async () => {
    await receive('again');
    world.clock.advance(HOUR);
    await receive('again');
    world.clock.advance(1);
    await clearInbox(world.system);
    expect(await hashes()).toEqual(['again']);
  });

  test('does not count a repeat of what was handled as new', async () => {
    await receive('a');
    await handled('a');
    world.clock.advance(HOUR);
    expect(await receive('a')).toBe(false);
    world.clock.advance(1);
    await clearInbox(world.system);
    expect(await hashes()).toEqual([]);
  });
});
