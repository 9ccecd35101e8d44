import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '#approvals/limits.ts';
import { allOf, crowd, refusalsOf, successesOf } from '#approvals/testing/crowd.ts';
import { deliveriesOf } from '#approvals/testing/deliveries.ts';
import { type Cast, createWorld, type World } from '#approvals/testing/world.ts';
import { sha256 } from '#db/ids.ts';
import { outbox, people, slackIdentities, slackLinks } from '#db/schema.ts';
import { toTarget } from '#outbox/place.ts';
import {
  confirmSlackLink,
  linkedSlack,
  noteSlackUser,
  personOfSlack,
  previewSlackLink,
  type SlackUser,
  slackUserToRecheck,
  startSlackLink,
  unlinkOwnSlack,
  unlinkSlack,
} from './slack-identities.ts';

const { slackLinkSeconds, slackRecheckSeconds, slackTrustSeconds } = LIMITS;
const TEAM = 'T1';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

const { leaseOne, complete, add } = deliveriesOf(() => world);

const user = (userId: string, teamId = TEAM): SlackUser => ({ teamId, userId });
const start = (userId: string, email: string | null = null) =>
  startSlackLink(world.system, { ...user(userId), enterpriseId: null, userName: `Name of ${userId}`, email });
const confirm = (name: Cast, token: string) => confirmSlackLink(world.person(name), token, true);
async function link(name: Cast, userId: string): Promise<void> {
  await confirm(name, await start(userId));
}
/** Who is linked to which Slack user. */
const linked = async () =>
  Object.fromEntries((await world.db.select().from(slackIdentities)).map(({ userId, personId }) => [userId, personId]));
const isUsed = async (token: string) =>
  (await world.db.query.slackLinks.findFirst({ where: eq(slackLinks.tokenHash, sha256(token)) }))?.usedAt !== null;

describe('a link', () => {
  test('is stored as its hash only, and joins nothing by itself', async () => {
    const token = await start('U1', 'priya.raman@northwind.example');
    expect(token).toMatch(/^csk_[0-9a-z]{52}$/);
    const rows = await world.db.select().from(slackLinks);
    expect(rows).toMatchObject([{ tokenHash: sha256(token), teamId: TEAM, userId: 'U1', usedAt: null }]);
    expect(JSON.stringify(rows)).not.toContain(token.slice(4));
    expect(await linked()).toEqual({});
    expect(await personOfSlack(world.system, user('U1'))).toBeNull();
  });

  test('shows whom it would join, however often, without joining them', async () => {
    const token = await start('U1', 'Priya.Raman@Northwind.example');
    for (let look = 0; look < 3; look++) {
      expect(await previewSlackLink(world.person('priya'), token)).toEqual({
        userName: 'Name of U1',
        email: 'Priya.Raman@Northwind.example',
        userId: 'U1',
        sameEmail: true,
        replaces: null,
        obstacle: null,
      });
    }
    expect(await previewSlackLink(world.person('sam'), token)).toMatchObject({ sameEmail: false, obstacle: null });
    expect(await previewSlackLink(world.person('sam'), await start('U2'))).toMatchObject({ sameEmail: false });
    expect(await linked()).toEqual({});
    expect(await isUsed(token)).toBe(false);
  });

  test('that is unknown or exactly too old shows and joins nothing', async () => {
    const token = await start('U1');
    world.clock.advance(slackLinkSeconds - 1);
    expect(await previewSlackLink(world.person('priya'), token)).not.toBeNull();
    world.clock.advance(1);
    for (const one of [token, `csk_${'0'.repeat(52)}`, '']) {
      expect(await previewSlackLink(world.person('priya'), one)).toBeNull();
      await expect(confirm('priya', one)).rejects.toMatchObject({ code: 'forbidden' });
    }
    expect(await linked()).toEqual({});
    expect(await isUsed(token)).toBe(false);
  });

  test('is of no use to agents, to the system, and to whoever is switched off', async () => {
    const token = await start('U1');
    for (const ctx of [world.agent, world.system]) {
      await expect(previewSlackLink(ctx, token)).rejects.toMatchObject({ code: 'forbidden' });
      await expect(confirmSlackLink(ctx, token)).rejects.toMatchObject({ code: 'forbidden' });
    }
    await world.db.update(people).set({ active: false }).where(eq(people.id, world.ids.priya));
    await expect(confirm('priya', token)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await linked()).toEqual({});
    // Nobody used it: it is still there for whoever it was meant for.
    expect(await isUsed(token)).toBe(false);
    await confirm('sam', token);
    expect(await linked()).toEqual({ U1: world.ids.sam });
  });

  test('takes the place of an earlier Slack user of the same person in the same workspace', async () => {
    await link('priya', 'U1');
    await link('priya', 'U1');
    expect(await linked()).toEqual({ U1: world.ids.priya });
    await link('priya', 'U2');
    expect(await linked()).toEqual({ U2: world.ids.priya });
    const elsewhere = { ...user('U3', 'T2'), enterpriseId: 'E1', userName: 'P', email: null };
    await confirm('priya', await startSlackLink(world.system, elsewhere));
    expect(await linked()).toEqual({ U2: world.ids.priya, U3: world.ids.priya });
  });

  test('to somebody else’s Slack user changes nothing: neither theirs nor one’s own, nor is it used up', async () => {
    await link('priya', 'U1');
    await link('sam', 'U2');
    const token = await start('U1');
    expect((await previewSlackLink(world.person('sam'), token))?.obstacle).toContain('linked to somebody else');
    expect((await previewSlackLink(world.person('priya'), token))?.obstacle).toBeNull();
    await expect(confirm('sam', token)).rejects.toMatchObject({ code: 'conflict' });
    expect(await linked()).toEqual({ U1: world.ids.priya, U2: world.ids.sam });
    expect(await isUsed(token)).toBe(false);
    await unlinkSlack(world.system, user('U1'), 'by themselves');
    await confirm('sam', token);
    expect(await linked()).toEqual({ U1: world.ids.sam });
  });

  test('makes the Home tab of the Slack user due', async () => {
    const target = toTarget({ kind: 'home', userId: 'U1' });
    await add(target);
    await complete(await leaseOne(), { receipt: { shown: 'how to link' } });
    await link('priya', 'U1');
    expect(await world.db.query.outbox.findFirst({ where: eq(outbox.target, target) })).toMatchObject({ doneAt: null });
  });
});

describe('links confirmed at once', () => {
  test('when it is the same one by the same person, are one', async () => {
    const token = await start('U1');
    const answers = await crowd(world, world.person('priya'), (ctx) => confirmSlackLink(ctx, token, true));
    expect(successesOf(answers)).toEqual([{ ...user('U1'), replaced: null }]);
    expect(refusalsOf(answers)).toEqual(Array.from({ length: 19 }, () => 'forbidden'));
    expect(await linked()).toEqual({ U1: world.ids.priya });
  });

  test('when it is the same one by different people, are that of one of them', async () => {
    await link('priya', 'U8');
    await link('sam', 'U9');
    const token = await start('U1');
    const names = ['priya', 'sam'] as const;
    const answers = await crowd(world, world.system, (ctx, index) => {
      const { actor } = world.person(names[index % 2] ?? 'priya');
      return confirmSlackLink({ ...ctx, actor }, token, true);
    });
    expect(successesOf(answers)).toHaveLength(1);
    expect(refusalsOf(answers)).toEqual(Array.from({ length: 19 }, () => 'forbidden'));
    const { U1: winner, ...others } = await linked();
    // Whoever lost keeps what they had.
    expect(others).toEqual(winner === world.ids.priya ? { U9: world.ids.sam } : { U8: world.ids.priya });
  });

  test('when two people confirm links of the same Slack user, are that of one, and the other’s is unused', async () => {
    await link('priya', 'U8');
    await link('sam', 'U9');
    const tokens = { priya: await start('U1'), sam: await start('U1') };
    const names = ['priya', 'sam'] as const;
    const answers = await crowd(
      world,
      world.system,
      (ctx, index) => {
        const name = names[index % 2] ?? 'priya';
        return confirmSlackLink({ ...ctx, actor: world.person(name).actor }, tokens[name], true);
      },
      2,
    );
    expect(successesOf(answers)).toMatchObject([user('U1')]);
    expect(refusalsOf(answers)).toEqual(['conflict']);
    const { U1: winner, ...others } = await linked();
    const loser = winner === world.ids.priya ? 'sam' : 'priya';
    expect(others).toEqual(loser === 'sam' ? { U9: world.ids.sam } : { U8: world.ids.priya });
    expect(await isUsed(tokens[loser])).toBe(false);
  });

  test('when four people do that again and again, each time leave one person with it', async () => {
    const names = ['priya', 'sam', 'marco', 'lena'] as const;
    for (let round = 0; round < 3; round++) {
      const tokens = await Promise.all(Array.from({ length: 20 }, () => start(`U${round}`)));
      const answers = await crowd(world, world.system, (ctx, index) => {
        const { actor } = world.person(names[index % names.length] ?? 'priya');
        return confirmSlackLink({ ...ctx, actor }, tokens[index] ?? '', true);
      });
      // The same person may confirm several links of the same Slack user.
      expect(successesOf(answers).length).toBeGreaterThanOrEqual(1);
      expect(refusalsOf(answers).every((code) => code === 'conflict')).toBe(true);
      const holders = await world.db.query.slackIdentities.findMany({ where: eq(slackIdentities.userId, `U${round}`) });
      expect(holders).toHaveLength(1);
    }
    const all = Object.values(await linked());
    expect(new Set(all).size).toBe(all.length);
  });

  test('when one person confirms links of different Slack users, leave them one of those', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, (_, index) => start(`U${index}`)));
    const answers = await crowd(world, world.person('priya'), (ctx, index) =>
      confirmSlackLink(ctx, tokens[index] ?? '', true),
    );
    expect(successesOf(answers).length).toBeGreaterThanOrEqual(1);
    expect(refusalsOf(answers).every((code) => code === 'conflict')).toBe(true);
    expect(Object.values(await linked())).toEqual([world.ids.priya]);
  });
});

describe('the person behind a Slack user', () => {
  test('is nobody who is not linked, in this workspace', async () => {
    await link('priya', 'U1');
    expect(await personOfSlack(world.system, user('U1'))).toEqual({ id: world.ids.priya, name: 'Priya Raman' });
    for (const other of [user('U2'), user('u1'), user(''), user('U1', 'T2'), user('U1', '')]) {
      expect(await personOfSlack(world.system, other)).toBeNull();
    }
  });

  test('is nobody whose account is switched off', async () => {
    await link('priya', 'U1');
    await world.db.update(people).set({ active: false }).where(eq(people.id, world.ids.priya));
    expect(await personOfSlack(world.system, user('U1'))).toBeNull();
  });

  test('is nobody whom Slack has not known for too long, until it does again', async () => {
    await link('priya', 'U1');
    world.clock.advance(slackTrustSeconds - 1);
    expect(await personOfSlack(world.system, user('U1'))).not.toBeNull();
    world.clock.advance(1);
    expect(await personOfSlack(world.system, user('U1'))).toBeNull();
    await noteSlackUser(world.system, user('U1'));
    expect(await personOfSlack(world.system, user('U1'))).not.toBeNull();
  });

  test('is nobody any more the moment that the link ends, which it does once', async () => {
    await link('priya', 'U1');
    await link('sam', 'U2');
    expect(await unlinkSlack(world.system, user('U3'), 'never was')).toBe(false);
    expect(await unlinkSlack(world.system, user('U1', 'T2'), 'somebody of another workspace')).toBe(false);
    const answers = allOf(await crowd(world, world.system, (ctx) => unlinkSlack(ctx, user('U1'), 'by themselves')));
    expect(answers.filter((ended) => ended)).toHaveLength(1);
    expect(await personOfSlack(world.system, user('U1'))).toBeNull();
    expect(await linked()).toEqual({ U2: world.ids.sam });
  });
});

describe('who is to be looked at again', () => {
  test('is the one that was longest not looked at, when that is a day ago', async () => {
    await link('priya', 'U1');
    world.clock.advance(60);
    await link('sam', 'U2');
    expect(await slackUserToRecheck(world.system)).toBeNull();
    world.clock.advance(slackRecheckSeconds - 61);
    expect(await slackUserToRecheck(world.system)).toBeNull();
    world.clock.advance(1);
    expect(await slackUserToRecheck(world.system)).toMatchObject(user('U1'));
    world.clock.advance(60);
    expect(await slackUserToRecheck(world.system)).toMatchObject(user('U1'));
    await noteSlackUser(world.system, user('U1'));
    expect(await slackUserToRecheck(world.system)).toMatchObject(user('U2'));
    await noteSlackUser(world.system, user('U2'));
    expect(await slackUserToRecheck(world.system)).toBeNull();
  });

  test('is nobody new for having been noted: noting links nobody', async () => {
    await noteSlackUser(world.system, user('U1'));
    expect(await linked()).toEqual({});
  });
});

describe('a link that somebody may have been sent', () => {
  const OWN = 'priya.raman@northwind.example';

  test.each([null, '', 'mallory@northwind.example', ` ${OWN}`])(
    'is refused without being used up while they are not sure, where Slack shows %j',
    async (email) => {
      await link('priya', 'U1');
      const token = await start('U2', email);
      const priya = world.person('priya');
      for (const refused of [confirmSlackLink(priya, token), confirmSlackLink(priya, token, false)]) {
        await expect(refused).rejects.toMatchObject({
          code: 'precondition_failed',
          message: 'The e-mails differ. Confirm that this Slack account is really yours.',
        });
      }
      expect(await linked()).toEqual({ U1: world.ids.priya });
      expect(await isUsed(token)).toBe(false);
      expect(await confirmSlackLink(priya, token, true)).toEqual({ ...user('U2'), replaced: 'U1' });
      expect(await linked()).toEqual({ U2: world.ids.priya });
    },
  );

  test.each([OWN, 'Priya.Raman@Northwind.Example'])('is not asked for more where Slack shows %s', async (email) => {
    const token = await start('U1', email);
    expect(await confirmSlackLink(world.person('priya'), token)).toEqual({ ...user('U1'), replaced: null });
  });

  test('compares with a person’s e-mail however that is written', async () => {
    await world.db.update(people).set({ email: OWN.toUpperCase() }).where(eq(people.id, world.ids.priya));
    const token = await start('U1', OWN);
    expect(await previewSlackLink(world.person('priya'), token)).toMatchObject({ sameEmail: true });
    await confirmSlackLink(world.person('priya'), token);
    expect(await linked()).toEqual({ U1: world.ids.priya });
  });

  test('tells which Slack user would lose its link, and which did', async () => {
    const replaces = async (userId: string) =>
      (await previewSlackLink(world.person('priya'), await start(userId)))?.replaces;
    const elsewhere = { ...user('U9', 'T2'), enterpriseId: null, userName: 'P', email: null };
    await confirm('priya', await startSlackLink(world.system, elsewhere));
    expect(await replaces('U1')).toBeNull();
    await link('priya', 'U1');
    await link('sam', 'U8');
    expect(await replaces('U1')).toBeNull();
    expect(await replaces('U2')).toBe('U1');
    expect(await confirm('priya', await start('U1'))).toMatchObject({ replaced: null });
    const lines: unknown[] = [];
    const log = { ...world.system.log, info: (...line: unknown[]) => void lines.push(line) };
    const moved = await confirmSlackLink({ ...world.person('priya'), log }, await start('U2'), true);
    expect(moved.replaced).toBe('U1');
    expect(lines).toEqual([
      ['a Slack user was linked', { person: world.ids.priya, user: 'U2' }],
      ['a Slack user was unlinked: replaced by another', { person: world.ids.priya, user: 'U1' }],
    ]);
    expect(await personOfSlack(world.system, user('U1'))).toBeNull();
    expect(await personOfSlack(world.system, user('U2'))).toMatchObject({ id: world.ids.priya });
  });
});

describe('one’s own Slack users', () => {
  test('are shown to oneself, those of all workspaces and nobody else’s', async () => {
    expect(await linkedSlack(world.person('priya'))).toEqual([]);
    await link('priya', 'U1');
    await link('sam', 'U8');
    world.clock.advance(60);
    const elsewhere = { ...user('U9', 'T2'), enterpriseId: null, userName: 'P', email: null };
    await confirm('priya', await startSlackLink(world.system, elsewhere));
    const own = await linkedSlack(world.person('priya'));
    expect(own).toEqual([
      { ...user('U1'), linkedAt: expect.any(Date) },
      { ...user('U9', 'T2'), linkedAt: expect.any(Date) },
    ]);
    expect((own[1]?.linkedAt.getTime() ?? 0) - (own[0]?.linkedAt.getTime() ?? 0)).toBe(60_000);
  });

  test('all lose the right to decide the moment that one ends the link, and nobody else’s do', async () => {
    const target = toTarget({ kind: 'home', userId: 'U1' });
    await add(target);
    await link('priya', 'U1');
    const elsewhere = { ...user('U9', 'T2'), enterpriseId: null, userName: 'P', email: null };
    await confirm('priya', await startSlackLink(world.system, elsewhere));
    await link('sam', 'U8');
    await complete(await leaseOne(), { receipt: { shown: 'a queue' } });
    allOf(await crowd(world, world.person('priya'), (ctx) => unlinkOwnSlack(ctx)));
    expect(await personOfSlack(world.system, user('U1'))).toBeNull();
    expect(await linkedSlack(world.person('priya'))).toEqual([]);
    expect(await linked()).toEqual({ U8: world.ids.sam });
    // What their Home tab shows is made anew.
    expect(await world.db.query.outbox.findFirst({ where: eq(outbox.target, target) })).toMatchObject({ doneAt: null });
  });

  test('are nothing to agents and to the system', async () => {
    await link('priya', 'U1');
    for (const ctx of [world.agent, world.system]) {
      await expect(linkedSlack(ctx)).rejects.toMatchObject({ code: 'forbidden' });
      await expect(unlinkOwnSlack(ctx)).rejects.toMatchObject({ code: 'forbidden' });
    }
    expect(await linked()).toEqual({ U1: world.ids.priya });
  });
});
