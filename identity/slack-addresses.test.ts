import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allOf, crowd } from '#approvals/testing/crowd.ts';
import { createWorld, type World } from '#approvals/testing/world.ts';
import { slackAddresses } from '#db/schema.ts';
import { addressOf, noteAddress } from './slack-addresses.ts';
import { confirmSlackLink, personOfSlack, startSlackLink } from './slack-identities.ts';

const DAY = 24 * 3600;

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const address = () => addressOf(world.system, world.ids.priya);
const note = (userId: string | null) => noteAddress(world.system, world.ids.priya, userId);
const unknown = { known: false, email: 'priya.raman@northwind.example' };

describe('where to write to a person', () => {
  test('is to be looked up by their e-mail at first, and nowhere for nobody', async () => {
    expect(await address()).toEqual(unknown);
    expect(await addressOf(world.system, 'prs_nobody')).toEqual({ known: true, userId: null });
  });

  test('is what was looked up, for a day, also that Slack knows nobody', async () => {
    await note('U1');
    expect(await address()).toEqual({ known: true, userId: 'U1' });
    world.clock.advance(DAY - 1);
    expect(await address()).toEqual({ known: true, userId: 'U1' });
    world.clock.advance(1);
    expect(await address()).toEqual(unknown);
    await note(null);
    expect(await address()).toEqual({ known: true, userId: null });
    world.clock.advance(DAY);
    expect(await address()).toEqual(unknown);
  });

  test('is their linked Slack user whatever was looked up, and gives nobody a right', async () => {
    await note('U1');
    expect(await personOfSlack(world.system, { teamId: 'T1', userId: 'U1' })).toBeNull();
    const user = { teamId: 'T1', userId: 'U2', enterpriseId: null, userName: 'Priya', email: null };
    await confirmSlackLink(world.person('priya'), await startSlackLink(world.system, user), true);
    expect(await address()).toEqual({ known: true, userId: 'U2' });
    expect(await addressOf(world.system, world.ids.sam)).toMatchObject({ known: false });
  });

  test('looked up by twenty at once is kept once', async () => {
    allOf(await crowd(world, world.system, (ctx, index) => noteAddress(ctx, world.ids.priya, `U${index}`)));
    expect(await world.db.$count(slackAddresses)).toBe(1);
    expect(await address()).toMatchObject({ known: true, userId: expect.stringMatching(/^U/) });
  });
});
