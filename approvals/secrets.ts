import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { and, asc, eq, sql } from 'drizzle-orm';
import type { Transaction } from '#db/connection.ts';
import { answerSecrets, approvalRequests, people, reviews } from '#db/schema.ts';
import { requirePerson } from '#identity/actor.ts';
import type { Secret } from '#pagerduty/write-tool.ts';
import { ApprovalError } from '#process/errors.ts';
import type { Context } from './context.ts';
import { loadReviewer, reviewableFrom } from './entitlement.ts';
import type { Permission } from './lifecycle.ts';
import { maySeeSecrets, type Reviewer } from './policy.ts';
import { annotate, type RequestRow } from './transition.ts';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/** What a ciphertext is bound to: moved to another request or label it does not open. */
const bindingOf = (requestId: string, label: string) => Buffer.from(JSON.stringify([requestId, label]));

function seal(key: KeyObject, requestId: string, { label, value }: Secret): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(bindingOf(requestId, label));
  const sealed = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
}

function unseal(key: KeyObject, requestId: string, label: string, ciphertext: string): string {
  const bytes = Buffer.from(ciphertext, 'base64');
  const decipher = createDecipheriv(CIPHER, key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(bindingOf(requestId, label));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const opened = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  return opened.toString('utf8');
}

function keyOf({ secretsKey }: Pick<Context, 'secretsKey'>): KeyObject {
  if (secretsKey !== null) return secretsKey;
  throw new ApprovalError('precondition_failed', 'This process has no key for what only humans may see.');
}

/**
 * Keeps what only humans may see, encrypted, in the transaction that records the outcome. Keeping the same twice keeps
 * the first.
 * @throws ApprovalError `precondition_failed` in a process without the key.
 */
export async function keepSecrets(
  ctx: Pick<Context, 'secretsKey'>,
  tx: Transaction,
  requestId: string,
  secrets: readonly Secret[],
): Promise<void> {
  if (secrets.length === 0) return;
  const key = keyOf(ctx);
  const rows = secrets.map((secret) => ({
    requestId,
    label: secret.label,
    ciphertext: seal(key, requestId, secret),
  }));
  await tx.insert(answerSecrets).values(rows).onConflictDoNothing();
}

/** What the page tells of a secret: never the value. */
export interface SecretNote {
  label: string;
  /** Who saw it and when; null while it can still be shown. */
  shown: { by: string; at: Date } | null;
  may: Permission;
}

async function rightToSee(ctx: Pick<Context, 'db'>, row: RequestRow, reviewer: Reviewer): Promise<Permission> {
  const approvals = await ctx.db.$count(
    reviews,
    and(
      eq(reviews.requestId, row.id),
      eq(reviews.personId, reviewer.personId),
      eq(reviews.decision, 'approve'),
      eq(reviews.digest, row.digest),
    ),
  );
  return maySeeSecrets(reviewer, approvals > 0, reviewableFrom(row));
}

/** The secrets of a request's answer and whether this person may see them; empty for almost every request. */
export async function noteSecrets(
  ctx: Pick<Context, 'db'>,
  row: RequestRow,
  reviewer: Reviewer,
): Promise<SecretNote[]> {
  const rows = await ctx.db
    .select({ label: answerSecrets.label, at: answerSecrets.revealedAt, by: people.name })
    .from(answerSecrets)
    .leftJoin(people, eq(people.id, answerSecrets.revealedBy))
    .where(eq(answerSecrets.requestId, row.id))
    .orderBy(asc(answerSecrets.label));
  if (rows.length === 0) return [];
  const right = await rightToSee(ctx, row, reviewer);
  return rows.map(({ label, at, by }) => ({
    label,
    shown: at === null ? null : { by: by ?? 'somebody', at },
    may: at === null ? right : { allowed: false, because: 'It was shown already, and is not kept any longer.' },
  }));
}

/** Takes the ciphertext out of the database: whoever gets the row back is the only one who ever does. */
async function takeOut(ctx: Context, tx: Transaction, requestId: string, label: string, personId: string) {
  const { rows } = await tx.execute<{ ciphertext: string }>(sql`
    update ${answerSecrets} as shown set revealed_at = ${ctx.now()}, revealed_by = ${personId}, ciphertext = null
    from (select request_id, label, ciphertext from ${answerSecrets}
          where request_id = ${requestId} and label = ${label} for update) as held
    where shown.request_id = held.request_id and shown.label = held.label and shown.revealed_at is null
      and exists (select 1 from ${people} p where p.id = ${personId} and p.active)
    returning held.ciphertext`);
  return rows[0]?.ciphertext ?? null;
}

/**
 * Shows a secret of PagerDuty's answer to somebody who approved the request, or to the fallback group: once, to one
 * person, and from then on it is nowhere any more. What cannot be decrypted is not used up.
 *
 * @returns the value, which goes to that person's browser and nowhere else.
 * @throws ApprovalError `forbidden`, `conflict` (shown already, or there is none), `precondition_failed` (another key
 *   than the one it was stored with), `not_found`.
 */
export async function revealSecret(ctx: Context, input: { requestId: string; label: string }): Promise<string> {
  const { personId } = requirePerson(ctx.actor);
  const key = keyOf(ctx);
  const seen = await ctx.db.query.approvalRequests.findFirst({ where: eq(approvalRequests.id, input.requestId) });
  if (!seen) throw new ApprovalError('not_found', 'There is no such request.');
  const right = await rightToSee(ctx, seen, await loadReviewer(ctx, personId));
  if (!right.allowed) throw new ApprovalError('forbidden', right.because);

  const value = await ctx.db.transaction(async (tx) => {
    const [request] = await tx.select().from(approvalRequests).where(eq(approvalRequests.id, seen.id)).for('update');
    const ciphertext = await takeOut(ctx, tx, seen.id, input.label, personId);
    if (!request || ciphertext === null) throw new ApprovalError('conflict', 'It was shown already, or there is none.');
    const opened = openOrRefuse(key, seen.id, input.label, ciphertext);
    await annotate(tx, ctx.now, request.status, {
      request,
      actor: ctx.actor,
      because: request.because,
      remark: `${input.label}: shown once. It is not kept any longer.`,
      detail: { revealed: input.label },
    });
    return opened;
  });
  ctx.log.info('a secret was shown', { request: seen.id, person: personId });
  return value;
}

function openOrRefuse(key: KeyObject, requestId: string, label: string, ciphertext: string): string {
  try {
    return unseal(key, requestId, label, ciphertext);
  } catch (cause) {
    throw new ApprovalError(
      'precondition_failed',
      'It cannot be decrypted: COUNTERSIGN_SECRETS_KEY is not the key it was stored with. It is still kept.',
      { cause },
    );
  }
}
