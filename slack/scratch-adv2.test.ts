import { sql } from 'drizzle-orm';
import { afterEach, expect, test } from 'vitest';
import { leaseDelivery } from '#approvals/deliveries.ts';
import { connect } from '#db/connection.ts';
import { createSlackStage, NOTE, type SlackStage } from './testing/stage.ts';

let stage: SlackStage;
afterEach(() => stage.close());

test('D: lots of old news', { timeout: 300_000 }, async () => {
  stage = await createSlackStage();
  const request = await stage.ask(NOTE);
  const x = (q: string) => stage.db.execute(sql.raw(q));
  const idx = await x(`select indexname, indexdef from pg_indexes where tablename = 'approval_requests'`);
  for (const { indexname } of idx.rows as { indexname: string }[]) if (!/pkey/.test(indexname)) await x(`drop index if exists "${indexname}"`).catch(() => undefined);
  await x('alter table approval_requests disable trigger all');
  const { rows } = await x(`select column_name, is_generated from information_schema.columns where table_name = 'approval_requests'`);
  const cols = (rows as { column_name: string; is_generated: string }[]).filter((c) => c.is_generated === 'NEVER').map((c) => c.column_name);
  const sel = cols.map((c) => (c === 'id' ? `'apr_' || lpad(g::text, 26, '0')` : c === 'status' ? `'denied'::request_status` : c === 'finished_at' ? 'now()' : `r."${c}"`));
  const N = 50_000;
  for (let from = 1; from <= N; from += 5_000) await x(`insert into approval_requests (${cols.map((c) => `"${c}"`).join()}) select ${sel.join()} from approval_requests r, generate_series(${from}, ${from + 4_999}) g where r.id = '${request.id}'`);
  await x('alter table outbox disable trigger all');
  for (let from = 1; from <= N; from += 10_000) await x(`insert into outbox (kind, request_id, version, run_at, done_at) select 'slack', 'apr_' || lpad(g::text, 26, '0'), 1, now(), now() from generate_series(${from}, ${from + 9_999}) g`);
  await x('alter table outbox enable trigger all');
  await x('analyze');
  for (const n of [5_000, 10_000, 20_000, 50_000]) {
    await x(`update outbox set done_at = null where id in (select id from outbox where request_id like 'apr_0%' order by id limit ${n})`);
    await x('vacuum analyze outbox');
    const db = connect(stage.url, { statementTimeoutMs: 1_500 });
    const at = performance.now();
    const all = await Promise.all([1, 2, 3, 4].map(() => leaseDelivery({ ...stage.ctx, db }, 'slack').then((d) => `ok ${d?.requestId}`, (e) => `FAILED ${e.cause?.message ?? e.message}`)));
    const { rows: left } = await x(`select count(*)::int n from outbox where done_at is null`);
    console.log('D', n, Math.round(performance.now() - at), 'ms', all, 'left', left[0]);
    await x(`update outbox set done_at = now()`);
    await db.$client.end();
  }
});
