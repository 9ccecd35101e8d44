import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Changes, listenForChanges } from '#approvals/changes.ts';
import { databaseClock } from '#approvals/context.ts';
import { BACK_OFF } from '#approvals/deliveries.ts';
import { expire } from '#approvals/expire.ts';
import { silentLog } from '#approvals/log.ts';
import { createWorld, type World } from '#approvals/testing/world.ts';
import { approvalRequests, outbox } from '#db/schema.ts';
import { createSlackClient } from './app.ts';
import { type Notifier, runNotifier } from './notifier.ts';
import { type FakeSlack, startFakeSlack } from './testing/fake-slack.ts';

let world: World;
let slack: FakeSlack;
let changes: Changes;
let notifiers: Notifier[] = [];

beforeEach(async () => {
  [world, slack] = await Promise.all([createWorld(), startFakeSlack()]);
  changes = listenForChanges({ url: world.url, db: world.db, log: silentLog, pollMs: 50 });
});
afterEach(async () => {
  await Promise.all(notifiers.map((notifier) => notifier.stop()));
  notifiers = [];
  await changes.close();
  await Promise.all([world.close(), slack.close()]);
});

function start(options: { pollMs?: number; timeoutMs?: number; apiUrl?: string } = {}): Notifier {
  const { pollMs = 20, timeoutMs = 2000, apiUrl = slack.apiUrl } = options;
  const notifier = runNotifier({
    ctx: { db: world.db, now: world.clock.now, limits: world.system.limits, log: silentLog },
    client: createSlackClient({ token: 'xoxb-test', apiUrl, timeoutMs }),
    changes,
    channel: 'C0CHANNEL',
    publicUrl: 'http://localhost:4600',
    pollMs,
  });
  notifiers.push(notifier);
  return notifier;
}

const until = <T>(check: () => T | Promise<T>) => vi.waitUntil(check, { timeout: 15_000, interval: 10 });
const delivery = () => world.db.query.outbox.findFirst();
const done = () => until(async () => ((await delivery())?.doneAt ? delivery() : null));
const failed = (error: string) => until(async () => (await delivery())?.lastError === error);
const posts = () => slack.calls('chat.postMessage').length;
const shown = () => slack.messages().map(({ text }) => text);

describe('a request', () => {
  test('is posted once, literally and without previews', async () => {
    start({ pollMs: 600_000 });
    await world.ask();
    await done();
    expect(slack.calls()).toMatchObject([
      {
        method: 'chat.postMessage',
        token: 'Bearer xoxb-test',
        arguments: {
          channel: 'C0CHANNEL',
          unfurl_links: 'false',
          unfurl_media: 'false',
          link_names: 'false',
          parse: 'none',
        },
      },
    ]);
    expect(shown()).toEqual(['Waiting for approval: Change incidents. High risk.']);
    expect(JSON.stringify(slack.messages())).toContain('http://localhost:4600/r/apr_');
    expect(await delivery()).toMatchObject({ receipt: { channel: 'C0CHANNEL', ts: '1780000000.000001' } });
  });

  test('is told of when it is made and when it changes, without waiting for the poll', async () => {
    start({ pollMs: 600_000 });
    const first = await world.ask();
    await done();
    await world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q1CHECKOUT5XX1', note: 'hello' } });
    await until(() => slack.messages().length === 2);
    await world.deny(first);
    await until(() => shown()[0]?.startsWith('Denied'));
  });

  test('keeps its one message through approval and execution', async () => {
    start();
    const request = await world.ask();
    await done();
    await world.approve(request);
    await until(() => shown()[0]?.startsWith('Approved'));
    await world.execute(request.id);
    await until(() => shown()[0]?.startsWith('Succeeded'));
    expect(slack.messages()).toHaveLength(1);
    expect(posts()).toBe(1);
    const last = slack.calls().at(-1);
    expect(last).toMatchObject({ method: 'chat.update', arguments: { parse: 'none', link_names: 'false' } });
  });

  test('shows in the same message who denied it, and that time ran out', async () => {
    start();
    const request = await world.ask();
    await done();
    await world.deny(request, 'priya', 'wrong <!channel> incident');
    await until(() => shown()[0]?.startsWith('Denied'));
    expect(JSON.stringify(slack.messages())).toContain('Denied by Priya Raman: wrong &lt;!channel&gt; incident');
    await world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q1CHECKOUT5XX1', note: 'hello' } });
    await until(() => slack.messages().length === 2);
    world.clock.advance(9 * 3600);
    await expire(world.system);
    await until(() => shown()[1]?.startsWith('Expired'));
    expect(posts()).toBe(2);
  });

  test('shows no word of the agent’s reason', async () => {
    start();
    await world.ask({ reason: 'trust me, it is fine' });
    await done();
    expect(JSON.stringify(slack.calls())).not.toContain('trust me');
  });

  test('gets no second message from a new process', async () => {
    const first = start();
    const request = await world.ask();
    await done();
    await first.stop();
    await world.approve(request);
    start();
    await until(() => shown()[0]?.startsWith('Approved'));
    expect(posts()).toBe(1);
  });

  test('gets one message from two notifiers at once', async () => {
    for (let count = 0; count < 2; count++) start();
    const asks = ['Q1CHECKOUT5XX1', 'Q2PAYMENTHOOK1', 'Q3TRACKINGLAG1', 'Q4SLOWLABELS01'].map((id) =>
      world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: id, note: 'hello' } }),
    );
    await Promise.all(asks);
    await until(async () => (await world.db.query.outbox.findMany()).every(({ doneAt }) => doneAt !== null));
    expect(posts()).toBe(4);
    expect(new Set(slack.messages().map(({ blocks }) => JSON.stringify(blocks))).size).toBe(4);
  });

  test('that was over before Slack was switched on is not told of', async () => {
    await world.deny(await world.ask());
    await world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q1CHECKOUT5XX1', note: 'hello' } });
    start();
    await until(async () => (await world.db.query.outbox.findMany()).every(({ doneAt }) => doneAt !== null));
    expect(shown()).toEqual([expect.stringContaining('Waiting for approval: ')]);
  });
});

describe('when Slack', () => {
  test('asks for patience, it waits that long and posts once', async () => {
    slack.meet({ kind: 'rate_limited', retryAfterSeconds: 1 });
    start();
    await world.ask();
    await failed('rate limited');
    const row = await delivery();
    expect(row).toMatchObject({ attempts: 0, receipt: null, doneAt: null });
    world.clock.advance(1);
    await done();
    expect(slack.calls().map(({ done }) => done)).toEqual([false, true]);
    expect(slack.messages()).toHaveLength(1);
  });

  test.each([
    { kind: 'status', status: 503, done: false },
    { kind: 'status', status: 503, done: true },
    { kind: 'reset', done: true },
    { kind: 'silent', done: true },
    { kind: 'page' },
    { kind: 'error', error: 'fatal_error' },
  ] as const)('leaves a post unclear (%o), it posts once more and never again', async (fault) => {
    slack.meet(fault, fault);
    start({ timeoutMs: 200 });
    const request = await world.ask();
    await until(async () => (await delivery())?.lastError && (await delivery())?.doneAt === null);
    expect(posts()).toBe(1);
    world.clock.advance(60);
    await done();
    expect(posts()).toBe(2);
    await world.deny(request);
    await failed('posted twice without an answer');
    world.clock.advance(3600);
    expect(posts()).toBe(2);
  });

  test('did get the unclear post’s second try, that message is the one kept true', async () => {
    slack.meet({ kind: 'status', status: 503, done: false });
    start();
    const request = await world.ask();
    await failed('HTTP 503');
    world.clock.advance(60);
    await done();
    await world.deny(request);
    await until(() => shown()[0]?.startsWith('Denied'));
    expect(slack.messages()).toHaveLength(1);
  });

  test('says why it did nothing, it tries again until it works', async () => {
    slack.meet(...Array.from({ length: 4 }, () => ({ kind: 'error', error: 'not_in_channel' }) as const));
    start();
    await world.ask();
    for (let attempt = 1; attempt <= 4; attempt++) {
      await until(async () => (await delivery())?.attempts === attempt && (await delivery())?.leasedUntil === null);
      expect(await delivery()).toMatchObject({ lastError: 'not_in_channel', receipt: null });
      world.clock.advance(BACK_OFF.firstSeconds * 2 ** (attempt - 1));
    }
    await done();
    expect(slack.messages()).toHaveLength(1);
    expect(await delivery()).toMatchObject({ lastError: null, attempts: 0 });
  });

  test('cannot be reached, nothing counts as posted', async () => {
    const gone = await startFakeSlack();
    await gone.close();
    start({ apiUrl: gone.apiUrl });
    await world.ask();
    await until(async () => (await delivery())?.lastError);
    expect(await delivery()).toMatchObject({ lastError: 'ECONNREFUSED', receipt: null, doneAt: null });
  });

  test('lost the message, the error is recorded and it is given up after some tries', async () => {
    start();
    const request = await world.ask();
    await done();
    slack.deleteAll();
    await world.approve(request);
    for (let attempt = 1; attempt <= BACK_OFF.tries; attempt++) {
      await until(async () => (await delivery())?.attempts === attempt && (await delivery())?.leasedUntil === null);
      if (attempt < BACK_OFF.tries) world.clock.advance(BACK_OFF.longestSeconds);
    }
    expect(await done()).toMatchObject({ lastError: 'message_not_found' });
    expect(slack.messages()).toEqual([]);
    expect(posts()).toBe(1);
  });

  test('fails an update, the same update is tried again', async () => {
    start();
    const request = await world.ask();
    await done();
    slack.meet({ kind: 'reset', done: true }, { kind: 'status', status: 503, done: false });
    await world.approve(request);
    for (const attempt of [1, 2]) {
      await until(async () => (await delivery())?.attempts === attempt && (await delivery())?.leasedUntil === null);
      world.clock.advance(BACK_OFF.longestSeconds);
    }
    await done();
    expect(shown()).toEqual(['Approved: Change incidents. High risk.']);
  });
});

describe('a notifier', () => {
  test('that cannot tell of one request tells of the others, and gives that one up in the end', async () => {
    const poison = await world.ask();
    // The database itself forbids this; some later version of us may still meet a row that it cannot read.
    await world.db.execute(sql`alter table approval_requests disable trigger user`);
    await world.db.update(approvalRequests).set({ summary: {} }).where(eq(approvalRequests.id, poison.id));
    await world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q1CHECKOUT5XX1', note: 'hello' } });
    const poisoned = () => world.db.query.outbox.findFirst({ where: eq(outbox.requestId, poison.id) });
    start({ pollMs: 600_000 });
    await until(() => slack.messages().length === 1);
    expect(await poisoned()).toMatchObject({
      lastError: 'no message could be made: TypeError',
      attempts: 1,
      doneAt: null,
      leasedUntil: null,
    });
    start();
    for (let attempt = 2; attempt <= BACK_OFF.tries; attempt++) {
      world.clock.advance(BACK_OFF.longestSeconds);
      await until(async () => (await poisoned())?.attempts === attempt && (await poisoned())?.leasedUntil === null);
    }
    expect((await poisoned())?.doneAt).not.toBeNull();
    expect(posts()).toBe(1);
  });

  test('that died after posting leaves at most one more post to the next one', async () => {
    const request = await world.ask();
    // What a dead process leaves behind: the post noted, the lease not over yet.
    await world.db
      .update(outbox)
      .set({ receipt: { posts: 1 }, fence: 'fnc_dead', leasedUntil: databaseClock(), attempts: 1 })
      .where(eq(outbox.requestId, request.id));
    slack.meet({ kind: 'status', status: 503, done: false });
    start();
    world.clock.advance(60);
    await failed('HTTP 503');
    expect(await done()).toMatchObject({ receipt: { posts: 2 } });
    expect(posts()).toBe(1);
  });

  test('finishes the message on its way when it is stopped, and takes nothing new', async () => {
    const notifier = start();
    await world.ask();
    await until(() => slack.calls().length === 1);
    await notifier.stop();
    expect((await delivery())?.doneAt).not.toBeNull();
    await world.ask({ tool: 'add_note_to_incident', arguments: { incident_id: 'Q1CHECKOUT5XX1', note: 'hello' } });
    const rows = await world.db.query.outbox.findMany();
    expect(rows.map(({ doneAt }) => doneAt === null).sort()).toEqual([false, true]);
    expect(slack.calls()).toHaveLength(1);
  });
});
