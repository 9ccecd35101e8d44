import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cancel } from '#approvals/cancel.ts';
import { personOfSlack } from '#approvals/slack-identities.ts';
import { addDelivery } from '#approvals/deliveries.ts';
import { slackIdentities, asks } from '#db/schema.ts';
import { ACTIONS } from './actions.ts';
import { recheckMembers } from './members.ts';
import { ACKNOWLEDGE, createSlackStage, NOTE, RESOLVE, type SlackStage, until } from './testing/stage.ts';

let stage: SlackStage;
afterEach(() => stage.close());

test('A: agent words in ephemeral text', async () => {
  stage = await createSlackStage();
  const request = await stage.ask(NOTE);
  stage.startNotifier();
  const message = await stage.messageOf(request);
  await cancel(stage.agent, { requestId: request.id, reason: '*Approved by* Sam :white_check_mark: open https://evil.example/approve now' });
  await stage.slack.click('U0PRIYA', message, ACTIONS.approve);
  await until(() => stage.slack.ephemerals('U0PRIYA').length > 0);
  console.log('A', JSON.stringify(stage.slack.ephemerals('U0PRIYA').at(-1)));
  console.log('A raw', JSON.stringify(stage.slack.calls('response_url').at(-1)?.arguments));
});

test('B: refused from Home says nothing', async () => {
  stage = await createSlackStage();
  const request = await stage.ask(ACKNOWLEDGE);
  await stage.route();
  stage.startNotifier();
  await stage.slack.openHome('U0PRIYA');
  await until(() => JSON.stringify(stage.slack.home('U0PRIYA')).includes(request.id));
  await stage.deny(request, 'sam');
  const before = stage.slack.calls().length;
  const answer = await stage.slack.clickHome('U0PRIYA', ACTIONS.review);
  console.log('B', answer.status, stage.slack.modal('U0PRIYA'), stage.slack.ephemerals('U0PRIYA'), stage.slack.calls().slice(before).map((c) => c.method));
});

test('C: one user that Slack will not show stops all rechecks', async () => {
  stage = await createSlackStage({ linked: ['priya', 'marco', 'sam'] });
  await stage.db.update(slackIdentities).set({ checkedAt: sql`checked_at - interval '1 minute'` }).where(eq(slackIdentities.userId, 'U0PRIYA'));
  stage.clock.advance(25 * 3600);
  for (let round = 0; round < 5; round++) {
    stage.slack.meet({ kind: 'error', error: 'user_not_visible' });
    await recheckMembers(stage.ctx, stage.client);
  }
  stage.clock.advance(48 * 3600);
  for (const userId of ['U0MARCO', 'U0SAM']) console.log('C', userId, await personOfSlack(stage.ctx, { teamId: 'T0NORTHWIND', userId }));
  console.log('C calls', stage.slack.calls('users.info').map((c) => c.arguments.user));
});

test('F: a limit on Home tabs silences the channel', async () => {
  stage = await createSlackStage();
  await stage.slack.openHome('U0PRIYA');
  stage.slack.meet({ kind: 'rate_limited', retryAfterSeconds: 30 });
  stage.startNotifier();
  await until(async () => (await stage.deliveries()).some((d) => d.lastError !== null));
  await until(async () => (await stage.deliveries()).every((d) => d.leasedUntil === null));
  await new Promise((r) => setTimeout(r, 200));
  const request = await stage.ask(NOTE);
  await new Promise((r) => setTimeout(r, 1500));
  console.log('F channel messages after 1.5 s', stage.channelMessages().length, (await stage.db.execute(sql`select lane, not_before - ${stage.clock.now()} as wait from lanes`)).rows, request.id.length);
});

test('H: a flood swallows nudge and fallback call of a high risk', async () => {
  stage = await createSlackStage({ limits: { floodPosts: 5 } });
  for (let i = 0; i < 5; i++) await stage.ask({ tool: NOTE.tool, arguments: { incident_id: 'Q2PAYMENTHOOK1', note: `n${i}` } });
  stage.startNotifier();
  await stage.told();
  const high = await stage.ask(RESOLVE);
  await stage.route();
  await stage.told();
  stage.clock.advance(200); await stage.route(); await stage.told();
  stage.clock.advance(200); await stage.route(); await stage.told();
  console.log('H asks', (await stage.db.select().from(asks)).map((a) => [a.personId, a.level, a.nudgedAt !== null]));
  console.log('H channel', stage.slack.messages('C0APPROVALS').filter((m) => JSON.stringify(m.blocks).includes(high.id) || m.text.includes('came within')).map((m) => m.text));
  console.log('H all texts', stage.slack.messages('C0APPROVALS').map((m) => m.text));
  console.log('H mentions', stage.slack.messages('C0APPROVALS').filter((m) => JSON.stringify(m.blocks).includes('<@U')).length);
});
