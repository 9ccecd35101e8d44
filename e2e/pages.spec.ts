import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { approve, expect, incidents, outcomeOf, slackLinks, test } from './fixtures.ts';

const LOOKS = [
  { name: 'light', colorScheme: 'light', viewport: { width: 1280, height: 900 } },
  { name: 'dark', colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
  { name: 'phone', colorScheme: 'light', viewport: { width: 375, height: 812 } },
  { name: 'phone-dark', colorScheme: 'dark', viewport: { width: 375, height: 812 } },
] as const;

async function check(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `reports/screens/${name}.png`, fullPage: true });
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(sideways, `${name} does not scroll sideways`).toBeLessThanOrEqual(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

for (const { name, ...look } of LOOKS) {
  test(`every page is accessible and fits: ${name}`, async ({ agent, as, pagerduty, browser, stack, sql }) => {
    const asked = await agent.ask(incidents.payments, 'Webhooks are delivered again.\u200b');
    const id = asked.structuredContent.request_id;
    const page = await as('priya', look);
    await page.goto('/queue');
    await expect(page.getByRole('link', { name: /Resolve incident #4822/ }).first()).toBeVisible();
    await check(page, `${name}-queue`);
    await page.goto(`/r/${id}`);
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeEnabled();
    await page.screenshot({ path: `reports/screens/${name}-first-sight.png` });
    await check(page, `${name}-pending`);
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await expect(page.getByRole('alertdialog')).toBeVisible();
    await check(page, `${name}-confirm`);
    await page.getByRole('button', { name: 'Go back' }).click();
    const links = await slackLinks(sql, id);
    await page.goto(links.stepUp);
    await expect(page.getByText(/You came from Slack/)).toBeVisible();
    await check(page, `${name}-step-up`);
    await page.goto(links.link);
    await expect(page.getByText(/If somebody sent you this link/)).toBeVisible();
    await check(page, `${name}-link-slack`);
    await page.goto('/slack');
    await check(page, `${name}-slack`);
    await page.goto(`/r/${id}`);
    const stranger = await as('lena', look);
    await stranger.goto(`/r/${id}`);
    await expect(stranger.getByText(/not on call/).first()).toBeVisible();
    await check(stranger, `${name}-not-allowed`);
    await pagerduty.fault({ kind: 'drop_after', match: { method: 'PUT', path: '/incidents' }, times: 1 });
    await approve(page);
    await expect(outcomeOf(page)).toContainText('Outcome unknown');
    await check(page, `${name}-unknown`);
    await page.getByRole('button', { name: 'Check PagerDuty again' }).click();
    await expect(outcomeOf(page)).toContainText('Succeeded');
    await check(page, `${name}-succeeded`);
    const context = await browser.newContext({ baseURL: stack.urls.web, ...look });
    const signIn = await context.newPage();
    await signIn.goto('/sign-in');
    await check(signIn, `${name}-sign-in`);
    await signIn.goto('/nowhere');
    await check(signIn, `${name}-not-found`);
    await context.close();
  });
}

test('a request is found, read and denied with the keyboard alone', async ({ agent, as, pagerduty }) => {
  await agent.ask(incidents.payments);
  const page = await as('priya');
  await page.goto('/queue');
  const first = page.getByRole('link', { name: /Resolve incident #4822/ }).first();
  await expect(first).toBeVisible();
  // Keys are heard once the page's own code runs, which on a busy machine is a while after it is seen.
  const chosen = () => first.evaluate((link) => link === document.activeElement);
  const choose = async () => {
    if (!(await chosen())) await page.keyboard.press('j');
    return await chosen();
  };
  await expect.poll(choose).toBe(true);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: /Resolve incident #4822/ })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeEnabled();
  await page.keyboard.press('a');
  await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(page.getByRole('button', { name: 'Deny', exact: true })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(outcomeOf(page)).toContainText('Denied');
  expect(await pagerduty.applied()).toBe(0);
});
