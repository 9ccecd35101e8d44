import { Ajv2020 } from 'ajv/dist/2020.js';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { revealSecret } from '#approvals/secrets.ts';
import { proposeUndo } from '#approvals/undo.ts';
import { getDetail } from '#approvals/views/queries.ts';
import { agents, people } from '#db/schema.ts';
import { ENVELOPE_SCHEMA } from './envelope.ts';
import { createStage, type Stage, type TestClient } from './testing/stage.ts';

const lower = { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], urgency: 'low' } };
const raise = { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], urgency: 'high' } };
const conforms = new Ajv2020({ strict: false }).compile(ENVELOPE_SCHEMA);

let stage: Stage;
let client: TestClient;
beforeEach(async () => {
  stage = await createStage({ openMs: 0 });
  client = await stage.client('2026-07-28');
});
afterEach(() => stage.close());

async function applied(tool: string, args: Record<string, unknown>, ...names: ('priya' | 'sam' | 'marco')[]) {
  const { envelope } = await client.call(tool, args);
  const row = (await stage.held()).find(({ id }) => id === envelope.request_id);
  if (row === undefined) throw new Error('it was not held');
  for (const name of names) await stage.approve(row, name);
  await stage.execute(row.id);
  return row.id;
}

test('an agent learns how to take back what was applied, and its ask for that is an ordinary one', async () => {
  const id = await applied('manage_incidents', lower, 'priya');
  const { envelope, structured } = await client.call('get_request', { request_id: id });
  expect(conforms(structured)).toBe(true);
  expect(envelope.undo).toEqual({ tool: 'manage_incidents', arguments: raise });
  const asked = await client.call(envelope.undo?.tool ?? '', envelope.undo?.arguments);
  expect(asked.envelope).toMatchObject({ status: 'pending', executed: false });
  expect(asked.envelope).not.toHaveProperty('undo');
  const { structured: listed } = await client.call('list_my_requests');
  expect(JSON.stringify(listed)).not.toContain('"undo"');
});

test('an agent neither sees nor withdraws what a human proposed', async () => {
  const id = await applied('manage_incidents', lower, 'priya');
  const proposal = await proposeUndo(stage.person('priya'), { requestId: id });
  for (const tool of ['get_request', 'wait_for_approval', 'cancel_request']) {
    const told = await client.call(tool, { request_id: proposal.id });
    expect(told).toMatchObject({ isError: true });
    expect(told.text).toContain('no such request of yours');
  }
  expect((await client.call('list_my_requests')).text).not.toContain(proposal.id);
});

test('a secret of PagerDuty’s answer is in nothing that an agent is told', async () => {
  await stage.db.update(agents).set({ toolsets: ['webhooks'] });
  await stage.db.update(people).set({ fallback: true }).where(eq(people.id, stage.ids.marco));
  const webhook_data = {
    delivery_method: { url: 'https://bridge.northwind.example/pagerduty' },
    events: ['incident.triggered'],
    filter: { type: 'service_reference', id: 'PSCHKOT' },
  };
  const id = await applied('create_webhook_subscription', { webhook_data }, 'sam', 'marco');
  const told = async () =>
    JSON.stringify([
      await client.call('create_webhook_subscription', { webhook_data }),
      await client.call('get_request', { request_id: id }),
      await client.call('wait_for_approval', { request_id: id }),
      await client.call('list_my_requests'),
      await client.call('list_webhook_subscriptions'),
    ]);
  const [before, { secrets }] = [await told(), await getDetail(stage.person('sam'), id)];
  expect(secrets).toMatchObject([{ label: 'Signing secret', may: { allowed: true } }]);
  const secret = await revealSecret(stage.person('sam'), { requestId: id, label: 'Signing secret' });
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(before).toContain('"executed":true');
  expect(before).not.toContain(secret);
  expect(await told()).not.toContain(secret);
});
