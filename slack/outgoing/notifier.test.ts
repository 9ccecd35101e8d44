import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expire } from '#approvals/expire.ts';
import { LIMITS } from '#approvals/limits.ts';
import { settle } from '#approvals/settle.ts';
import { createLatch } from '#approvals/testing/latch.ts';
import { approvalRequests, outbox } from '#db/schema.ts';
import { BACK_OFF } from '#outbox/deliveries.ts';
import { startFakeSlack } from '../fake/server.ts';
import { ACKNOWLEDGE, createSlackStage, NOTE, type SlackStage, until } from '../testing/stage.ts';

let stage: SlackStage;
beforeEach(async () => {
  stage = await createSlackStage({ linked: [] });
});
afterEach(() => stage.close());

const delivery = async () => (await stage.deliveries())[0];
const failed = (error: string) => until(async () => (await delivery())?.lastError === error);
/** Posts of messages; the exact call follows in the thread of each. */
const posts = () => stage.slack.calls('chat.postMessage').filter((call) => !call.arguments.thread_ts);
const shown = () => stage.channelMessages().map(({ text }) => text);
const noteOn = (incident: string) =>
  stage.ask({ tool: NOTE.tool, arguments: { incident_id: incident, note: 'hello' } });

describe('a request', () => {
  test('is posted once, literally and without previews, with the exact call in its thread', async () => {
    stage.startNotifier({ pollMs: 600_000 });
    const request = await stage.ask();
    await stage.told();
    const [message, call, ...more] = stage.slack.calls('chat.postMessage');
    expect(more).toEqual([]);
    const literal = { unfurl_links: 'false', unfurl_media: 'false', link_names: 'false', parse: 'none' };
    expect(message).toMatchObject({
      token: 'xoxb-playable-countersign',
      arguments: { channel: 'C0APPROVALS', ...literal },
    });
    expect(call).toMatchObject({ arguments: { channel: 'C0APPROVALS', ...literal, thread_ts: expect.any(String) } });
    expect(shown()).toEqual(['Waiting for approval: Change incidents. High risk.']);
    expect(JSON.stringify(stage.slack.messages())).toContain(`http://localhost:4600/r/${request.id}`);
    expect(call?.arguments.blocks).toContain('PUT /incidents');
  });

  test('is told of when it is made and when it changes, without waiting for the poll', async () => {
    stage.startNotifier({ pollMs: 600_000 });
    const first = await stage.ask();
    await stage.told();
    await noteOn('Q1CHECKOUT5XX1');
    await until(() => stage.channelMessages().length === 2);
    await stage.deny(first);
    await until(() => shown()[0]?.startsWith('Denied'));
  });

  test('keeps its one message through approval and execution, and tells the outcome in its thread', async () => {
    stage.startNotifier();
    const request = await stage.ask();
    await stage.told();
    await stage.approve(request);
    await until(() => shown()[0]?.startsWith('Approved'));
    await stage.execute(request.id);
    await until(() => shown()[0]?.startsWith('Succeeded'));
    await stage.told();
    expect(stage.channelMessages()).toHaveLength(1);
    expect(posts()).toHaveLength(1);
    const last = stage.slack.calls('chat.update').at(-1);
    expect(last).toMatchObject({ arguments: { parse: 'none', link_names: 'false' } });
    const replies = stage.slack.messages().filter(({ threadTs }) => threadTs !== null);
    expect(replies).toHaveLength(2);
    expect(JSON.stringify(replies[1])).toContain('PagerDuty applied it.');
  });

  test('that turned out differently changes what its thread says', async () => {
    stage.startNotifier();
    const request = await stage.ask();
    stage.fake.faults.add({ kind: 'drop_after', times: 1 });
    await stage.approve(request);
    await stage.execute(request.id);
    await until(() => shown()[0]?.startsWith('Outcome unknown'));
    await stage.told();
    stage.clock.advance(130);
    await settle(stage.system, request.id);
    await until(() => shown()[0]?.startsWith('Succeeded'));
    await stage.told();
    const replies = stage.slack.messages().filter(({ threadTs }) => threadTs !== null);
    expect(replies).toHaveLength(2);
    expect(JSON.stringify(replies)).not.toContain('not known');
  });

  test('shows in the same message who denied it, and that time ran out', async () => {
    stage.startNotifier();
    const request = await stage.ask();
    await stage.told();
    await stage.deny(request, 'priya', 'wrong <!channel> incident');
    await until(() => shown()[0]?.startsWith('Denied'));
    await noteOn('Q1CHECKOUT5XX1');
    await until(() => stage.channelMessages().length === 2);
    await stage.told();
    stage.clock.advance(9 * 3600);
    await expire(stage.system);
    await until(() => shown()[1]?.startsWith('Expired'));
    expect(posts()).toHaveLength(2);
  });

  test('gets no second message from a new process', async () => {
    const first = stage.startNotifier();
    const request = await stage.ask();
    await stage.told();
    await first.stop();
    await stage.approve(request);
    stage.startNotifier();
    await until(() => shown()[0]?.startsWith('Approved'));
    expect(posts()).toHaveLength(1);
  });

  test('gets one message from three notifiers at once, and one call at a time to its channel', async () => {
    for (let count = 0; count < 3; count++) stage.startNotifier();
    const asks = ['Q1CHECKOUT5XX1', 'Q2PAYMENTHOOK1', 'Q3TRACKINGLAG1', 'Q4SLOWLABELS01'].map(noteOn);
    await Promise.all(asks);
    await stage.told();
    expect(posts()).toHaveLength(4);
    expect(new Set(stage.channelMessages().map(({ blocks }) => JSON.stringify(blocks))).size).toBe(4);
  });

  test('that was over before Slack was switched on is not told of', async () => {
    await stage.deny(await stage.ask());
    await noteOn('Q1CHECKOUT5XX1');
    stage.startNotifier();
    await stage.told();
    expect(shown()).toEqual([expect.stringContaining('Waiting for approval: ')]);
  });
});

describe('when Slack', () => {
  test('asks for patience, it waits that long and posts once', async () => {
    stage.slack.meet({ kind: 'rate_limited', retryAfterSeconds: 1 });
    stage.startNotifier();
    await stage.ask();
    await failed('rate limited');
    expect(await delivery()).toMatchObject({ attempts: 0, receipt: null, doneAt: null });
    stage.clock.advance(1);
    await stage.told();
    expect(posts().map(({ done }) => done)).toEqual([false, true]);
    expect(stage.channelMessages()).toHaveLength(1);
  });

  test.each([
    { kind: 'status', status: 503, done: false },
    { kind: 'status', status: 503, done: true },
    { kind: 'reset', done: true },
    { kind: 'silent', done: true },
    { kind: 'page' },
    { kind: 'error', error: 'fatal_error' },
  ] as const)('leaves a post unclear (%o), it posts once more and never again', async (fault) => {
    stage.slack.meet(fault, fault);
    stage.startNotifier({ timeoutMs: 300 });
    const request = await stage.ask();
    await until(async () => (await delivery())?.lastError && (await delivery())?.leasedUntil === null);
    expect(posts()).toHaveLength(1);
    stage.clock.advance(60);
    await stage.told();
    expect(posts()).toHaveLength(2);
    await stage.deny(request);
    await failed('posted twice without an answer');
    stage.clock.advance(3600);
    expect(posts()).toHaveLength(2);
  });

  test('leaves a reply in the thread unclear twice, it is given up, and the message stays true', async () => {
    stage.startNotifier();
    const request = await stage.ask();
    await stage.told();
    const lost = { method: 'chat.postMessage', kind: 'status', status: 503, done: false } as const;
    stage.slack.meet(lost, lost);
    await stage.approve(request);
    await stage.execute(request.id);
    await until(async () => (await delivery())?.lastError === 'HTTP 503');
    stage.clock.advance(60);
    await stage.told();
    expect(await delivery()).toMatchObject({ receipt: { replies: { outcome: null } } });
    expect(shown()).toEqual([expect.stringMatching(/^Succeeded/)]);
  });

  test('did get the unclear post’s second try, that message is the one kept true', async () => {
    stage.slack.meet({ kind: 'status', status: 503, done: false });
    stage.startNotifier();
    const request = await stage.ask();
    await failed('HTTP 503');
    stage.clock.advance(60);
    await stage.told();
    await stage.deny(request);
    await until(() => shown()[0]?.startsWith('Denied'));
    expect(stage.channelMessages()).toHaveLength(1);
  });

  test('does not let us into the channel, it is tried again until somebody does', async () => {
    stage.slack.removeBot('C0APPROVALS');
    stage.startNotifier();
    await stage.ask();
    for (let attempt = 1; attempt <= 3; attempt++) {
      await until(async () => (await delivery())?.attempts === attempt && (await delivery())?.leasedUntil === null);
      expect(await delivery()).toMatchObject({ lastError: 'not_in_channel', receipt: null });
      if (attempt === 3) stage.slack.addBot('C0APPROVALS');
      stage.clock.advance(BACK_OFF.firstSeconds * 2 ** (attempt - 1));
    }
    await stage.told();
    expect(stage.channelMessages()).toHaveLength(1);
    expect(await delivery()).toMatchObject({ lastError: null, attempts: 0 });
  });

  test('has archived the channel, the error is kept and it is given up after some tries; the web goes on', async () => {
    stage.slack.archiveChannel('C0APPROVALS');
    stage.startNotifier();
    const request = await stage.ask();
    for (let attempt = 1; attempt <= BACK_OFF.tries; attempt++) {
      await until(async () => (await delivery())?.attempts === attempt && (await delivery())?.leasedUntil === null);
      if (attempt < BACK_OFF.tries) stage.clock.advance(BACK_OFF.longestSeconds);
    }
    await stage.told();
    expect(await delivery()).toMatchObject({ lastError: 'is_archived' });
    expect(stage.channelMessages()).toEqual([]);
    expect((await stage.row(request.id)).status).toBe('pending');
  });

  test('cannot be reached, nothing counts as posted', async () => {
    const gone = await startFakeSlack();
    await gone.close();
    stage.startNotifier({ apiUrl: gone.apiUrl });
    await stage.ask();
    await until(async () => (await delivery())?.lastError);
    expect(await delivery()).toMatchObject({ lastError: 'ECONNREFUSED', receipt: null, doneAt: null });
  });

  test('lost the message while it can be decided, it is posted anew; afterwards nobody misses it', async () => {
    stage.startNotifier();
    const request = await stage.ask({
      arguments: { manage_request: { incident_ids: ['Q1CHECKOUT5XX1'], status: 'resolved' } },
    });
    const message = await stage.messageOf(request);
    await stage.told();
    stage.slack.deleteMessage(message);
    await stage.approve(request, 'sam');
    await until(() => stage.channelMessages().some(({ ts }) => ts !== message.ts));
    await stage.told();
    const [again] = stage.channelMessages();
    if (again === undefined) throw new Error('no message');
    stage.slack.deleteMessage(again);
    await stage.deny(request, 'priya');
    await failed('message_not_found');
    await stage.told();
    expect(stage.channelMessages()).toEqual([]);
  });

  test('fails an update, the same update is tried again', async () => {
    stage.startNotifier();
    const request = await stage.ask();
    await stage.told();
    stage.slack.meet({ kind: 'reset', done: true }, { kind: 'status', status: 503, done: false });
    await stage.approve(request);
    for (const attempt of [1, 2]) {
      await until(async () => (await delivery())?.attempts === attempt && (await delivery())?.leasedUntil === null);
      stage.clock.advance(BACK_OFF.longestSeconds);
    }
    await stage.told();
    expect(shown()).toEqual(['Approved: Change incidents. High risk.']);
  });
});

describe('Home tabs', () => {
  const openHome = async (userId: string) => {
    await stage.slack.openHome(userId);
    await until(async () => (await stage.deliveries()).some(({ target }) => target === `home:${userId}`));
  };

  test('wait until requests are told of', async () => {
    for (const name of ['U0LENA', 'U0MARCO', 'U0SAM', 'U0RUTH', 'U0TOMAS', 'U0KENJI']) await openHome(name);
    stage.clock.advance(1);
    await stage.ask();
    stage.startNotifier();
    const place = () => stage.slack.calls().findIndex(({ method }) => method === 'chat.postMessage');
    // Homes may be due once more by then, for which the clock would have to move.
    await until(() => place() >= 0);
    // At most one is on its way in each of the four lanes that are worked on at once.
    expect(place()).toBeLessThanOrEqual(4);
  });

  test('that Slack wants to be left alone silence nothing else', async () => {
    await openHome('U0LENA');
    stage.slack.meet({ method: 'views.publish', kind: 'rate_limited', retryAfterSeconds: 30 });
    stage.startNotifier();
    await until(async () => (await stage.deliveries())[0]?.lastError === 'rate limited');
    await stage.ask();
    await until(() => stage.channelMessages().length === 1);
    expect(stage.slack.home('U0LENA')).toBeNull();
  });
});

describe('a notifier', () => {
  test('that cannot tell of one request tells of the others, and gives that one up in the end', async () => {
    const poison = await stage.ask();
    // The database itself forbids this; some later version of us may still meet a row that it cannot read.
    await stage.db.execute(sql`alter table approval_requests disable trigger user`);
    await stage.db.update(approvalRequests).set({ summary: {} }).where(eq(approvalRequests.id, poison.id));
    const other = await noteOn('Q1CHECKOUT5XX1');
    const deliveryOf = ({ id }: { id: string }) => stage.db.query.outbox.findFirst({ where: eq(outbox.requestId, id) });
    const poisoned = () => deliveryOf(poison);
    stage.startNotifier();
    // To the end, and not only until it is seen: a clock that jumps ends the lease of what is on its way.
    await until(async () => (await deliveryOf(other))?.doneAt);
    expect(stage.channelMessages()).toHaveLength(1);
    for (let attempt = 1; attempt <= BACK_OFF.tries; attempt++) {
      await until(async () => (await poisoned())?.attempts === attempt && (await poisoned())?.leasedUntil === null);
      expect((await poisoned())?.lastError).toMatch(/^no message could be made: /);
      stage.clock.advance(BACK_OFF.longestSeconds);
    }
    expect((await poisoned())?.doneAt).not.toBeNull();
    expect(posts()).toHaveLength(1);
  });

  test('has the whole of its lease for a post, however long it took to find out where to', async () => {
    stage.startNotifier();
    await stage.ask(ACKNOWLEDGE);
    await stage.told();
    const [found, posted] = [createLatch(), createLatch()];
    stage.slack.meet({ method: 'conversations.open', kind: 'late', until: found.opened });
    stage.slack.meet({ method: 'chat.postMessage', kind: 'late', until: posted.opened });
    await stage.route();
    await until(() => stage.slack.calls('conversations.open').length === 1);
    stage.clock.advance(LIMITS.leaseSeconds - 1);
    found.open();
    const direct = () => posts().filter(({ arguments: { channel } }) => channel !== 'C0APPROVALS');
    await until(() => direct().length === 1);
    stage.clock.advance(LIMITS.leaseSeconds - 1);
    // Whoever tells of this one has looked for what is longer due as well.
    await noteOn('Q1CHECKOUT5XX1');
    await until(() => stage.channelMessages().length === 2);
    posted.open();
    await stage.told();
    expect(direct()).toHaveLength(1);
  });

  test('that died after posting leaves at most one more post to the next one', async () => {
    const request = await stage.ask();
    // What a dead process leaves behind: the post noted, the lease over by now.
    await stage.db
      .update(outbox)
      .set({
        receipt: { begun: { part: 'message', posts: 1 } },
        fence: 'fnc_dead',
        leasedUntil: stage.clock.now(),
        attempts: 1,
      })
      .where(eq(outbox.requestId, request.id));
    stage.slack.meet({ kind: 'status', status: 503, done: false });
    stage.clock.advance(60);
    stage.startNotifier();
    await failed('HTTP 503');
    await stage.told();
    expect(await delivery()).toMatchObject({ receipt: { begun: { part: 'message', posts: 2 } } });
    expect(posts()).toHaveLength(1);
  });

  test('finishes the message on its way when it is stopped, and takes nothing new', async () => {
    const notifier = stage.startNotifier();
    await stage.ask();
    await until(() => stage.slack.calls('chat.postMessage').length >= 1);
    await notifier.stop();
    const before = stage.slack.calls().length;
    expect((await delivery())?.receipt).toMatchObject({ ts: expect.any(String) });
    await noteOn('Q1CHECKOUT5XX1');
    expect((await stage.deliveries()).at(-1)).toMatchObject({ doneAt: null, receipt: null });
    expect(stage.slack.calls()).toHaveLength(before);
  });
});
