import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { slackIdentities, slackLinks } from '#db/schema.ts';
import { confirmSlackLink, personOfSlack, previewSlackLink } from '#identity/slack-identities.ts';
import { recheckMembers } from '../members.ts';
import { ACKNOWLEDGE, createSlackStage, NOTE, PUBLIC_URL, type SlackStage, until } from '../testing/stage.ts';
import { ACTIONS } from '../view/actions.ts';

let stage: SlackStage;
beforeEach(async () => {
  stage = await createSlackStage({ linked: ['priya'] });
});
afterEach(() => stage.close());

const channel = 'C0APPROVALS';
const say = async (userId: string, text: string) => (await stage.slack.command(userId, channel, text)).body;
const tokenIn = (text: string) => new RegExp(`${PUBLIC_URL}/link/slack/(csk_[0-9a-z]{52})`).exec(text)?.[1] ?? '';
const identityOf = (userId: string) =>
  stage.db.query.slackIdentities.findFirst({ where: eq(slackIdentities.userId, userId) });

describe('/countersign link', () => {
  test('leads to a page where the signed-in person confirms both, once', async () => {
    const token = tokenIn(await say('U0MARCO', 'link'));
    const marco = stage.person('marco');
    expect(await previewSlackLink(marco, token)).toMatchObject({
      userName: 'Marco Bellini',
      userId: 'U0MARCO',
      sameEmail: true,
      obstacle: null,
    });
    expect(await identityOf('U0MARCO')).toBeUndefined();
    await confirmSlackLink(marco, token);
    expect(await identityOf('U0MARCO')).toMatchObject({ personId: stage.ids.marco, teamId: 'T0NORTHWIND' });
    await expect(confirmSlackLink(marco, token)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await previewSlackLink(marco, token)).toBeNull();
  });

  test('is too old after ten minutes', async () => {
    const token = tokenIn(await say('U0MARCO', 'link'));
    stage.clock.advance(601);
    expect(await previewSlackLink(stage.person('marco'), token)).toBeNull();
    await expect(confirmSlackLink(stage.person('marco'), token)).rejects.toMatchObject({ code: 'forbidden' });
    expect(await identityOf('U0MARCO')).toBeUndefined();
  });

  test('is opened by a button too', async () => {
    const request = await stage.ask(NOTE);
    stage.startNotifier();
    await stage.slack.click('U0MARCO', await stage.messageOf(request), ACTIONS.approve);
    await until(() => stage.slack.ephemerals('U0MARCO').length > 0);
    await stage.slack.openHome('U0MARCO');
    await until(() => stage.slack.home('U0MARCO') !== null);
    await stage.slack.clickHome('U0MARCO', ACTIONS.link);
    expect(tokenIn(JSON.stringify(stage.slack.modal('U0MARCO')?.view))).not.toBe('');
  });

  test.each([
    ['a guest', 'U0GUEST', 'Guests cannot decide.'],
    ['a guest of one channel', 'U0SINGLE', 'Guests cannot decide.'],
    ['somebody of another company', 'U0STRANGER', 'Only members of this workspace'],
    ['a bot', 'U0OTHERBOT', 'Bots cannot decide.'],
  ])('is not given to %s', async (_, userId, words) => {
    const answer = await say(userId, 'link');
    expect(answer).toContain(words);
    expect(tokenIn(answer)).toBe('');
    expect(await stage.db.$count(slackLinks, eq(slackLinks.userId, userId))).toBe(0);
  });

  test('cannot take a Slack user away from somebody else', async () => {
    const token = tokenIn(await say('U0PRIYA', 'link'));
    const lena = stage.person('lena');
    expect((await previewSlackLink(lena, token))?.obstacle).toContain('linked to somebody else');
    await expect(confirmSlackLink(lena, token)).rejects.toMatchObject({ code: 'precondition_failed' });
    await expect(confirmSlackLink(lena, token, true)).rejects.toMatchObject({ code: 'conflict' });
    expect(await identityOf('U0PRIYA')).toMatchObject({ personId: stage.ids.priya });
  });

  test('moves a person to their new Slack user, of another e-mail only when they are sure', async () => {
    const token = tokenIn(await say('U0UNKNOWN', 'link'));
    const priya = stage.person('priya');
    expect(await previewSlackLink(priya, token)).toMatchObject({ sameEmail: false, replaces: 'U0PRIYA' });
    await expect(confirmSlackLink(priya, token)).rejects.toMatchObject({ code: 'precondition_failed' });
    expect(await identityOf('U0PRIYA')).toMatchObject({ personId: stage.ids.priya });
    expect(await identityOf('U0UNKNOWN')).toBeUndefined();
    expect(await confirmSlackLink(priya, token, true)).toMatchObject({ userId: 'U0UNKNOWN', replaced: 'U0PRIYA' });
    expect(await identityOf('U0PRIYA')).toBeUndefined();
    expect(await identityOf('U0UNKNOWN')).toMatchObject({ personId: stage.ids.priya });
  });
});

describe('a link ends', () => {
  test('by oneself', async () => {
    expect(await say('U0PRIYA', 'unlink')).toContain('no longer linked');
    expect(await identityOf('U0PRIYA')).toBeUndefined();
    expect(await say('U0PRIYA', 'unlink')).toContain('was not linked');
  });

  test('and the Home tab shows that', async () => {
    stage.startNotifier();
    await stage.slack.openHome('U0PRIYA');
    await until(() => stage.slack.home('U0PRIYA') !== null);
    await say('U0PRIYA', 'unlink');
    await until(() => JSON.stringify(stage.slack.home('U0PRIYA')).includes(ACTIONS.link));
  });

  test('at once when Slack says that the user is gone', async () => {
    await stage.slack.deactivate('U0PRIYA');
    await until(async () => (await identityOf('U0PRIYA')) === undefined);
  });

  test('within a day when nobody told us', async () => {
    const gone = stage.slack.user('U0PRIYA');
    if (gone === undefined) throw new Error('no such user');
    gone.isRestricted = true;
    await recheckMembers(stage.ctx, stage.client);
    expect(await identityOf('U0PRIYA')).toBeDefined();
    stage.clock.advance(24 * 3600);
    await recheckMembers(stage.ctx, stage.client);
    expect(await identityOf('U0PRIYA')).toBeUndefined();
  });

  test('also of one whom Slack does not show us any more, and the next is looked at', async () => {
    await stage.link('marco');
    stage.clock.advance(25 * 3600);
    stage.slack.meet({ method: 'users.info', kind: 'error', error: 'user_not_visible' });
    await recheckMembers(stage.ctx, stage.client);
    const left = await stage.db.query.slackIdentities.findMany();
    expect(left).toHaveLength(1);
    expect(left[0]?.checkedAt.getTime()).toBeGreaterThan(left[0]?.linkedAt.getTime() ?? 0);
  });

  test('not while Slack cannot be asked; after three days it counts for nothing until Slack can', async () => {
    const priya = { teamId: 'T0NORTHWIND', userId: 'U0PRIYA' };
    stage.clock.advance(73 * 3600);
    stage.slack.meet({ kind: 'status', status: 503, done: false });
    await recheckMembers(stage.ctx, stage.client);
    expect(await identityOf('U0PRIYA')).toBeDefined();
    expect(await personOfSlack(stage.ctx, priya)).toBeNull();
    await recheckMembers(stage.ctx, stage.client);
    expect(await personOfSlack(stage.ctx, priya)).toMatchObject({ name: 'Priya Raman' });
  });
});

describe('what waits for me', () => {
  test('is told by the command, the shortcut and the Home tab alike, and only what I may decide', async () => {
    const mine = await stage.ask(ACKNOWLEDGE);
    await stage.ask({ tool: NOTE.tool, arguments: { incident_id: 'Q3TRACKINGLAG1', note: 'not hers' } });
    await stage.route();
    stage.startNotifier();
    await stage.slack.shortcut('U0PRIYA', 'queue');
    await stage.slack.openHome('U0PRIYA');
    await until(() => stage.slack.home('U0PRIYA') !== null);
    const all = [
      await say('U0PRIYA', 'queue'),
      JSON.stringify(stage.slack.modal('U0PRIYA')?.view),
      JSON.stringify(stage.slack.home('U0PRIYA')),
    ];
    for (const one of all) {
      expect(one).toContain(mine.id);
      expect(one).not.toContain('not hers');
      expect(one).toMatch(/1 waits? for (somebody else|others)/i);
    }
  });

  test('is not told to whoever is not linked', async () => {
    await stage.ask(NOTE);
    const answer = await say('U0MARCO', 'queue');
    expect(answer).toContain('not linked to anybody here');
    expect(answer).not.toContain('Add a note');
    stage.startNotifier();
    await stage.slack.openHome('U0MARCO');
    await until(() => stage.slack.home('U0MARCO') !== null);
    expect(JSON.stringify(stage.slack.home('U0MARCO'))).toContain(ACTIONS.link);
  });

  test('is said to be unknown words with help', async () => {
    expect(await say('U0PRIYA', 'approve everything')).toContain('/countersign queue');
  });
});
