import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crowd, successesOf } from '#approvals/testing/crowd.ts';
import { createWorld, type World } from '#approvals/testing/world.ts';
import { people, sessions, signInLinks } from '#db/schema.ts';
import { deactivatePerson, linkPerson, listPeople } from './people.ts';
import { createSignInLink, personOfSession, previewSignIn, SESSION_SECONDS, signIn, signOut } from './sessions.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

describe('a sign-in link', () => {
  test('changes nothing when it is looked at, however often', async () => {
    const token = await createSignInLink(world.system, world.ids.priya);
    for (let time = 0; time < 3; time++)
      expect(await previewSignIn(world.system, token)).toMatchObject({ name: 'Priya Raman' });
    expect(await world.db.select().from(sessions)).toEqual([]);
  });

  test('opens for nobody else, and nothing opens it but itself', async () => {
    const [priya, marco] = [
      await createSignInLink(world.system, world.ids.priya),
      await createSignInLink(world.system, world.ids.marco),
    ];
    for (const wrong of ['', 'csl_', `${priya}x`]) {
      expect(await previewSignIn(world.system, wrong)).toBeNull();
      await expect(signIn(world.system, wrong)).rejects.toMatchObject({ code: 'forbidden' });
    }
    expect(await previewSignIn(world.system, marco)).toMatchObject({ id: world.ids.marco });
    const { secret } = await signIn(world.system, marco);
    expect(await personOfSession(world.system, secret)).toMatchObject({ id: world.ids.marco });
    expect(await previewSignIn(world.system, priya)).toMatchObject({ id: world.ids.priya });
  });

  test('is used once, also by twenty at the same time', async () => {
    const token = await createSignInLink(world.system, world.ids.priya);
    expect(successesOf(await crowd(world, world.system, (ctx) => signIn(ctx, token)))).toHaveLength(1);
    expect(await previewSignIn(world.system, token)).toBeNull();
    await expect(signIn(world.system, token)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('is over after its time, and is nothing for somebody who was switched off', async () => {
    const token = await createSignInLink(world.system, world.ids.priya, 60);
    world.clock.advance(60);
    expect(await previewSignIn(world.system, token)).toBeNull();
    await expect(signIn(world.system, token)).rejects.toMatchObject({ code: 'forbidden' });
    const other = await createSignInLink(world.system, world.ids.marco);
    await world.db.update(people).set({ active: false }).where(eq(people.id, world.ids.marco));
    expect(await previewSignIn(world.system, other)).toBeNull();
    await expect(signIn(world.system, other)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('is stored as a hash', async () => {
    const token = await createSignInLink(world.system, world.ids.priya);
    expect(JSON.stringify(await world.db.select().from(signInLinks))).not.toContain(token);
  });
});

describe('a session', () => {
  test('is its person until it runs out, is ended, or the person is switched off', async () => {
    const begin = async () =>
      (await signIn(world.system, await createSignInLink(world.system, world.ids.priya))).secret;
    const [first, second, third] = [await begin(), await begin(), await begin()];
    expect(await personOfSession(world.system, first)).toMatchObject({ id: world.ids.priya });
    expect(await personOfSession(world.system, `${first}x`)).toBeNull();
    await signOut(world.system, first);
    expect(await personOfSession(world.system, first)).toBeNull();
    await deactivatePerson(world.system, 'PRIYA.raman@northwind.example');
    expect(await personOfSession(world.system, second)).toBeNull();
    await world.db.update(people).set({ active: true });
    expect(await personOfSession(world.system, third)).not.toBeNull();
    world.clock.advance(SESSION_SECONDS);
    expect(await personOfSession(world.system, third)).toBeNull();
  });
});

describe('a person', () => {
  test('is linked by the PagerDuty user id an operator names; name and e-mail come from PagerDuty', async () => {
    await world.db.update(people).set({ name: 'Old Name', active: false }).where(eq(people.id, world.ids.lena));
    const linked = await linkPerson(world.system, { pagerdutyUserId: 'PULENA1', fallback: true });
    expect(linked).toEqual({ id: world.ids.lena, name: 'Lena Fischer' });
    expect((await listPeople(world.system)).find(({ id }) => id === world.ids.lena)).toMatchObject({
      fallback: true,
      active: true,
    });
    await expect(linkPerson(world.system, { pagerdutyUserId: 'PUNKNOWN', fallback: false })).rejects.toMatchObject({
      code: 'invalid',
    });
    await expect(deactivatePerson(world.system, 'nobody@northwind.example')).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});
