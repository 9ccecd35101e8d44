import { and, eq, sql } from 'drizzle-orm';
import { later, type Store } from '#db/clock.ts';
import { people, slackAddresses, slackIdentities } from '#db/schema.ts';

// Where in Slack to write to a person. Whoever reads it there gets no right by it.

const KNOWN_SECONDS = 24 * 3600;

export type SlackAddress =
  | { known: true; userId: string | null }
  /** To be looked up in Slack by this e-mail. */
  | { known: false; email: string };

/** The linked Slack user of a person, else what was looked up within a day. */
export async function addressOf(ctx: Store, personId: string): Promise<SlackAddress> {
  const [row] = await ctx.db
    .select({
      linked: slackIdentities.userId,
      found: slackAddresses.userId,
      at: slackAddresses.lookedUpAt,
      email: people.email,
    })
    .from(people)
    .leftJoin(slackIdentities, eq(slackIdentities.personId, people.id))
    .leftJoin(
      slackAddresses,
      and(
        eq(slackAddresses.personId, people.id),
        sql`${slackAddresses.lookedUpAt} > ${later(ctx.now, -KNOWN_SECONDS)}`,
      ),
    )
    .where(eq(people.id, personId));
  if (row === undefined) return { known: true, userId: null };
  if (row.linked !== null) return { known: true, userId: row.linked };
  return row.at === null ? { known: false, email: row.email } : { known: true, userId: row.found };
}

/** Keeps what Slack said about an e-mail; null = it knows nobody. */
export async function noteAddress(ctx: Store, personId: string, userId: string | null): Promise<void> {
  const found = { userId, lookedUpAt: ctx.now() };
  await ctx.db
    .insert(slackAddresses)
    .values({ personId, ...found })
    .onConflictDoUpdate({ target: slackAddresses.personId, set: found });
}
