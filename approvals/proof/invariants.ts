import { type SQL, sql } from 'drizzle-orm';
import type { Database } from '#db/connection.ts';
import { canonicalText, shownFrom } from '../canonical.ts';
import { following, isFinal, MEANING, STATUSES } from '../lifecycle.ts';

/** A write as PagerDuty got it. */
export interface LedgerEntry {
  method: string;
  path: string;
  /** The exact text of the body; empty = none. */
  bodyText: string;
}

export interface Broken {
  /** The number of the invariant, as in `model/properties.ts`. */
  id: string;
  says: string;
  /** Ids of requests. */
  requests: string[];
}

/** A database or a transaction. */
type Queried = Pick<Database, 'execute'>;

interface Invariant {
  id: string;
  says: string;
  /** Selects `id` of every request that breaks it. */
  find: SQL;
}

const list = (values: readonly string[]) =>
  sql.join(
    values.map((value) => sql`${value}`),
    sql`, `,
  );

const finals = list(STATUSES.filter(isFinal));
const legal = sql.join(
  STATUSES.flatMap((from) => following(from).map((to) => sql`(${from}::text, ${to}::text)`)),
  sql`, `,
);

/** Everybody whose approval of these bytes was there at the claim. */
const approversAtClaim = sql`
  (select count(distinct v.person_id) from reviews v
   where v.request_id = r.id and v.decision = 'approve' and v.digest = r.digest and v.at <= a.claimed_at)`;

const INVARIANTS: readonly Invariant[] = [
  {
    id: 'I1',
    says: 'what was sent, or may have been, has a claim: an attempt and its event',
    find: sql`select r.id from approval_requests r left join attempts a on a.request_id = r.id
      where (r.status in ('executing', 'unknown', 'succeeded', 'failed')) <> (a.request_id is not null)
         or (a.request_id is not null)
            <> exists (select 1 from events e where e.request_id = r.id and e.to_status = 'executing')`,
  },
  {
    id: 'I1',
    says: 'what was claimed had its quorum for its digest',
    find: sql`select r.id from approval_requests r join attempts a on a.request_id = r.id
      where ${approversAtClaim} < r.reviews_required`,
  },
  {
    id: 'I2',
    says: 'a request is claimed at most once',
    find: sql`select request_id as id from events where to_status = 'executing' group by request_id having count(*) > 1`,
  },
  {
    id: 'I3',
    says: 'one digest: of the stored text, of every approval, of the attempt',
    find: sql`select r.id from approval_requests r
      where r.digest <> encode(sha256(convert_to(r.canonical, 'UTF8')), 'hex')
         or exists (select 1 from reviews v where v.request_id = r.id and v.decision = 'approve' and v.digest <> r.digest)
         or exists (select 1 from attempts a where a.request_id = r.id and a.digest <> r.digest)`,
  },
  {
    id: 'I4',
    says: 'a final status is never left, and every move is one of the table',
    find: sql`select e.request_id as id from events e
      where (e.version > 1) <> (e.from_status is not null)
         or (e.from_status::text in (${finals}) and e.from_status <> e.to_status)
         or (e.version = 1 and e.to_status not in ('pending', 'blocked'))
         or (e.from_status <> e.to_status and (e.from_status::text, e.to_status::text) not in (${legal}))`,
  },
  {
    id: 'I5',
    says: 'one event for every version, each going on where the one before ended',
    find: sql`select r.id from approval_requests r
      left join lateral (
        select count(*) as made, max(version) as newest, min(version) as oldest,
               bool_and(e.from_status is not distinct from e.before) as connected
        from (select version, from_status,
                     lag(to_status) over (order by version) as before
              from events where request_id = r.id) e
      ) e on true
      where e.made <> r.version or e.newest <> r.version or e.oldest <> 1 or not e.connected
         or r.status is distinct from
            (select to_status from events where request_id = r.id order by version desc limit 1)`,
  },
  {
    id: 'I6',
    says: 'nothing is approved or claimed at or after its expiry',
    find: sql`select r.id from approval_requests r
      where exists (select 1 from reviews v where v.request_id = r.id and v.decision = 'approve' and v.at >= r.expires_at)
         or exists (select 1 from events e where e.request_id = r.id and e.to_status = 'approved' and e.at >= r.expires_at)
         or exists (select 1 from attempts a where a.request_id = r.id and a.claimed_at >= r.approval_expires_at)`,
  },
  {
    id: 'I7',
    says: 'nobody reviews what they or an agent of theirs asked for',
    find: sql`select r.id from approval_requests r join reviews v on v.request_id = r.id
      where v.person_id in (r.owner_id, r.acts_for_id, r.proposed_by)`,
  },
  {
    id: 'I10',
    says: 'what was denied was never claimed',
    find: sql`select v.request_id as id from reviews v join attempts a on a.request_id = v.request_id
      where v.decision = 'deny'`,
  },
  {
    id: 'I12',
    says: 'nothing is claimed for an agent that was switched off before',
    find: sql`select r.id from approval_requests r join attempts a on a.request_id = r.id
      join agents g on g.id = r.agent_id where r.proposed_by is null and g.disabled_at < a.claimed_at`,
  },
  {
    id: 'I13',
    says: 'what is open has a time at which somebody looks at it again',
    find: sql`select r.id from approval_requests r left join attempts a on a.request_id = r.id
      where (r.status = 'approved' and r.approval_expires_at is null)
         or (r.status = 'executing' and a.deadline_at is null)
         or (r.status = 'unknown' and r.settle_after is null)
         or ((r.status::text in (${finals})) <> (r.finished_at is not null))`,
  },
  {
    id: 'I14',
    says: 'a request holds its subjects exactly while it executes',
    find: sql`select r.id from approval_requests r join request_subjects s on s.request_id = r.id
      where s.executing <> (r.status = 'executing')`,
  },
  {
    id: 'I14',
    says: 'two requests never execute on one subject at the same time',
    find: sql`with spans as (
        select s.subject, e.request_id as id, e.id as taken,
               coalesce((select min(n.id) from events n where n.request_id = e.request_id and n.version > e.version),
                        9223372036854775807) as left_at
        from events e join request_subjects s on s.request_id = e.request_id where e.to_status = 'executing')
      select a.id from spans a join spans b on a.subject = b.subject and a.id <> b.id
      where a.taken < b.taken and b.taken < a.left_at`,
  },
  {
    id: 'I15',
    says: 'what a newer ask replaced was never claimed',
    find: sql`select e.request_id as id from events e join attempts a on a.request_id = e.request_id
      where e.detail ? 'supersededBy'`,
  },
  {
    id: 'I16',
    says: 'what a human proposed undoes what was applied, within the chain of what it undoes',
    find: sql`select r.id from approval_requests r join approval_requests o on o.id = r.linked_to
      where r.proposed_by is not null
        and (o.status <> 'succeeded' or o.finished_at > r.created_at
             or (r.owner_id, r.acts_for_id) is distinct from (o.owner_id, o.acts_for_id))`,
  },
  {
    id: 'I17',
    says: 'a secret is gone exactly when an event says that it was shown, by whom',
    find: sql`select s.request_id as id from answer_secrets s
      left join lateral (
        select count(*) as times, min(e.actor ->> 'personId') as by from events e
        where e.request_id = s.request_id and e.detail ->> 'revealed' = s.label
      ) e on true
      where e.times <> (case when s.revealed_at is null then 0 else 1 end) or e.by is distinct from s.revealed_by`,
  },
];

interface Sent {
  id: string;
  status: (typeof STATUSES)[number];
  canonical: string;
}

const wire = (entry: LedgerEntry) => `${entry.method} ${entry.path} ${entry.bodyText}`;

/**
 * Compares what PagerDuty applied with what became of the requests. Requests with the same bytes (a retry) are counted
 * together, because the bytes are all that PagerDuty sees.
 */
function compareLedger(rows: readonly Sent[], ledger: readonly LedgerEntry[]): Broken[] {
  const groups = new Map<string, Sent[]>();
  for (const row of rows) {
    const { method, path, body } = shownFrom(row.canonical).call;
    const key = wire({ method, path, bodyText: body === null ? '' : canonicalText(body) });
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const applied = new Map<string, number>();
  for (const entry of ledger) applied.set(wire(entry), (applied.get(wire(entry)) ?? 0) + 1);
  const foreign = [...applied.keys()].filter((key) => !groups.has(key));
  const broken: Broken[] = foreign.map((key) => ({
    id: 'I3',
    says: `PagerDuty applied only bytes that were shown, not ${key.slice(0, 200)}`,
    requests: [],
  }));
  for (const [key, group] of groups) {
    const times = applied.get(key) ?? 0;
    const requests = group.map(({ id }) => id);
    const may = group.filter(({ status }) => MEANING[status].ran !== false).length;
    const must = group.filter(({ status }) => MEANING[status].ran === true).length;
    if (times > may)
      broken.push({ id: 'I8', says: 'what PagerDuty applied is executing, unknown or succeeded', requests });
    if (times < must) broken.push({ id: 'I9', says: 'what succeeded was applied', requests });
  }
  return broken;
}

/**
 * Looks for requests that break a rule of the lifecycle.
 * @param ledger every write PagerDuty applied since the first request of this database; compared if given.
 * @returns nothing when all is well.
 */
export async function findBroken(db: Queried, ledger?: readonly LedgerEntry[]): Promise<Broken[]> {
  const broken: Broken[] = [];
  for (const { id, says, find } of INVARIANTS) {
    const { rows } = await db.execute<{ id: string }>(find);
    if (rows.length > 0) broken.push({ id, says, requests: [...new Set(rows.map((row) => row.id))] });
  }
  if (ledger !== undefined) {
    const { rows } = await db.execute<{ id: string; status: Sent['status']; canonical: string }>(
      sql`select id, status, canonical from approval_requests`,
    );
    broken.push(...compareLedger(rows, ledger));
  }
  return broken;
}

/** @throws Error that names every broken rule and the requests that break it. */
export async function assertInvariants(db: Queried, ledger?: readonly LedgerEntry[]): Promise<void> {
  const broken = await findBroken(db, ledger);
  if (broken.length === 0) return;
  const lines = broken.map(({ id, says, requests }) => `${id}: ${says}: ${requests.join(', ')}`);
  throw new Error(`The store breaks its rules.\n${lines.join('\n')}`);
}
