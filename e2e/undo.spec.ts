import { approve, expect, incidents, outcomeOf, test } from './fixtures.ts';

const lower = { manage_request: { incident_ids: [incidents.payments], urgency: 'low' } };

test.describe('what was applied', () => {
  test('is taken back by one who proposes it and another who approves it', async ({ agent, as, pagerduty }) => {
    const asked = await agent.call('manage_incidents', lower);
    const id = asked.structuredContent.request_id;
    const page = await as('priya');
    await page.goto(`/r/${id}`);
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await expect(outcomeOf(page)).toContainText('Succeeded');

    await page.getByRole('button', { name: 'Propose undo…' }).click();
    await page.getByLabel('Note to whoever decides; optional').fill('It should page at night.');
    await page.getByRole('button', { name: 'Propose it' }).click();
    await expect(page.getByText(/^Proposed by Priya Raman to undo/)).toBeVisible();
    await expect(page.getByText('You proposed it, so somebody else must decide.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Withdraw' })).toBeVisible();
    await expect(page.getByText('It should page at night.')).toBeVisible();
    const proposal = page.url();

    await page.goto(`/r/${id}`);
    await expect(page.getByText('Proposed to undo it')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Propose undo…' })).toHaveCount(0);

    const other = await as('marco');
    await other.goto(proposal);
    await other.getByRole('button', { name: 'Approve', exact: true }).click();
    await expect(outcomeOf(other)).toContainText('Succeeded');
    expect(await pagerduty.applied()).toBe(2);
  });

  test('is proposed by nobody who could not approve it', async ({ agent, as }) => {
    const asked = await agent.call('manage_incidents', lower);
    const page = await as('priya');
    await page.goto(`/r/${asked.structuredContent.request_id}`);
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await expect(outcomeOf(page)).toContainText('Succeeded');
    const owner = await as('dana');
    await owner.goto(`/r/${asked.structuredContent.request_id}`);
    const button = owner.getByRole('button', { name: 'Propose undo…' });
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAccessibleDescription(/your own agent/);
  });
});

test('a signing secret is in no page, and is shown once to who approved it', async ({ agent, as, sql, stack }) => {
  await sql(`update agents set toolsets = '{incidents,webhooks}'`);
  await sql('update people set fallback = true where name = $1', ['Marco Bellini']);
  try {
    const asked = await agent.call('create_webhook_subscription', {
      webhook_data: {
        delivery_method: { url: 'https://bridge.northwind.example/pagerduty' },
        events: ['incident.triggered'],
        filter: { type: 'service_reference', id: 'PSCHKOT' },
      },
    });
    const id = asked.structuredContent.request_id;
    const [first, second] = [await as('ruth'), await as('marco')];
    await first.goto(`/r/${id}`);
    await approve(first);
    await second.goto(`/r/${id}`);
    await approve(second);
    await expect(outcomeOf(second)).toContainText('Succeeded');

    const stranger = await as('priya');
    await stranger.goto(`/r/${id}`);
    await expect(stranger.getByRole('button', { name: 'Show Signing secret once' })).toHaveAttribute(
      'aria-disabled',
      'true',
    );
    const form = { label: 'Signing secret' };
    const headers = { origin: stack.urls.web, accept: 'application/json' };
    const url = `/api/requests/${id}/reveal`;
    expect((await stranger.request.post(url, { form, headers })).status()).toBe(403);
    // A plain form would lose it.
    const plain = await second.request.post(url, { form, headers: { ...headers, accept: 'text/html' } });
    expect(plain.status()).toBe(400);

    await second.reload();
    const html = await second.content();
    const shown = second.waitForResponse((response) => response.url().endsWith('/reveal'));
    await second.getByRole('button', { name: 'Show Signing secret once' }).click();
    const reply = await shown;
    expect(reply.headers()['cache-control']).toContain('no-store');
    const secret = ((await reply.json()) as { message: string }).message;
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(html).not.toContain(secret);
    await expect(second.getByText(secret)).toBeVisible();

    await first.reload();
    await expect(first.getByText(/Shown once, to Marco Bellini/)).toBeVisible();
    expect(await first.content()).not.toContain(secret);
    expect((await first.request.post(url, { form, headers })).status()).toBe(409);
  } finally {
    await sql('update agents set toolsets = null');
    await sql('update people set fallback = false where name = $1', ['Marco Bellini']);
  }
});
