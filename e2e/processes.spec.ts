import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '../run/stack.ts';
import { approve, connectAgent, expect, incidents, outcomeOf, type Told, test } from './fixtures.ts';

test('two replicas of every role: asked at one, approved at the other, sent once, both pages live', async ({
  stack,
  as,
  agent,
  pagerduty,
  browser,
}) => {
  test.setTimeout(300_000);
  const dataDir = await mkdtemp(join(tmpdir(), 'countersign-replica-'));
  const replica = await startStack({
    port: Number(process.env.E2E_PORT ?? 4710) + 10,
    dataDir,
    build: false,
    env: stack.replicaEnv,
  });
  try {
    const client = await connectAgent(stack, replica.urls.mcp);
    const asking = client.callTool({
      name: 'manage_incidents',
      arguments: { manage_request: { incident_ids: [incidents.payments], status: 'resolved' } },
    }) as unknown as Promise<Told>;
    const id = (await asking).structuredContent.request_id;

    const here = await as('priya');
    const there = await browser.newContext({
      baseURL: replica.urls.web,
      storageState: await here.context().storageState(),
    });
    const other = await there.newPage();
    await here.goto(`/r/${id}`);
    await other.goto(`/r/${id}`);
    await approve(here);
    await expect(outcomeOf(here)).toContainText('Succeeded');
    await expect(outcomeOf(other)).toContainText('Succeeded');
    expect(await pagerduty.applied()).toBe(1);
    expect((await agent.outcome(id)).structuredContent).toMatchObject({ status: 'succeeded' });
    await there.close();
    await client.close();
  } finally {
    await replica.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
});

test('the embedded database may be killed: it comes back with everything that was committed', async ({
  stack,
  agent,
  as,
  pagerduty,
  sql,
}) => {
  test.setTimeout(240_000);
  const asked = await agent.ask(incidents.payments);
  const id = asked.structuredContent.request_id;
  const [row] = (await sql('select pg_backend_pid() as pid')) as { pid: number }[];
  const server = Number(readFileSync(`/proc/${row?.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);
  process.kill(server, 'SIGKILL');
  await expect.poll(() => stack.output()).toContain('ready again');
  const page = await as('priya');
  await expect(async () => {
    await page.goto(`/r/${id}`);
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeEnabled({ timeout: 5000 });
  }).toPass({ timeout: 120_000 });
  await approve(page);
  await expect(outcomeOf(page)).toContainText('Succeeded');
  expect(await pagerduty.applied()).toBe(1);
});

test('every role may be killed at any moment: it comes back, the request is still there, and it is sent once', async ({
  stack,
  agent,
  as,
  pagerduty,
}) => {
  test.setTimeout(240_000);
  const asked = await agent.ask(incidents.payments);
  const id = asked.structuredContent.request_id;
  const page = await as('priya');
  await page.goto(`/r/${id}`);
  for (const role of ['mcp', 'web', 'worker'] as const) {
    const before = stack.pids()[role] ?? 0;
    process.kill(before, 'SIGKILL');
    await expect.poll(() => stack.pids()[role] ?? before).not.toBe(before);
  }
  await expect(async () => {
    await page.goto(`/r/${id}`);
    await expect(page.getByRole('button', { name: 'Approve', exact: true })).toBeEnabled({ timeout: 5000 });
  }).toPass({ timeout: 120_000 });
  await approve(page);
  await expect(outcomeOf(page)).toContainText('Succeeded');
  expect(await pagerduty.applied()).toBe(1);
  const again = await connectAgent(stack);
  const told = (await again.callTool({ name: 'get_request', arguments: { request_id: id } })) as unknown as Told;
  expect(told.structuredContent).toMatchObject({ status: 'succeeded', executed: true });
  await again.close();
});
