import { setTimeout } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { submit } from '#approvals/submit.ts';
import { confirmSlackLink, startSlackLink } from '#identity/slack-identities.ts';
import { type FakeSlack, startFakeSlack } from '#slack/fake/server.ts';
import { freePort } from '#slack/testing/free-port.ts';
import { ACTIONS } from '#slack/view/actions.ts';
import { type Figure, percentile } from './figures.ts';
import { type Ground, newNote, remembering } from './ground.ts';
import type { Sizes } from './sizes.ts';

/** Between two requests: each is a message, a reply in its thread and an update, for which the lane pauses. */
const BETWEEN_MS = 4_200;
const BOUND_MS = 60_000;

const channelOf = (slack: FakeSlack) => slack.channels.approvals.id;
const own = (slack: FakeSlack) => slack.messages(channelOf(slack)).filter(({ threadTs }) => threadTs === null);

async function until<T>(look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const giveUpAt = performance.now() + BOUND_MS;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > giveUpAt) throw new Error('Slack was not told in time');
    await setTimeout(2);
  }
}

/** Sam, of the fallback group, under his Slack user. */
async function linkSam(ground: Ground, slack: FakeSlack): Promise<void> {
  const { id: userId, realName: userName, email } = slack.users.sam;
  const user = { teamId: slack.team.id, userId, enterpriseId: null, userName, email };
  await confirmSlackLink(ground.reviewer, await startSlackLink(ground.reviewer, user));
}

/** What was posted before no longer counts: the next request has a message of its own. */
async function nextMinute(ground: Ground): Promise<void> {
  await ground.db.execute(sql`update lanes set posts = 0, posts_since = now()`);
}

/** One after the other: from the call of the agent to the message, then from the press to the acknowledgement. */
async function alone(ground: Ground, slack: FakeSlack, times: number) {
  const reader = remembering(ground.pagerduty);
  const took = { posts: [] as number[], clicks: [] as number[], commits: [] as number[] };
  for (let index = 0; index < times; index++) {
    if (index > 0) await setTimeout(BETWEEN_MS);
    await nextMinute(ground);
    const startedAt = Date.now();
    const ask = { tool: 'add_note_to_incident', arguments: newNote() };
    const { request } = await submit(ground.agent(index, reader), ask);
    const about = (one: { arguments: Record<string, string> }) => one.arguments.blocks?.includes(request.id);
    const call = await until(() => slack.calls('chat.postMessage').find(about));
    took.posts.push(call.at.getTime() - startedAt);
    const message = await until(() => own(slack).find(({ blocks }) => JSON.stringify(blocks).includes(request.id)));
    took.commits.push(await ground.commit());
    const { status, ackMs } = await slack.click(slack.users.sam.id, message, ACTIONS.approve);
    if (status !== 200) throw new Error(`a press was answered with ${status}`);
    took.clicks.push(ackMs);
  }
  return took;
}

/** Very many requests in a minute, under Slack's own limits. */
async function flood(ground: Ground, slack: FakeSlack, { flood: requests, floodMs }: Sizes) {
  await nextMinute(ground);
  const reader = remembering(ground.pagerduty);
  const before = { messages: own(slack).length, calls: slack.calls().length };
  const startedAt = performance.now();
  const asked: Promise<unknown>[] = [];
  for (let index = 0; index < requests; index++) {
    const due = startedAt + (index / requests) * floodMs;
    if (performance.now() < due) await setTimeout(due - performance.now());
    asked.push(submit(ground.agent(index, reader), { tool: 'add_note_to_incident', arguments: newNote() }));
  }
  await Promise.all(asked);
  const askedMs = performance.now() - startedAt;
  const open = async () =>
    Number((await ground.db.execute(sql`select count(*)::int as n from outbox where done_at is null`)).rows[0]?.n);
  await until(async () => (await open()) === 0);
  const { rows } = await ground.db.execute<{ n: number }>(sql`
    select count(*)::int as n from approval_requests r where status = 'pending' and not exists (
      select 1 from outbox o where o.request_id = r.id and (o.receipt ->> 'ts' is not null or o.receipt ->> 'flood' is not null))`);
  const calls = slack.calls().slice(before.calls);
  return {
    askedMs,
    messages: own(slack).length - before.messages,
    calls: calls.length,
    refused: calls.filter(({ done }) => !done).length,
    lost: rows[0]?.n ?? requests,
  };
}

async function startSlack(ground: Ground, slack: FakeSlack) {
  const port = await freePort();
  const { child } = await ground.start('slack/main.ts', {
    DATABASE_URL: ground.databaseUrl,
    SLACK_BOT_TOKEN: slack.tokens.bot,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    SLACK_CHANNEL: channelOf(slack),
    SLACK_API_URL: slack.apiUrl,
    PORT: String(port),
  });
  slack.deliverTo(`http://127.0.0.1:${port}/slack/events`);
  return child;
}

/** How soon people in Slack see a request and how soon their press is taken; and that a flood stays readable. */
export async function benchSlack(ground: Ground, sizes: Sizes): Promise<Figure[]> {
  const slack = await startFakeSlack({ limits: true, ackWithinMs: BOUND_MS });
  await linkSam(ground, slack);
  const child = await startSlack(ground, slack);
  const presses = sizes.rounds * sizes.presses;
  try {
    await alone(ground, slack, Math.min(2, Math.floor(presses / 3)));
    const { posts, clicks, commits } = await alone(ground, slack, presses);
    const burst = await flood(ground, slack, sizes);
    const figure = (name: string, measured: number[], share: number, most?: number): Figure => {
      const against = { name: 'one commit in plain pg', value: percentile(commits, share) };
      const aim = most === undefined ? undefined : ({ of: 'value', at: 'most', value: most } as const);
      return { name, value: percentile(measured, share), unit: 'ms', against, aim };
    };
    const none = { of: 'value', at: 'most', value: 0 } as const;
    return [
      figure('request → chat.postMessage, p50', posts, 0.5),
      figure('request → chat.postMessage, p95', posts, 0.95, 500),
      figure('press → acknowledged, p50', clicks, 0.5),
      figure('press → acknowledged, p95', clicks, 0.95, 100),
      { name: `${sizes.flood} requests, asked within`, value: burst.askedMs / 1000, unit: 's' },
      { name: `${sizes.flood} requests: messages in the channel`, value: burst.messages, unit: '' },
      { name: `${sizes.flood} requests: calls to Slack`, value: burst.calls, unit: '' },
      { name: `${sizes.flood} requests: calls that Slack refused`, value: burst.refused, unit: '', aim: none },
      { name: `${sizes.flood} requests: told of nowhere`, value: burst.lost, unit: '', aim: none },
    ];
  } finally {
    // Its Slack ends here.
    child.kill('SIGKILL');
    await slack.close();
  }
}
