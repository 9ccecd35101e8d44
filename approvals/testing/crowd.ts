import { connect, type Database } from '#db/connection.ts';
import { openConnections } from '#db/test-database.ts';
import type { ReadClient } from '#pagerduty/read-client.ts';
import { createLatch } from './latch.ts';

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
    await openConnections(db, size);
    return await Promise.allSettled(everyone.map((index) => work({ ...ctx, db }, index)));
  } finally {
    await db.$client.end();
  }
}

/**
 * Lets a crowd of that size read PagerDuty only when all of them are about to: each has then seen the database as it was
 * before any of them changed it, so only what is asked again under a lock can tell them apart.
 * @returns what makes the reader of one of them.
 */
export function readingTogether(size: number): (client: ReadClient) => ReadClient {
  const { opened, open } = createLatch();
  let there = 0;
  return (client) => {
    let here = false;
    return {
      ...client,
      async get(path, schema, query) {
        if (!here) there += 1;
        here = true;
        if (there === size) open();
        await opened;
        return client.get(path, schema, query);
      },
    };
  };
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
