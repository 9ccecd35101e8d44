import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

/** They take minutes, and what they say in the end nearer tests should say at once. */
const SLOW = /(?:^|\/)(?:proof|run)\//;
const folderOf = (file: string) => file.split('/')[0];
const TEST = /\.test\.tsx?$/;

/** What a file uses: what it imports, and for a migration's sake the functions and complaints of the database. */
function usesOf(file: string, text: string, inSql: ReadonlyMap<string, readonly string[]>): string[] {
  const code = text.replace(/^(?:import|export) type [^;]*;$/gm, '');
  const imported = [...code.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([.#][^'\n]+)'/g)].map(([, name = '']) =>
    name.startsWith('#') ? name.slice(1) : normalize(join(dirname(file), name)).replaceAll('\\', '/'),
  );
  const called = [...inSql].filter(([, names]) => names.some((name) => text.includes(name)));
  return [...imported, ...called.map(([migration]) => migration)];
}

function namesIn(sql: string): string[] {
  return [...sql.matchAll(/\bcreate function (\w+)|raise exception '%?([^%']+)'/g)].map(([, called, said]) =>
    called === undefined ? (said ?? '') : `${called}(`,
  );
}

/**
 * Which tests to ask about a file, the likeliest first: the one beside it, then those that use it over the fewest steps.
 * @param files of the repository, by their paths from its root.
 */
export function nearTests(root: string, files: readonly string[]): (file: string) => string[] {
  const read = (file: string) => readFileSync(join(root, file), 'utf8');
  const migrations = files.filter((file) => file.endsWith('.sql'));
  const inSql = new Map(migrations.map((file) => [file, namesIn(read(file))]));
  const users = new Map<string, string[]>();
  for (const file of files.filter((one) => /\.tsx?$/.test(one) && !SLOW.test(one))) {
    for (const used of usesOf(file, read(file), inSql)) users.set(used, [...(users.get(used) ?? []), file]);
  }
  return (file) => {
    const found: string[] = [];
    const seen = new Set([file]);
    for (let step = [file]; step.length > 0; ) {
      const next = [...new Set(step.flatMap((one) => users.get(one) ?? []))].filter((one) => !seen.has(one));
      for (const one of next) seen.add(one);
      const beside = file.replace(/\.tsx?$/, '.test');
      const order = (one: string) => (one.startsWith(beside) ? 0 : folderOf(one) === folderOf(file) ? 1 : 2);
      found.push(...next.filter((one) => TEST.test(one)).sort((a, b) => order(a) - order(b)));
      step = next.filter((one) => !TEST.test(one));
    }
    return found;
  };
}
