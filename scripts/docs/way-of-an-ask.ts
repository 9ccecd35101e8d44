import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Import, importsOf } from '../imports.ts';

const root = join(import.meta.dirname, '..', '..');

/** Where an agent's call comes in, the verb it becomes, the words that verb speaks in, and the way to the database. */
const [DOOR, VERB, WORDS, DATABASE] = ['mcp/calls.ts', 'approvals/submit.ts', 'approvals/ask.ts', 'db/query.ts'];

const importsIn = (file: string) => importsOf(file, readFileSync(join(root, file), 'utf8'));

const room = readdirSync(join(root, 'approvals'))
  .map((name) => `approvals/${name}`)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'));

/** Whether a file of the room speaks of asks, itself or by what it imports. */
const speaks = (file: string): boolean =>
  file === WORDS || (room.includes(file) && importsIn(file).some(({ target }) => speaks(target)));

/** The files that an ask goes through after the door, each once, and what they import of each other. */
export function wayOfAnAsk(): { files: string[]; arrows: Import[] } {
  const files = new Set([VERB]);
  for (const file of files) for (const { target } of importsIn(file)) if (speaks(target)) files.add(target);
  const all = [DOOR, ...files, DATABASE];
  const arrows = all
    .flatMap(importsIn)
    .filter(({ file, target }) => all.includes(target) && (file !== DOOR || target === VERB));
  return { files: all, arrows };
}

const id = (file: string) => file.replace(/\W/g, '_');

/** A Mermaid picture of it: whole arrows call, dotted ones only name types. */
export function pictureOfTheWay(): string {
  const { files, arrows } = wayOfAnAsk();
  return [
    '```mermaid',
    'flowchart TD',
    ...files.map((file) => `  ${id(file)}["${file}"]`),
    ...arrows.map(({ file, target, typeOnly }) => `  ${id(file)} ${typeOnly ? '-.->' : '-->'} ${id(target)}`),
    '  db_query_ts -- "receive_ask, hold_ask" --> postgres[("PostgreSQL")]',
    '```',
  ].join('\n');
}

const PLACE = /(<!-- the way of an ask, made by npm run docs -->\n)[\s\S]*?(\n<!-- end -->)/;

/** A page with the picture as it is now in its place. */
export function withPicture(page: string): string {
  return page.replace(PLACE, (_, begin: string, end: string) => `${begin}${pictureOfTheWay()}${end}`);
}
