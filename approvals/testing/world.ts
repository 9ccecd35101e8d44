import { createSecretKey, randomBytes } from 'node:crypto';
import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '#db/connection.ts';
import { agents, people } from '#db/schema.ts';
import { createTestDatabase } from '#db/test-database.ts';
import type { Actor } from '#identity/actor.ts';
import { people as cast, tokens } from '#pagerduty/fake/company.ts';
import { startFakePagerDuty } from '#pagerduty/fake/server/server.ts';
import { createOnCallReader } from '#pagerduty/on-call.ts';
import { createReadClient } from '#pagerduty/read-client.ts';
import { createWriteClient } from '#pagerduty/write-client.ts';
import { silentLog } from '#process/log.ts';
import { claim } from '../claim.ts';
import type { Context } from '../context.ts';
import { LIMITS, type Limits } from '../limits.ts';
import { review } from '../review.ts';
import { recordOutcome, send } from '../send.ts';
import { submit } from '../submit.ts';
import { createTouchedReader } from '../touched.ts';

export type Cast = keyof typeof cast;

const secretsKey = createSecretKey(randomBytes(32));

/**
 * A clock that stands still until a test moves it, as SQL like the database's own. The playable PagerDuty goes by it too:
 * evidence is a matter of seconds between two clocks, and a test may take many.
 */
export class TestClock {
  /** Null: it goes as the machine's does. */
  #at: number | null = Date.now();
  /** How far it is ahead of the machine's while it goes. */
  #ahead = 0;
  readonly date = (): Date => new Date(this.#at ?? Date.now() + this.#ahead);
  readonly now = (): SQL<Date> => sql<Date>`${this.date().toISOString()}::timestamptz`;
  advance(seconds: number): void {
    if (this.#at === null) this.#ahead += seconds * 1000;
    else this.#at += seconds * 1000;
  }
  /** For what counts by the database's own clock. */
  run(): void {
    this.#at = null;
    this.#ahead = 0;
  }
  /** Sets it to the time of the machine, where that is made up. */
  synchronize(): void {
    this.#at = Date.now();
  }
}

/** Everybody of Northwind Parcel, and two agents. @returns the ids of the people. */
async function hire(db: Database): Promise<Record<Cast, string>> {
  const ids = Object.fromEntries(Object.keys(cast).map((name) => [name, `prs_${name}`])) as Record<Cast, string>;
  await db.insert(people).values(
    Object.entries(cast).map(([name, user]) => ({
      id: `prs_${name}`,
      name: user.name,
      email: user.email,
      pagerdutyUserId: user.id,
      fallback: name === 'sam',
    })),
  );
  await db.insert(agents).values([
    { id: 'agt_triage', name: 'triage-bot', ownerId: ids.dana },
    { id: 'agt_other', name: 'other-bot', ownerId: ids.ruth },
  ]);
  return ids;
}

/**
 * A database of its own, a playable PagerDuty over HTTP, everybody of Northwind Parcel, and two agents. The clients are
 * as patient as in truth: on a busy machine an answer that is late is no other answer.
 */
export async function createWorld(limits: Partial<Limits> = {}) {
  const database = await createTestDatabase();
  // After the database, which has rows that are due from its making on.
  const clock = new TestClock();
  const fake = await startFakePagerDuty({ now: clock.date });
  const pagerduty = createReadClient({ baseUrl: fake.url, token: tokens.accountRead, tries: 1 });
  const writer = createWriteClient({ baseUrl: fake.url, token: tokens.accountFull });
  const onCall = createOnCallReader(pagerduty);
  const { db } = database;

  const ids = await hire(db);

  const as = (actor: Actor): Context => ({
    db,
    pagerduty,
    onCall,
    touched: createTouchedReader(pagerduty),
    actor,
    now: clock.now,
    limits: { ...LIMITS, ...limits },
    secretsKey,
    toolsets: null,
    log: silentLog,
  });
  const agent = as({ kind: 'agent', agentId: 'agt_triage' });
  const otherAgent = as({ kind: 'agent', agentId: 'agt_other' });
  const person = (name: Cast) => as({ kind: 'person', personId: ids[name], surface: 'web' });
  const system = as({ kind: 'system', part: 'sender' });

  return {
    db,
    fake,
    url: database.url,
    clock,
    writer,
    ids,
    as,
    agent,
    otherAgent,
    person,
    system,
    /** Holds a write that needs one approval: acknowledge the payment webhooks incident, unless told otherwise. */
    ask: async (args: { tool?: string; arguments?: Parameters<typeof submit>[1]['arguments']; reason?: string } = {}) =>
      (
        await submit(agent, {
          tool: args.tool ?? 'manage_incidents',
          arguments: args.arguments ?? { manage_request: { incident_ids: ['Q2PAYMENTHOOK1'], status: 'resolved' } },
          ...(args.reason === undefined ? {} : { reason: args.reason }),
        })
      ).request,
    approve: (request: { id: string; digest: string }, name: Cast = 'priya') =>
      review(person(name), { requestId: request.id, decision: 'approve', digest: request.digest }),
    deny: (request: { id: string; digest: string }, name: Cast = 'priya', reason?: string) =>
      review(person(name), {
        requestId: request.id,
        decision: 'deny',
        digest: request.digest,
        ...(reason ? { reason } : {}),
      }),
    /** Claims, sends and records, as a worker would. */
    execute: async (requestId: string) => {
      const answer = await claim(system, requestId, 'test');
      if (answer.kind !== 'claimed') return answer;
      const outcome = await send(system, writer, answer.claim);
      return { kind: 'recorded' as const, outcome, request: await recordOutcome(system, answer.claim, outcome) };
    },
    /** Changes what no login of ours may change, as somebody would who owns the tables. */
    tamper: (statement: SQL) =>
      db.transaction(async (tx) => {
        // The triggers that keep rows as they were stand aside for this one transaction.
        await tx.execute(sql`set local session_replication_role = replica`);
        await tx.execute(statement);
      }),
    close: async () => {
      await Promise.all([database.drop(), fake.close()]);
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;
