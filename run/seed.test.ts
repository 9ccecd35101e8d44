import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { databaseClock } from '#db/clock.ts';
import { connect, type Database } from '#db/connection.ts';
import { people } from '#db/schema.ts';
import { createTestDatabase, type TestDatabase } from '#db/test-database.ts';
import { authenticateAgent, disableAgent } from '#identity/agents.ts';
import { deactivatePerson, listPeople } from '#identity/people.ts';
import { previewSignIn } from '#identity/sessions.ts';
import { linkedSlack, unlinkOwnSlack } from '#identity/slack-identities.ts';
import { people as cast, tokens } from '#pagerduty/fake/company.ts';
import { type FakePagerDuty, startFakePagerDuty } from '#pagerduty/fake/server/server.ts';
import { silentLog } from '#process/log.ts';
import { seed } from './seed.ts';

let database: TestDatabase;
let db: Database;
let fake: FakePagerDuty;
let dataDir: string;
beforeEach(async () => {
  [database, fake] = await Promise.all([createTestDatabase(), startFakePagerDuty({})]);
  db = connect(database.url, { max: 2 });
  dataDir = await mkdtemp(join(tmpdir(), 'countersign-seed-'));
});
afterEach(async () => {
  await db.$client.end();
  await Promise.all([database.drop(), fake.close(), rm(dataDir, { recursive: true })]);
});

const start = () =>
  seed({
    databaseUrl: database.url,
    pagerdutyUrl: fake.url,
    pagerdutyToken: tokens.accountRead,
    publicUrl: 'http://localhost:4600',
    dataDir,
    slack: true,
  });

const ctx = () => ({ db, now: databaseClock, toolsets: null, log: silentLog });
const signInOf = (link: string | null) =>
  previewSignIn(ctx(), new URL(link ?? 'http://nowhere').searchParams.get('token') ?? '');
const slackOf = (personId: string) =>
  linkedSlack({ db, actor: { kind: 'person', personId, surface: 'web' } }).then((linked) => linked.length);

async function known(name: keyof typeof cast) {
  const found = (await listPeople(ctx())).find(({ pagerdutyUserId }) => pagerdutyUserId === cast[name].id);
  if (found === undefined) throw new Error(`${name} is not there`);
  return found;
}

test('the invented company is put in place once, and each start gives new links', async () => {
  const [first, second] = [await start(), await start()];
  expect(await listPeople(ctx())).toHaveLength(6);
  expect(await signInOf(second.signInLinks.priya)).toMatchObject({ email: cast.priya.email, fallback: false });
  expect(await signInOf(second.signInLinks.ruth)).toMatchObject({ fallback: true });
  expect(first.signInLinks.priya).not.toBe(second.signInLinks.priya);
  expect(await slackOf((await known('priya')).id)).toBe(1);
  expect(await slackOf((await known('lena')).id)).toBe(0);
});

test('the demo agent has one credential, which nobody else can read and which lasts', async () => {
  const { agentTokenFile } = await start();
  const token = (await readFile(agentTokenFile, 'utf8')).trim();
  expect(await authenticateAgent(ctx(), token)).toMatchObject({ name: 'triage-bot', canWrite: true });
  expect((await stat(agentTokenFile)).mode & 0o777).toBe(0o600);
  await start();
  expect((await readFile(agentTokenFile, 'utf8')).trim()).toBe(token);
  await disableAgent(ctx(), 'triage-bot');
  await start();
  expect((await readFile(agentTokenFile, 'utf8')).trim()).toBe(token);
  expect(await authenticateAgent(ctx(), token)).toBeNull();
});

test('whoever was removed or unlinked stays so at the next start', async () => {
  await start();
  const marco = await known('marco');
  await deactivatePerson(ctx(), cast.lena.email);
  await unlinkOwnSlack({ ...ctx(), actor: { kind: 'person', personId: marco.id, surface: 'web' } });
  const { signInLinks } = await start();
  expect(signInLinks.lena).toBeNull();
  expect(await known('lena')).toMatchObject({ active: false });
  expect(await signInOf(signInLinks.marco)).toMatchObject({ email: cast.marco.email });
  expect(await slackOf(marco.id)).toBe(0);
});

test('the invented company is not let into the database of a real one', async () => {
  await db.insert(people).values({ id: 'prs_real', name: 'R', email: 'r@real.example', pagerdutyUserId: 'PREAL' });
  await expect(start()).rejects.toThrow(/^The database in DATABASE_URL has people of a real company/);
  expect(await listPeople(ctx())).toHaveLength(1);
});
