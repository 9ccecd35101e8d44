import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { cancel } from '#approvals/cancel.ts';
import { previewHandover } from '#approvals/handover.ts';
import { openConnections } from '#db/test-database.ts';
import { createSlackStage, NOTE, RESOLVE, type SlackStage, until } from './testing/stage.ts';
import { ACTIONS, pointer } from './view/actions.ts';

// The attacks on deciding in Slack, by the names under which docs/security.md lists them.

let stage: SlackStage;
beforeEach(async () => {
  stage = await createSlackStage();
});
afterEach(() => stage.close());

async function posted(ask: Parameters<SlackStage['ask']>[0] = NOTE) {
  const request = await stage.ask(ask);
  await stage.route();
  stage.startNotifier();
  return { request, message: await stage.messageOf(request) };
}

const undecided = async (id: string) => {
  expect(await stage.row(id)).toMatchObject({ status: 'pending', version: 1 });
  expect(await stage.db.query.reviews.findMany()).toEqual([]);
};

/** A press as Slack would tell of it. */
const press = (value: string, over: object = {}) => ({
  type: 'block_actions',
  team: { id: 'T0NORTHWIND', domain: 'northwind-parcel' },
  user: { id: 'U0PRIYA', team_id: 'T0NORTHWIND', username: 'priya', name: 'priya' },
  api_app_id: 'A0COUNTERSGN',
  trigger_id: '1.2.abc',
  response_url: `${stage.slack.url}/response/none`,
  actions: [{ type: 'button', action_id: ACTIONS.approve, block_id: 'b', action_ts: '1', value, text: {} }],
  ...over,
});

describe('T15: a forged or replayed interaction', () => {
  test.each([
    ['by another secret', { secret: 'guessed' }],
    ['with a signature of other bytes', { signature: `v0=${'0'.repeat(64)}` }],
    ['that is six minutes old', { timestamp: String(Math.floor(Date.now() / 1000) - 360) }],
    ['that is six minutes ahead', { timestamp: String(Math.floor(Date.now() / 1000) + 360) }],
  ])('signed %s is refused', async (_, forgery) => {
    const { request } = await posted();
    const { status } = await stage.slack.forge({ payload: press(pointer(request)), ...forgery });
    expect(status).toBe(401);
    await undecided(request.id);
  });

  test('signed for a time that was not the request’s is refused', async () => {
    const { request } = await posted();
    const body = new URLSearchParams({ payload: JSON.stringify(press(pointer(request))) }).toString();
    const old = String(Math.floor(Date.now() / 1000) - 3600);
    const signature = `v0=${createHmac('sha256', stage.slack.signingSecret).update(`v0:${old}:${body}`).digest('hex')}`;
    const now = String(Math.floor(Date.now() / 1000));
    expect((await stage.slack.forge({ body, timestamp: now, signature })).status).toBe(401);
    await undecided(request.id);
  });

  test('sent again byte for byte within the window is acknowledged and does nothing', async () => {
    const { request, message } = await posted();
    await stage.slack.click('U0LENA', message, ACTIONS.approve);
    await stage.heard('U0LENA');
    // What is still being handled would be handled again, as after a crash.
    await until(async () => (await stage.db.query.slackInbox.findMany()).every(({ handledAt }) => handledAt !== null));
    const calls = stage.slack.calls('response_url').length;
    expect((await stage.slack.replay(-1, { number: 1 })).status).toBe(200);
    await stage.told();
    expect(stage.slack.calls('response_url')).toHaveLength(calls);
    await undecided(request.id);
  });

  test('that approves, sent ten times at once, approves once', async () => {
    const { request } = await posted();
    await openConnections(stage.db, 10);
    const all = await Promise.all(
      Array.from({ length: 10 }, () => stage.slack.forge({ payload: press(pointer(request)) })),
    );
    expect(all.every(({ status }) => status === 200)).toBe(true);
    expect(await stage.row(request.id)).toMatchObject({ status: 'approved', version: 2 });
    expect(await stage.db.query.reviews.findMany()).toHaveLength(1);
  });

  test.each([
    ['of another team', { team: { id: 'T0CARRIERS', domain: 'fast-carriers' } }],
    ['by a user of another team', { user: { id: 'U0PRIYA', team_id: 'T0CARRIERS', username: 'p', name: 'p' } }],
    ['by a user of no team', { team: undefined }],
  ])('%s is refused', async (_, over) => {
    const { request } = await posted();
    await stage.slack.forge({ payload: press(pointer(request), over) });
    await undecided(request.id);
  });

  test.each([
    ['another version', (id: string, digest: string) => pointer({ id, version: 2, digest })],
    ['another digest', (id: string) => pointer({ id, version: 1, digest: 'f'.repeat(64) })],
    ['no such request', (_: string, digest: string) => pointer({ id: `apr_${'0'.repeat(26)}`, version: 1, digest })],
    ['something else', () => '{"id":"apr_1","v":"1 or 1=1","d":""}'],
    ['nothing', () => ''],
  ])('that points at %s is refused', async (_, value) => {
    const { request } = await posted();
    await stage.slack.forge({ payload: press(value(request.id, request.digest)) });
    await undecided(request.id);
  });

  test('of a form whose request is another one than it was opened for is refused by the digest', async () => {
    const { request } = await posted();
    const other = await stage.ask({ tool: NOTE.tool, arguments: { incident_id: 'Q2PAYMENTHOOK1', note: 'other' } });
    const view = { ...JSON.parse('{}'), type: 'modal', callback_id: 'req_review_submit', state: { values: {} } };
    const mixed = pointer({ id: other.id, version: 1, digest: request.digest });
    await stage.slack.forge({
      payload: { ...press(''), type: 'view_submission', view: { ...view, private_metadata: mixed } },
    });
    await undecided(request.id);
    await undecided(other.id);
  });
});

describe('T13: approving one’s own', () => {
  test('is refused in Slack as on the web: owner and proposer', async () => {
    const { request, message } = await posted();
    await stage.slack.click('U0DANA', message, ACTIONS.approve);
    expect(await stage.heard('U0DANA')).toEqual([expect.stringContaining('asked by your own agent')]);
    await undecided(request.id);
  });

  test('is not possible by linking a second Slack account to somebody else', async () => {
    const { request, message } = await posted();
    const answer = await stage.slack.command('U0UNKNOWN', 'C0APPROVALS', 'link');
    expect(answer.body).toContain('/link/slack/');
    // Whoever confirms is who it becomes; the owner can only ever become the owner.
    await stage.slack.click('U0UNKNOWN', message, ACTIONS.approve);
    await undecided(request.id);
  });
});

describe('T16: passing for somebody by an e-mail', () => {
  test('gives no right: the same e-mail, not linked, is nobody', async () => {
    await stage.slack.command('U0PRIYA', 'C0APPROVALS', 'unlink');
    const { request, message } = await posted();
    await stage.slack.click('U0PRIYA', message, ACTIONS.approve);
    await until(async () => (await stage.heard('U0PRIYA')).at(-1)?.includes('not linked to anybody here'));
    await undecided(request.id);
  });

  test('not even by the address that our own messages go to', async () => {
    await stage.slack.command('U0PRIYA', 'C0APPROVALS', 'unlink');
    const { request } = await posted(RESOLVE);
    await until(() => stage.slack.messages().some(({ channel }) => channel.startsWith('D')));
    await stage.told();
    const [message] = stage.slack.messages().filter(({ channel }) => channel.startsWith('D'));
    if (message === undefined) throw new Error('no direct message');
    await stage.slack.click('U0PRIYA', message, ACTIONS.deny);
    expect(stage.slack.modal('U0PRIYA')).toBeNull();
    await undecided(request.id);
  });
});

describe('T17: a link that leaks', () => {
  test('carries no right: the one from Slack is of no use to anybody else', async () => {
    const { request, message } = await posted(RESOLVE);
    await stage.slack.click('U0PRIYA', message, ACTIONS.review);
    await stage.slack.submit('U0PRIYA');
    const token = /csh_[0-9a-z]{52}/.exec(JSON.stringify(stage.slack.modal('U0PRIYA')?.view))?.[0] ?? '';
    expect(await previewHandover(stage.person('sam'), token)).toMatchObject({ usable: false, requestId: null });
    for (let look = 0; look < 3; look++) {
      expect(await previewHandover(stage.person('priya'), token)).toMatchObject({ usable: true });
    }
    await undecided(request.id);
    stage.clock.advance(301);
    expect(await previewHandover(stage.person('priya'), token)).toMatchObject({ usable: false, requestId: request.id });
  });
});

describe('T4: text that Slack would take for more', () => {
  const HOSTILE =
    '<!channel> <@U0PRIYA> <https://evil.example|Approve> *Approved by* @Priya :white_check_mark: \u202egnp';

  test('is not repeated in our voice to whoever presses an old button', async () => {
    const { request, message } = await posted();
    await cancel(stage.agent, { requestId: request.id, reason: HOSTILE });
    await stage.slack.click('U0PRIYA', message, ACTIONS.approve);
    await stage.heard('U0PRIYA');
    expect(stage.slack.ephemerals('U0PRIYA').map(({ text }) => text)).toEqual(['Countersign answered you.']);
    const told = JSON.stringify(stage.slack.ephemerals('U0PRIYA'));
    expect(told).toContain('It cannot be approved: its status is ');
    expect(told).not.toContain('evil.example');
  });

  test('is never outside of what is shown literally, on any surface', async () => {
    const { request, message } = await posted({ ...NOTE, reason: HOSTILE });
    await stage.slack.click('U0PRIYA', message, ACTIONS.deny);
    await stage.slack.submit('U0PRIYA', { note: HOSTILE });
    await until(() => stage.channelMessages()[0]?.text.startsWith('Denied'));
    await stage.told();
    expect((await stage.row(request.id)).status).toBe('denied');
    const literal = (node: unknown): unknown => {
      if (Array.isArray(node)) return node.map(literal);
      if (typeof node !== 'object' || node === null) return node;
      if ('type' in node && (node.type === 'rich_text' || node.type === 'plain_text')) return null;
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, literal(value)]));
    };
    for (const call of stage.slack.calls()) {
      const { blocks = '[]', text = '', view = '{}' } = call.arguments;
      const parsed = JSON.stringify([literal(JSON.parse(blocks)), text, literal(JSON.parse(view))]);
      for (const part of ['<!channel>', 'evil.example', 'white_check_mark', 'Approved by', '\u202e']) {
        expect(parsed, call.method).not.toContain(part);
      }
    }
  });
});
