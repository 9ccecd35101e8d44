import type { Server } from 'node:http';
import { App, type BlockAction, HTTPReceiver, LogLevel, type SlashCommand, type ViewSubmitAction } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '#approvals/testing/until.ts';
import { isSigned } from '../../incoming/signature.ts';
import { channels, signingSecret, team, tokens, users } from '../company.ts';
import { type FakeSlack, startFakeSlack } from '../server.ts';

let slack: FakeSlack;
let receiver: HTTPReceiver;
let app: App;
let now: Date;
let address: string;

/** A real app of Slack's own framework, as the other end. */
async function startApp(): Promise<string> {
  receiver = new HTTPReceiver({ signingSecret, logLevel: LogLevel.ERROR });
  app = new App({
    receiver,
    logLevel: LogLevel.ERROR,
    token: tokens.bot,
    tokenVerificationEnabled: false,
    convoStore: false,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
  });
  const server = (await app.start(0)) as Server;
  const at = server.address();
  if (typeof at !== 'object' || at === null) throw new Error('no address');
  return `http://127.0.0.1:${at.port}/slack/events`;
}

beforeEach(async () => {
  now = new Date();
  slack = await startFakeSlack({ now: () => now, ackWithinMs: 60_000 });
  address = await startApp();
  slack.deliverTo(address);
});
afterEach(async () => {
  await Promise.all([receiver.stop(), slack.close()]);
});

const { approvals, watercooler } = channels;
const { priya, marco, leaver } = users;
const plain = (text: string) => ({ type: 'plain_text' as const, text });

const BUTTONS = [
  {
    type: 'actions' as const,
    block_id: 'first',
    elements: [
      { type: 'button' as const, action_id: 'approve', text: plain('Approve'), value: 'apr_1' },
      { type: 'button' as const, action_id: 'open', text: plain('Open'), url: 'https://countersign.example.com/r/1' },
      {
        type: 'overflow' as const,
        action_id: 'more',
        options: [
          { text: plain('Pause'), value: 'pause' },
          { text: plain('Hand over'), value: 'hand' },
        ],
      },
    ],
  },
  {
    type: 'actions' as const,
    block_id: 'second',
    elements: [{ type: 'button' as const, action_id: 'approve', text: plain('Approve'), value: 'apr_2' }],
  },
];

const DENY = {
  type: 'modal' as const,
  callback_id: 'deny',
  title: plain('Deny'),
  submit: plain('Deny'),
  private_metadata: 'apr_1',
  notify_on_close: true,
  blocks: [
    {
      type: 'input' as const,
      block_id: 'why',
      label: plain('Why?'),
      element: {
        type: 'static_select' as const,
        action_id: 'why',
        options: [
          { text: plain('Unsafe'), value: 'unsafe' },
          { text: plain('Other'), value: 'other' },
        ],
      },
    },
    {
      type: 'input' as const,
      block_id: 'note',
      label: plain('Note'),
      optional: true,
      element: { type: 'plain_text_input' as const, action_id: 'note', max_length: 20 },
    },
    {
      type: 'input' as const,
      block_id: 'also',
      label: plain('Also'),
      optional: true,
      element: {
        type: 'checkboxes' as const,
        action_id: 'also',
        options: [
          { text: plain('Pause the agent'), value: 'pause' },
          { text: plain('Tell its owner'), value: 'tell' },
        ],
      },
    },
    {
      type: 'actions' as const,
      block_id: 'help',
      elements: [{ type: 'button' as const, action_id: 'help', text: plain('Help') }],
    },
  ],
};

async function posted(channel: string = approvals.id) {
  const { channel: id = '', ts = '' } = await app.client.chat.postMessage({ channel, text: 'Ask', blocks: BUTTONS });
  return { channel: id, ts };
}

/** What the app was told, in the order of its being told. */
function listen() {
  const clicks: BlockAction[] = [];
  app.action(/./, async ({ ack, body }) => {
    await ack();
    clicks.push(body as BlockAction);
  });
  return clicks;
}

async function openDeny(): Promise<void> {
  app.shortcut('deny', async ({ ack, shortcut, client }) => {
    await client.views.open({ trigger_id: shortcut.trigger_id, view: DENY });
    await ack();
  });
  await slack.shortcut(priya.id, 'deny');
}

describe('a click', () => {
  test('reaches the app as Slack sends it', async () => {
    const clicks = listen();
    const at = await posted();
    const answer = await slack.click(priya.id, at, 'approve');
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.ackMs).toBeGreaterThan(0);
    expect(clicks).toMatchObject([
      {
        type: 'block_actions',
        team: { id: team.id },
        user: { id: priya.id, username: 'priya.raman', team_id: team.id },
        channel: { id: approvals.id, name: 'approvals' },
        container: { type: 'message', message_ts: at.ts, channel_id: approvals.id, is_ephemeral: false },
        message: { ts: at.ts, text: 'Ask', blocks: BUTTONS },
        actions: [{ type: 'button', action_id: 'approve', block_id: 'first', value: 'apr_1' }],
      },
    ]);
    expect(clicks[0]?.response_url).toContain(`${slack.url}/response/`);
  });

  test('is signed so that our own door lets it in', async () => {
    listen();
    await slack.click(priya.id, await posted(), 'approve');
    const { body = '', headers = {} } = slack.deliveries().at(-1) ?? {};
    const signed = { timestamp: headers['x-slack-request-timestamp'], signature: headers['x-slack-signature'] };
    expect(isSigned(signingSecret, signed, Buffer.from(body), Date.now() / 1000)).toBe(true);
    expect(isSigned(signingSecret, signed, Buffer.from(`${body} `), Date.now() / 1000)).toBe(false);
  });

  test('on one of several of the same name, on a link or behind ⋯ is told as such', async () => {
    const clicks = listen();
    const at = await posted();
    await slack.click(priya.id, at, 'approve', { index: 1 });
    await slack.click(priya.id, at, 'open');
    await slack.click(priya.id, at, 'more', { value: 'hand' });
    expect(clicks.map(({ actions: [action] }) => action)).toMatchObject([
      { block_id: 'second', value: 'apr_2' },
      { type: 'button', url: 'https://countersign.example.com/r/1' },
      { type: 'overflow', selected_option: { value: 'hand', text: plain('Hand over') } },
    ]);
  });

  test('is impossible on what is not there or not seen', async () => {
    const at = await posted();
    const click = (userId: string, place = at, id = 'approve', options = {}) => slack.click(userId, place, id, options);
    await expect(click(priya.id, at, 'deny')).rejects.toThrow('(deny 0; there is');
    await expect(click(priya.id, at, 'approve', { index: 2 })).rejects.toThrow('(approve 2; there is');
    await expect(click(priya.id, at, 'more', { value: 'delete' })).rejects.toThrow('There is no option delete');
    await expect(click(priya.id, { ...at, ts: '1.0' })).rejects.toThrow('sees no message');
    await expect(click(priya.id, { ...at, channel: 'C0NOWHERE' })).rejects.toThrow('There is no channel');
    await expect(click(leaver.id)).rejects.toThrow('cannot sign in');
    await expect(click('U0NOBODY')).rejects.toThrow('There is no user');
    slack.removeMember(approvals.id, priya.id);
    await expect(click(priya.id)).rejects.toThrow('is not in');
    const direct = await posted(marco.id);
    await expect(click(priya.id, direct)).rejects.toThrow('is not in');
    await app.client.chat.update({ ...at, text: 'Denied', blocks: [] });
    await expect(click(marco.id)).rejects.toThrow('there is nothing');
    expect(slack.deliveries()).toEqual([]);
  });

  test('on a message for one person is theirs alone, and the app does not get it repeated', async () => {
    const clicks = listen();
    const about = { channel: approvals.id, user: priya.id, text: 'Sure?', blocks: BUTTONS };
    const { message_ts: ts = '' } = await app.client.chat.postEphemeral(about);
    const at = { channel: approvals.id, ts };
    await expect(slack.click(marco.id, at, 'approve')).rejects.toThrow('sees no message');
    await slack.click(priya.id, at, 'approve');
    expect(clicks[0]).toMatchObject({ container: { is_ephemeral: true, message_ts: ts } });
    expect(clicks[0]?.message).toBeUndefined();
  });

  test('that nobody answers is told as such', async () => {
    const at = await posted();
    slack.deliverTo('http://127.0.0.1:1/slack/events');
    expect(await slack.click(priya.id, at, 'approve')).toMatchObject({ status: 0, body: 'dispatch_failed' });
    slack.deliverTo(null);
    expect(await slack.click(priya.id, at, 'approve')).toMatchObject({ status: 0 });
  });

  test('on a copy that nobody stored tells where that copy is', async () => {
    const clicks = listen();
    const at = await posted();
    const copy = slack.postCopy(at);
    expect(copy.ts).not.toBe(at.ts);
    await slack.click(priya.id, copy, 'approve');
    expect(clicks[0]?.message).toMatchObject({ ts: copy.ts, blocks: BUTTONS });
  });
});

describe('a response_url', () => {
  async function clicked(clicks = listen()) {
    const at = await posted();
    await slack.click(priya.id, at, 'approve');
    const url = clicks.at(-1)?.response_url ?? '';
    const headers = { 'content-type': 'application/json' };
    const say = async (body: object) => {
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
      return [answer.status, (await answer.json()).error ?? 'ok'];
    };
    return { at, say };
  }

  test('answers the one who clicked, or everybody, even where the bot is no member', async () => {
    const { say } = await clicked();
    slack.removeBot(approvals.id);
    expect(await say({ text: 'Only Marco can.' })).toEqual([200, 'ok']);
    expect(await say({ text: 'Approved.', response_type: 'in_channel' })).toEqual([200, 'ok']);
    expect(slack.ephemerals(priya.id)).toMatchObject([{ text: 'Only Marco can.', channel: approvals.id }]);
    expect(slack.messages().at(-1)).toMatchObject({ text: 'Approved.' });
    expect(slack.calls('response_url')).toHaveLength(2);
  });

  test('replaces and deletes what was clicked', async () => {
    const { at, say } = await clicked();
    await say({ text: 'Done', blocks: [{ type: 'divider' }], replace_original: 'true' });
    expect(slack.messages()).toMatchObject([{ ...at, text: 'Done', blocks: [{ type: 'divider' }] }]);
    await say({ delete_original: true });
    expect(slack.messages()).toEqual([]);
    expect(await say({ text: 'x', replace_original: true })).toEqual([400, 'message_not_found']);
  });

  test('works five times within half an hour, for what Slack can show', async () => {
    const clicks = listen();
    const { say } = await clicked(clicks);
    expect(await say({ text: 'x', blocks: [{ type: 'alert', text: plain('x') }] })).toEqual([400, 'invalid_blocks']);
    expect(await say({})).toEqual([400, 'no_text']);
    for (let count = 0; count < 5; count++) expect(await say({ text: 'x' })).toEqual([200, 'ok']);
    expect(await say({ text: 'x' })).toEqual([404, 'used_url']);
    const another = await clicked(clicks);
    now = new Date(now.getTime() + 30 * 60_000 + 1);
    expect(await another.say({ text: 'x' })).toEqual([404, 'expired_url']);
  });

  test('can break as everything can', async () => {
    const { say } = await clicked();
    slack.meet({ method: 'response_url', kind: 'error', error: 'fatal_error' });
    expect(await say({ text: 'x' })).toEqual([200, 'fatal_error']);
    expect(slack.ephemerals()).toEqual([]);
  });
});

describe('a modal', () => {
  test('keeps what was typed, and says what is wrong, until the app is content', async () => {
    const seen: ViewSubmitAction[] = [];
    app.view('deny', async ({ ack, body, view }) => {
      seen.push(body as ViewSubmitAction);
      const note = view.state.values.note?.note?.value ?? null;
      if (note === null) await ack({ response_action: 'errors', errors: { note: 'Say why.' } });
      else await ack();
    });
    await openDeny();
    await slack.submit(priya.id, { why: 'unsafe', also: ['pause', 'tell'] });
    expect(slack.modal(priya.id)).toMatchObject({ callbackId: 'deny', errors: { note: 'Say why.' }, notice: null });
    await slack.submit(priya.id, { note: 'Wrong incident' });
    expect(slack.modal(priya.id)).toBeNull();
    expect(seen[1]).toMatchObject({
      type: 'view_submission',
      user: { id: priya.id },
      view: {
        private_metadata: 'apr_1',
        state: {
          values: {
            why: { why: { type: 'static_select', selected_option: { value: 'unsafe' } } },
            note: { note: { type: 'plain_text_input', value: 'Wrong incident' } },
            also: { also: { type: 'checkboxes', selected_options: [{ value: 'pause' }, { value: 'tell' }] } },
          },
        },
      },
    });
    expect(seen[1]?.view.state.values.help).toBeUndefined();
  });

  test('is not sent when a person could not have sent it', async () => {
    await openDeny();
    const before = slack.deliveries().length;
    await expect(slack.submit(priya.id)).rejects.toThrow('why: Please complete this required field.');
    expect(slack.modal(priya.id)?.errors).toEqual({ why: 'Please complete this required field.' });
    await expect(slack.submit(priya.id, { why: 'fun' })).rejects.toThrow('There is no option fun');
    await expect(slack.submit(priya.id, { who: 'me' })).rejects.toThrow('There is no field who');
    await expect(slack.submit(priya.id, { why: 'other', note: 'x'.repeat(21) })).rejects.toThrow('at most 20');
    await expect(slack.submit(marco.id)).rejects.toThrow('has no modal open');
    expect(slack.deliveries()).toHaveLength(before);
  });

  test('is replaced, put below another or cleared away as the answer says', async () => {
    const next = { ...DENY, callback_id: 'next', blocks: [] };
    const answers = [
      { response_action: 'update' as const, view: { ...DENY, title: plain('Again') } },
      { response_action: 'push' as const, view: next },
    ];
    app.view('deny', ({ ack }) => ack(answers.shift()));
    app.view('next', ({ ack }) => ack({ response_action: 'clear' }));
    await openDeny();
    const { id } = slack.modal(priya.id) ?? {};
    await slack.submit(priya.id, { why: 'other' });
    expect(slack.modal(priya.id)).toMatchObject({ id, view: { title: plain('Again') } });
    await slack.submit(priya.id);
    expect(slack.modal(priya.id)).toMatchObject({ callbackId: 'next' });
    await slack.submit(priya.id);
    expect(slack.modal(priya.id)).toBeNull();
  });

  test.each([
    ['errors under no field', { response_action: 'errors', errors: { nowhere: 'x' } }],
    ['a view that Slack refuses', { response_action: 'update', view: { type: 'modal' } }],
    ['an unknown answer', { response_action: 'sing' }],
  ])('stays open when the app answers with %s', async (_, said) => {
    app.view('deny', ({ ack }) => ack(said as never));
    await openDeny();
    await slack.submit(priya.id, { why: 'other' });
    expect(slack.modal(priya.id)?.notice).toBe('We had some trouble connecting. Try again?');
  });

  test('stays open when nobody answers', async () => {
    await openDeny();
    slack.deliverTo('http://127.0.0.1:1/slack/events');
    expect(await slack.submit(priya.id, { why: 'other' })).toMatchObject({ status: 0 });
    expect(slack.modal(priya.id)).toMatchObject({ notice: 'We had some trouble connecting. Try again?' });
  });

  test('tells that it was closed, when the app asked to know', async () => {
    let closed = 0;
    app.view({ callback_id: 'deny', type: 'view_closed' }, async ({ ack }) => {
      await ack();
      closed += 1;
    });
    await openDeny();
    expect(await slack.closeModal(priya.id)).toMatchObject({ status: 200 });
    expect([closed, slack.modal(priya.id)]).toEqual([1, null]);
  });

  test('has buttons that can push another one on top, three at most', async () => {
    app.action('help', async ({ ack, body, client }) => {
      await ack();
      await client.views.push({ trigger_id: (body as BlockAction).trigger_id, view: DENY });
    });
    await openDeny();
    const first = slack.modal(priya.id)?.id;
    const clickAndWait = async (from: string | undefined) => {
      await slack.clickModal(priya.id, 'help');
      await until(() => slack.modal(priya.id)?.id !== from);
      return slack.modal(priya.id)?.id;
    };
    const second = await clickAndWait(first);
    const third = await clickAndWait(second);
    await slack.clickModal(priya.id, 'help');
    await until(() => slack.calls('views.push').length === 3);
    expect(slack.calls('views.push').at(-1)?.done).toBe(false);
    await slack.closeModal(priya.id);
    expect(slack.modal(priya.id)?.id).toBe(second);
    expect(third).not.toBe(second);
  });
});

describe('a command', () => {
  test('is answered to the one who typed it, in the acknowledgement or later', async () => {
    const seen: SlashCommand[] = [];
    app.command('/countersign', async ({ ack, command, respond }) => {
      seen.push(command);
      if (command.text === 'help') return await ack('Try queue.');
      await ack();
      await respond({ text: 'Nothing waits.', response_type: 'ephemeral' });
    });
    await slack.command(priya.id, approvals.id, 'help');
    await slack.command(priya.id, watercooler.id, '/countersign queue mine');
    await until(() => slack.ephemerals().length === 2);
    expect(slack.ephemerals(priya.id)).toMatchObject([
      { text: 'Try queue.', channel: approvals.id },
      { text: 'Nothing waits.', channel: watercooler.id },
    ]);
    expect(seen[1]).toMatchObject({ command: '/countersign', text: 'queue mine', user_id: priya.id, team_id: team.id });
  });

  test('that the app does not know or answer is told by Slack itself', async () => {
    // Bolt never answers what it has no listener for.
    const hasty = await startFakeSlack({ now: () => now, ackWithinMs: 100 });
    hasty.deliverTo(address);
    await hasty.command(priya.id, approvals.id, '/unheard of');
    expect(hasty.ephemerals(priya.id)).toMatchObject([
      { from: 'Slackbot', text: '/unheard failed with the error "operation_timeout"' },
    ]);
    await hasty.close();
    slack.deliverTo('http://127.0.0.1:1/slack/events');
    await slack.command(priya.id, approvals.id, 'queue');
    expect(slack.ephemerals(priya.id).at(-1)).toMatchObject({
      text: '/countersign failed with the error "dispatch_failed"',
    });
  });

  test('can be typed only where one is', async () => {
    await expect(slack.command(users.guest.id, watercooler.id, 'help')).rejects.toThrow('is not in');
  });
});

describe('a Home tab', () => {
  test('is published when it is opened, and can be clicked', async () => {
    const clicks = listen();
    app.event('app_home_opened', async ({ event, client }) => {
      await client.views.publish({ user_id: event.user, view: { type: 'home', blocks: BUTTONS } });
    });
    await expect(slack.clickHome(priya.id, 'approve')).rejects.toThrow('empty Home tab');
    expect(await slack.openHome(priya.id)).toMatchObject({ status: 200 });
    await until(() => slack.home(priya.id) !== null);
    await slack.clickHome(priya.id, 'approve', 'second');
    expect(clicks[0]).toMatchObject({
      container: { type: 'view' },
      view: { type: 'home' },
      actions: [{ value: 'apr_2' }],
    });
    expect(clicks[0]?.response_url).toBeUndefined();
    await expect(slack.clickHome(priya.id, 'approve', 'third')).rejects.toThrow('(approve 0; there is');
  });
});

describe('an event', () => {
  test('tells that somebody left, who can do nothing any more', async () => {
    const left: string[] = [];
    app.event('user_change', async ({ event }) => {
      if (event.user.deleted) left.push(event.user.id);
    });
    const at = await posted();
    expect(await slack.deactivate(marco.id)).toMatchObject({ status: 200 });
    await until(() => left.length === 1);
    expect(left).toEqual([marco.id]);
    await expect(slack.click(marco.id, at, 'approve')).rejects.toThrow('cannot sign in');
  });

  test('of any kind can be sent', async () => {
    const seen: unknown[] = [];
    app.event('tokens_revoked', async ({ body }) => void seen.push(body));
    await slack.event({ type: 'tokens_revoked', tokens: { bot: [users.bot.id] } });
    await until(() => seen.length === 1);
    expect(seen[0]).toMatchObject({ type: 'event_callback', team_id: team.id, event_id: expect.stringMatching(/^Ev/) });
  });
});

describe('whoever is not Slack', () => {
  test('is refused by its signature or by its time', async () => {
    listen();
    const payload = {
      type: 'block_actions',
      actions: [{ type: 'button', action_id: 'approve' }],
      user: { id: priya.id },
    };
    const old = String(Math.floor(Date.now() / 1000) - 301);
    expect((await slack.forge({ payload, secret: 'another' })).status).toBe(401);
    expect((await slack.forge({ payload, timestamp: old })).status).toBe(401);
    expect((await slack.forge({ payload, signature: 'v0=00' })).status).toBe(401);
    expect((await slack.forge({ body: 'payload=%7B', headers: { 'x-slack-signature': '' } })).status).toBe(401);
    expect((await slack.forge({ payload })).status).toBe(200);
  });

  test('can send a click again, byte for byte', async () => {
    const clicks = listen();
    await slack.click(priya.id, await posted(), 'approve');
    expect(await slack.replay(0)).toMatchObject({ status: 200 });
    expect(await slack.replay(-1, { number: 1 })).toMatchObject({ status: 200 });
    expect(clicks).toHaveLength(3);
    expect(clicks[2]).toEqual(clicks[0]);
    await expect(slack.replay(7)).rejects.toThrow('There is no delivery number 7');
  });
});
