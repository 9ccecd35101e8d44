import { sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigserial,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgEnum,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core';

/** What an approval request can be; `approvals/lifecycle.ts` says which may follow which. */
export const requestStatus = pgEnum('request_status', [
  'blocked',
  'pending',
  'approved',
  'executing',
  'succeeded',
  'failed',
  'unknown',
  'denied',
  'expired',
  'cancelled',
  'stale',
]);
export const risk = pgEnum('risk', ['low', 'medium', 'high', 'critical']);
export const decision = pgEnum('decision', ['approve', 'deny']);
export const callOutcome = pgEnum('call_outcome', ['applied', 'rejected', 'unknown']);

export type RequestStatus = (typeof requestStatus.enumValues)[number];
export type Risk = (typeof risk.enumValues)[number];
export type Decision = (typeof decision.enumValues)[number];

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });

/**
 * A human who may sign in. `pagerdutyUserId` is the explicit link that gives rights; an e-mail alone never does.
 * The id never changes; a person is deactivated, not deleted, because reviews point here.
 */
export const people = pgTable(
  'people',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    email: text().notNull(),
    pagerdutyUserId: text('pagerduty_user_id'),
    /** Member of the fallback group, who may decide when nobody on call can. */
    fallback: boolean().notNull().default(false),
    active: boolean().notNull().default(true),
    createdAt: at('created_at').notNull().defaultNow(),
  },
  (t) => [uniqueIndex('people_email').on(t.email), uniqueIndex('people_pagerduty_user').on(t.pagerdutyUserId)],
);

/** A one-use sign-in link, stored by hash. `usedAt` is written once and never cleared. */
export const signInLinks = pgTable('sign_in_links', {
  tokenHash: text('token_hash').primaryKey(),
  personId: text('person_id')
    .notNull()
    .references(() => people.id),
  expiresAt: at('expires_at').notNull(),
  usedAt: at('used_at'),
});

/** A signed-in browser, stored by hash of its cookie. The person never changes; signing out deletes the row. */
export const sessions = pgTable('sessions', {
  tokenHash: text('token_hash').primaryKey(),
  personId: text('person_id')
    .notNull()
    .references(() => people.id),
  createdAt: at('created_at').notNull().defaultNow(),
  expiresAt: at('expires_at').notNull(),
});

/**
 * An AI agent that may ask. Its owner and the person it acts for can never approve what it asks.
 * The id and name never change; `disabledAt` stops it at once, also for requests that are already approved.
 */
export const agents = pgTable(
  'agents',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    ownerId: text('owner_id').references(() => people.id),
    actsForId: text('acts_for_id').references(() => people.id),
    canWrite: boolean('can_write').notNull().default(true),
    /** Names of its toolsets; null = those of the installation. */
    toolsets: text().array(),
    createdAt: at('created_at').notNull().defaultNow(),
    disabledAt: at('disabled_at'),
  },
  (t) => [uniqueIndex('agents_name').on(t.name)],
);

/** A bearer credential of one agent, stored by hash. Revoking is for ever. */
export const agentCredentials = pgTable('agent_credentials', {
  id: text().primaryKey(),
  agentId: text('agent_id')
    .notNull()
    .references(() => agents.id),
  tokenHash: text('token_hash').notNull().unique(),
  createdAt: at('created_at').notNull().defaultNow(),
  lastUsedAt: at('last_used_at'),
  revokedAt: at('revoked_at'),
});

/**
 * One held write. What was asked, shown and digested never changes after the insert (a trigger holds it);
 * status and version change only through `approvals/transition.ts`, one event row each time.
 */
export const approvalRequests = pgTable(
  'approval_requests',
  {
    id: text().primaryKey(),
    agentId: text('agent_id')
      .notNull()
      .references(() => agents.id),
    tool: text().notNull(),
    toolVersion: integer('tool_version').notNull(),
    /** RFC 8785 text of {tool, toolVersion, input, call, before}: shown, digested, and the source of the HTTP body. */
    canonical: text().notNull(),
    /** Lower-case hex SHA-256 of `canonical`. */
    digest: text().notNull(),
    argumentsDigest: text('arguments_digest').notNull(),
    idempotencyKey: text('idempotency_key'),
    supersedeKey: text('supersede_key'),
    /** The asker's own words: the agent's, or the note of whoever proposed it. Never verified, never sent to PagerDuty. */
    agentReason: text('agent_reason'),
    risk: risk().notNull(),
    riskReasons: jsonb('risk_reasons').$type<string[]>().notNull(),
    reviewsRequired: smallint('reviews_required').notNull(),
    /** `Summary` of `pagerduty/write-tool.ts`. */
    summary: jsonb().notNull(),
    /** The full reading of PagerDuty at submission, in the tool's own `Before` shape. */
    before: jsonb().notNull(),
    /** `Undo` of `pagerduty/write-tool.ts`. */
    undo: jsonb().notNull(),
    /** Ids of the escalation policies whose on-call people may review. */
    escalationPolicyIds: text('escalation_policy_ids').array().notNull(),
    /** Hidden or suspicious text found in the arguments, as sentences. */
    findings: jsonb().$type<string[]>().notNull(),
    ownerId: text('owner_id').references(() => people.id),
    actsForId: text('acts_for_id').references(() => people.id),
    /** The request this one undoes. */
    linkedTo: text('linked_to').references((): AnyPgColumn => approvalRequests.id),
    /** The human who proposed it to undo `linkedTo`; null for what an agent asks. Can never approve it. */
    proposedBy: text('proposed_by').references(() => people.id),

    status: requestStatus().notNull(),
    version: integer().notNull(),
    /** One sentence: why the status is what it is. */
    because: text(),
    createdAt: at('created_at').notNull(),
    expiresAt: at('expires_at').notNull(),
    approvedAt: at('approved_at'),
    approvalExpiresAt: at('approval_expires_at'),
    settleAfter: at('settle_after'),
    finishedAt: at('finished_at'),
    /** What PagerDuty answered, as far as the agent may see it. */
    result: jsonb(),

    /** Not part of the life: which worker looks at the row until when, and whether the agent got its handle. */
    leasedUntil: at('leased_until'),
    deliveredAt: at('delivered_at'),
  },
  (t) => [
    uniqueIndex('one_open_request_per_ask')
      .on(t.agentId, t.tool, t.argumentsDigest, sql`coalesce(${t.idempotencyKey}, '')`)
      .where(sql`proposed_by is null and status in ('pending', 'approved', 'executing', 'unknown')`),
    uniqueIndex('one_open_proposal')
      .on(t.linkedTo)
      .where(sql`proposed_by is not null and status in ('pending', 'approved', 'executing', 'unknown')`),
    uniqueIndex('idempotency_key_once').on(t.agentId, t.idempotencyKey).where(sql`idempotency_key is not null`),
    index('pending_by_expiry').on(t.expiresAt).where(sql`status = 'pending'`),
    index('approved_due').on(t.approvedAt).where(sql`status = 'approved'`),
    index('executing_now').on(t.id).where(sql`status = 'executing'`),
    index('unknown_to_settle').on(t.settleAfter).where(sql`status = 'unknown'`),
    index('requests_by_agent').on(t.agentId, t.createdAt),
    index('pending_by_agent').on(t.agentId).where(sql`status = 'pending' and proposed_by is null`),
    index('requests_newest').on(t.createdAt),
    index('requests_linked').on(t.linkedTo).where(sql`linked_to is not null`),
    check('digest_is_sha256', sql`digest ~ '^[0-9a-f]{64}$'`),
    check('canonical_size', sql`octet_length(canonical) <= 131072`),
    check('version_starts_at_one', sql`version >= 1`),
    check('at_least_one_review', sql`reviews_required >= 1`),
    check('expiry_after_creation', sql`expires_at > created_at`),
    check(
      'approval_has_a_term',
      sql`status not in ('approved', 'executing', 'succeeded', 'unknown') or (approved_at is not null and approval_expires_at is not null)`,
    ),
    check('a_proposal_undoes_something', sql`proposed_by is null or linked_to is not null`),
    check('unknown_is_settled_later', sql`status <> 'unknown' or settle_after is not null`),
    check(
      'final_is_finished',
      sql`(status in ('blocked', 'succeeded', 'failed', 'denied', 'expired', 'cancelled', 'stale')) = (finished_at is not null)`,
    ),
  ],
);

/**
 * What a request touches, e.g. `incident:PABC`. At most one request executes per subject: the partial unique index
 * is the lock. Rows are written with the request; only `executing` changes.
 */
export const requestSubjects = pgTable(
  'request_subjects',
  {
    requestId: text('request_id')
      .notNull()
      .references(() => approvalRequests.id),
    subject: text().notNull(),
    executing: boolean().notNull().default(false),
  },
  (t) => [
    primaryKey({ columns: [t.requestId, t.subject] }),
    uniqueIndex('one_executing_per_subject').on(t.subject).where(sql`executing`),
  ],
);

/** One person's decision on one digest. Never changed, never deleted; a person decides each way once: an approver may still deny. */
export const reviews = pgTable(
  'reviews',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    requestId: text('request_id')
      .notNull()
      .references(() => approvalRequests.id),
    personId: text('person_id')
      .notNull()
      .references(() => people.id),
    decision: decision().notNull(),
    digest: text().notNull(),
    reason: text(),
    surface: text().notNull(),
    /** Why this person was entitled, e.g. "on call for Checkout, level 1". */
    entitlement: text().notNull(),
    at: at('at').notNull(),
  },
  (t) => [uniqueIndex('one_review_per_person').on(t.requestId, t.personId, t.decision)],
);

/**
 * The one try to send a request. The primary key is the at-most-once rule: a second row for a request cannot exist.
 * `fence` is known only to the worker that claimed; nobody else can record an outcome.
 */
export const attempts = pgTable('attempts', {
  requestId: text('request_id')
    .primaryKey()
    .references(() => approvalRequests.id),
  fence: text().notNull(),
  worker: text().notNull(),
  /** PagerDuty login e-mail and user id the call is made as: the last approver's. */
  fromEmail: text('from_email').notNull(),
  fromUserId: text('from_user_id').notNull(),
  digest: text().notNull(),
  claimedAt: at('claimed_at').notNull(),
  /** After this the attempt is over whatever happened: the worker is taken for dead. */
  deadlineAt: at('deadline_at').notNull(),
  finishedAt: at('finished_at'),
  outcome: callOutcome(),
  httpStatus: integer('http_status'),
  pagerdutyRequestId: text('pagerduty_request_id'),
});

/**
 * What PagerDuty's answer told that only humans may see, once, e.g. a signing secret. Encrypted by
 * `approvals/secrets.ts`; showing it deletes the ciphertext. A trigger allows that one change and no other.
 */
export const answerSecrets = pgTable(
  'answer_secrets',
  {
    requestId: text('request_id')
      .notNull()
      .references(() => approvalRequests.id),
    /** The tool's own words for it, e.g. `Signing secret`. */
    label: text().notNull(),
    /** AES-256-GCM, bound to request and label; null once it was shown. */
    ciphertext: text(),
    revealedAt: at('revealed_at'),
    revealedBy: text('revealed_by').references(() => people.id),
  },
  (t) => [
    primaryKey({ columns: [t.requestId, t.label] }),
    check(
      'shown_once_and_gone',
      sql`(revealed_at is null) = (ciphertext is not null) and (revealed_at is null) = (revealed_by is null)`,
    ),
  ],
);

/** One row per version of a request, written in the transaction that made the version. Append-only by trigger. */
export const events = pgTable(
  'events',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    requestId: text('request_id')
      .notNull()
      .references(() => approvalRequests.id),
    version: integer().notNull(),
    fromStatus: requestStatus('from_status'),
    toStatus: requestStatus('to_status').notNull(),
    actor: jsonb().notNull(),
    because: text(),
    detail: jsonb(),
    at: at('at').notNull(),
  },
  (t) => [uniqueIndex('one_event_per_version').on(t.requestId, t.version)],
);

/**
 * A reading of PagerDuty that an agent caused, by a read or by asking for a write: which tool, on what, never the
 * answer. Written before PagerDuty is asked, so that none goes uncounted. Append-only by trigger.
 */
export const reads = pgTable(
  'reads',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    agentId: text('agent_id')
      .notNull()
      .references(() => agents.id),
    tool: text().notNull(),
    arguments: jsonb().notNull(),
    at: at('at').notNull(),
  },
  (t) => [index('reads_by_agent').on(t.agentId, t.at)],
);

/**
 * A message, thread or view outside the database that must say what is so, written in the transaction that made it due.
 * Only the newest version counts; `fence` stops a late process from closing another's lease.
 */
export const outbox = pgTable(
  'outbox',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    kind: text().notNull(),
    /** Null for what tells of several requests, e.g. a queue. */
    requestId: text('request_id').references(() => approvalRequests.id),
    /** Which of the places that tell of it, as `outbox/place.ts` writes them, e.g. `channel`, `dm:prs_…`. */
    target: text().notNull().default('channel'),
    /** What must not be written to by two at once. */
    lane: text().notNull().default('channel'),
    version: integer().notNull(),
    runAt: at('run_at').notNull(),
    attempts: integer().notNull().default(0),
    leasedUntil: at('leased_until'),
    fence: text(),
    /** Where the delivery went (for Slack: channel and message timestamp), so that it can be updated. */
    receipt: jsonb(),
    doneAt: at('done_at'),
    lastError: text('last_error'),
  },
  (t) => [
    unique('one_delivery_per_target').on(t.kind, t.requestId, t.target).nullsNotDistinct(),
    index('outbox_due').on(t.kind, t.lane, t.runAt).where(sql`done_at is null`),
    index('outbox_of_request').on(t.requestId),
    index('outbox_by_flood').on(sql`(receipt ->> 'flood')`).where(sql`receipt ? 'flood'`),
  ],
);

/** One row per place that is written to: whoever holds it is its only writer, and its pace is kept by all processes. */
export const lanes = pgTable(
  'lanes',
  {
    kind: text().notNull(),
    lane: text().notNull(),
    leasedUntil: at('leased_until'),
    fence: text(),
    /** The receiver asked for patience until then. */
    notBefore: at('not_before').notNull().defaultNow(),
    /** When it was last written to, oldest first; as many as may be sent at once. */
    recentCalls: at('recent_calls').array().notNull().default([]),
    /** New messages since `postsSince`: too many are told of in one. */
    posts: integer().notNull().default(0),
    postsSince: at('posts_since').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.kind, t.lane] })],
);

/** Who is on call for a policy as the worker last read it, for processes that have no PagerDuty credential. */
export const onCallReadings = pgTable('on_call_readings', {
  policyId: text('policy_id').primaryKey(),
  /** `OnCallEntry[]` of `pagerduty/on-call.ts`. */
  entries: jsonb().notNull(),
  readAt: at('read_at').notNull(),
});

/** What a waiting request touches as the worker last read it; both lists are null when that is no longer there. */
export const touchedReadings = pgTable('touched_readings', {
  requestId: text('request_id')
    .primaryKey()
    .references(() => approvalRequests.id),
  subjects: text().array(),
  escalationPolicyIds: text('escalation_policy_ids').array(),
  readAt: at('read_at').notNull(),
});

/** The timer of a request that waits: which step of summoning people is next, and when; null = all were summoned. */
export const routes = pgTable(
  'routes',
  {
    requestId: text('request_id')
      .primaryKey()
      .references(() => approvalRequests.id),
    /** Steps taken so far. */
    step: smallint().notNull().default(0),
    nextAt: at('next_at'),
  },
  (t) => [index('routes_due').on(t.nextAt)],
);

/** One person summoned to decide on one request. Summoned once; `endedAt` while somebody else has the shift. */
export const summonses = pgTable(
  'summonses',
  {
    requestId: text('request_id')
      .notNull()
      .references(() => approvalRequests.id),
    personId: text('person_id')
      .notNull()
      .references(() => people.id),
    /** Level of the escalation policy; 0 = the fallback group. */
    level: smallint().notNull(),
    summonedAt: at('summoned_at').notNull(),
    nudgedAt: at('nudged_at'),
    endedAt: at('ended_at'),
    /** Who has the shift now. */
    handedTo: text('handed_to'),
  },
  (t) => [primaryKey({ columns: [t.requestId, t.personId] })],
);

/** A Slack user who is a person here, because that person said so while signed in. Never made from an e-mail. */
export const slackIdentities = pgTable(
  'slack_identities',
  {
    teamId: text('team_id').notNull(),
    userId: text('user_id').notNull(),
    enterpriseId: text('enterprise_id'),
    personId: text('person_id')
      .notNull()
      .references(() => people.id),
    linkedAt: at('linked_at').notNull(),
    /** When Slack last said that this user is a full, living member. */
    checkedAt: at('checked_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.teamId, t.userId] }),
    uniqueIndex('one_slack_user_per_person').on(t.teamId, t.personId),
  ],
);

/** A one-use link with which a Slack user proves who they are, stored by hash. `usedAt` is written once. */
export const slackLinks = pgTable('slack_links', {
  tokenHash: text('token_hash').primaryKey(),
  teamId: text('team_id').notNull(),
  userId: text('user_id').notNull(),
  enterpriseId: text('enterprise_id'),
  /** As Slack shows them; only ever shown. */
  userName: text('user_name').notNull(),
  email: text(),
  expiresAt: at('expires_at').notNull(),
  usedAt: at('used_at'),
});

/** Where to write to a person in Slack, by e-mail if need be. Only for addressing: it gives no right. */
export const slackAddresses = pgTable('slack_addresses', {
  personId: text('person_id')
    .primaryKey()
    .references(() => people.id),
  /** Null = Slack knows nobody. */
  userId: text('user_id'),
  lookedUpAt: at('looked_up_at').notNull(),
});

/** What Slack sent, by hash of its bytes, so that the same is not handled twice. Old rows are deleted. */
export const slackInbox = pgTable('slack_inbox', {
  hash: text().primaryKey(),
  receivedAt: at('received_at').notNull(),
  /** Null = begun, or died in the middle: then it may be handled again. */
  handledAt: at('handled_at'),
});

/**
 * The way from a Slack message to a decision on the web: one person, one digest, one use. Stored by hash; gives no
 * right by itself, whoever uses it must be signed in as that person.
 */
export const handovers = pgTable('handovers', {
  tokenHash: text('token_hash').primaryKey(),
  requestId: text('request_id')
    .notNull()
    .references(() => approvalRequests.id),
  personId: text('person_id')
    .notNull()
    .references(() => people.id),
  digest: text().notNull(),
  expiresAt: at('expires_at').notNull(),
  usedAt: at('used_at'),
});
