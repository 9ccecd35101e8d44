import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, type World } from '#approvals/testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
  const { id } = await world.approve(await world.ask());
  await world.execute(id);
  await world.db.execute(sql`insert into reads (agent_id, tool, arguments, at)
    values ('agt_triage', 'get_incident', '{}', now())`);
  await world.db.execute(sql`insert into answer_secrets (request_id, label, ciphertext)
    values (${id}, 'Kept', 'c'), (${id}, 'Shown', 'c')`);
  await world.db.execute(sql`update answer_secrets set ciphertext = null, revealed_at = now(), revealed_by = 'prs_priya'
    where label = 'Shown'`);
});
afterAll(() => world.close());

const KEPT = ' is append-only';
const SHOWN_ONCE = 'a secret is shown once and is then gone';
const refused = async (statement: string, because: string) =>
  expect(world.db.execute(sql.raw(statement))).rejects.toMatchObject({
    cause: { message: expect.stringContaining(because) },
  });

describe('the database itself refuses', () => {
  test.each(['events', 'reads', 'reviews'])('to change or to delete %s', async (table) => {
    await refused(`update ${table} set at = now()`, KEPT);
    await refused(`delete from ${table}`, KEPT);
  });

  test.each(['approval_requests', 'attempts', 'answer_secrets'])('to delete %s', async (table) => {
    await refused(`delete from ${table}`, KEPT);
  });

  test.each(['events', 'answer_secrets'])('to empty %s', (table) => refused(`truncate ${table}`, KEPT));

  test('a status that makes no new version, or skips one, but not a version without a status', async () => {
    const because = 'a change of status makes exactly one new version';
    await refused(`update approval_requests set status = 'failed'`, because);
    await refused(`update approval_requests set status = 'failed', version = version + 2`, because);
    await world.db.execute(sql`update approval_requests set version = version + 2`);
  });

  test('to change a secret, or to show one again', async () => {
    const shown = `ciphertext = null, revealed_at = now(), revealed_by = 'prs_priya'`;
    const kept = `where label = 'Kept'`;
    await refused(`update answer_secrets set ${shown} where label = 'Shown'`, SHOWN_ONCE);
    await refused(`update answer_secrets set ciphertext = 'other' ${kept}`, SHOWN_ONCE);
    await refused(`update answer_secrets set ${shown}, label = 'Other' ${kept}`, SHOWN_ONCE);
    await refused(`update answer_secrets set ${shown}, request_id = 'apr_other' ${kept}`, SHOWN_ONCE);
    await refused(`update answer_secrets set revealed_at = now(), revealed_by = 'prs_priya' ${kept}`, SHOWN_ONCE);
    await world.db.execute(sql.raw(`update answer_secrets set ${shown} ${kept}`));
  });
});
