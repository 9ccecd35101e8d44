import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expire } from '#approvals/expire.ts';
import { assertInvariants } from '#approvals/proof/invariants.ts';
import { review } from '#approvals/review.ts';
import { handovers } from '#db/schema.ts';
import { openConnections } from '#db/test-database.ts';
import { ACKNOWLEDGE, createSlackStage, NOTE, PUBLIC_URL, RESOLVE, type SlackStage, until } from '../testing/stage.ts';
import { ACTIONS } from '../view/actions.ts';

let stage: SlackStage;
beforeEach(async () => {
  stage = await createSlackStage();
});
afterEach(async () => {
  await assertInvariants(stage.db, stage.fake.ledger());
  await stage.close();
});

async function posted(ask: Parameters<SlackStage['ask']>[0] = NOTE) {
  const request = await stage.ask(ask);
  await stage.route();
  stage.startNotifier();
  return { request, message: await stage.messageOf(request) };
}

const decided = async () => (await stage.db.query.reviews.findMany()).length;

describe('a press on Approve', () => {
  test('by somebody on call approves what was shown, and the message says what became of it', async () => {
    const { request, message } = await posted();
    expect(await stage.slack.click('U0PRIYA', message, ACTIONS.approve)).toMatchObject({ status: 200 });
    expect(await stage.row(request.id)).toMatchObject({ status: 'approved', because: 'Approved by Priya Raman' });
    expect(await stage.db.query.reviews.findFirst()).toMatchObject({ surface: 'slack', digest: request.digest });
    await stage.execute(request.id);
    await until(() => stage.channelMessages()[0]?.text.startsWith('Succeeded'));
    expect(stage.channelMessages()).toHaveLength(1);
    expect(stage.slack.ephemerals()).toEqual([]);
  });

  test.each([
    ['not on call for it', 'U0LENA', /You are not on call for what this touches\. On call: Priya Raman/],
    ['whose agent it is', 'U0DANA', /asked by your own agent/],
    ['not linked to anybody', 'U0TOMAS', /not linked to anybody here\..*\/countersign link/],
    ['a guest', 'U0GUEST', /not linked to anybody here/],
    ['of another company', 'U0STRANGER', /Only members of this workspace/],
  ])('by somebody %s is refused in words, and nothing is decided', async (_, userId, words) => {
    const { request, message } = await posted();
    expect(await stage.slack.click(userId, message, ACTIONS.approve)).toMatchObject({ status: 200 });
    expect(await stage.heard(userId)).toEqual([expect.stringMatching(words)]);
    expect(await stage.row(request.id)).toMatchObject({ status: 'pending', version: 1 });
    expect(await decided()).toBe(0);
  });

  test('a second time says that it is decided', async () => {
    const { request, message } = await posted();
    await stage.slack.click('U0PRIYA', message, ACTIONS.approve);
    const copy = stage.slack.postCopy(message);
    await until(() => stage.channelMessages()[0]?.text.startsWith('Approved'));
    await stage.slack.click('U0SAM', copy, ACTIONS.approve);
    expect(await stage.heard('U0SAM')).toEqual([
      expect.stringContaining('It cannot be approved: its status is "Approved".'),
    ]);
    expect(await decided()).toBe(1);
    expect((await stage.row(request.id)).version).toBe(2);
  });

  test('after the time is over is refused, and means not done', async () => {
    const { request, message } = await posted();
    stage.clock.advance(9 * 3600);
    await stage.slack.click('U0SAM', message, ACTIONS.approve);
    expect(await stage.heard('U0SAM')).toEqual(['The time to decide is over. Nothing was sent.']);
    await expire(stage.system);
    await until(() => stage.channelMessages()[0]?.text.startsWith('Expired'));
    expect(await stage.row(request.id)).toMatchObject({ status: 'expired' });
    expect(stage.fake.ledger()).toEqual([]);
  });

  test('by two people at once, one here and one on the web, is one decision', async () => {
    const { request, message } = await posted();
    const sam = stage.person('sam');
    await openConnections(stage.db, 10);
    const [web, click] = await Promise.allSettled([
      review(sam, { requestId: request.id, decision: 'approve', digest: request.digest }),
      stage.slack.click('U0PRIYA', message, ACTIONS.approve),
    ]);
    expect(click.status).toBe('fulfilled');
    expect(await stage.row(request.id)).toMatchObject({ status: 'approved', version: 2 });
    const winner = (await stage.row(request.id)).because;
    if (web.status === 'rejected') expect(winner).toBe('Approved by Priya Raman');
    else expect(await stage.heard('U0PRIYA')).toHaveLength(1);
    expect(await stage.db.query.events.findMany()).toHaveLength(2);
  });

  test('is not taken while the database does not answer, and can be repeated', async () => {
    const { request, message } = await posted();
    await stage.db.execute('alter table reviews rename to gone');
    expect((await stage.slack.click('U0PRIYA', message, ACTIONS.approve)).status).toBe(500);
    await stage.db.execute('alter table gone rename to reviews');
    expect((await stage.slack.click('U0PRIYA', message, ACTIONS.approve)).status).toBe(200);
    expect((await stage.row(request.id)).status).toBe('approved');
  });

  test('that fails because nobody listens is taken by the next process', async () => {
    const { request, message } = await posted();
    await stage.stopApps();
    expect((await stage.slack.click('U0PRIYA', message, ACTIONS.approve)).status).not.toBe(200);
    expect((await stage.row(request.id)).status).toBe('pending');
    await stage.startApp();
    expect((await stage.slack.click('U0PRIYA', message, ACTIONS.approve)).status).toBe(200);
    expect((await stage.row(request.id)).status).toBe('approved');
  });

  test('does not count while it is not known who is on call, but the fallback group may', async () => {
    const { request, message } = await posted();
    stage.clock.advance(61);
    await stage.slack.click('U0PRIYA', message, ACTIONS.approve);
    expect(await stage.heard('U0PRIYA')).toEqual([expect.stringContaining('only the fallback group may decide now')]);
    await stage.slack.click('U0SAM', message, ACTIONS.approve);
    expect((await stage.row(request.id)).status).toBe('approved');
  });
});

describe('a copy of a message', () => {
  test('that nobody knew of is kept true once somebody presses a button on it', async () => {
    const { request, message } = await posted();
    const copy = stage.slack.postCopy(message);
    await stage.slack.click('U0LENA', copy, ACTIONS.approve);
    await stage.told();
    await stage.deny(request, 'priya', 'wrong one');
    await until(() => stage.channelMessages().every(({ text }) => text.startsWith('Denied')));
    expect(stage.channelMessages()).toHaveLength(2);
    expect(stage.slack.calls('chat.postMessage').filter(({ arguments: given }) => !given.thread_ts)).toHaveLength(1);
  });

  test('of an earlier state heals itself, and the press on it decides nothing', async () => {
    const ask = { arguments: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'resolved' } } };
    const { request, message } = await posted(ask);
    const before = structuredClone(message.blocks);
    await stage.approve(request, 'sam');
    await until(() => JSON.stringify(stage.channelMessages()[0]?.blocks).includes('1 of 2'));
    // What a client still shows that has not heard of the update.
    const shown = stage.channelMessages()[0];
    if (shown === undefined) throw new Error('no message');
    shown.blocks = before;
    await stage.slack.click('U0PRIYA', shown, ACTIONS.review);
    expect(await stage.heard('U0PRIYA')).toEqual(['This request has changed since you were shown it. Read it again.']);
    expect(stage.slack.modal('U0PRIYA')).toBeNull();
  });
});

describe('Deny…', () => {
  test('asks why, tells the agent, and the message says who', async () => {
    const { request, message } = await posted();
    await stage.slack.click('U0PRIYA', message, ACTIONS.deny);
    expect(stage.slack.modal('U0PRIYA')).toMatchObject({ callbackId: 'req_deny_submit' });
    await stage.slack.submit('U0PRIYA', { reason: 'Not now', note: 'We are in the middle of a deploy.' });
    expect(stage.slack.modal('U0PRIYA')).toBeNull();
    const because = 'Denied by Priya Raman: Not now. We are in the middle of a deploy.';
    expect(await stage.row(request.id)).toMatchObject({ status: 'denied', because });
    await until(() => stage.channelMessages()[0]?.text.startsWith('Denied'));
    expect(JSON.stringify(stage.channelMessages()[0]?.blocks)).toContain(because);
    expect(stage.fake.ledger()).toEqual([]);
  });

  test('needs no reason', async () => {
    const { request, message } = await posted();
    await stage.slack.click('U0SAM', message, ACTIONS.deny);
    await stage.slack.submit('U0SAM');
    expect(await stage.row(request.id)).toMatchObject({ status: 'denied', because: 'Denied by Sam Okafor' });
  });

  test('opens nothing for somebody who may not, and says who can', async () => {
    const { message } = await posted();
    await stage.slack.click('U0LENA', message, ACTIONS.deny);
    expect(stage.slack.modal('U0LENA')).toBeNull();
    expect(await stage.heard('U0LENA')).toEqual([expect.stringContaining('On call: Priya Raman')]);
  });

  test('sent after somebody else decided says so in the form, and changes nothing', async () => {
    const { request, message } = await posted();
    await stage.slack.click('U0PRIYA', message, ACTIONS.deny);
    await stage.deny(request, 'sam', 'Duplicate');
    await stage.slack.submit('U0PRIYA', { reason: 'Not now' });
    expect(JSON.stringify(stage.slack.modal('U0PRIYA')?.view)).toContain('It cannot be denied: its status is');
    expect(await decided()).toBe(1);
  });

  test('sent by somebody who lost the right meanwhile is refused', async () => {
    const { request, message } = await posted();
    await stage.slack.click('U0PRIYA', message, ACTIONS.deny);
    await stage.slack.command('U0PRIYA', stage.slack.channels.approvals.id, 'unlink');
    await stage.slack.submit('U0PRIYA');
    expect(JSON.stringify(stage.slack.modal('U0PRIYA')?.view)).toContain('not linked to anybody here');
    expect((await stage.row(request.id)).status).toBe('pending');
  });
});

describe('what takes more than Slack', () => {
  test('has no Approve; Review leads to the web with a link for that person, those bytes and one use', async () => {
    const { request, message } = await posted(RESOLVE);
    const actions = JSON.stringify(message.blocks);
    expect(actions).not.toContain(ACTIONS.approve);
    await stage.slack.click('U0PRIYA', message, ACTIONS.review);
    await stage.slack.submit('U0PRIYA');
    const shown = JSON.stringify(stage.slack.modal('U0PRIYA')?.view);
    const [, token = ''] = new RegExp(`${PUBLIC_URL}/step-up/(csh_[0-9a-z]{52})`).exec(shown) ?? [];
    expect(token).not.toBe('');
    expect((await stage.row(request.id)).status).toBe('pending');
    expect(await stage.db.query.handovers.findFirst()).toMatchObject({
      requestId: request.id,
      digest: request.digest,
      personId: stage.ids.priya,
      usedAt: null,
    });

    const approve = { requestId: request.id, decision: 'approve', digest: request.digest, handover: token } as const;
    await expect(review(stage.person('sam'), approve)).rejects.toMatchObject({ code: 'forbidden' });
    expect((await stage.row(request.id)).status).toBe('pending');
    await review(stage.person('priya'), approve);
    expect((await stage.row(request.id)).status).toBe('approved');
    await until(() => stage.channelMessages()[0]?.text.startsWith('Approved'));
  });

  test('is not approved from Slack even by a button that is there by mistake', async () => {
    const { request } = await posted(RESOLVE);
    const priya = { ...stage.ctx, actor: { kind: 'person', personId: stage.ids.priya, surface: 'slack' } } as const;
    const approve = { requestId: request.id, decision: 'approve', digest: request.digest } as const;
    await expect(review(priya, approve)).rejects.toMatchObject({
      code: 'forbidden',
      message: 'A high risk is approved on the web, not in Slack.',
    });
    await review(priya, { ...approve, decision: 'deny' });
    expect((await stage.row(request.id)).status).toBe('denied');
  });

  test('gives no link to somebody who may not approve', async () => {
    const { message } = await posted(RESOLVE);
    await stage.slack.click('U0LENA', message, ACTIONS.review);
    expect(stage.slack.modal('U0LENA')).toBeNull();
    expect(await stage.db.$count(handovers)).toBe(0);
  });
});

describe('what Slack cannot show whole', () => {
  const note = (text: string) => ({ tool: NOTE.tool, arguments: { incident_id: 'Q2PAYMENTHOOK1', note: text } });

  test('is not approved beside what is cut, but after a review of all that is sent', async () => {
    const { request, message } = await posted(note(`${'a '.repeat(400)}THE END`));
    expect(JSON.stringify(message.blocks)).not.toContain(ACTIONS.approve);
    await stage.slack.click('U0PRIYA', message, ACTIONS.review);
    expect(JSON.stringify(stage.slack.modal('U0PRIYA')?.view)).toContain('THE END');
    await stage.slack.submit('U0PRIYA');
    expect((await stage.row(request.id)).status).toBe('approved');
  });

  test('leads to the web where even that does not fit', async () => {
    const { request, message } = await posted(note(`${'" '.repeat(980)}THE END`));
    await stage.slack.click('U0PRIYA', message, ACTIONS.review);
    await stage.slack.submit('U0PRIYA');
    expect(JSON.stringify(stage.slack.modal('U0PRIYA')?.view)).toContain('/step-up/csh_');
    expect((await stage.row(request.id)).status).toBe('pending');
  });
});

describe('Review…', () => {
  test('on the Home tab says in a modal why somebody may not', async () => {
    await posted(ACKNOWLEDGE);
    await stage.slack.openHome('U0PRIYA');
    await until(() => JSON.stringify(stage.slack.home('U0PRIYA')).includes(ACTIONS.review));
    stage.clock.advance(61);
    await stage.slack.clickHome('U0PRIYA', ACTIONS.review);
    await until(() => stage.slack.modal('U0PRIYA') !== null);
    expect(JSON.stringify(stage.slack.modal('U0PRIYA')?.view)).toContain('only the fallback group may decide now');
  });

  test('shows what it is about and approves what Slack is enough for', async () => {
    const { request, message } = await posted(ACKNOWLEDGE);
    await stage.slack.openHome('U0PRIYA');
    await until(() => JSON.stringify(stage.slack.home('U0PRIYA')).includes(request.id));
    await stage.told();
    await stage.slack.clickHome('U0PRIYA', ACTIONS.review);
    expect(stage.slack.modal('U0PRIYA')).toMatchObject({ callbackId: 'req_review_submit' });
    await stage.slack.submit('U0PRIYA');
    expect(JSON.stringify(stage.slack.modal('U0PRIYA')?.view)).toContain('Approved. It is sent now.');
    expect((await stage.row(request.id)).status).toBe('approved');
    // A Home tab is published at most every five seconds.
    stage.clock.advance(5);
    await until(() => JSON.stringify(stage.slack.home('U0PRIYA')).includes('Nothing waits'));
    expect(message.ts).toBe(stage.channelMessages()[0]?.ts);
  });
});
