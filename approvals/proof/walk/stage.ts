import { randomUUID } from 'node:crypto';
import { type SQL, sql } from 'drizzle-orm';
import { agents, people } from '#db/schema.ts';
import { createTestDatabase } from '#db/test-database.ts';
import type { Actor } from '#identity/actor.ts';
import { people as cast, tokens } from '#pagerduty/fake/company.ts';
import { type FakePagerDuty, startFakePagerDuty } from '#pagerduty/fake/server/server.ts';
import { createOnCallReader, type OnCall, type OnCallReader } from '#pagerduty/on-call.ts';
import { createReadClient } from '#pagerduty/read-client.ts';
import { createWriteClient, type WriteClient } from '#pagerduty/write-client.ts';
import { silentLog } from '#process/log.ts';
import type { Context } from '../../context.ts';
import { LIMITS } from '../../limits.ts';
import { createTouchedReader } from '../../touched.ts';
import type { LedgerEntry } from '../invariants.ts';
import { openSlowLine } from './slow-line.ts';

/** The reviewers r1 and r2 of the model: on call for every incident of a walk, at levels 1 and 2. */
export const REVIEWERS = ['priya', 'marco'] as const;

/** Whom a walk needs; each walk has an agent and people of its own. */
type Role = (typeof REVIEWERS)[number] | 'dana' | 'sam';

/** A clock that only a walk moves; every walk begins at the same time. */
export class WalkClock {
  ms = Date.UTC(2026, 0, 5, 9, 0, 0);
  readonly now = (): SQL<Date> => sql<Date>`${new Date(this.ms).toISOString()}::timestamptz`;
}

/** One database for many walks, and everything PagerDuty applied in any of them. */
export async function openStage() {
  const database = await createTestDatabase();
  return { db: database.db, ledger: [] as LedgerEntry[], close: () => database.drop() };
}
export type Stage = Awaited<ReturnType<typeof openStage>>;

async function hire({ db }: Stage): Promise<{ agentId: string; agentName: string; ids: Record<Role, string> }> {
  // The PagerDuty link is unique, so whoever had it in an earlier walk gives it up.
  await db.update(people).set({ pagerdutyUserId: null, active: false });
  const walk = randomUUID().slice(0, 8);
  const roles: Role[] = [...REVIEWERS, 'dana', 'sam'];
  await db.insert(people).values(
    roles.map((role) => ({
      id: `prs_${role}_${walk}`,
      name: cast[role].name,
      email: `${role}.${walk}@northwind.example`,
      pagerdutyUserId: cast[role].id,
      fallback: role === 'sam',
    })),
  );
  const ids = {
    priya: `prs_priya_${walk}`,
    marco: `prs_marco_${walk}`,
    dana: `prs_dana_${walk}`,
    sam: `prs_sam_${walk}`,
  };
  await db.insert(agents).values({ id: `agt_${walk}`, name: `walk-${walk}`, ownerId: ids.dana });
  return { agentId: `agt_${walk}`, agentName: `walk-${walk}`, ids };
}

/** So long that no machine is too slow: an answer that was given up would be in no seed. */
const PATIENCE_MS = 120_000;

/** A port of this machine where nobody listens. */
const NOBODY = 'http://127.0.0.1:9';

/** What one walk happens on: a fresh company, a new agent, and several ways to PagerDuty. */
export async function openScene(stage: Stage) {
  const { db } = stage;
  const clock = new WalkClock();
  const fake: FakePagerDuty = await startFakePagerDuty({ now: () => new Date(clock.ms) });
  const line = await openSlowLine(() => fake.url);
  const { agentId, ids } = await hire(stage);
  const pagerduty = createReadClient({
    baseUrl: fake.url,
    token: tokens.accountRead,
    timeoutMs: PATIENCE_MS,
    tries: 1,
  });
  const reader = createOnCallReader(pagerduty, () => clock.ms);
  let lastReading: OnCall | null = null;
  const onCall: OnCallReader = {
    async get(policyIds, maxAgeSeconds) {
      lastReading = await reader.get(policyIds, maxAgeSeconds);
      return lastReading;
    },
  };
  const writer = (baseUrl: string): WriteClient =>
    createWriteClient({ baseUrl, token: tokens.accountFull, timeoutMs: PATIENCE_MS });
  const as = (actor: Actor): Context => ({
    db,
    pagerduty,
    onCall,
    touched: createTouchedReader(pagerduty),
    actor,
    now: clock.now,
    limits: LIMITS,
    secretsKey: null,
    toolsets: null,
    log: silentLog,
  });

  return {
    db,
    clock,
    fake,
    agentId,
    ids,
    line,
    /** What the store was told last about who is on call. */
    lastReading: () => lastReading,
    forgetReading: () => {
      lastReading = null;
    },
    writers: { straight: writer(fake.url), broken: writer(NOBODY), slow: writer(line.url) },
    agent: as({ kind: 'agent', agentId }),
    person: (role: Role) => as({ kind: 'person', personId: ids[role], surface: 'web' }),
    system: (part: Extract<Actor, { kind: 'system' }>['part']) => as({ kind: 'system', part }),
    async close() {
      stage.ledger.push(...fake.ledger());
      await Promise.all([line.close(), fake.close()]);
    },
  };
}
export type WalkScene = Awaited<ReturnType<typeof openScene>>;
