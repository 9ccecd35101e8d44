import { App, HTTPReceiver, webApi } from '@slack/bolt';
import { startFakeSlack } from './server.ts';

const fake = await startFakeSlack();
const client = new webApi.WebClient(fake.tokens.bot, { slackApiUrl: fake.apiUrl, retryConfig: { retries: 0 } });
const receiver = new HTTPReceiver({ signingSecret: fake.signingSecret });
const app = new App({
  receiver,
  token: fake.tokens.bot,
  clientOptions: { slackApiUrl: fake.apiUrl },
  tokenVerificationEnabled: false,
});
app.action('go', async ({ ack, respond, body, client }) => {
  await ack();
  await respond({ text: 'hi', response_type: 'ephemeral' });
  await client.views.open({
    trigger_id: (body as { trigger_id: string }).trigger_id,
    view: {
      type: 'modal',
      callback_id: 'why',
      title: { type: 'plain_text', text: 'Why' },
      submit: { type: 'plain_text', text: 'Deny' },
      blocks: [
        {
          type: 'input',
          block_id: 'note',
          label: { type: 'plain_text', text: 'Note' },
          element: { type: 'plain_text_input', action_id: 'note' },
        },
      ],
    },
  });
});
app.view('why', async ({ ack, view }) => {
  if (view.state.values.note?.note?.value === 'x') await ack({ response_action: 'errors', errors: { note: 'Longer' } });
  else await ack();
});
app.command('/countersign', async ({ ack, command }) => {
  await ack(`You said ${command.text}`);
});
app.event('app_home_opened', async ({ event, client }) => {
  await client.views.publish({
    user_id: event.user,
    view: { type: 'home', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'hello' } }] },
  });
});
app.error(async (e) => {
  console.log('APP ERROR', e);
});
const server = (await app.start(0)) as import('node:http').Server;
const port = (server.address() as { port: number }).port;
fake.deliverTo(`http://127.0.0.1:${port}/slack/events`);
const posted = await client.chat.postMessage({
  channel: 'C0APPROVALS',
  text: 'Hello',
  unfurl_links: false,
  blocks: [
    { type: 'actions', elements: [{ type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } }] },
  ],
});
console.log(posted.ts, fake.messages());
console.log(await fake.click('U0PRIYA', { channel: 'C0APPROVALS', ts: posted.ts ?? '' }, 'go'));
await new Promise((r) => setTimeout(r, 200));
console.log(fake.ephemerals(), fake.modal('U0PRIYA')?.values);
console.log(await fake.submit('U0PRIYA', { note: 'x' }), fake.modal('U0PRIYA')?.errors);
console.log(await fake.submit('U0PRIYA', { note: 'long' }), fake.modal('U0PRIYA'));
console.log(await fake.command('U0PRIYA', 'C0APPROVALS', 'queue <a>'), fake.ephemerals().at(-1));
console.log(await fake.openHome('U0PRIYA'), fake.home('U0PRIYA'));
console.log(await fake.replay(0), await fake.forge({ payload: {}, secret: 'x' }));
await receiver.stop();
await fake.close();
