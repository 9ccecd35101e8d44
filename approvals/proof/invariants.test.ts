import { type SQL, sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, type World } from '../testing/world.ts';
import { assertInvariants, findBroken } from './invariants.ts';

let world: World;
/** Executed and succeeded. */
let sent: string;
/** Denied after it was held. */
let denied: string;
/** Still waiting. */
let waiting: string;

const note = (text: string) => ({
  tool: 'add_note_to_incident',
  arguments: { incident_id: 'Q2PAYMENTHOOK1', note: text },
});

beforeAll(async () => {
  world = await createWorld();
  const first = await world.ask(note('One.'));
  world.clock.advance(60);
  await world.approve(first);
  await world.execute(first.id);
  const second = await world.ask(note('Two.'));
  await world.deny(second);
  const third = await world.ask(note('Three.'));
  [sent, denied, waiting] = [first.id, second.id, third.id];
});

afterAll(() => world.close());

class Undo extends Error {}

/** What is found broken after a change that no guard of the schema stops; the change is taken back. */
async function brokenAfter(...changes: SQL[]): Promise<string[]> {
  let found: string[] = [];
  await world.db
    .transaction(async (tx) => {
      await tx.execute(sql`set local session_replication_role = replica`);
      await tx.execute(sql`drop index one_executing_per_subject`);
      await tx.execute(sql`alter table approval_requests drop constraint final_is_finished`);
      for (const change of changes) await tx.execute(change);
      const broken = await findBroken(tx, world.fake.ledger());
      found = broken.map(({ id, requests }) => `${id} ${requests.map(nameOf).sort().join(' ')}`.trim());
      throw new Undo();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error;
    });
  return found;
}

const nameOf = (id: string) => ({ [sent]: 'sent', [denied]: 'denied', [waiting]: 'waiting' })[id] ?? id;

const attempt = (id: string) => sql`insert into attempts
  (request_id, fence, worker, from_email, from_user_id, digest, claimed_at, deadline_at)
  select id, 'f', 'w', 'e', 'u', digest, created_at + interval '1 minute', created_at + interval '2 minutes'
  from approval_requests where id = ${id}`;

const event = (id: string, version: number, from: string | null, to: string) => sql`insert into events
  (request_id, version, from_status, to_status, actor, at)
  select id, ${version}, ${from}::request_status, ${to}::request_status, '{}', created_at from approval_requests where id = ${id}`;

const review = (id: string, person: string, decision: string, digest = sql`digest`) => sql`insert into reviews
  (request_id, person_id, decision, digest, surface, entitlement, at)
  select id, ${person}, ${decision}::decision, ${digest}, 'web', '', created_at from approval_requests where id = ${id}`;

describe('the rules of the store', () => {
  test('hold for an honest life', async () => {
    expect(await brokenAfter()).toEqual([]);
    await assertInvariants(world.db, world.fake.ledger());
  });

  test('find an attempt without its claim', async () => {
    expect(await brokenAfter(attempt(waiting))).toEqual(['I1 waiting', 'I1 waiting']);
  });

  test('find a status that needs an attempt and has none', async () => {
    const change = sql`update approval_requests set status = 'failed', finished_at = created_at where id = ${waiting}`;
    expect(await brokenAfter(change)).toContain('I1 waiting');
  });

  test('find a claim without its quorum', async () => {
    expect(await brokenAfter(sql`update approval_requests set reviews_required = 2 where id = ${sent}`)).toEqual([
      'I1 sent',
    ]);
    expect(await brokenAfter(sql`update reviews set at = at + interval '1 day' where request_id = ${sent}`)).toContain(
      'I1 sent',
    );
  });

  test('find a second claim', async () => {
    const change = sql`update approval_requests set version = version + 1 where id = ${sent}`;
    expect(await brokenAfter(change, event(sent, 5, 'approved', 'executing'))).toContain('I2 sent');
  });

  test('find bytes, approvals and attempts of another digest', async () => {
    const other = 'f'.repeat(64);
    expect(await brokenAfter(sql`update approval_requests set digest = ${other} where id = ${waiting}`)).toEqual([
      'I3 waiting',
    ]);
    expect(await brokenAfter(sql`update attempts set digest = ${other} where request_id = ${sent}`)).toEqual([
      'I3 sent',
    ]);
    expect(await brokenAfter(review(waiting, world.ids.priya, 'approve', sql`${other}`))).toEqual(['I3 waiting']);
  });

  test('find a final status that was left, and a move that the table does not have', async () => {
    const again = sql`update approval_requests set status = 'pending', version = 3, finished_at = null where id = ${denied}`;
    expect(await brokenAfter(again, event(denied, 3, 'denied', 'pending'))).toEqual(['I4 denied']);
    const jump = sql`update approval_requests set status = 'cancelled', version = 2, finished_at = created_at where id = ${waiting}`;
    expect(await brokenAfter(jump, event(waiting, 2, 'pending', 'cancelled'))).toEqual([]);
    const start = sql`update events set to_status = 'approved' where request_id = ${waiting}`;
    expect(await brokenAfter(start)).toContain('I4 waiting');
  });

  test('find a version without an event, and events that do not follow each other', async () => {
    expect(await brokenAfter(sql`update approval_requests set version = 2 where id = ${waiting}`)).toEqual([
      'I5 waiting',
    ]);
    expect(await brokenAfter(sql`delete from events where request_id = ${sent} and version = 2`)).toEqual(['I5 sent']);
    expect(await brokenAfter(sql`delete from events where request_id = ${waiting}`)).toEqual(['I5 waiting']);
    const status = sql`update approval_requests set status = 'cancelled', finished_at = created_at where id = ${waiting}`;
    expect(await brokenAfter(status)).toEqual(['I5 waiting']);
  });

  test('find approvals and claims at the very instant of expiry', async () => {
    const late = sql`update approval_requests set expires_at = (select at from reviews where request_id = ${sent}) where id = ${sent}`;
    expect(await brokenAfter(late)).toEqual(['I6 sent']);
    const unused = sql`update approval_requests set approval_expires_at = (select claimed_at from attempts where request_id = ${sent}) where id = ${sent}`;
    expect(await brokenAfter(unused)).toEqual(['I6 sent']);
  });

  test('find a review by the requester’s own people', async () => {
    expect(await brokenAfter(review(waiting, world.ids.dana, 'approve'))).toEqual(['I7 waiting']);
  });

  test('find a review by whoever proposed it, and an undo of what was not applied or of another chain', async () => {
    const proposed = (of: string) =>
      sql`update approval_requests set proposed_by = ${world.ids.marco}, linked_to = ${of} where id = ${waiting}`;
    expect(await brokenAfter(proposed(sent), review(waiting, world.ids.marco, 'deny'))).toEqual(['I7 waiting']);
    expect(await brokenAfter(proposed(denied))).toEqual(['I16 waiting']);
    const owner = sql`update approval_requests set owner_id = null where id = ${waiting}`;
    expect(await brokenAfter(proposed(sent), owner)).toEqual(['I16 waiting']);
  });

  test('find a denied request that was claimed', async () => {
    expect(await brokenAfter(review(sent, world.ids.marco, 'deny'))).toEqual(['I10 sent']);
  });

  test('find a claim for an agent that was switched off', async () => {
    const change = sql`update agents set disabled_at = (select claimed_at - interval '1 second' from attempts where request_id = ${sent})`;
    expect(await brokenAfter(change)).toEqual(['I12 sent']);
    const proposed = sql`update approval_requests set proposed_by = ${world.ids.sam}, linked_to = id where id = ${sent}`;
    expect(await brokenAfter(change, proposed)).not.toContain('I12 sent');
  });

  test('find what nobody would ever look at again', async () => {
    const change = sql`update approval_requests set finished_at = null where id = ${denied}`;
    expect(await brokenAfter(change)).toEqual(['I13 denied']);
  });

  test('find a subject that is held by something that does not execute', async () => {
    expect(await brokenAfter(sql`update request_subjects set executing = true where request_id = ${waiting}`)).toEqual([
      'I14 waiting',
    ]);
  });

  test('find two that executed on one subject at the same time', async () => {
    // The second claim is slipped in between the claim and the end of the first.
    const between = sql`update events set id = id + 1000 where request_id = ${sent} and to_status = 'succeeded'`;
    const found = await brokenAfter(
      between,
      event(waiting, 2, 'pending', 'approved'),
      event(waiting, 3, 'approved', 'executing'),
    );
    expect(found).toContain('I14 sent');
  });

  test('find a replaced request that was claimed', async () => {
    const change = sql`update events set detail = '{"supersededBy": "apr_x"}' where request_id = ${sent} and version = 1`;
    expect(await brokenAfter(change)).toEqual(['I15 sent']);
  });

  test('find an effect without a request that admits it, and a success without an effect', async () => {
    const failed = sql`update approval_requests set status = 'failed' where id = ${sent}`;
    expect(
      await brokenAfter(failed, sql`update events set to_status = 'failed' where to_status = 'succeeded'`),
    ).toEqual(['I8 sent']);
    expect(await findBroken(world.db, [])).toEqual([expect.objectContaining({ id: 'I9', requests: [sent] })]);
    const foreign = [...world.fake.ledger(), { method: 'PUT', path: '/incidents', bodyText: '{}' }];
    expect(await findBroken(world.db, foreign)).toEqual([expect.objectContaining({ id: 'I3', requests: [] })]);
    await expect(assertInvariants(world.db, foreign)).rejects.toThrow(/I3: PagerDuty applied only bytes/);
  });
});
