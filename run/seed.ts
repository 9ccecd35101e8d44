import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LIMITS } from '#approvals/limits.ts';
import { databaseClock } from '#db/clock.ts';
import { connect, type Database } from '#db/connection.ts';
import { authenticateAgent, createAgent, issueCredential, listAgents } from '#identity/agents.ts';
import { linkPerson, listPeople } from '#identity/people.ts';
import { createSignInLink } from '#identity/sessions.ts';
import { confirmSlackLink, startSlackLink } from '#identity/slack-identities.ts';
import { people as cast } from '#pagerduty/fake/company.ts';
import { createReadClient } from '#pagerduty/read-client.ts';
import { SettingError } from '#process/errors.ts';
import { silentLog } from '#process/log.ts';
import * as workspace from '#slack/fake/company.ts';
import { forgetDeliveries } from './forget-deliveries.ts';

export const DEMO_AGENT = 'triage-bot';
export const DEMO_TOKEN_FILE = 'demo-agent.token';
/** Who can sign in after a first start. Sam and Ruth are the fallback group, so that what takes two can be finished; Dana owns the demo agent. */
const DEMO_PEOPLE = ['priya', 'marco', 'lena', 'sam', 'ruth', 'dana'] as const;
export type DemoPerson = (typeof DEMO_PEOPLE)[number];

/** Twelve hours: whoever starts the demonstration may come back to it after lunch. */
const LINK_SECONDS = 12 * 3600;

export interface Seeded {
  /** Null for whoever was removed. */
  signInLinks: Record<DemoPerson, string | null>;
  agentTokenFile: string;
}

export interface SeedOptions {
  databaseUrl: string;
  pagerdutyUrl: string;
  pagerdutyToken: string;
  publicUrl: string;
  dataDir: string;
  /** Whether the playable Slack runs too. */
  slack: boolean;
}

type Known = Awaited<ReturnType<typeof listPeople>>;

/** The invented company must never be let into a real one. */
function refuseRealCompany(known: Known): void {
  const invented = new Set<string>(Object.values(cast).map(({ id }) => id));
  if (known.every(({ pagerdutyUserId }) => invented.has(pagerdutyUserId ?? ''))) return;
  throw new SettingError(
    'The database in DATABASE_URL has people of a real company: set PAGERDUTY_READ_TOKEN and PAGERDUTY_WRITE_TOKEN.',
  );
}

/** Linked from the start, as if each had confirmed it. Lena is left to try it. */
const LINKED_IN_SLACK: readonly DemoPerson[] = ['priya', 'marco', 'sam', 'ruth', 'dana'];

async function linkInSlack(db: Database, name: DemoPerson, personId: string): Promise<void> {
  if (!LINKED_IN_SLACK.includes(name)) return;
  const { id: userId, realName: userName, email } = workspace.users[name];
  const ctx = { db, now: databaseClock, limits: LIMITS, log: silentLog };
  const user = { teamId: workspace.team.id, userId, enterpriseId: null, userName, email };
  const token = await startSlackLink(ctx, user);
  await confirmSlackLink({ ...ctx, actor: { kind: 'person', personId, surface: 'web' } }, token);
}

/** Lets in whoever is not there yet. Whom somebody removed or changed since stays as they are. */
async function letIn(db: Database, known: Known, options: SeedOptions): Promise<Map<DemoPerson, string>> {
  const pagerduty = createReadClient({ baseUrl: options.pagerdutyUrl, token: options.pagerdutyToken });
  const ids = new Map<DemoPerson, string>();
  for (const name of DEMO_PEOPLE) {
    const before = known.find(({ pagerdutyUserId }) => pagerdutyUserId === cast[name].id);
    const input = { pagerdutyUserId: cast[name].id, fallback: name === 'sam' || name === 'ruth' };
    const { id } = before ?? (await linkPerson({ db, pagerduty }, input));
    if (before === undefined && options.slack) await linkInSlack(db, name, id);
    ids.set(name, id);
  }
  return ids;
}

async function linkToSignIn(db: Database, personId: string, publicUrl: string): Promise<string> {
  const token = await createSignInLink({ db, now: databaseClock }, personId, LINK_SECONDS);
  return `${publicUrl}/sign-in?token=${token}`;
}

/** The demo agent, with a credential that works in a file; one that was switched off stays so. */
async function keepAgent(db: Database, ownerId: string | null, dataDir: string): Promise<string> {
  const ctx = { db, now: databaseClock, toolsets: null };
  const file = join(dataDir, DEMO_TOKEN_FILE);
  const known = (await listAgents(ctx)).find(({ name }) => name === DEMO_AGENT);
  if (known === undefined) await createAgent(ctx, { name: DEMO_AGENT, ownerId });
  const token = (await readFile(file, 'utf8').catch(() => '')).trim();
  if (known?.disabledAt || (await authenticateAgent(ctx, token))?.name === DEMO_AGENT) return file;
  await mkdir(dataDir, { recursive: true });
  await writeFile(file, `${await issueCredential(ctx, DEMO_AGENT)}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
  return file;
}

/** Puts people and the demo agent of the invented company in place, again and again without harm. */
export async function seed(options: SeedOptions): Promise<Seeded> {
  const db = connect(options.databaseUrl, { max: 2 });
  try {
    const known = await listPeople({ db });
    refuseRealCompany(known);
    const ids = await letIn(db, known, options);
    const signInLinks: Seeded['signInLinks'] = {
      priya: null,
      marco: null,
      lena: null,
      sam: null,
      ruth: null,
      dana: null,
    };
    for (const [name, id] of ids) {
      // A link for somebody who was removed would wait for the day they come back.
      const removed = known.some((person) => person.id === id && !person.active);
      if (!removed) signInLinks[name] = await linkToSignIn(db, id, options.publicUrl);
    }
    // The playable Slack starts empty, with no message of the time before.
    if (options.slack) await forgetDeliveries({ db, now: databaseClock }, 'slack');
    return { signInLinks, agentTokenFile: await keepAgent(db, ids.get('dana') ?? null, options.dataDir) };
  } finally {
    await db.$client.end();
  }
}
