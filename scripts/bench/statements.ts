import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { RequestRow } from '#approvals/transition.ts';

/** One statement as it went to the database. */
interface Statement {
  text: string;
  values: unknown[];
}

/** What a piece of work says to the database, in order. Nothing else may use the database meanwhile. */
async function record(work: () => Promise<RequestRow>): Promise<{ row: RequestRow; statements: Statement[] }> {
  const statements: Statement[] = [];
  const { prototype } = pg.Client;
  const original = prototype.query;
  const spy = function (this: pg.Client, ...args: unknown[]) {
    const [query, values] = args;
    const { text, values: own } = typeof query === 'string' ? { text: query, values: [] } : (query as Statement);
    statements.push({ text, values: Array.isArray(values) ? values : (own ?? []) });
    return Reflect.apply(original, this, args);
  };
  // The cast holds: the spy passes on whatever it is given and returns what it gets.
  prototype.query = spy as typeof original;
  try {
    return { row: await work(), statements };
  } finally {
    prototype.query = original;
  }
}

/**
 * The same statements as the product's, said through plain `pg`, prepared: what holding costs the database alone. Ids
 * and digests are new each time.
 */
export async function recordHold(hold: () => Promise<RequestRow>, agentIds: readonly string[]) {
  const { row, statements } = await record(hold);

  /** Holds once more, as the agent of that index. */
  async function replay(pool: pg.Pool, index: number): Promise<void> {
    const id = `apr_${randomBytes(20)
      .toString('hex')
      .slice(0, row.id.length - 4)}`;
    const agentId = agentIds[index % agentIds.length] ?? '';
    const [digest, argumentsDigest] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
    const renew = (value: unknown) => {
      if (typeof value !== 'string') return value;
      return value
        .replaceAll(row.id, id)
        .replaceAll(row.agentId, agentId)
        .replaceAll(row.digest, digest)
        .replaceAll(row.argumentsDigest, argumentsDigest);
    };
    for (const [number, { text, values }] of statements.entries()) {
      await pool.query({ name: `hold-${number}`, text, values: values.map(renew) });
    }
  }
  return { replay, count: statements.length };
}
