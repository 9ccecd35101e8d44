import { App, type BlockAction, SocketModeReceiver, webApi } from '@slack/bolt';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '#approvals/testing/until.ts';
import { channels, tokens, users } from '../company.ts';
import { type FakeSlack, startFakeSlack } from '../server.ts';

let slack: FakeSlack;
let app: App;
let receiver: SocketModeReceiver;

const quiet: webApi.Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => webApi.LogLevel.ERROR,
  setName: () => undefined,
};

beforeEach(async () => {
  slack = await startFakeSlack({ ackWithinMs: 60_000 });
  const clientOptions = { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } };
  receiver = new SocketModeReceiver({ appToken: tokens.app, logger: quiet, installerOptions: { clientOptions } });
  app = new App({ receiver, token: tokens.bot, tokenVerificationEnabled: false, clientOptions, logger: quiet });
  await app.start();
});
afterEach(async () => {
  await app.stop();
  await slack.close();
});

const plain = (text: string) => ({ type: 'plain_text' as const, text });

async function posted() {
  const button = { type: 'button' as const, action_id: 'approve', text: plain('Approve') };
  const blocks = [{ type: 'actions' as const, elements: [button] }];
  const { channel = '', ts = '' } = await app.client.chat.postMessage({
    channel: channels.approvals.id,
    text: 'Ask',
    blocks,
  });
  return { channel, ts };
}

describe('over a socket', () => {
  test('clicks, commands and events arrive and are acknowledged', async () => {
    const heard: string[] = [];
    app.action('approve', async ({ ack, body }) => {
      await ack();
      heard.push((body as BlockAction).user.id);
    });
    app.command('/countersign', async ({ ack, command }) => ack(`You said ${command.text}.`));
    app.event('app_home_opened', async ({ event }) => void heard.push(event.user));
    expect(slack.sockets()).toBe(1);
    expect(await slack.click(users.priya.id, await posted(), 'approve')).toMatchObject({ status: 200, body: '' });
    expect(await slack.command(users.priya.id, channels.approvals.id, 'help')).toMatchObject({ status: 200 });
    expect(slack.ephemerals(users.priya.id)).toMatchObject([{ text: 'You said help.' }]);
    expect(await slack.openHome(users.marco.id)).toMatchObject({ status: 200 });
    await until(() => heard.length === 2);
    expect(heard).toEqual([users.priya.id, users.marco.id]);
    expect(slack.deliveries().map(({ kind, over }) => `${kind} ${over}`)).toEqual([
      'interactive socket',
      'slash_commands socket',
      'events_api socket',
    ]);
  });

  test('a form is answered in the acknowledgement', async () => {
    app.shortcut('deny', async ({ ack, shortcut, client }) => {
      const field = { type: 'input' as const, block_id: 'note', label: plain('Note') };
      const blocks = [{ ...field, element: { type: 'plain_text_input' as const, action_id: 'note' } }];
      const view = { type: 'modal' as const, callback_id: 'deny', title: plain('Deny'), submit: plain('Deny'), blocks };
      await client.views.open({ trigger_id: shortcut.trigger_id, view });
      await ack();
    });
    app.view('deny', ({ ack }) => ack({ response_action: 'errors', errors: { note: 'Say more.' } }));
    await slack.shortcut(users.priya.id, 'deny');
    await slack.submit(users.priya.id, { note: 'x' });
    expect(slack.modal(users.priya.id)?.errors).toEqual({ note: 'Say more.' });
  });

  test('an event can be sent again', async () => {
    let heard = 0;
    app.event('app_home_opened', async () => {
      heard += 1;
    });
    await slack.openHome(users.priya.id);
    expect(await slack.replay(0, { number: 1 })).toMatchObject({ status: 200 });
    await until(() => heard === 2);
  });

  test('what nobody acknowledges is told as such', async () => {
    const strict = await startFakeSlack({ ackWithinMs: 100 });
    try {
      const web = new webApi.WebClient(tokens.app, { slackApiUrl: strict.apiUrl, logger: quiet });
      const { url = '' } = await web.apps.connections.open();
      const socket = new WebSocket(url);
      const said: string[] = [];
      socket.on('message', (data) => void said.push(JSON.parse(String(data)).type));
      await until(() => said.length === 1);
      expect(await strict.openHome(users.priya.id)).toMatchObject({ status: 0, body: 'operation_timeout' });
      await until(() => said.length === 2);
      expect(said).toEqual(['hello', 'events_api']);
      const waiting = strict.openHome(users.priya.id);
      socket.terminate();
      expect(await waiting).toMatchObject({ status: 0 });
      await until(() => strict.sockets() === 0);
    } finally {
      await strict.close();
    }
  });

  test('nobody gets in without a ticket of their own', async () => {
    const web = new webApi.WebClient(tokens.app, { slackApiUrl: slack.apiUrl, logger: quiet });
    const { url = '' } = await web.apps.connections.open();
    const outcome = (address: string) =>
      new Promise((resolve) => {
        const socket = new WebSocket(address);
        socket.once('error', () => resolve('refused'));
        socket.once('open', () => {
          resolve('open');
          socket.terminate();
        });
      });
    expect(await outcome(url.replace(/ticket=[^&]+/, 'ticket=guess'))).toBe('refused');
    expect(await outcome(url)).toBe('open');
    expect(await outcome(url)).toBe('refused');
  });

  test('the app connects anew when Slack asks for it', async () => {
    app.action('approve', ({ ack }) => ack());
    const at = await posted();
    slack.disconnect();
    expect(slack.sockets()).toBe(0);
    await until(() => slack.sockets() === 1);
    expect(await slack.click(users.priya.id, at, 'approve')).toMatchObject({ status: 200 });
  });

  test('an address is preferred where one is set', async () => {
    slack.deliverTo('http://127.0.0.1:1/slack/events');
    expect(await slack.openHome(users.priya.id)).toMatchObject({ status: 0 });
    expect(slack.deliveries()).toMatchObject([{ over: 'http' }]);
  });
});
