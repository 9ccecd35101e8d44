import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { and, eq, isNull } from 'drizzle-orm';
import { LIMITS } from '#approvals/limits.ts';
import { databaseClock } from '#db/clock.ts';
import { connect, type Database } from '#db/connection.ts';
import { sha256 } from '#db/ids.ts';
import { agentCredentials, agents, slackIdentities } from '#db/schema.ts';
import { createAgent, issueCredential } from '#identity/agents.ts';
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
  signInLinks: Record<DemoPerson, string>;
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

/** The invented company must never be let into a real one. */
async function refuseRealCompany(db: Database): Promise<void> {
  const invented = new Set<string>(Object.values(cast).map(({ id }) => id));
  const real = (await listPeople({ db })).filter(({ pagerdutyUserId }) => !invented.has(pagerdutyUserId ?? ''));
  if (real.length > 0) {
    throw new SettingError(
      'The database in DATABASE_URL has people of a real company: set PAGERDUTY_READ_TOKEN and PAGERDUTY_WRITE_TOKEN.',
    );
  }
}

async function keepAgentToken(db: Database, dataDir: string, agentId: string): Promise<string> {
  const file = join(dataDir, DEMO_TOKEN_FILE);
  const token = (await readFile(file, 'utf8').catch(() => '')).trim();
  const live = await db.query.agentCredentials.findFirst({
    where: and(
      eq(agentCredentials.agentId, agentId),
      eq(agentCredentials.tokenHash, sha256(token)),
      isNull(agentCredentials.revokedAt),
    ),
  });
  if (!live) {
    await mkdir(dataDir, { recursive: true });
    await writeFile(file, `${await issueCredential({ db, now: databaseClock }, DEMO_AGENT)}\n`, { mode: 0o600 });
    await chmod(file, 0o600);
  }
  return file;
}

/** Linked from the start, as if each had confirmed it. Lena is left to try it. */
const LINKED_IN_SLACK: readonly DemoPerson[] = ['priya', 'marco', 'sam', 'ruth', 'dana'];

async function linkInSlack(db: Database, name: DemoPerson, personId: string): Promise<void> {
  if (!LINKED_IN_SLACK.includes(name)) return;
  if (await db.query.slackIdentities.findFirst({ where: eq(slackIdentities.personId, personId) })) return;
  const { id: userId, realName: userName, email } = workspace.users[name];
  const ctx = { db, now: databaseClock, limits: LIMITS, log: silentLog };
  const user = { teamId: workspace.team.id, userId, enterpriseId: null, userName, email };
  const token = await startSlackLink(ctx, user);
  await confirmSlackLink({ ...ctx, actor: { kind: 'person', personId, surface: 'web' } }, token);
}

/** Puts people and the demo agent of the invented company in place, again and again without harm. */
export async function seed(options: SeedOptions): Promise<Seeded> {
  const db = connect(options.databaseUrl, { max: 2 });
  const now = databaseClock;
  const pagerduty = createReadClient({ baseUrl: options.pagerdutyUrl, token: options.pagerdutyToken });
  try {
    await refuseRealCompany(db);
    const signInLinks: Record<DemoPerson, string> = { priya: '', marco: '', lena: '', sam: '', ruth: '', dana: '' };
    let ownerId: string | null = null;
    for (const name of DEMO_PEOPLE) {
      const input = { pagerdutyUserId: cast[name].id, fallback: name === 'sam' || name === 'ruth' };
      const person = await linkPerson({ db, pagerduty }, input);
      if (name === 'dana') ownerId = person.id;
      if (options.slack) await linkInSlack(db, name, person.id);
      const token = await createSignInLink({ db, now }, person.id, LINK_SECONDS);
      signInLinks[name] = `${options.publicUrl}/sign-in?token=${token}`;
    }
    // The playable Slack starts empty, with no message of the time before.
    if (options.slack) await forgetDeliveries({ db, now }, 'slack');
    const known = await db.query.agents.findFirst({ where: eq(agents.name, DEMO_AGENT) });
    const agent = known ?? (await createAgent({ db, now }, { name: DEMO_AGENT, ownerId }));
    const agentTokenFile = await keepAgentToken(db, options.dataDir, agent.id);
    return { signInLinks, agentTokenFile };
  } finally {
    await db.$client.end();
  }
}
