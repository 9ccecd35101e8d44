import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type types, webApi } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { app, channels, team, tokens, users } from './company.ts';
import { type FakeSlack, startFakeSlack } from './server.ts';

let slack: FakeSlack;
let client: webApi.WebClient;
let now: Date;

const nothing = () => undefined;
const silent: webApi.Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  getLevel: () => webApi.LogLevel.ERROR,
  setName: nothing,
};

function clientWith(token: string, apiUrl = slack.apiUrl, timeout = 20_000): webApi.WebClient {
  return new webApi.WebClient(token, {
    slackApiUrl: apiUrl,
    timeout,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent,
  });
}

beforeEach(async () => {
  now = new Date('2026-11-22T14:00:00Z');
  slack = await startFakeSlack({ now: () => now });
  client = clientWith(tokens.bot);
});
afterEach(() => slack.close());

const { approvals, watercooler } = channels;
const seconds = (count: number) => {
  now = new Date(now.getTime() + count * 1000);
};

/** The code with which a call was refused. */
async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof webApi.WebAPIPlatformError) return error.data.error;
    throw error;
  }
  return 'done';
}

const post = (more: Partial<webApi.ChatPostMessageArguments> = {}) =>
  client.chat.postMessage({ channel: approvals.id, text: 'Hello', ...more } as webApi.ChatPostMessageArguments);
const blocks: types.KnownBlock[] = [{ type: 'section', text: { type: 'mrkdwn', text: '*Hello*' } }];
const placeOf = ({ channel = '', ts = '' }: webApi.ChatPostMessageResponse) => ({ channel, ts });
const modal = (more: object = {}) => ({
  type: 'modal' as const,
  title: { type: 'plain_text' as const, text: 'Why?' },
  blocks: [...blocks],
  ...more,
});
const home = (text = 'Nothing waits for you.') => ({
  type: 'home' as const,
  blocks: [{ type: 'section', text: { type: 'plain_text', text } }],
});

describe('the Web API', () => {
  test('knows who the bot is', async () => {
    expect(await client.auth.test()).toMatchObject({ ok: true, team_id: team.id, user_id: app.userId });
  });

  test('refuses no token, a wrong one and one of the wrong kind', async () => {
    const raw = await fetch(`${slack.apiUrl}auth.test`, { method: 'POST' });
    expect(await raw.json()).toEqual({ ok: false, error: 'not_authed' });
    expect(await refusal(clientWith('xoxb-wrong').auth.test())).toBe('invalid_auth');
    expect(await refusal(clientWith(tokens.app).auth.test())).toBe('not_allowed_token_type');
    expect(await refusal(client.apps.connections.open())).toBe('not_allowed_token_type');
  });

  test('says which methods it does not know, and takes JSON as well as forms', async () => {
    expect(await refusal(client.apiCall('chat.shout'))).toBe('unknown_method');
    const headers = { authorization: `Bearer ${tokens.bot}`, 'content-type': 'application/json' };
    const json = (body: string) => fetch(`${slack.apiUrl}chat.postMessage`, { method: 'POST', headers, body });
    const answer = await json(JSON.stringify({ channel: approvals.id, text: 'Hi', blocks, unfurl_links: false }));
    expect(await answer.json()).toMatchObject({ ok: true, channel: approvals.id });
    expect(slack.calls('chat.postMessage').at(-1)?.arguments).toMatchObject({ unfurl_links: 'false' });
    expect(slack.messages()[0]?.blocks).toMatchObject(blocks);
    expect(await (await json('{')).json()).toMatchObject({ ok: false, error: 'invalid_json' });
  });

  test('remembers every call as it was on the wire', async () => {
    await post({ blocks, unfurl_links: false });
    await refusal(post({ channel: 'C0NOWHERE' }));
    expect(slack.calls()).toMatchObject([
      { method: 'chat.postMessage', token: tokens.bot, arguments: { unfurl_links: 'false' }, at: now, done: true },
      { method: 'chat.postMessage', arguments: { channel: 'C0NOWHERE' }, done: false },
    ]);
    expect(slack.calls('chat.update')).toEqual([]);
  });
});

describe('a message', () => {
  test('is posted with its blocks, its metadata and ids of its own', async () => {
    const metadata = { event_type: 'countersign_request', event_payload: { request_id: 'apr_1' } };
    const posted = await post({ blocks, metadata });
    expect(posted.message).toMatchObject({ user: app.userId, bot_id: app.botId, text: 'Hello' });
    expect(slack.messages(approvals.id)).toMatchObject([
      { ...placeOf(posted), threadTs: null, text: 'Hello', user: app.userId, metadata, edited: false },
    ]);
    expect(slack.messages()[0]?.blocks[0]?.block_id).toMatch(/^b\d+$/);
  });

  test('to a person opens the conversation with them, which has an id of its own', async () => {
    const posted = await post({ channel: users.priya.id });
    expect(posted.channel).toBe('D0PRIYA');
    expect(slack.messages('D0PRIYA')).toHaveLength(1);
    expect(await refusal(client.chat.update({ channel: users.priya.id, ts: posted.ts ?? '', text: 'x' }))).toBe(
      'channel_not_found',
    );
    await client.chat.update({ ...placeOf(posted), text: 'Better' });
    expect(slack.messages('D0PRIYA')).toMatchObject([{ text: 'Better' }]);
  });

  test('goes by the name of a channel too', async () => {
    expect((await post({ channel: '#approvals' })).channel).toBe(approvals.id);
  });

  test('answers in a thread, even to an answer, and in the channel too when asked', async () => {
    const first = await post();
    const answer = await post({ thread_ts: first.ts });
    const second = await post({ thread_ts: answer.ts, reply_broadcast: true });
    expect(slack.messages().map(({ threadTs }) => threadTs)).toEqual([null, first.ts, first.ts]);
    expect(slack.messages().at(-1)).toMatchObject({ ts: second.ts, broadcast: true });
    expect(await refusal(post({ thread_ts: '1.000001' }))).toBe('thread_not_found');
  });

  test.each([
    ['an unknown channel', { channel: 'C0NOWHERE' }, 'channel_not_found'],
    ['an unknown person', { channel: 'U0NOBODY' }, 'channel_not_found'],
    ['a channel that the bot is not in', { channel: watercooler.id }, 'not_in_channel'],
    ['no text', { text: ' ' }, 'no_text'],
    ['no text beside blocks', { text: '', blocks }, 'no_text'],
    ['too much text', { text: 'x'.repeat(40_001) }, 'msg_too_long'],
    ['blocks that are no list', { blocks: '{}' }, 'invalid_blocks_format'],
    ['blocks that are no JSON', { blocks: '[' }, 'invalid_blocks_format'],
    ['metadata without a type', { metadata: { event_payload: {} } }, 'invalid_metadata_schema'],
    ['somebody who left', { channel: users.leaver.id }, 'user_disabled'],
  ])('is refused for %s', async (_, wrong, code) => {
    expect(await refusal(post(wrong as Partial<webApi.ChatPostMessageArguments>))).toBe(code);
    expect(slack.messages()).toEqual([]);
  });

  test('with bad blocks is refused with pointers to what is wrong', async () => {
    const wrong = [{ type: 'header', text: { type: 'plain_text', text: 'x'.repeat(151) } }];
    const answer: unknown = await post({ blocks: wrong }).catch((error: webApi.WebAPIPlatformError) => error.data);
    expect(answer).toMatchObject({
      error: 'invalid_blocks',
      response_metadata: { messages: ['[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]'] },
    });
  });

  test('cannot go into an archived channel, nor be changed there', async () => {
    const posted = await post();
    slack.archiveChannel(approvals.id);
    expect(await refusal(post())).toBe('is_archived');
    expect(await refusal(client.chat.update({ ...placeOf(posted), text: 'x' }))).toBe('is_inactive');
  });

  test('is replaced as a whole: blocks without a mark, a text alone with one and without the blocks', async () => {
    const place = placeOf(await post({ blocks, metadata: { event_type: 'a', event_payload: {} } }));
    await client.chat.update({ ...place, text: 'Two', blocks: [{ type: 'divider' }] });
    expect(slack.messages()[0]).toMatchObject({ text: 'Two', blocks: [{ type: 'divider' }], edited: false });
    expect(slack.messages()[0]?.metadata).toMatchObject({ event_type: 'a' });
    await client.chat.update({ ...place, text: 'Three' });
    expect(slack.messages()[0]).toMatchObject({ text: 'Three', blocks: [], edited: true });
  });

  test('is changed and deleted only while it is there, and only by whoever wrote it', async () => {
    const foreign = slack.say(users.priya.id, approvals.id, 'Good morning');
    const theirs = { channel: foreign.channel, ts: foreign.ts };
    expect(await refusal(client.chat.update({ ...theirs, text: 'x' }))).toBe('cant_update_message');
    expect(await refusal(client.chat.delete(theirs))).toBe('cant_delete_message');
    const own = placeOf(await post());
    slack.removeBot(approvals.id);
    expect(await refusal(client.chat.update({ ...own, text: 'x' }))).toBe('channel_not_found');
    slack.addBot(approvals.id);
    expect((await client.chat.delete(own)).ok).toBe(true);
    expect(await refusal(client.chat.update({ ...own, text: 'x' }))).toBe('message_not_found');
    expect(await refusal(client.chat.update({ ...own, text: 'x'.repeat(4_001) }))).toBe('message_not_found');
  });

  test('that somebody deleted behind our back is not found', async () => {
    const place = placeOf(await post());
    slack.deleteMessage(place);
    expect(await refusal(client.chat.update({ ...place, text: 'x' }))).toBe('message_not_found');
    expect(() => slack.deleteMessage(place)).toThrow('There is no message');
  });

  test('has an address of its own', async () => {
    const { channel, ts } = placeOf(await post());
    const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts });
    expect(permalink).toBe(`${slack.url}/archives/${channel}/p${ts.replace('.', '')}`);
    expect(await refusal(client.chat.getPermalink({ channel, message_ts: '1.0' }))).toBe('message_not_found');
  });

  test('for one person is seen by nobody else', async () => {
    await client.chat.postEphemeral({ channel: approvals.id, user: users.lena.id, text: 'Only you' });
    expect(slack.messages()).toEqual([]);
    expect(slack.ephemerals(users.lena.id)).toMatchObject([{ text: 'Only you', channel: approvals.id }]);
    expect(slack.ephemerals(users.priya.id)).toEqual([]);
    slack.removeMember(approvals.id, users.lena.id);
    for (const user of [users.lena.id, users.leaver.id, 'U0NOBODY']) {
      const call = client.chat.postEphemeral({ channel: approvals.id, user, text: 'x' });
      expect(await refusal(call)).toBe('user_not_in_channel');
    }
  });
});

describe('the directory', () => {
  test('finds members and guests by e-mail; nobody who left, no stranger, no bot', async () => {
    const lookUp = (email: string) => refusal(client.users.lookupByEmail({ email }));
    const found = await client.users.lookupByEmail({ email: 'Priya.Raman@northwind.example' });
    expect(found.user).toMatchObject({
      id: users.priya.id,
      is_restricted: false,
      profile: { email: users.priya.email },
    });
    expect(await lookUp(users.guest.email)).toBe('done');
    for (const { email } of [users.leaver, users.stranger, users.otherBot])
      expect(await lookUp(email)).toBe('users_not_found');
    expect(await lookUp('nobody@northwind.example')).toBe('users_not_found');
  });

  test.each([
    ['a guest', users.guest, { is_restricted: true, is_ultra_restricted: false }],
    ['a guest of one channel', users.singleChannelGuest, { is_restricted: true, is_ultra_restricted: true }],
    ['a stranger', users.stranger, { is_stranger: true, team_id: users.stranger.teamId }],
    ['a bot', users.otherBot, { is_bot: true }],
    ['somebody who left', users.leaver, { deleted: true }],
  ])('describes %s as Slack does', async (_, { id }, flags) => {
    expect((await client.users.info({ user: id })).user).toMatchObject({ id, ...flags });
  });

  test('knows nobody by a wrong id', async () => {
    expect(await refusal(client.users.info({ user: 'U0NOBODY' }))).toBe('user_not_found');
  });

  test('opens one conversation with each person', async () => {
    const open = (who: string) => client.conversations.open({ users: who });
    expect(await open(users.priya.id)).toMatchObject({ channel: { id: 'D0PRIYA' } });
    expect(await open(users.priya.id)).toMatchObject({ already_open: true, channel: { id: 'D0PRIYA' } });
    expect(await refusal(open('U0NOBODY'))).toBe('user_not_found');
    expect(await refusal(open(users.leaver.id))).toBe('user_disabled');
    expect(await refusal(open(users.otherBot.id))).toBe('cannot_dm_bot');
  });

  test('describes channels, and whether the bot is in them', async () => {
    const info = async (channel: string) => (await client.conversations.info({ channel })).channel;
    expect(await info(approvals.id)).toMatchObject({ name: 'approvals', is_member: true, is_archived: false });
    expect(await info(watercooler.id)).toMatchObject({ is_member: false });
    expect(await refusal(client.conversations.info({ channel: 'C0NOWHERE' }))).toBe('channel_not_found');
  });
});

describe('a trigger', () => {
  /** Somebody who clicked a moment ago. */
  async function trigger(): Promise<string> {
    await slack.shortcut(users.priya.id, 'queue');
    const form = new URLSearchParams(slack.deliveries().at(-1)?.body);
    return JSON.parse(form.get('payload') ?? '{}').trigger_id;
  }
  const open = (id: string, view: object = modal()) =>
    client.views.open({ trigger_id: id, view: view as ReturnType<typeof modal> });

  test('opens one modal, within three seconds', async () => {
    const id = await trigger();
    seconds(3);
    const { view } = await open(id);
    expect(view).toMatchObject({ type: 'modal', state: { values: {} }, previous_view_id: null });
    expect(slack.modal(users.priya.id)).toMatchObject({ id: view?.id, hash: view?.hash, errors: {} });
    expect(await refusal(open(id))).toBe('exchanged_trigger_id');
    const late = await trigger();
    seconds(3.001);
    expect(await refusal(open(late))).toBe('expired_trigger_id');
    expect(await refusal(open('1.2.3'))).toBe('invalid_trigger_id');
  });

  test('is not used up by a view that Slack refuses', async () => {
    const id = await trigger();
    expect(await refusal(open(id, { ...modal(), title: undefined }))).toBe('invalid_arguments');
    expect(await refusal(open(id, modal({ private_metadata: 'x'.repeat(3001) })))).toBe('invalid_arguments');
    const huge = Array.from({ length: 100 }, () => ({
      type: 'section',
      text: { type: 'plain_text', text: 'ä'.repeat(2_999) },
    }));
    expect(await refusal(open(id, modal({ blocks: huge })))).toBe('view_too_large');
    expect(await refusal(open(id))).toBe('done');
  });

  test('of a click elsewhere pushes nothing', async () => {
    const push = client.views.push({ trigger_id: await trigger(), view: modal() as never });
    expect(await refusal(push)).toBe('not_found');
  });

  test('lets the view be updated by id or by name while nobody else did', async () => {
    const { view } = await open(await trigger(), modal({ external_id: 'deny:apr_1' }));
    const update = (by: object, more: object = {}) =>
      client.views.update({ ...by, view: modal(more) } as unknown as webApi.ViewsUpdateArguments);
    const second = await update({ view_id: view?.id, hash: view?.hash }, { callback_id: 'two' });
    expect(slack.modal(users.priya.id)).toMatchObject({ id: view?.id, callbackId: 'two', hash: second.view?.hash });
    expect(await refusal(update({ view_id: view?.id, hash: view?.hash }))).toBe('hash_conflict');
    expect(await refusal(update({ external_id: 'deny:apr_1' }))).toBe('not_found');
    await update({ view_id: view?.id }, { external_id: 'deny:apr_2' });
    expect(await refusal(update({ external_id: 'deny:apr_2' }))).toBe('done');
    expect(await refusal(update({ view_id: 'V0' }))).toBe('not_found');
    await slack.closeModal(users.priya.id);
    expect(await refusal(update({ view_id: view?.id }))).toBe('not_found');
  });
});

describe('a Home tab', () => {
  const publish = (userId: string, view: object, hash?: string) =>
    client.views.publish({ user_id: userId, view: view as never, ...(hash === undefined ? {} : { hash }) });

  test('is published for one person, and again unless somebody else was faster', async () => {
    const first = await publish(users.priya.id, home());
    expect(slack.home(users.priya.id)).toMatchObject(home());
    expect(slack.home(users.marco.id)).toBeNull();
    const second = await publish(users.priya.id, home('3 wait for you.'), first.view?.hash);
    expect(second.view?.id).toBe(first.view?.id);
    expect(await refusal(publish(users.priya.id, home(), first.view?.hash))).toBe('hash_conflict');
    expect(slack.home(users.priya.id)).toMatchObject(home('3 wait for you.'));
  });

  test('is refused for nobody, as a modal, and with blocks that do not belong there', async () => {
    expect(await refusal(publish('U0NOBODY', home()))).toBe('invalid_arguments');
    expect(await refusal(publish(users.priya.id, modal()))).toBe('invalid_arguments');
    const table = { type: 'home', blocks: [{ type: 'table', rows: [[{ type: 'raw_text', text: 'x' }]] }] };
    expect(await refusal(publish(users.priya.id, table))).toBe('invalid_arguments');
  });
});

describe('faults', () => {
  const outcome = (call: Promise<unknown>) =>
    call.then(
      () => 'done',
      (error: Error) => error.constructor.name,
    );

  test('hit the next call, with or without effect', async () => {
    slack.meet(
      { kind: 'rate_limited', retryAfterSeconds: 7 },
      { kind: 'status', status: 503, done: true },
      { kind: 'status', status: 503, done: false },
      { kind: 'error', error: 'internal_error' },
      { kind: 'reset', done: true },
      { kind: 'page' },
    );
    const outcomes: string[] = [];
    for (let count = 0; count < 7; count++) outcomes.push(await outcome(post()));
    expect(outcomes).toEqual([
      'WebAPIRateLimitedError',
      'WebAPIHTTPError',
      'WebAPIHTTPError',
      'WebAPIPlatformError',
      'WebAPIRequestError',
      'WebAPIPlatformError',
      'done',
    ]);
    expect(slack.calls().map(({ done }) => done)).toEqual([false, true, false, false, true, false, true]);
    expect(slack.messages()).toHaveLength(3);
  });

  test('can leave a call without an answer, and wait for one method', async () => {
    slack.meet({ method: 'chat.update', kind: 'error', error: 'fatal_error' }, { kind: 'silent', done: true });
    const hasty = clientWith(tokens.bot, slack.apiUrl, 1_000);
    await expect(hasty.chat.postMessage({ channel: approvals.id, text: 'x' })).rejects.toThrow();
    const [message] = slack.messages();
    expect(message).toBeDefined();
    expect(await refusal(client.chat.update({ channel: approvals.id, ts: message?.ts ?? '', text: 'y' }))).toBe(
      'fatal_error',
    );
    expect(await refusal(post())).toBe('done');
  });
});

describe('with limits', () => {
  test('a channel takes a short burst, then one message a second', async () => {
    const strict = await startFakeSlack({ now: () => now, limits: true });
    try {
      const hasty = clientWith(tokens.bot, strict.apiUrl);
      const say = (channel: string) => hasty.chat.postMessage({ channel, text: 'x' });
      for (let count = 0; count < 3; count++) await say(approvals.id);
      const refused: unknown = await say(approvals.id).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(webApi.WebAPIRateLimitedError);
      expect(refused).toMatchObject({ retryAfter: 3 });
      await say(users.priya.id);
      seconds(3);
      await say(approvals.id);
    } finally {
      await strict.close();
    }
  });

  test('a method takes so many calls a minute', async () => {
    const strict = await startFakeSlack({ now: () => now, limits: true });
    try {
      const hasty = clientWith(tokens.bot, strict.apiUrl);
      for (let count = 0; count < 50; count++) await hasty.conversations.info({ channel: approvals.id });
      await expect(hasty.conversations.info({ channel: approvals.id })).rejects.toThrow('rate');
      seconds(60);
      await hasty.conversations.info({ channel: approvals.id });
    } finally {
      await strict.close();
    }
  });
});

test('starting over forgets everything but the connection', async () => {
  await post();
  await slack.deactivate(users.marco.id);
  slack.meet({ kind: 'page' });
  slack.reset();
  expect([slack.messages(), slack.calls(), slack.deliveries()]).toEqual([[], [], []]);
  expect(slack.user(users.marco.id)?.deleted).toBe(false);
  expect(await refusal(post())).toBe('done');
});

test('as a process of its own it says where it is, and ends with its parent', async () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = fork(main, { execArgv: ['--import', 'tsx'], env: { ...process.env, PORT: '0', SLACK_DELIVER_TO: '' } });
  const [{ ready, url }] = await once(child, 'message');
  expect(ready).toBe(true);
  expect((await fetch(url)).status).toBe(200);
  expect(await clientWith(tokens.bot, `${url}/api/`).auth.test()).toMatchObject({ ok: true });
  child.disconnect();
  expect((await once(child, 'exit'))[0]).toBe(0);
});
