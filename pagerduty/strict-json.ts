/** Deeper than any argument of any tool, and shallow enough for every recursive reader behind this one. */
const MAX_DEPTH = 64;

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[{}[\],:]/gs;

function badNumber(token: string): string | null {
  const number = Number(token);
  if (Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number))) return null;
  return `The number ${token.slice(0, 40)} is too large to be kept exactly. Give it as a string.`;
}

function badKey(key: string, seen: Set<string>): string | null {
  if (key === '__proto__') return 'The key "__proto__" is not accepted.';
  if (seen.has(key)) return `The key ${JSON.stringify(key.slice(0, 100))} is given twice. Give it once.`;
  seen.add(key);
  return null;
}

/**
 * Looks in JSON text for what `JSON.parse` lets through silently and two readers could understand differently:
 * duplicate keys, `__proto__`, numbers beyond 2^53, U+0000, nesting deeper than 64.
 *
 * @param text must be text that `JSON.parse` accepts.
 * @returns a sentence that says what is wrong with it; null when nothing is.
 */
export function findAmbiguity(text: string): string | null {
  // One entry per open bracket: the keys of an object so far, null for a list.
  const open: (Set<string> | null)[] = [];
  let previous = '';
  for (const [token] of text.matchAll(TOKENS)) {
    let because: string | null = null;
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null);
      if (open.length > MAX_DEPTH) because = `The JSON is nested deeper than ${MAX_DEPTH} levels.`;
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token.startsWith('"')) {
      // The cast holds: the token is a JSON string.
      const value = JSON.parse(token) as string;
      const keys = previous === '{' || previous === ',' ? open.at(-1) : null;
      if (value.includes('\u0000')) because = 'The text holds the character U+0000, which cannot be stored.';
      else if (keys) because = badKey(value, keys);
    } else if (/^-?\d/.test(token)) {
      because = badNumber(token);
    }
    if (because !== null) return because;
    previous = token;
  }
  return null;
}
