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

/** Every value in a JSON text, with its path. */
export function leaves(value: Json, path = ''): Leaf[] {
  if (value === null || typeof value !== 'object') return [{ path, value: reveal(String(value)) }];
  if (Array.isArray(value)) return value.flatMap((each, index) => leaves(each, `${path}[${index}]`));
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

/** Everything a summary says, in one text. */
export function saidIn({ title, target, services, lines, effect }: Summary): string {
  const told = lines.flatMap(({ label, now, after }) => [label, now ?? '', after]);
  return [title, target, ...services, ...told, ...effect.lines].join('\n');
}

/**
 * What a call's body carries without its summary saying it word for word: types, ids behind names, values said in other
 * words. A card that shows these too hides nothing.
 */
export function unsaid(body: Call['body'], summary: Summary): Leaf[] {
  const said = saidIn(summary);
  return (body === null ? [] : leaves(body)).filter(({ value }) => !said.includes(value));
}
