import type { Page } from '@playwright/test';
import { approve, test as base, expect, incidents, outcomeOf } from './fixtures.ts';

/** Ids of the playable Slack. */
const CHANNEL = 'C0APPROVALS';

interface Slack {
  /** Opens the channel, or another place, as somebody. */
  open(user: string, place?: string): Promise<Page>;
  /** The message of a request in the channel. */
  message(page: Page, requestId: string): ReturnType<Page['getByRole']>;
}

const test = base.extend<{ slack: Slack }>({
  slack: async ({ stack, browser, sql }, use) => {
    // What other tests posted within the minute must not make this one's message part of a flood.
    await sql('update lanes set posts = 0, recent_calls = default');
    const context = await browser.newContext({ baseURL: stack.urls.slack ?? '' });
    await use({
      async open(user, place = CHANNEL) {
        const page = await context.newPage();
        await page.goto(`/?as=${user}&in=${place}`);
        return page;
      },
      message: (page, requestId) => page.getByRole('article').filter({ hasText: requestId }).first(),
    });
    await context.close();
  },
});

const acknowledge = { manage_request: { incident_ids: [incidents.payments], status: 'acknowledged' } };

/** What Slack asks before it tells of a press on Approve. */
const confirmation = (page: Page) =>
  page.getByRole('dialog', { name: 'Approve this change?' }).getByRole('button', { name: 'Approve', exact: true });

test('whoever is on call approves in Slack; the queue, PagerDuty and the agent follow', async ({
  agent,
  as,
  pagerduty,
  slack,
}) => {
  const asked = await agent.call('manage_incidents', acknowledge);
  const id = asked.structuredContent.request_id;
  const web = await as('priya');
  await web.goto(`/r/${id}`);

  const page = await slack.open('U0PRIYA');
  const message = slack.message(page, id);
  await expect(message).toContainText('Waiting for approval');
  await message.getByRole('button', { name: 'Approve', exact: true }).click();
  await confirmation(page).click();

  await expect(outcomeOf(web)).toContainText('Succeeded');
  await expect(message).toContainText('Succeeded');
  await expect(message.getByRole('button', { name: 'Approve', exact: true })).toHaveCount(0);
  expect(await pagerduty.applied()).toBe(1);
  expect(await pagerduty.statusOf(incidents.payments)).toBe('acknowledged');
  expect((await agent.outcome(id)).structuredContent).toMatchObject({ status: 'succeeded', executed: true });
});

test('a direct message asks whoever is on call, and a denial there reaches the agent with its reason', async ({
  agent,
  pagerduty,
  slack,
}) => {
  const asked = await agent.call('manage_incidents', acknowledge);
  const id = asked.structuredContent.request_id;
  const page = await slack.open('U0PRIYA', 'D0PRIYA');
  const message = slack.message(page, id);
  await expect(message).toContainText('You are on call');
  await message.getByRole('button', { name: 'Deny…' }).click();
  const form = page.getByRole('dialog', { name: /Deny/ });
  await form.getByLabel('Why?').selectOption('Not now');
  await form.getByLabel(/Note/).fill('We are in the middle of a deploy.');
  await form.getByRole('button', { name: 'Deny', exact: true }).click();

  const told = await agent.outcome(id);
  expect(told.structuredContent).toMatchObject({ status: 'denied', executed: false });
  expect(told.structuredContent.human_note).toBe('Not now. We are in the middle of a deploy.');
  await expect(message).toContainText('Denied');
  expect(await pagerduty.applied()).toBe(0);
});

test('what is risky is reviewed in Slack and approved on the web, by a link that is theirs alone', async ({
  agent,
  as,
  pagerduty,
  slack,
}) => {
  const asked = await agent.ask(incidents.payments);
  const id = asked.structuredContent.request_id;
  const page = await slack.open('U0PRIYA');
  const message = slack.message(page, id);
  await message.getByRole('button', { name: 'Review to approve…' }).click();
  const modal = page.getByRole('dialog');
  await modal.getByRole('button', { name: 'Continue on the web' }).click();
  const link = modal.getByRole('link', { name: 'Open Countersign' });
  const address = (await link.getAttribute('href')) ?? '';
  expect(address).toMatch(/\/step-up\/csh_/);
  await modal.getByRole('button', { name: /^(Close|Cancel|Done)$/ }).click();

  const other = await as('sam');
  await other.goto(address);
  await expect(other.getByText('This link decides nothing')).toBeVisible();
  await expect(other.getByRole('button', { name: 'Approve', exact: true })).toHaveCount(0);

  const web = await as('priya');
  await web.goto(address);
  await approve(web);
  await expect(message).toContainText('Succeeded');
  expect(await pagerduty.applied()).toBe(1);
  await web.goto(address);
  await expect(web.getByRole('button', { name: 'Approve', exact: true })).toHaveCount(0);
});

test('two people decide at once, one on the web and one in Slack: one decision, and both see it', async ({
  agent,
  as,
  pagerduty,
  slack,
  sql,
}) => {
  const asked = await agent.call('manage_incidents', acknowledge);
  const id = asked.structuredContent.request_id;
  const web = await as('sam');
  await web.goto(`/r/${id}`);
  const page = await slack.open('U0PRIYA');
  const message = slack.message(page, id);
  await message.getByRole('button', { name: 'Approve', exact: true }).click();
  await expect(confirmation(page)).toBeVisible();
  // Pressed without looking again: where Slack was faster, the web has taken its button away.
  await expect(web.getByRole('button', { name: 'Approve', exact: true })).toBeEnabled();
  const onTheWeb = await web.getByRole('button', { name: 'Approve', exact: true }).elementHandle();
  const sent = web.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/review'));
  await Promise.all([
    onTheWeb?.evaluate((button) => (button as HTMLElement).click()),
    confirmation(page).click(),
    sent,
  ]);
  await expect(outcomeOf(web)).toContainText('Succeeded');
  await expect(message).toContainText('Succeeded');
  await expect(web.getByText('cannot be approved')).toHaveCount(0);
  expect(await sql('select decision from reviews where request_id = $1', [id])).toEqual([{ decision: 'approve' }]);
  expect(await pagerduty.applied()).toBe(1);
});

test('somebody who may not is told why, and only they see it', async ({ agent, pagerduty, slack }) => {
  expect(await pagerduty.applied()).toBe(0);
  const asked = await agent.call('manage_incidents', acknowledge);
  const id = asked.structuredContent.request_id;
  const page = await slack.open('U0DANA');
  await slack.message(page, id).getByRole('button', { name: 'Approve', exact: true }).click();
  await confirmation(page).click();
  await expect(page.getByText('asked by your own agent')).toBeVisible();
  const others = await slack.open('U0MARCO');
  await expect(slack.message(others, id)).toBeVisible();
  await expect(others.getByText('asked by your own agent')).toHaveCount(0);
});

test('Lena links her Slack account and is then known', async ({ agent, as, pagerduty, slack }) => {
  expect(await pagerduty.applied()).toBe(0);
  const asked = await agent.call('manage_incidents', acknowledge);
  const page = await slack.open('U0LENA');
  await slack.message(page, asked.structuredContent.request_id).getByRole('button', { name: 'Deny…' }).click();
  await expect(page.getByText('not linked to anybody here')).toBeVisible();
  await page.getByRole('button', { name: 'Link my account' }).last().click();
  const link = page.getByRole('dialog').getByRole('link', { name: 'Link my account' });
  const address = (await link.getAttribute('href')) ?? '';
  const web = await as('lena');
  await web.goto(address);
  await expect(web.getByText('lena', { exact: false }).first()).toBeVisible();
  await web.getByRole('button', { name: /link/i }).click();
  await expect(web.getByText(/Linked/)).toBeVisible();

  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Close|Cancel|Done/ })
    .click();
  await slack.message(page, asked.structuredContent.request_id).getByRole('button', { name: 'Deny…' }).click();
  await expect(page.getByText('You are not on call for what this touches').last()).toBeVisible();
});
