import type { Json } from './json.ts';
import { reveal } from './visible-text.ts';
import type { Call, Summary } from './write-tool.ts';

/** One value of a call's body. */
export interface Leaf {
  /** Dotted, e.g. `incidents[0].type`. */
  path: string;
  /** As shown: hidden characters made visible. */
  value: string;
}

/** Words for values that are easily overlooked: they erase what was there. */
const EMPTY = { text: '(empty text)', list: '(empty list)', object: '(nothing)' } as const;

/** Every value in a JSON text, with its path. */
export function leaves(value: Json, path = ''): Leaf[] {
  if (value === '') return [{ path, value: EMPTY.text }];
  if (value === null || typeof value !== 'object') return [{ path, value: reveal(String(value)) }];
  if (Array.isArray(value)) {
    if (value.length === 0) return [{ path, value: EMPTY.list }];
    return value.flatMap((each, index) => leaves(each, `${path}[${index}]`));
  }
  const members = Object.entries(value);
  if (members.length === 0) return [{ path, value: EMPTY.object }];
  return members.flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

/**
 * What a call's body carries without a line of the summary being just that: types, ids behind names, values said in
 * other words. A value inside a longer text does not count as said: the text may be the agent's own. A card that shows
 * these too hides nothing.
 */
export function unsaid(body: Call['body'], { lines }: Summary): Leaf[] {
  const said = new Set(lines.map(({ after }) => after));
  return (body === null ? [] : leaves(body)).filter(({ value }) => !said.has(value));
}
