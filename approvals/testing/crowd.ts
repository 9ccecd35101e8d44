import { sql } from 'drizzle-orm';
import { connect, type Database } from '#db/connection.ts';

const SIZE = 20;

/**
 * Does the same at once on connections of its own each, as so many processes would.
 * @param ctx whatever the work needs; its database is replaced.
 * @returns how each ended, in order.
 */
export async function crowd<Ctx extends { db: Database }, Result>(
  { url }: { url: string },
  ctx: Ctx,
  work: (ctx: Ctx, index: number) => Promise<Result>,
  size = SIZE,
): Promise<PromiseSettledResult<Result>[]> {
  const db = connect(url, { max: size });
  const everyone = Array.from({ length: size }, (_, index) => index);
  try {
    // Connected before it counts, so that none starts late.
    await Promise.all(everyone.map(() => db.execute(sql`select 1`)));
    return await Promise.allSettled(everyone.map((index) => work({ ...ctx, db }, index)));
  } finally {
    await db.$client.end();
  }
}

/** What those brought back who succeeded. @throws what the first of the others met. */
export function allOf<Result>(answers: readonly PromiseSettledResult<Result>[]): Result[] {
  return answers.map((answer) => {
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  });
}

/** The codes of those who failed. */
export function refusalsOf(answers: readonly PromiseSettledResult<unknown>[]): unknown[] {
  return answers.flatMap((answer) =>
    answer.status === 'rejected' ? [(answer.reason as { code?: unknown }).code ?? answer.reason] : [],
  );
}

/** What those brought back who succeeded. */
export function successesOf<Result>(answers: readonly PromiseSettledResult<Result>[]): Result[] {
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
}
