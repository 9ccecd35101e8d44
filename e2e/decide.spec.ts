import { approve, expect, incidents, outcomeOf, test } from './fixtures.ts';

test.describe('an agent asks over the wire', () => {
  test('a human approves, PagerDuty changes once, and the agent learns it', async ({ agent, as, pagerduty }) => {
    const page = await as('priya');
    await page.goto('/queue');
    const asked = await agent.ask(incidents.payments, 'No failed webhook for 20 minutes.');
    expect(asked.structuredContent).toMatchObject({ status: 'pending', executed: false });
    expect(asked.isError).toBeFalsy();
    expect(asked.content[0]?.text).toContain('NOT');

    // The queue shows it by itself.
    await page
      .getByRole('link', { name: /Resolve incident #4822/ })
      .first()
      .click();
    await expect(page.getByRole('heading', { level: 1, name: /Resolve incident #4822/ })).toBeVisible();
    await expect(page.getByText('No failed webhook for 20 minutes.')).toBeVisible();
    await expect(page.getByText(/not checked/i)).toBeVisible();
    expect(await pagerduty.applied()).toBe(0);
    await approve(page);
    await expect(outcomeOf(page)).toContainText('Succeeded');

    expect(await pagerduty.statusOf(incidents.payments)).toBe('resolved');
    expect(await pagerduty.applied()).toBe(1);
    expect((await agent.outcome(asked.structuredContent.request_id)).structuredContent).toMatchObject({
      status: 'succeeded',
      executed: true,
    });
  });

  test('a human denies with a reason, nothing is sent, and the agent learns why', async ({ agent, as, pagerduty }) => {
    const asked = await agent.ask(incidents.payments);
    const page = await as('priya');
    await page.goto(`/r/${asked.structuredContent.request_id}`);
    await page.getByRole('button', { name: 'Reason for denying' }).click();
    await page.getByRole('radio', { name: 'Wrong target' }).check();
    await page.getByRole('textbox', { name: 'Note to the agent' }).fill('Look at 4821 first');
    await page.getByRole('button', { name: 'Deny', exact: true }).click();
    await expect(outcomeOf(page)).toContainText('Denied');

    const told = await agent.outcome(asked.structuredContent.request_id);
    expect(told).toMatchObject({ isError: true, structuredContent: { status: 'denied', executed: false } });
    expect(JSON.stringify(told)).toContain('Look at 4821 first');
    expect(JSON.stringify(told)).not.toContain('Priya');
    expect(await pagerduty.applied()).toBe(0);
  });

  test('nobody answers, it expires by itself on the open page, and it was not done', async ({
    agent,
    as,
    pagerduty,
    sql,
  }) => {
    const asked = await agent.ask(incidents.payments);
    const id = asked.structuredContent.request_id;
    const page = await as('priya');
    await page.goto(`/r/${id}`);
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeEnabled();
    // The hour passes: a test may set the clock of one row, nobody else can.
    await sql('set session_replication_role = replica');
    await sql(
      "update approval_requests set created_at = now() - interval '1 hour', expires_at = now() - interval '1 second' where id = $1",
      [id],
    );
    await sql('set session_replication_role = default');
    await expect(outcomeOf(page)).toContainText('Expired');
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toHaveCount(0);
    expect((await agent.outcome(id)).structuredContent).toMatchObject({ status: 'expired', executed: false });
    expect(await pagerduty.applied()).toBe(0);
  });

  test('a critical change needs two people', async ({ agent, as, pagerduty }) => {
    const asked = await agent.ask(incidents.checkout);
    const first = await as('priya');
    await first.goto(`/r/${asked.structuredContent.request_id}`);
    await approve(first);
    await expect(first.getByText(/You have approved already/)).toBeVisible();
    expect(await pagerduty.applied()).toBe(0);
    const second = await as('marco');
    await second.goto(`/r/${asked.structuredContent.request_id}`);
    await approve(second);
    await expect(outcomeOf(second)).toContainText('Succeeded');
    await expect(outcomeOf(first)).toContainText('Succeeded');
    expect(await pagerduty.applied()).toBe(1);
  });
});

test.describe('who may not decide', () => {
  test('sees the button off, why, and who may', async ({ agent, as, pagerduty }) => {
    const asked = await agent.ask(incidents.payments);
    const id = asked.structuredContent.request_id;
    const stranger = await as('lena');
    await stranger.goto(`/r/${id}`);
    await expect(
      stranger.getByText(/You are not on call for what this touches\. On call: .*Priya Raman/),
    ).toBeVisible();
    await expect(stranger.getByRole('button', { name: 'Approve', exact: true })).toBeDisabled();
    await expect(stranger.getByRole('button', { name: 'Deny', exact: true })).toBeDisabled();

    const owner = await as('dana');
    await owner.goto(`/r/${id}`);
    await expect(owner.getByText(/asked by your own agent/)).toBeVisible();
    await expect(owner.getByRole('button', { name: 'Approve', exact: true })).toBeDisabled();

    // The button is a courtesy; the server decides.
    const detail = await stranger.request.post(`/api/requests/${id}/review`, {
      form: { decision: 'approve', digest: '0'.repeat(64) },
      headers: { origin: new URL(stranger.url()).origin },
    });
    expect(detail.status()).toBeGreaterThanOrEqual(400);
    await owner.getByRole('button', { name: 'Withdraw' }).click();
    await expect(outcomeOf(owner)).toContainText('Cancelled');
    expect(await pagerduty.applied()).toBe(0);
  });

  test('may become somebody who may, in the playable company only', async ({ agent, as, pagerduty }) => {
    const asked = await agent.ask(incidents.payments);
    const page = await as('sam');
    await page.goto(`/r/${asked.structuredContent.request_id}`);
    await page.getByRole('button', { name: /Account: Sam/ }).click();
    await page.getByRole('button', { name: /Become Lena/ }).click();
    await expect(page.getByRole('button', { name: /Account: Lena/ })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeDisabled();
    await page.getByRole('button', { name: /Account: Lena/ }).click();
    await page.getByRole('button', { name: /Become Sam/ }).click();
    await expect(page.getByRole('button', { name: /Account: Sam/ })).toBeVisible();
    await page.getByRole('button', { name: 'Deny', exact: true }).click();
    await expect(outcomeOf(page)).toContainText('Denied');
    expect(await pagerduty.applied()).toBe(0);
  });
});

test.describe('when things go wrong', () => {
  test('a lost answer is unknown, is read again, and turns out to have been applied', async ({
    agent,
    as,
    pagerduty,
  }) => {
    await pagerduty.fault({ kind: 'drop_after', match: { method: 'PUT', path: '/incidents' }, times: 1 });
    const asked = await agent.ask(incidents.payments);
    const page = await as('priya');
    await page.goto(`/r/${asked.structuredContent.request_id}`);
    await approve(page);
    await expect(outcomeOf(page)).toContainText('Outcome unknown');
    const told = await agent.outcome(asked.structuredContent.request_id);
    expect(told.structuredContent).toMatchObject({ status: 'unknown', executed: null });
    await page.getByRole('button', { name: 'Check PagerDuty again' }).click();
    await expect(outcomeOf(page)).toContainText('Succeeded');
    expect(await pagerduty.applied()).toBe(1);
  });

  test('a lost call is unknown, is not believed to have failed too early, and can be settled by hand', async ({
    agent,
    as,
    pagerduty,
  }) => {
    await pagerduty.fault({ kind: 'drop_before', match: { method: 'PUT', path: '/incidents' }, times: 1 });
    const asked = await agent.ask(incidents.payments);
    const id = asked.structuredContent.request_id;
    const page = await as('priya');
    await page.goto(`/r/${id}`);
    await approve(page);
    await expect(outcomeOf(page)).toContainText('Outcome unknown');
    await page.getByRole('button', { name: 'Check PagerDuty again' }).click();
    await expect(page.getByText(/may still arrive/)).toBeVisible();
    await expect(page.getByRole('radio', { name: /It was not applied/ })).toBeDisabled();
    await page.getByRole('radio', { name: 'It was applied' }).check();
    await page
      .getByRole('textbox', { name: 'What did you see in PagerDuty?' })
      .fill('I resolved it by hand meanwhile.');
    await page.getByRole('button', { name: 'Record what I saw' }).click();
    await expect(outcomeOf(page)).toContainText('Succeeded');
    expect(await pagerduty.applied()).toBe(0);
  });

  test('what changed before it was sent is stale, and nothing is sent', async ({ agent, as, pagerduty, stack }) => {
    const asked = await agent.ask(incidents.payments);
    const page = await as('priya');
    await page.goto(`/r/${asked.structuredContent.request_id}`);
    const worker = stack.pids().worker ?? 0;
    process.kill(worker, 'SIGSTOP');
    try {
      await approve(page);
      await expect(outcomeOf(page)).toContainText('Approved');
      await pagerduty.human(incidents.payments, 'acknowledged');
    } finally {
      process.kill(worker, 'SIGCONT');
    }
    await expect(outcomeOf(page)).toContainText('Stale');
    await expect(outcomeOf(page)).toContainText('acknowledged');
    expect((await agent.outcome(asked.structuredContent.request_id)).structuredContent).toMatchObject({
      status: 'stale',
      executed: false,
    });
    expect(await pagerduty.applied()).toBe(0);
  });

  test('what changed while a human reads is said, and Approve is off', async ({ agent, as, pagerduty }) => {
    const asked = await agent.ask(incidents.payments);
    await pagerduty.human(incidents.payments, 'acknowledged');
    const page = await as('priya');
    await page.goto(`/r/${asked.structuredContent.request_id}`);
    await expect(page.getByText(/was "triggered" when this was shown and is "acknowledged" now/)).toBeVisible();
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeDisabled();
    await page.getByRole('button', { name: 'Deny', exact: true }).click();
    await expect(outcomeOf(page)).toContainText('Denied');
  });

  test('what was asked while the queue was on its way to the page is shown by itself', async ({
    agent,
    as,
    pagerduty,
  }) => {
    const page = await as('priya');
    await page.goto('/slack');
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const read = new Promise<void>((resolve) => {
      page.route(/\/queue\?_rsc=/, async (route) => {
        if (route.request().headers()['next-router-prefetch']) return route.continue();
        const response = await route.fetch();
        resolve();
        await released;
        await route.fulfill({ response });
      });
    });
    const told = page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          new BroadcastChannel('countersign-live').addEventListener('message', ({ data }) => {
            if (data.kind === 'change' && data.id !== null) resolve();
          });
        }),
    );
    await page.getByRole('link', { name: 'To the queue' }).click();
    await read;
    const asked = await agent.ask(incidents.payments);
    await told;
    release();
    await expect(page.getByRole('heading', { name: 'Queue' })).toBeVisible();
    await expect(page.getByRole('link', { name: /Resolve incident #4822/ }).first()).toBeVisible();
    expect(await pagerduty.applied()).toBe(0);
    // What stays open would be found by whoever asks for the same next.
    await agent.call('cancel_request', { request_id: asked.structuredContent.request_id });
  });
});
