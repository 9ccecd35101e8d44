import { sql } from 'drizzle-orm';
import { afterEach, expect, test } from 'vitest';
import { createSlackStage, NOTE, ACKNOWLEDGE, type SlackStage, until } from './testing/stage.ts';
import { createOnCallReader } from '#pagerduty/on-call.ts';
import { expire } from '#approvals/expire.ts';
import { runWorker } from '#approvals/worker.ts';

let stage: SlackStage;
afterEach(() => stage.close());

test('F: a limit on Home tabs silences the channel', async () => {
  stage = await createSlackStage();
  await stage.team.id();
  await stage.slack.openHome('U0PRIYA');
  await until(async () => (await stage.deliveries()).length > 0);
  stage.slack.meet({ kind: 'rate_limited', retryAfterSeconds: 30 });
  stage.startNotifier();
  await until(async () => (await stage.deliveries()).some((d) => d.lastError !== null && d.leasedUntil === null));
  await new Promise((r) => setTimeout(r, 200));
  await stage.ask(NOTE);
  await new Promise((r) => setTimeout(r, 1500));
  console.log('F channel messages after 1.5 s', stage.channelMessages().length, (await stage.db.execute(sql`select lane, not_before - ${stage.clock.now()} as wait from lanes`)).rows);
  stage.clock.advance(29);
  await new Promise((r) => setTimeout(r, 500));
  console.log('F after 29 s', stage.channelMessages().length);
  stage.clock.advance(2);
  await new Promise((r) => setTimeout(r, 500));
  console.log('F after 31 s', stage.channelMessages().length);
});

test('F2: an event that fails is lost', async () => {
  stage = await createSlackStage();
  stage.slack.meet({ kind: 'status', status: 503, done: false });
  const { status } = await stage.slack.openHome('U0PRIYA');
  await new Promise((r) => setTimeout(r, 500));
  console.log('F2 answered', status, 'deliveries', (await stage.deliveries()).length);
});

test('G: clock waits for slow readings of who is on call', async () => {
  stage = await createSlackStage();
  const a = await stage.ask(ACKNOWLEDGE);
  const more: string[] = [];
  for (let i = 0; i < 5; i++) more.push((await stage.ask({ tool: NOTE.tool, arguments: { incident_id: 'Q2PAYMENTHOOK1', note: `x${i}` } })).id);
  stage.clock.advance(9 * 3600); // everything is due to expire
  const onCall = { get: async () => { await new Promise((r) => setTimeout(r, 2000)); return { known: false as const, because: 'slow' }; } };
  // while two fresh ones wait
  const late = await stage.ask({ tool: NOTE.tool, arguments: { incident_id: 'Q2PAYMENTHOOK1', note: 'late' } }).catch((e) => { console.log(String(e)); return null; });
  const fresh: string[] = [];
  for (let i = 0; i < 4; i++) { const f = await stage.ask({ tool: NOTE.tool, arguments: { incident_id: 'Q2PAYMENTHOOK1', note: `f${i}` } }).catch(() => null); if (f) fresh.push(f.id); }
  const worker = runWorker({ ctx: { ...stage.system, onCall }, writer: stage.writer, changes: stage.changes, pollMs: 50 });
  await new Promise((r) => setTimeout(r, 300));
  const at = performance.now();
  // one more that runs out now, while the first tick is still reading
  await stage.db.execute(sql`update approval_requests set expires_at = ${stage.clock.now()} - interval '1 second' where status = 'pending' and id = ${fresh[0] ?? late?.id ?? ''}`);
  const { rows } = await stage.db.execute(sql`select id, status from approval_requests`);
  console.log('G', rows.map((r) => (r as { status: string }).status).join());
  await until(async () => (await stage.row(fresh[0] ?? late?.id ?? '')).status === 'expired');
  console.log('G expired', Math.round(performance.now() - at), 'ms after it ran out; routes with fresh', fresh.length, a.id.length, more.length, expire.name, createOnCallReader.name);
  await worker.stop();
});
