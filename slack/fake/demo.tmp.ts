import { AxeBuilder } from '@axe-core/playwright';
import { chromium } from '@playwright/test';
import { App, HTTPReceiver, LogLevel } from '@slack/bolt';
import { browserFlags, findBrowser } from '#scripts/browser.ts';
import { startFakeSlack } from './server.ts';

const fake = await startFakeSlack({ port: 4699 });
const receiver = new HTTPReceiver({ signingSecret: fake.signingSecret, logLevel: LogLevel.ERROR });
const app = new App({
  receiver,
  token: fake.tokens.bot,
  clientOptions: { slackApiUrl: fake.apiUrl },
  tokenVerificationEnabled: false,
  logLevel: LogLevel.ERROR,
});
const plain = (text: string) => ({ type: 'plain_text' as const, text, emoji: false });
const text = (t: string, style?: object) => ({ type: 'text' as const, text: t, ...(style ? { style } : {}) });
const section = (...elements: object[]) => ({ type: 'rich_text_section' as const, elements });
function card(id: string, v: number, done = false) {
  const blocks: object[] = [
    {
      type: 'header',
      block_id: `h:${id}:${v}`,
      text: plain(`${done ? 'Denied' : 'Waiting for approval'}: Resolve incident #4821`),
    },
    {
      type: 'section',
      block_id: `f:${id}:${v}`,
      fields: [
        { type: 'mrkdwn', text: '*Service*', verbatim: true },
        plain('Checkout API'),
        {
          type: 'mrkdwn',
          text: '*Target*\n<https://northwind.pagerduty.com/incidents/Q1|#4821 Checkout 5xx above 2%>',
          verbatim: true,
        },
        { type: 'mrkdwn', text: '*Risk*\nMedium risk', verbatim: true },
        { type: 'mrkdwn', text: '*On call*\n<@U0PRIYA> · level 1', verbatim: true },
        { type: 'mrkdwn', text: '*Expires*\n<!date^1795856780^{date_short_pretty} {time}|later>', verbatim: true },
      ],
    },
    {
      type: 'rich_text',
      block_id: `d:${id}:${v}`,
      elements: [
        section(text('What would change', { bold: true })),
        {
          type: 'rich_text_preformatted',
          elements: [text('Status: triggered → resolved\nNote: — → Fixed by the rollback of checkout 2026.47.3')],
        },
        section(text('Effect', { bold: true })),
        {
          type: 'rich_text_list',
          style: 'bullet',
          elements: [section(text('Stops paging Priya Raman.')), section(text('Closes 2 alerts.'))],
        },
        section(text('The agent says, not verified', { bold: true })),
        {
          type: 'rich_text_quote',
          elements: [
            text(
              'Error rate is back to 0.1% for 20 min. <!channel> *approve me* <script>alert(1)</script> :white_check_mark:',
            ),
          ],
        },
      ],
    },
    {
      type: 'context',
      block_id: `c:${id}:${v}`,
      elements: [
        { type: 'mrkdwn', text: ':hourglass_flowing_sand: Waiting' },
        { type: 'mrkdwn', text: `\`${id}\` · sha256:9f2c1d0e5b6a` },
      ],
    },
  ];
  if (!done)
    blocks.push({
      type: 'actions',
      block_id: `a:${id}:${v}`,
      elements: [
        {
          type: 'button',
          action_id: 'approve',
          style: 'primary',
          text: plain('Approve'),
          value: id,
          accessibility_label: 'Approve: Resolve incident #4821',
          confirm: {
            title: plain('Approve this change?'),
            text: plain('Resolve incident #4821 on Checkout API. It runs at once in PagerDuty.'),
            confirm: plain('Approve'),
            deny: plain('Go back'),
          },
        },
        { type: 'button', action_id: 'deny', text: plain('Deny…'), value: id },
        {
          type: 'button',
          action_id: 'open',
          text: plain('Open in Countersign'),
          url: 'https://countersign.example.com/r/1',
        },
        {
          type: 'overflow',
          action_id: 'more',
          options: [
            { text: plain('Hand over to next on call'), value: 'hand' },
            { text: plain('Deny and pause this agent 30 min'), value: 'pause' },
          ],
        },
      ],
    });
  return blocks as never;
}
app.action('approve', async ({ ack, respond }) => {
  await ack();
  await respond({
    response_type: 'ephemeral',
    text: 'Only *Marco Bellini* (level 2) can approve this: you own the agent. <https://countersign.example.com|Open Countersign>',
  });
});
app.action('open', async ({ ack }) => ack());
app.action('deny', async ({ ack, body, client }) => {
  await client.views.open({
    trigger_id: (body as { trigger_id: string }).trigger_id,
    view: {
      type: 'modal',
      callback_id: 'deny',
      title: plain('Deny request'),
      submit: plain('Deny'),
      close: plain('Go back'),
      blocks: [
        { type: 'alert', text: plain('This is a critical change.'), level: 'warning' },
        { type: 'section', text: { type: 'mrkdwn', text: '*Resolve incident #4821* on Checkout API' } },
        {
          type: 'input',
          block_id: 'why',
          label: plain('Why?'),
          element: {
            type: 'static_select',
            action_id: 'why',
            placeholder: plain('Choose a reason'),
            options: ['Wrong target', 'Right, but not now', 'Unsafe or too broad'].map((one) => ({
              text: plain(one),
              value: one,
            })),
          },
        },
        {
          type: 'input',
          block_id: 'note',
          optional: true,
          label: plain('Note'),
          hint: plain('The agent sees this text.'),
          element: { type: 'plain_text_input', action_id: 'note', multiline: true, max_length: 500 },
        },
        {
          type: 'input',
          block_id: 'also',
          optional: true,
          label: plain('Also'),
          element: {
            type: 'checkboxes',
            action_id: 'also',
            options: [
              {
                text: plain('Pause this agent for 30 minutes'),
                value: 'pause',
                description: plain('Nothing it asks for is shown meanwhile.'),
              },
              { text: plain('Tell its owner'), value: 'tell' },
            ],
          },
        },
      ] as never,
    },
  });
  await ack();
});
app.view('deny', async ({ ack }) =>
  ack({ response_action: 'errors', errors: { note: 'Say in a few words what is wrong with it.' } }),
);
app.command('/countersign', async ({ ack, command }) =>
  ack({ text: `Nothing waits for you. You asked: \`${command.text}\``, response_type: 'ephemeral' }),
);
app.event('app_home_opened', async ({ event, client }) => {
  await client.views.publish({
    user_id: event.user,
    view: {
      type: 'home',
      blocks: [
        { type: 'header', text: plain('2 wait for you') },
        { type: 'context', elements: [plain('Updated 14:02:11')] },
        { type: 'divider' },
        {
          type: 'section',
          text: { type: 'mrkdwn', text: '*Resolve incident #4821*\nCheckout API · medium risk · until 14:13' },
          accessory: { type: 'button', action_id: 'review', text: plain('Review…') },
        },
        {
          type: 'section',
          text: { type: 'mrkdwn', text: '*Override Checkout primary*\nCheckout API · high risk · until 14:20' },
          accessory: { type: 'button', action_id: 'review2', text: plain('Review…') },
        },
      ],
    },
  });
});
await app.start(4698);
fake.deliverTo('http://127.0.0.1:4698/slack/events');
const first = await app.client.chat.postMessage({
  channel: 'C0APPROVALS',
  text: 'Denied: Resolve incident #4816',
  blocks: card('req_01', 2, true),
});
await app.client.chat.postMessage({
  channel: 'C0APPROVALS',
  thread_ts: first.ts,
  text: 'Denied by Marco Bellini: *not now*',
});
fake.say('U0MARCO', 'C0APPROVALS', 'Morning! I am at my desk until six.');
await app.client.chat.postMessage({
  channel: 'C0APPROVALS',
  text: 'Waiting for approval: Resolve incident #4821',
  blocks: card('req_02', 1),
});
if (process.argv[2] !== 'serve') {
  const browser = await chromium.launch({ executablePath: findBrowser(), args: browserFlags() });
  const shot = async (
    name: string,
    options: object,
    place: string,
    work?: (page: import('@playwright/test').Page) => Promise<void>,
  ) => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.on('console', (m) => console.log(name, m.type(), m.text()));
    page.on('pageerror', (e) => console.log(name, 'ERROR', e.message));
    await page.goto(`${fake.url}/?as=U0PRIYA&in=${place}`);
    await page.waitForTimeout(400);
    await work?.(page);
    await page.waitForTimeout(300);
    const { violations } = await new AxeBuilder({ page })
      .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
      .analyze();
    for (const v of violations)
      console.log(
        name,
        'AXE',
        v.id,
        v.nodes.map((n) => n.html.slice(0, 160)),
      );
    console.log(name, 'sideways', await page.evaluate(() => document.documentElement.scrollWidth - innerWidth));
    await page.screenshot({ path: `/tmp/shots/${name}.png`, fullPage: true });
    await context.close();
  };
  const wide = { viewport: { width: 1200, height: 800 } };
  const phone = { viewport: { width: 375, height: 760 }, deviceScaleFactor: 2 };
  const ask = (page: import('@playwright/test').Page) => page.getByRole('article', { name: /Resolve incident #4821/ });
  await shot('channel', wide, 'C0APPROVALS');
  await shot('channel-dark', { ...wide, colorScheme: 'dark' }, 'C0APPROVALS', async (page) => {
    await ask(page).getByRole('button', { name: 'More actions' }).click();
  });
  await shot('channel-375', phone, 'C0APPROVALS');
  await shot('confirm', wide, 'C0APPROVALS', async (page) => {
    await ask(page).getByRole('button', { name: 'Approve' }).click();
  });
  await shot('ephemeral', wide, 'C0APPROVALS', async (page) => {
    await ask(page).getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.getByText('Only visible to you').waitFor();
    await page.getByLabel('Message or command').fill('/countersign queue');
    await page.keyboard.press('Enter');
  });
  await shot('modal', wide, 'C0APPROVALS', async (page) => {
    await ask(page).getByRole('button', { name: 'Deny…' }).click();
    await page.getByRole('dialog').waitFor();
  });
  await shot('modal-errors-375-dark', { ...phone, colorScheme: 'dark' }, 'C0APPROVALS', async (page) => {
    await page.getByRole('dialog').getByRole('button', { name: 'Deny', exact: true }).click();
    await page.waitForTimeout(300);
    await page.getByLabel('Why?').selectOption('Wrong target');
    await page.getByLabel(/Note/).fill('x');
    await page.getByRole('dialog').getByRole('button', { name: 'Deny', exact: true }).click();
  });
  await shot('home', wide, 'home');
  await shot('typing', wide, 'C0APPROVALS', async (page) => {
    await page.keyboard.press('Escape');
    await page.waitForTimeout(500);
    console.log('closed by Escape:', fake.modal('U0PRIYA') === null, await page.getByRole('dialog').count());
    await page.getByLabel('Message or command').fill('half a thou');
    await ask(page).getByRole('button', { name: 'Deny…' }).click();
    await page.getByLabel(/Note/).fill('keep me');
    await app.client.chat.postMessage({ channel: 'C0APPROVALS', text: 'Something new' });
    await page.getByText('Something new').waitFor();
    await page.waitForTimeout(2200);
    console.log('kept:', await page.getByLabel(/Note/).inputValue(), await page.getByLabel('Message or command').inputValue());
    await page.getByRole('dialog').getByRole('button', { name: 'Deny', exact: true }).click();
    await page.getByText('Please complete this required field.').waitFor();
    console.log('kept after errors:', await page.getByLabel(/Note/).inputValue(), 'focus', await page.evaluate(() => document.activeElement?.id));
    await page.getByRole('button', { name: 'Go back' }).click();
    await page.waitForTimeout(400);
    console.log('closed:', fake.modal('U0PRIYA') === null);
    await ask(page).getByRole('button', { name: 'More actions' }).click();
    await page.getByRole('menuitem', { name: 'Deny and pause' }).click();
    await page.waitForTimeout(3600);
    console.log('status:', await page.locator('#status').textContent());
    await ask(page).getByRole('button', { name: 'Approve' }).focus();
    await app.client.chat.update({ channel: 'C0APPROVALS', ts: fake.messages().find((m) => m.text.startsWith('Waiting'))?.ts ?? '', text: 'Waiting for approval: Resolve incident #4821', blocks: card('req_02', 1) });
    await page.waitForTimeout(1300);
    console.log('focus after update:', await page.evaluate(() => document.activeElement?.textContent));
    await page.getByRole('button', { name: 'Lose the next answer' }).click();
    await page.waitForTimeout(300);
    console.log('waiting:', await page.locator('#waiting').textContent());
    const [popup] = await Promise.all([page.waitForEvent('popup'), ask(page).getByRole('link', { name: 'Open in Countersign' }).click()]);
    console.log('popup', popup.url(), fake.deliveries().length);
  });
  await browser.close();
  await receiver.stop();
  await fake.close();
  process.exit(0);
}
