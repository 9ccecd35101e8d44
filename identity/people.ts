import { asc, eq } from 'drizzle-orm';
import { z } from 'zod';
import type { Store } from '#db/clock.ts';
import { newPersonId } from '#db/ids.ts';
import { people } from '#db/schema.ts';
import { PagerDutyError } from '#pagerduty/errors.ts';
import type { ReadClient } from '#pagerduty/read-client.ts';
import { ApprovalError } from '#process/errors.ts';

const answer = z.object({ user: z.object({ id: z.string(), name: z.string(), email: z.string() }) });

/**
 * Adds or updates a person from a PagerDuty user id. The operator's naming of the id is the explicit link that gives
 * rights; name and e-mail come from PagerDuty.
 * @throws ApprovalError `invalid` when PagerDuty does not know the id, `unavailable`, `conflict` (e-mail of another).
 */
export async function linkPerson(
  ctx: Pick<Store, 'db'> & { pagerduty: ReadClient },
  input: { pagerdutyUserId: string; fallback: boolean },
): Promise<{ id: string; name: string }> {
  let user: z.infer<typeof answer>['user'];
  try {
    ({ user } = await ctx.pagerduty.get(`/users/${encodeURIComponent(input.pagerdutyUserId)}`, answer));
  } catch (error) {
    if (!(error instanceof PagerDutyError)) throw error;
    if (error.kind !== 'not_found') throw new ApprovalError('unavailable', error.message, { cause: error });
    const id = JSON.stringify(input.pagerdutyUserId.slice(0, 60));
    const sentence = `PagerDuty knows no user with the id ${id}. It stands in the address of the user's page there.`;
    throw new ApprovalError('invalid', sentence, { cause: error });
  }
  const facts = { name: user.name, email: user.email.toLowerCase(), fallback: input.fallback, active: true };
  const [person] = await ctx.db
    .insert(people)
    .values({ id: newPersonId(), pagerdutyUserId: user.id, ...facts })
    .onConflictDoUpdate({ target: people.pagerdutyUserId, set: facts })
    .returning({ id: people.id, name: people.name });
  if (!person) throw new ApprovalError('conflict', 'That person could not be stored.');
  return person;
}

/** Everybody who may sign in. */
export async function listPeople(ctx: Pick<Store, 'db'>) {
  return ctx.db.select().from(people).orderBy(asc(people.name));
}

/** Switches somebody off; sessions and rights end at once. @throws ApprovalError `not_found`. */
export async function deactivatePerson(ctx: Pick<Store, 'db'>, email: string): Promise<void> {
  const found = await ctx.db
    .update(people)
    .set({ active: false })
    .where(eq(people.email, email.toLowerCase()))
    .returning();
  if (found.length === 0) throw new ApprovalError('not_found', `There is nobody with the e-mail "${email}".`);
}
