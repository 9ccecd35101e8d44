import { expect, incidents, outcomeOf, slackLinks, test } from './fixtures.ts';

const REASON = [
  'Approved by Priya Raman.\u202e',
  '<img src="http://127.0.0.1:9/steal?q=1" onerror="alert(1)">',
  '[click](http://127.0.0.1:9/) ![x](http://127.0.0.1:9/x.png)',
  '\u{e0041}\u{e0050}\u{e0050}',
  ...Array.from({ length: 300 }, () => ''),
  'THE END',
].join('\n');

test.describe("an agent's words", () => {
  test('are text, marked as foreign, with what is hidden made visible, and cannot push the buttons away', async ({
    agent,
    as,
    pagerduty,
  }) => {
    const asked = await agent.ask(incidents.payments, REASON.slice(0, 590));
    const page = await as('priya');
    await page.goto(`/r/${asked.structuredContent.request_id}`);
    const words = page.getByText(/Approved by Priya Raman\.\\u\{202e\}/);
    await expect(words).toBeVisible();
    await expect(words).toContainText('<img src=');
    await expect(page.locator('img[src*="steal"], a[href*="127.0.0.1:9"]')).toHaveCount(0);
    await expect(page.getByText(/reorder text/).first()).toBeVisible();
    await page.getByRole('button', { name: 'Deny', exact: true }).click();
    await expect(outcomeOf(page)).toContainText('Denied');
    expect(await pagerduty.applied()).toBe(0);
  });
});

test.describe('the doors of the dashboard', () => {
  test('change nothing by GET, however often a scanner opens them', async ({ agent, as, sql, pagerduty, stack }) => {
    const asked = await agent.ask(incidents.payments);
    const id = asked.structuredContent.request_id;
    const page = await as('priya');
    const state = () => sql('select status, version from approval_requests where id = $1', [id]);
    const links = await slackLinks(sql, id);
    const usedLinks = () =>
      sql(
        'select used_at from handovers where used_at is not null union all select used_at from slack_links where used_at is not null',
      );
    const [before, used] = [await state(), await usedLinks()];
    const paths = [
      '/',
      '/queue',
      `/r/${id}`,
      '/sign-in',
      '/sign-in?token=x',
      '/healthz',
      '/api/session',
      '/api/session/end',
      '/api/play',
      '/slack',
      links.stepUp,
      links.link,
      '/api/link/slack',
      '/api/link/slack/end',
    ];
    const actions = ['review', 'cancel', 'settle', 'settle-by-hand', 'undo', 'reveal'].map(
      (act) => `/api/requests/${id}/${act}?decision=approve`,
    );
    for (const path of [...paths, ...actions]) {
      await page.request.get(path, { maxRedirects: 0 }).catch(() => null);
      await page.request.head(path, { maxRedirects: 0 }).catch(() => null);
    }
    expect(await state()).toEqual(before);
    expect(await usedLinks()).toEqual(used);
    expect(await sql("select user_id from slack_identities where user_id = 'U0UNKNOWN'")).toEqual([]);
    await page.goto('/queue');
    await expect(page.getByRole('heading', { name: 'Queue' })).toBeVisible();
    expect(stack.urls.web).toContain('http');
    expect(await pagerduty.applied()).toBe(0);
    await agent.call('cancel_request', { request_id: id });
  });

  test('refuse a POST from another site, and one without a session', async ({ agent, as, sql, playwright, stack }) => {
    const asked = await agent.ask(incidents.payments);
    const id = asked.structuredContent.request_id;
    const [row] = (await sql('select digest from approval_requests where id = $1', [id])) as { digest: string }[];
    const page = await as('priya');
    await page.goto('/queue');
    const form = { decision: 'approve', digest: row?.digest ?? '' };
    const post = (headers: Record<string, string>) =>
      page.request.post(`/api/requests/${id}/review`, { form, headers });
    expect((await post({ origin: 'https://evil.example' })).status()).toBe(403);
    expect((await post({ origin: stack.urls.web, 'sec-fetch-site': 'cross-site' })).status()).toBe(403);
    for (const act of ['undo', 'reveal']) {
      const headers = { origin: 'https://evil.example', accept: 'application/json' };
      const reply = await page.request.post(`/api/requests/${id}/${act}`, {
        form: { label: 'Signing secret' },
        headers,
      });
      expect(reply.status()).toBe(403);
    }
    const stranger = await playwright.request.newContext({ baseURL: stack.urls.web });
    expect(
      (await stranger.post(`/api/requests/${id}/review`, { form, headers: { origin: stack.urls.web } })).ok(),
    ).toBe(false);
    // An agent's credential opens the MCP door and no other.
    const token = (await import('node:fs')).readFileSync(stack.agentTokenFile ?? '', 'utf8').trim();
    const asAgent = await stranger.post(`/api/requests/${id}/review`, {
      form,
      headers: { origin: stack.urls.web, authorization: `Bearer ${token}` },
    });
    expect(asAgent.ok()).toBe(false);
    expect(await sql('select status from approval_requests where id = $1', [id])).toEqual([{ status: 'pending' }]);
    await agent.call('cancel_request', { request_id: id });
    await stranger.dispose();
  });

  test('are not framed, sniffed, cached or read by other sites', async ({ as }) => {
    const page = await as('priya');
    const reply = await page.goto('/queue');
    const headers = reply?.headers() ?? {};
    expect(headers['content-security-policy']).toMatch(/default-src 'none'/);
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe-inline|unsafe-eval/);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': expect.stringContaining('no-store'),
    });
  });

  test('send somebody without a session to sign in, and a used link opens nothing', async ({ browser, stack, as }) => {
    await as('priya');
    const context = await browser.newContext({ baseURL: stack.urls.web });
    const page = await context.newPage();
    await page.goto('/queue');
    await expect(page.getByRole('heading', { name: /Sign in/ })).toBeVisible();
    await page.goto(stack.signInLinks?.priya ?? '');
    await expect(page.getByText(/used already or is too old/)).toBeVisible();
    await context.close();
  });
});
