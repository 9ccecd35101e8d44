import { and, eq, isNull, sql } from 'drizzle-orm';
import { later, type Store } from '#db/clock.ts';
import { newSecret, sha256 } from '#db/ids.ts';
import { people, sessions, signInLinks } from '#db/schema.ts';
import { ApprovalError } from '#process/errors.ts';

/** How long a browser stays signed in. */
export const SESSION_SECONDS = 12 * 3600;

export interface Person {
  id: string;
  name: string;
  email: string;
  pagerdutyUserId: string | null;
  fallback: boolean;
}

/** Makes a one-use sign-in link. @returns the token for `/sign-in?token=…`; it is stored as its hash. */
export async function createSignInLink(ctx: Store, personId: string, validSeconds = 900): Promise<string> {
  const token = newSecret('csl');
  await ctx.db
    .insert(signInLinks)
    .values({ tokenHash: sha256(token), personId, expiresAt: later(ctx.now, validSeconds) });
  return token;
}

/** Who a sign-in link is for, without using it up: opening a link must change nothing. Null = used, expired, unknown. */
export async function previewSignIn(ctx: Store, token: string): Promise<Person | null> {
  const [found] = await ctx.db
    .select({ person: people })
    .from(signInLinks)
    .innerJoin(people, eq(people.id, signInLinks.personId))
    .where(
      and(
        eq(signInLinks.tokenHash, sha256(token)),
        isNull(signInLinks.usedAt),
        sql`${signInLinks.expiresAt} > ${ctx.now()}`,
        people.active,
      ),
    );
  return found?.person ?? null;
}

/**
 * Uses a sign-in link up and starts a session. @returns the cookie's secret.
 * @throws ApprovalError `forbidden` when the link was used, is too old or never existed.
 */
export async function signIn(ctx: Store, token: string): Promise<{ secret: string; person: Person }> {
  return ctx.db.transaction(async (tx) => {
    const [link] = await tx
      .update(signInLinks)
      .set({ usedAt: ctx.now() })
      .where(
        and(
          eq(signInLinks.tokenHash, sha256(token)),
          isNull(signInLinks.usedAt),
          sql`${signInLinks.expiresAt} > ${ctx.now()}`,
        ),
      )
      .returning();
    const person =
      link && (await tx.query.people.findFirst({ where: and(eq(people.id, link.personId), people.active) }));
    if (!person)
      throw new ApprovalError('forbidden', 'This sign-in link was used already or is too old. Ask for a new one.');
    return { secret: await startSession({ db: tx, now: ctx.now }, person.id), person };
  });
}

/** Starts a session for somebody whose identity was just proven. @returns the cookie's secret, stored as its hash. */
export async function startSession(
  ctx: { db: Pick<Store['db'], 'insert'>; now: Store['now'] },
  personId: string,
): Promise<string> {
  const secret = newSecret('css');
  await ctx.db
    .insert(sessions)
    .values({ tokenHash: sha256(secret), personId, expiresAt: later(ctx.now, SESSION_SECONDS) });
  return secret;
}

/** The person a session cookie belongs to; null for anything that is not a live session of an active person. */
export async function personOfSession(ctx: Store, secret: string): Promise<Person | null> {
  const [found] = await ctx.db
    .select({ person: people })
    .from(sessions)
    .innerJoin(people, eq(people.id, sessions.personId))
    .where(and(eq(sessions.tokenHash, sha256(secret)), sql`${sessions.expiresAt} > ${ctx.now()}`, people.active));
  return found?.person ?? null;
}

/** Ends a session; ending one that does not exist is fine. */
export async function signOut(ctx: Store, secret: string): Promise<void> {
  await ctx.db.delete(sessions).where(eq(sessions.tokenHash, sha256(secret)));
}
