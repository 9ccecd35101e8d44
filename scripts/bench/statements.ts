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

/** A value with other ids and digests in it, also where it is made of others; `pg` says an object as JSON. */
function renewed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return [...names].reduce((text, [from, to]) => text.replaceAll(from, to), value);
  if (Array.isArray(value)) return value.map((one) => renewed(one, names));
  const plain = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return plain ? renewed(JSON.stringify(value), names) : value;
}

const hex = (characters: number) => randomBytes(characters / 2).toString('hex');

/**
 * The same statements as the product's, said through plain `pg`, prepared: what holding costs the database alone. Ids
 * and digests are new each time.
 */
export async function recordHold(hold: () => Promise<RequestRow>, agentIds: readonly string[]) {
  const { row, statements } = await record(hold);

  /** Holds once more, as the agent of that index. */
  async function replay(pool: pg.Pool, index: number): Promise<void> {
    const names = new Map([
      [row.id, `apr_${hex(40).slice(0, row.id.length - 4)}`],
      [row.agentId, agentIds[index % agentIds.length] ?? ''],
      [row.digest, hex(64)],
      [row.argumentsDigest, hex(64)],
    ]);
    const client = await pool.connect();
    try {
      for (const [number, { text, values }] of statements.entries()) {
        if (values.length === 0) await client.query(text);
        else await client.query({ name: `hold-${number}`, text, values: values.map((one) => renewed(one, names)) });
      }
    } finally {
      client.release();
    }
  }
  return { replay, count: statements.length };
}
