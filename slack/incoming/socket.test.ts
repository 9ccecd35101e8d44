import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../testing/free-port.ts';
import { createSlackStage, NOTE, PUBLIC_URL, type SlackStage, until } from '../testing/stage.ts';
import { ACTIONS } from '../view/actions.ts';
import { createSlackApp } from './app.ts';
import { SocketReceiver } from './socket.ts';

let stage: SlackStage;
let receiver: SocketReceiver;
let port: number;

beforeEach(async () => {
  stage = await createSlackStage();
  await stage.stopApps();
  port = await freePort();
  const { slack, ctx, team } = stage;
  const where = { host: '127.0.0.1', port, healthy: async () => undefined };
  receiver = new SocketReceiver({ ...where, appToken: slack.tokens.app, apiUrl: slack.apiUrl });
  const serving = { ctx, team, channel: slack.channels.approvals.id, publicUrl: PUBLIC_URL };
  createSlackApp({ receiver, serving, token: slack.tokens.bot, apiUrl: slack.apiUrl, timeoutMs: 20_000 });
  await receiver.start();
  slack.deliverTo(null);
});
afterEach(async () => {
  await receiver.stop();
  await stage.close();
});

async function posted() {
  const request = await stage.ask(NOTE);
  await stage.route();
  stage.startNotifier();
  return { request, message: await stage.messageOf(request) };
}

describe('Socket Mode', () => {
  test('holds two sockets, and says whether it is well', async () => {
    await until(() => stage.slack.sockets() === 2);
    expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/slack/events`, { method: 'POST' })).status).toBe(404);
  });

  test('takes a press with the same checks', async () => {
    const { request, message } = await posted();
    await stage.slack.click('U0LENA', message, ACTIONS.approve);
    expect(await stage.heard('U0LENA')).toEqual([expect.stringContaining('You are not on call')]);
    await stage.slack.click('U0PRIYA', message, ACTIONS.approve);
    expect(await stage.row(request.id)).toMatchObject({ status: 'approved', because: 'Approved by Priya Raman' });
  });

  test('answers a form in the acknowledgement, and a command to whoever typed it', async () => {
    const { request, message } = await posted();
    await stage.slack.click('U0PRIYA', message, ACTIONS.deny);
    await stage.slack.submit('U0PRIYA', { reason: 'Not now' });
    expect(await stage.row(request.id)).toMatchObject({ status: 'denied' });
    await stage.slack.command('U0PRIYA', 'C0APPROVALS', 'help');
    expect((await stage.heard('U0PRIYA')).at(-1)).toContain('/countersign queue');
  });

  test('loses no press while Slack renews the sockets', async () => {
    const { request, message } = await posted();
    await until(() => stage.slack.sockets() === 2);
    stage.slack.disconnect();
    const pressed = async () => {
      const { status } = await stage.slack.click('U0PRIYA', message, ACTIONS.deny).catch(() => ({ status: 0 }));
      return status === 200;
    };
    await until(pressed);
    expect((await stage.row(request.id)).status).toBe('pending');
  });
});
