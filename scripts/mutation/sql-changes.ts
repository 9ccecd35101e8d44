/** One piece of a text replaced by another. */
export interface Change {
  start: number;
  end: number;
  to: string;
}

// What can be taken out of SQL, of a file or of a fragment in TypeScript: conditions, locks, triggers. No grammar is
// needed for that, only words and brackets: a condition starts behind some words and ends before others.

const TOKEN = /->>?|@>|<@|:=|=>|<>|<=|>=|[<>(),;]|[a-z_]\w*/gi;
/** What starts a condition, with what it becomes when it is taken out as a whole; null = only its parts are. */
const STARTS = new Map<string, string | null>([
  ...['where', 'on', 'having'].map((word) => [word, 'true'] as const),
  ...['if', 'elsif', 'when'].map((word) => [word, 'false'] as const),
  ...['select', 'return', 'then', 'else', ':=', '=>', ',', ';'].map((word) => [word, null] as const),
]);
const ENDS = new Set('then else end order group limit returning for as from join left union loop ; ,'.split(' '));
/** A boundary moved by one, in SQL as in TypeScript. */
export const SHIFTED = new Map([
  ['<', '<='],
  ['<=', '<'],
  ['>', '>='],
  ['>=', '>'],
]);
const OUT = [
  /\bcreate trigger [^;]*;/gi,
  /\bfor (?:update|share)\b(?: of \w+(?:, \w+)*)?(?: skip locked)?/gi,
  /\bperform (?!from)[^;]*;/gi,
];

const covered = (by: string) => (found: string) => by.repeat(found.length);

/** Conditions in one pair of brackets; what is in brackets within it is looked at on its own. */
class Level {
  readonly #text: string;
  #start: number;
  #whole: string | null = null;
  #joints: { word: string; start: number; end: number }[] = [];

  constructor(text: string, start: number) {
    this.#text = text;
    this.#start = start;
  }

  join(word: string, start: number, end: number): void {
    this.#joints.push({ word, start, end });
  }

  /** Ends a condition, if there was one, and starts the next. */
  end(at: number, next: number, whole: string | null = null): Change[] {
    const joints = this.#joints;
    const parts = joints.length === 0 ? [] : [...joints, { word: '', start: at, end: at }];
    const changes = parts.flatMap(({ word, start }, index) => {
      const before = joints[index - 1];
      // `and` binds closer than `or`.
      return this.#piece(before?.end ?? this.#start, start, [before?.word, word].includes('and') ? 'true' : 'false');
    });
    // Where all of a condition is one part less, that part was looked at already.
    const all = joints.length === 0 || (this.#whole === 'false' && joints.some(({ word }) => word === 'and'));
    if (all && this.#whole !== null) changes.push(...this.#piece(this.#start, at, this.#whole));
    this.#start = next;
    this.#whole = whole;
    this.#joints = [];
    return changes;
  }

  #piece(start: number, end: number, to: string): Change[] {
    const inner = this.#text.slice(start, end);
    const from = start + inner.length - inner.trimStart().length;
    return inner.trim() === '' ? [] : [{ start: from, end: from + inner.trim().length, to }];
  }
}

/** @param text where there is some word for what TypeScript puts in. */
export function sqlChanges(text: string): Change[] {
  const sql = text.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, covered(' ')).replace(/'(?:[^']|'')*'/g, covered('_'));
  const changes = OUT.flatMap((pattern) =>
    [...sql.matchAll(pattern)].map(({ 0: { length }, index }) => ({ start: index, end: index + length, to: '' })),
  );
  // Words that mean something else here: a trigger comes before something `or` something, `on` a table.
  const words = sql.replace(/\bcreate (?:trigger|function) [^;$]*|\bdistinct from\b/gi, covered('_'));
  const levels = [new Level(words, 0)];
  for (const { 0: token, index: start } of words.matchAll(TOKEN)) {
    const word = token.toLowerCase();
    const end = start + word.length;
    const level = levels.at(-1);
    const shifted = SHIFTED.get(word);
    if (shifted !== undefined) changes.push({ start, end, to: shifted });
    else if (word === '(') levels.push(new Level(words, end));
    else if (word === ')' && levels.length > 1) changes.push(...(levels.pop()?.end(start, end) ?? []));
    else if (word === 'and' || word === 'or') level?.join(word, start, end);
    else if (ENDS.has(word) || STARTS.has(word)) changes.push(...(level?.end(start, end, STARTS.get(word)) ?? []));
  }
  return [...changes, ...levels.flatMap((level) => level.end(words.length, words.length))];
}
