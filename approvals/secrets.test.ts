import { createSecretKey, randomBytes } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { agents, answerSecrets, approvalRequests, events, people } from '#db/schema.ts';
import type { LogFields } from '#process/log.ts';
import { claim } from './claim.ts';
import type { Context } from './context.ts';
import { assertInvariants, findBroken } from './proof/invariants.ts';
import { revealSecret } from './secrets.ts';
import { recordOutcome, send } from './send.ts';
import { settle, settleByHand, sweepDead } from './settle.ts';
import { crowd, successesOf } from './testing/crowd.ts';
import { type Cast, createWorld, type World } from './testing/world.ts';
import { viewForAgent } from './views/agent-view.ts';
import { getDetail } from './views/queries.ts';
import { getForSlack } from './views/slack-view.ts';

const LABEL = 'Signing secret';
const webhook = {
  tool: 'create_webhook_subscription',
  arguments: {
    webhook_data: {
      delivery_method: { url: 'https://bridge.northwind.example/pagerduty' },
      events: ['incident.triggered'],
      filter: { type: 'service_reference', id: 'PSCHKOT' },
    },
  },
};

let world: World;
/** Everything that was logged through `logged`. */
let lines: string[];

beforeEach(async () => {
  world = await createWorld();
  lines = [];
  await world.db.update(agents).set({ toolsets: ['webhooks'] });
  // Nobody is on call for webhooks: two members of the fallback group approve.
  await setFallback('marco', true);
});
afterEach(async () => {
  await assertInvariants(world.db, world.fake.ledger());
  await world.close();
});

async function setFallback(name: Cast, fallback: boolean) {
  await world.db.update(people).set({ fallback }).where(eq(people.id, world.ids[name]));
}

function logged(ctx: Context): Context {
  const note = (message: string, fields: LogFields = {}) => lines.push(`${message} ${JSON.stringify(fields)}`);
  return { ...ctx, log: { info: note, warn: note, error: note } };
}

/** Approved by Sam and Marco, of whom only Sam stays in the fallback group. */
async function approved() {
  const request = await world.ask(webhook);
  await world.approve(request, 'sam');
  await world.approve(request, 'marco');
  return request;
}

/** Sent and answered, and the secret that PagerDuty told once. */
async function answered() {
  const { id } = await approved();
  const taken = await claim(logged(world.system), id, 'test');
  if (taken.kind !== 'claimed') throw new Error('it was not claimed');
  const outcome = await send(logged(world.system), world.writer, taken.claim);
  const request = await recordOutcome(logged(world.system), taken.claim, outcome);
  await setFallback('marco', false);
  const told = outcome.kind === 'applied' ? /"secret":"([0-9a-f]{64})"/.exec(JSON.stringify(outcome.body)) : null;
  const secret = told?.[1] ?? '';
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  return { id, request, secret, claimed: taken.claim, outcome };
}

const reveal = (id: string, name: Cast, label = LABEL) =>
  revealSecret(logged(world.person(name)), { requestId: id, label });

/** Every text in the database, as somebody with a dump of it would see it. */
async function dump(): Promise<string> {
  const tables = await world.db.execute<{ name: string }>(
    sql`select table_name as name from information_schema.tables where table_schema = 'public'`,
  );
  const texts = await Promise.all(
    tables.rows.map(async ({ name }) => {
      const { rows } = await world.db.execute<{ text: string }>(
        sql`select to_jsonb(t)::text as text from ${sql.identifier(name)} t`,
      );
      return rows.map(({ text }) => text).join('\n');
    }),
  );
  expect(tables.rows.map(({ name }) => name)).toContain('answer_secrets');
  return texts.join('\n');
}

describe('a secret of PagerDuty’s answer', () => {
  test('is kept encrypted with the outcome, and shown once to somebody who approved it', async () => {
    const { id, request, secret } = await answered();
    expect(request).toMatchObject({ status: 'succeeded', result: { subscription_id: expect.any(String) } });
    expect(await reveal(id, 'marco')).toBe(secret);
    expect(await world.db.select().from(answerSecrets)).toEqual([
      { requestId: id, label: LABEL, ciphertext: null, revealedAt: expect.any(Date), revealedBy: world.ids.marco },
    ]);
    await expect(reveal(id, 'marco')).rejects.toMatchObject({ code: 'conflict' });
    await expect(reveal(id, 'sam')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('leaves an event that says who saw it, and the request as it was', async () => {
    const { id, request } = await answered();
    await reveal(id, 'marco');
    const after = await world.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, id) });
    expect(after).toEqual({ ...request, version: request.version + 1 });
    const { timeline } = await getDetail(world.person('sam'), id);
    expect(timeline.at(-1)).toMatchObject({
      toStatus: 'succeeded',
      by: 'Marco Bellini',
      because: `${LABEL}: shown once. It is not kept any longer.`,
      detail: { revealed: LABEL },
    });
  });

  test('is shown once, however many ask at the same moment', async () => {
    const { id, secret } = await answered();
    const names = ['marco', 'sam'] as const;
    const asked = await crowd(world, world.system, (ctx, index) => {
      const { actor } = world.person(names[index % 2] ?? 'marco');
      return revealSecret(logged({ ...ctx, actor }), { requestId: id, label: LABEL });
    });
    expect(successesOf(asked)).toEqual([secret]);
    expect(await world.db.$count(events, sql`detail ? 'revealed'`)).toBe(1);
  });

  test('is nowhere else: not in the database, the log, what agents, Slack and pages are told', async () => {
    const { id, request, secret } = await answered();
    const everywhere = async () =>
      JSON.stringify([
        await dump(),
        lines,
        await viewForAgent(world.agent, request),
        await getForSlack(world.system, id),
        await getDetail(world.person('marco'), id),
      ]);
    // The canary is one: the value is there for whoever has the key.
    expect(await everywhere()).not.toContain(secret);
    expect(await everywhere()).not.toContain(Buffer.from(secret).toString('base64').slice(0, 40));
    expect(await reveal(id, 'marco')).toBe(secret);
    expect(await everywhere()).not.toContain(secret);
    expect(lines.join()).toContain('a secret was shown');
  });

  test('is kept also when the answer comes after the worker was taken for dead', async () => {
    const { id } = await approved();
    const taken = await claim(world.system, id, 'test');
    if (taken.kind !== 'claimed') throw new Error('it was not claimed');
    const outcome = await send(world.system, world.writer, taken.claim);
    world.clock.advance(61);
    expect(await sweepDead(world.system)).toBe(1);
    await settle(world.system, id);
    await recordOutcome(world.system, taken.claim, outcome);
    expect(await reveal(id, 'sam')).toMatch(/^[0-9a-f]{64}$/);
  });

  test('can be shown also after a human took the lost call for not applied', async () => {
    const { id } = await approved();
    const taken = await claim(world.system, id, 'test');
    if (taken.kind !== 'claimed') throw new Error('it was not claimed');
    const outcome = await send(world.system, world.writer, taken.claim);
    world.clock.advance(61);
    await sweepDead(world.system);
    world.clock.advance(130);
    await settleByHand(world.person('sam'), { requestId: id, applied: false, evidence: 'Saw no such webhook.' });
    await recordOutcome(world.system, taken.claim, outcome);
    expect(await reveal(id, 'sam')).toMatch(/^[0-9a-f]{64}$/);
    // The human was wrong, which the comparison with PagerDuty's ledger would hold against us.
    world.fake.reset();
  });

  test('is not kept twice, and not again after it was shown, when the outcome is recorded again', async () => {
    const { id, secret, claimed, outcome } = await answered();
    await recordOutcome(world.system, claimed, outcome);
    expect(await reveal(id, 'sam')).toBe(secret);
    await recordOutcome(world.system, claimed, outcome);
    await expect(reveal(id, 'sam')).rejects.toMatchObject({ code: 'conflict' });
  });

  test('is not recorded by a process without the key, and nothing else is either', async () => {
    const { id } = await approved();
    const taken = await claim(world.system, id, 'test');
    if (taken.kind !== 'claimed') throw new Error('it was not claimed');
    const outcome = await send(world.system, world.writer, taken.claim);
    const keyless = { ...world.system, secretsKey: null };
    await expect(recordOutcome(keyless, taken.claim, outcome)).rejects.toMatchObject({ code: 'precondition_failed' });
    expect(await world.db.query.approvalRequests.findFirst()).toMatchObject({ status: 'executing' });
    expect(await recordOutcome(world.system, taken.claim, outcome)).toMatchObject({ status: 'succeeded' });
  });
});

describe('who may see it', () => {
  const may = async (id: string, name: Cast) => (await getDetail(world.person(name), id)).secrets[0]?.may.allowed;

  test('are those who approved it and the fallback group, and nobody else', async () => {
    const { id } = await answered();
    for (const name of ['priya', 'lena', 'dana'] as const) {
      expect(await may(id, name)).toBe(false);
      await expect(reveal(id, name)).rejects.toMatchObject({ code: 'forbidden' });
    }
    for (const ctx of [world.agent, world.system]) {
      await expect(revealSecret(ctx, { requestId: id, label: LABEL })).rejects.toMatchObject({ code: 'forbidden' });
    }
    expect(await may(id, 'marco')).toBe(true);
    await setFallback('lena', true);
    expect(await may(id, 'lena')).toBe(true);
    expect(await reveal(id, 'lena')).toMatch(/^[0-9a-f]{64}$/);
    expect(await may(id, 'sam')).toBe(false);
  });

  test('is not the agent’s owner, even in the fallback group, nor anybody who was switched off', async () => {
    const { id } = await answered();
    await setFallback('dana', true);
    await expect(reveal(id, 'dana')).rejects.toMatchObject({ code: 'forbidden' });
    await world.db.update(people).set({ active: false }).where(eq(people.id, world.ids.marco));
    await expect(reveal(id, 'marco')).rejects.toMatchObject({ code: 'forbidden' });
    await world.db.update(people).set({ pagerdutyUserId: null }).where(eq(people.id, world.ids.sam));
    await setFallback('lena', true);
    await world.db.update(people).set({ pagerdutyUserId: null }).where(eq(people.id, world.ids.lena));
    await expect(reveal(id, 'lena')).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('is not somebody who is switched off after the question whether they may', async () => {
    const { id, secret } = await answered();
    const ctx = world.person('marco');
    const db: Context['db'] = Object.create(ctx.db, {
      transaction: {
        value: async (work: Parameters<typeof ctx.db.transaction>[0]) => {
          await ctx.db.update(people).set({ active: false }).where(eq(people.id, world.ids.marco));
          return ctx.db.transaction(work);
        },
      },
    });
    await expect(revealSecret({ ...ctx, db }, { requestId: id, label: LABEL })).rejects.toMatchObject({
      code: 'conflict',
    });
    expect(await reveal(id, 'sam')).toBe(secret);
  });

  test('and of what: another label, another request', async () => {
    const { id } = await answered();
    await expect(reveal(id, 'marco', 'Other')).rejects.toMatchObject({ code: 'conflict' });
    await expect(reveal('apr_none', 'marco')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('what is kept', () => {
  test('opens with its own key alone, and is not used up by another', async () => {
    const { id, secret } = await answered();
    const other = { ...world.person('marco'), secretsKey: createSecretKey(randomBytes(32)) };
    await expect(revealSecret(other, { requestId: id, label: LABEL })).rejects.toMatchObject({
      code: 'precondition_failed',
      message: expect.stringContaining('It is still kept.'),
    });
    const keyless = { ...world.person('marco'), secretsKey: null };
    await expect(revealSecret(keyless, { requestId: id, label: LABEL })).rejects.toMatchObject({
      code: 'precondition_failed',
    });
    expect(await reveal(id, 'marco')).toBe(secret);
  });

  test('does not open under another label or for another request', async () => {
    const { id, secret } = await answered();
    const tampered = (statement: ReturnType<typeof sql>) =>
      world.db.transaction(async (tx) => {
        await tx.execute(sql`set local session_replication_role = replica`);
        await tx.execute(statement);
      });
    await tampered(sql`update answer_secrets set label = 'Other' where request_id = ${id}`);
    await expect(reveal(id, 'marco', 'Other')).rejects.toMatchObject({ code: 'precondition_failed' });
    await tampered(sql`update answer_secrets set label = ${LABEL} where request_id = ${id}`);
    expect(await reveal(id, 'marco')).toBe(secret);
  });

  test('is changed by nothing but being shown: the database refuses', async () => {
    const { id } = await answered();
    const refused = async (statement: ReturnType<typeof sql>) =>
      expect(world.db.execute(statement)).rejects.toMatchObject({ cause: { code: expect.stringMatching(/^23/) } });
    await refused(sql`update answer_secrets set ciphertext = 'x'`);
    await refused(sql`update answer_secrets set label = 'x'`);
    await refused(sql`update answer_secrets set revealed_at = now(), revealed_by = 'prs_sam'`);
    await refused(sql`update answer_secrets set ciphertext = null, revealed_at = now()`);
    await refused(sql`delete from answer_secrets`);
    await refused(sql`truncate answer_secrets`);
    await reveal(id, 'sam');
    await refused(sql`update answer_secrets set ciphertext = 'x', revealed_at = null, revealed_by = null`);
    await refused(sql`update answer_secrets set revealed_by = 'prs_marco'`);
  });

  test('and was shown without an event is found broken', async () => {
    const { id } = await answered();
    class Back extends Error {}
    const found = world.db.transaction(async (tx) => {
      await tx.execute(sql`update answer_secrets set ciphertext = null, revealed_at = now(), revealed_by = 'prs_sam'`);
      expect(await findBroken(tx)).toMatchObject([{ id: 'I17', requests: [id] }]);
      throw new Back();
    });
    await expect(found).rejects.toThrow(Back);
  });
});
