import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '#approvals/limits.ts';
import { cancelAllOf } from '#approvals/switch-off.ts';
import { lanes, outbox } from '#db/schema.ts';
import { createSlackStage, NOTE, RESOLVE, type SlackStage, until } from '../testing/stage.ts';

// Many requests at once, with the limits as they are in truth. The clock stands still until a test moves it.

const AT_ONCE = 5;
const POSTS = 5;
const { deliverySeconds, floodSeconds } = LIMITS;

let stage: SlackStage;
beforeEach(async () => {
  const limits = { deliveriesAtOnce: AT_ONCE, floodPosts: POSTS, pendingPerAgent: 100 };
  stage = await createSlackStage({ linked: [], limits });
  // The first message begins a minute.
  stage.clock.advance(floodSeconds);
});
afterEach(() => stage.close());

async function ask(count: number, word = 'note') {
  const requests: Awaited<ReturnType<SlackStage['ask']>>[] = [];
  for (let number = 0; number < count; number++) {
    const note = `${word} ${number}`;
    requests.push(await stage.ask({ tool: NOTE.tool, arguments: { incident_id: 'Q2PAYMENTHOOK1', note } }));
  }
  return requests;
}

/** Whether nothing more can be said before time goes on: each place has had its share, or heard everything. */
async function resting(): Promise<boolean> {
  const window = sql`${deliverySeconds}::double precision * interval '1 second'`;
  const paced = sql`cardinality(l.recent_calls) = ${AT_ONCE} and l.recent_calls[1] > ${stage.clock.now()} - ${window}`;
  const { rows } = await stage.db.execute(sql`
    select 1 from ${outbox} o join ${lanes} l on l.kind = o.kind and l.lane = o.lane
      where o.done_at is null and not (l.fence is null and ${paced})`);
  return rows.length === 0;
}
const isTold = async () => (await stage.db.$count(outbox, sql`done_at is null or leased_until is not null`)) === 0;

/** Lets time go on, each time until as much may be said again, until everything was told. */
async function tellAll(): Promise<void> {
  for (;;) {
    await until(resting);
    if (await isTold()) return;
    stage.clock.advance(deliverySeconds);
  }
}

const texts = () => stage.channelMessages().map(({ text }) => text);
const ofRequests = () => stage.channelMessages().filter(({ text }) => text.includes('Add a note'));
const floods = () => texts().filter((text) => text.includes('within a minute'));
const writes = () => stage.slack.calls().filter(({ arguments: given }) => given.channel === 'C0APPROVALS');
/** Which requests have a message of their own in that channel, each as often as it has one. */
function withMessage(requests: readonly { id: string }[], channel = 'C0APPROVALS'): string[] {
  const messages = stage.slack.messages(channel).filter(({ threadTs }) => threadTs === null);
  return messages.flatMap(({ blocks }) => {
    const shown = JSON.stringify(blocks);
    return requests.filter(({ id }) => shown.includes(id)).map(({ id }) => id);
  });
}
/** Which requests are told of in a flood's message. */
async function folded(): Promise<string[]> {
  const rows = await stage.db.query.outbox.findMany({ where: sql`receipt ? 'flood' and target = 'channel'` });
  return rows.map(({ requestId }) => requestId ?? '');
}
/** Every request in one place or the other, in none twice. */
async function expectTraces(requests: readonly { id: string }[], own: number): Promise<void> {
  const [messages, told] = [withMessage(requests), await folded()];
  expect(messages).toHaveLength(own);
  expect([...messages, ...told].sort()).toEqual(requests.map(({ id }) => id).sort());
}

describe('forty requests at once', () => {
  test('are five messages, then one that counts the rest, and no request is without a trace', async () => {
    const requests = await ask(40);
    stage.startNotifier();
    await tellAll();
    expect(texts()).toHaveLength(POSTS + 1);
    expect(
      texts()
        .slice(0, POSTS)
        .every((text) => text.startsWith('Waiting for approval')),
    ).toBe(true);
    expect(texts().at(-1)).toBe('35 more requests came within a minute; 35 still wait.');
    await expectTraces(requests, POSTS);
    // Each message has the exact call in its thread; nothing else was written, and nothing twice.
    const replies = stage.slack.messages('C0APPROVALS').filter(({ threadTs }) => threadTs !== null);
    expect(new Set(replies.map(({ threadTs }) => threadTs)).size).toBe(POSTS);
    expect(writes()).toHaveLength(2 * POSTS + 1);
  });

  test('are told of at the pace that Slack allows', async () => {
    await ask(40);
    stage.startNotifier();
    await until(resting);
    expect(writes()).toHaveLength(AT_ONCE);
    stage.clock.advance(deliverySeconds / 2);
    await until(resting);
    expect(writes()).toHaveLength(AT_ONCE);
    stage.clock.advance(deliverySeconds / 2);
    await until(resting);
    expect(writes()).toHaveLength(2 * AT_ONCE);
    expect(await isTold()).toBe(false);
    await tellAll();
    expect(writes()).toHaveLength(2 * POSTS + 1);
  });

  test('keep the one message true as they are decided, and no other is written for it', async () => {
    const requests = await ask(40);
    stage.startNotifier();
    await tellAll();
    const told = new Set(await folded());
    const inFlood = requests.filter(({ id }) => told.has(id));
    const [own] = requests.filter(({ id }) => !told.has(id));
    const [approved, denied] = inFlood;
    if (!approved || !denied || !own) throw new Error('too few');
    await stage.approve(approved);
    await stage.deny(denied);
    await tellAll();
    expect(floods()).toEqual(['35 more requests came within a minute; 33 still wait.']);
    await stage.deny(own);
    await tellAll();
    expect(floods()).toEqual(['35 more requests came within a minute; 33 still wait.']);
    expect(texts().filter((text) => text.startsWith('Denied'))).toHaveLength(1);
    await stage.execute(approved.id);
    expect(await cancelAllOf(stage.system, 'agt_triage', 'switched off')).toBe(37);
    await tellAll();
    expect(floods()).toEqual(['35 more requests came within a minute; none waits any more.']);
    expect(texts()).toHaveLength(POSTS + 1);
    await expectTraces(requests, POSTS);
    expect(stage.fake.ledger()).toHaveLength(1);
  });

  test('have their message again when somebody deletes it while one of them waits', async () => {
    const requests = await ask(40);
    stage.startNotifier();
    await tellAll();
    const message = stage.channelMessages().find(({ text }) => floods().includes(text));
    if (message === undefined) throw new Error('no message');
    stage.slack.deleteMessage(message);
    const told = new Set(await folded());
    const one = requests.find(({ id }) => told.has(id));
    if (one === undefined) throw new Error('nothing was folded');
    await stage.deny(one);
    await tellAll();
    expect(floods()).toEqual(['35 more requests came within a minute; 34 still wait.']);
    expect(stage.channelMessages().map(({ ts }) => ts)).not.toContain(message.ts);
  });

  test('and more in the same minute are counted in the same message', async () => {
    const requests = await ask(40);
    stage.startNotifier();
    await tellAll();
    requests.push(...(await ask(3, 'late')));
    await tellAll();
    expect(floods()).toEqual(['38 more requests came within a minute; 38 still wait.']);
    expect(texts()).toHaveLength(POSTS + 1);
    await expectTraces(requests, POSTS);
  });

  test('and more after the minute are a second flood, which leaves the first as it is', async () => {
    const requests = await ask(40);
    stage.startNotifier();
    await tellAll();
    stage.clock.advance(floodSeconds);
    requests.push(...(await ask(POSTS + 4, 'late')));
    await tellAll();
    const first = '35 more requests came within a minute; 35 still wait.';
    expect(floods()).toEqual([first, '4 more requests came within a minute; 4 still wait.']);
    expect(texts()).toHaveLength(2 * (POSTS + 1));
    await expectTraces(requests, 2 * POSTS);
    const last = requests.at(-1);
    if (last === undefined) throw new Error('no request');
    await stage.deny(last);
    await tellAll();
    expect(floods()).toEqual([first, '4 more requests came within a minute; 3 still wait.']);
  });

  test('do not hide what is risky among them: that has a message of its own, and counts for nothing', async () => {
    const requests = await ask(20);
    const risky = await stage.ask(RESOLVE);
    requests.push(...(await ask(20, 'later')));
    stage.slack.meet({ method: 'chat.postMessage', kind: 'rate_limited', retryAfterSeconds: 1 });
    stage.startNotifier();
    await until(async () => (await stage.db.$count(outbox, sql`last_error = 'rate limited'`)) === 1);
    stage.clock.advance(1);
    await tellAll();
    expect(floods()).toEqual(['35 more requests came within a minute; 35 still wait.']);
    expect(withMessage([risky])).toEqual([risky.id]);
    await expectTraces([...requests, risky], POSTS + 1);
  });

  test('of which none waits any more when Slack is switched on are told of to nobody', async () => {
    await ask(40);
    await cancelAllOf(stage.system, 'agt_triage', 'switched off');
    const [waits] = await ask(1, 'waits');
    stage.startNotifier();
    await tellAll();
    expect(texts()).toHaveLength(1);
    expect(withMessage([waits ?? { id: '' }])).toHaveLength(1);
  });
});

describe('a few requests', () => {
  test('are no flood', async () => {
    const requests = await ask(POSTS);
    stage.startNotifier();
    await tellAll();
    expect(floods()).toEqual([]);
    await expectTraces(requests, POSTS);
  });

  test('whose messages Slack refused several times are no flood either', async () => {
    const refused = { method: 'chat.postMessage', kind: 'rate_limited', retryAfterSeconds: 1 } as const;
    stage.slack.meet(...Array.from({ length: POSTS + 1 }, () => refused));
    const requests = await ask(2);
    stage.startNotifier();
    await until(async () => {
      // Patience is over a second later, each time; what was refused counts for the pace as well.
      const refusals = await stage.db.$count(outbox, sql`last_error = 'rate limited'`);
      // Never while one is on its way: its lease would be over before Slack has answered.
      const held = await stage.db.$count(outbox, sql`leased_until is not null`);
      if (held === 0 && (refusals > 0 || (await resting()))) stage.clock.advance(1);
      return isTold();
    });
    expect(floods()).toEqual([]);
    await expectTraces(requests, 2);
  });
});

/** Slack's API behind a door that sees who is inside at the same time, by where they write to. */
async function startDoor(apiUrl: string, held: (channel: string) => Promise<unknown>) {
  const inside: string[] = [];
  const seen = { mostInOnePlace: 0, mostAtOnce: 0 };
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    const channel = new URLSearchParams(body.toString('utf8')).get('channel');
    if (channel !== null) {
      inside.push(channel);
      seen.mostInOnePlace = Math.max(seen.mostInOnePlace, inside.filter((one) => one === channel).length);
      seen.mostAtOnce = Math.max(seen.mostAtOnce, inside.length);
      await held(channel);
    }
    const { 'content-type': type = '', authorization = '' } = request.headers;
    const url = new URL((request.url ?? '').replace(/^\/api\//, ''), apiUrl);
    const answer = await fetch(url, { method: 'POST', headers: { 'content-type': type, authorization }, body });
    const said = await answer.text();
    if (channel !== null) inside.splice(inside.indexOf(channel), 1);
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(said);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { apiUrl: `http://127.0.0.1:${port}/api/`, seen, close };
}

describe('three notifiers', () => {
  /** Medium risk, and nothing replaces another: whoever is on call is asked in a DM as well. */
  async function askPriya(count: number) {
    const requests: Awaited<ReturnType<SlackStage['ask']>>[] = [];
    for (let number = 0; number < count; number++) {
      const incident = { title: `Disk ${number} is full`, service: { id: 'PSCHKOT' }, urgency: 'low' };
      requests.push(await stage.ask({ tool: 'create_incident', arguments: { incident } }));
    }
    await stage.route();
    return requests;
  }

  test('say one thing at a time in each place, different places at once, and nothing twice', async () => {
    const requests = await askPriya(POSTS + 3);
    const places = new Set<string>();
    let bothCame: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      bothCame = resolve;
    });
    // Whoever comes first is held up until somebody writes to the other place, which another lane must do meanwhile.
    const door = await startDoor(stage.slack.apiUrl, (channel) => {
      if (places.add(channel).size === 2) bothCame();
      return both;
    });
    for (let count = 0; count < 3; count++) stage.startNotifier({ apiUrl: door.apiUrl, timeoutMs: 20_000 });
    await tellAll();
    expect(door.seen.mostInOnePlace).toBe(1);
    expect(door.seen.mostAtOnce).toBe(2);
    await expectTraces(requests, POSTS);
    expect(floods()).toEqual(['3 more requests came within a minute; 3 still wait.']);

    // In the DM it is the same, at its own pace.
    const [direct] = stage.slack.messages().filter(({ channel }) => channel.startsWith('D'));
    const own = withMessage(requests, direct?.channel);
    expect(new Set(own).size).toBe(POSTS);
    expect(own).toHaveLength(POSTS);
    expect(stage.slack.messages(direct?.channel).at(-1)?.text).toBe(
      '3 more requests came within a minute; 3 still wait.',
    );
    expect(stage.slack.messages(direct?.channel)).toHaveLength(POSTS + 1);
    await door.close();
  });

  test('one after the other, each stopped in the middle, post nothing twice', async () => {
    const requests = await ask(12);
    for (let write = 3; write <= 9; write += 3) {
      const notifier = stage.startNotifier();
      await until(async () => {
        if (writes().length < write && (await resting())) stage.clock.advance(deliverySeconds);
        return writes().length >= write;
      });
      await notifier.stop();
    }
    stage.startNotifier();
    await tellAll();
    expect(floods()).toEqual(['7 more requests came within a minute; 7 still wait.']);
    await expectTraces(requests, POSTS);
    expect(texts()).toHaveLength(POSTS + 1);
    expect(ofRequests()).toHaveLength(POSTS);
  });
});
